"""Layout: the likenesses of some entries' questions side by side, and the best of each entry's own ones."""

import numpy as np

from knowledge.segments import Floats, Longs, Numbers, Places, edges

# A table of as many places as the longest entry has questions, for every entry, may be so many times as large as need be.
PADDED = 4
_NONE = np.zeros(1, np.float32)


class Layout:
    """Where each of some entries begins and ends; an entry's own questions stand before its counter-questions."""

    def __init__(self, own: Numbers, counters: Longs) -> None:
        starts = edges(own + counters)
        self._both = np.stack([starts[:-1], starts[:-1] + own], 1).ravel()
        # Plain numbers: single ones are read from a list quicker than from an array.
        self._edges: list[int] = [*self._both.tolist(), int(starts[-1])]
        self._table: Places | None = None
        widest = int(own.max(initial=0))
        if widest * len(own) <= PADDED * int(starts[-1]):
            # What an entry has too few questions for points past them all, at a zero.
            at = np.arange(widest)[:, None]
            self._table = np.where(at < own, starts[:-1] + at, starts[-1])

    @property
    def tabled(self) -> bool:
        """Whether all have about as many questions, so that a table is worth its places."""
        return self._table is not None

    def best(self, likeness: Floats) -> Floats:
        """By entry the likeness of its most alike own question; the highest of a column of a table is found quicker than
        that of a range."""
        if self._table is not None:
            padded = np.concatenate((likeness, _NONE)).take(self._table)
            # Not `max` and `sum` here and elsewhere: they are wrapped in Python, and take twice as long.
            best: Floats = np.maximum.reduce(padded, 0)
            return best
        # One number more: counter-questions that are not there may start past the end.
        return np.maximum.reduceat(np.concatenate((likeness, _NONE)), self._both)[0::2]

    def of(self, likeness: Floats, place: int) -> tuple[list[float], list[float]]:
        """The likenesses of the own and of the counter-questions of one entry, as plain numbers."""
        first, middle, end = self._edges[2 * place : 2 * place + 3]
        values = likeness[first:end].tolist()
        own = middle - first
        return values[:own], values[own:]
