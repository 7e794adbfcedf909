"""Near: which entries are near a question in meaning, as told by vectors; numbers only, whoever reckoned the vectors."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.entries import KnownEntry
from knowledge.index import Flags, Hit, Index, Query

TOP = 20
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Neighbour:
    """An entry near a question: its key, its nearest kept question, and the cosine of the two (-1..1)."""

    key: str
    question: str
    cosine: float


@dataclass(frozen=True, eq=False)
class Near:
    """All that vectors tell about one question: the nearest entries, best first, and the cosine of any entry."""

    top: tuple[Neighbour, ...]
    _places: Mapping[str, int]
    _cosines: Floats

    def known(self, key: str) -> bool:
        """Whether there is a vector of this entry at all."""
        return key in self._places

    def cosine(self, key: str) -> float:
        """The cosine of the entry's nearest kept question; 0 where it has no vector."""
        place = self._places.get(key)
        return 0.0 if place is None else float(self._cosines[place])


class Space:
    """The kept questions of a base by their vectors. Built once, then only read: safe in any number of threads."""

    def __init__(self, entries: Iterable[KnownEntry], vectors: Mapping[str, Floats]) -> None:
        """`vectors` holds unit vectors of one length by text; texts without one are left out."""
        self._texts: list[str] = []
        self._keys: list[str] = []
        starts = []
        for entry in entries:
            texts = [text for text in dict.fromkeys((entry.standard, *entry.similar)) if text in vectors]
            if texts:
                starts.append(len(self._texts))
                self._keys.append(entry.key)
                self._texts += texts
        self._starts = np.array(starts, np.int64)
        self._places = {key: place for place, key in enumerate(self._keys)}
        self._table = np.array([vectors[text] for text in self._texts], np.float32)
        self.length = self._table.shape[1] if self._texts else 0

    def near(self, vector: Floats) -> Near | None:
        """The entries near a unit vector; None where there is nothing to compare it with."""
        if not self.length or vector.shape != (self.length,):
            return None
        # Rounded: servers reckon the last digits differently from batch to batch, and answers must not waver with them.
        cosines = np.round(self._table @ vector, 4)
        best = np.maximum.reduceat(cosines, self._starts).astype(np.float32)
        order = np.argsort(-best, kind="stable")[:TOP]
        return Near(tuple(self._neighbour(place, cosines) for place in order.tolist()), self._places, best)

    def _neighbour(self, place: int, cosines: Floats) -> Neighbour:
        start = int(self._starts[place])
        end = int(self._starts[place + 1]) if place + 1 < len(self._starts) else len(self._texts)
        at = start + int(cosines[start:end].argmax())
        return Neighbour(self._keys[place], self._texts[at], float(cosines[at]))


class Rows:
    """Where the questions of an entry stand in an index."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._entry_of = {entry.key: at for at, entry in enumerate(index.entries)}
        self._own: dict[int, list[int]] = {}
        self._counter: dict[int, list[int]] = {}
        for row, asked in enumerate(index.asked):
            if len(index.terms_of(row)):  # a question of signs alone cannot be measured beside another
                (self._counter if asked.counter else self._own).setdefault(asked.entry, []).append(row)

    def hits(self, near: Near, query: Query, wanted: Flags, found: Sequence[Hit], limit: int) -> list[Hit]:
        """The nearest entries that are wanted and not found yet, as hits; at most `limit` entries are looked at."""
        known = [(self._entry_of[one.key], one) for one in near.top if one.key in self._entry_of]
        nearest = [(entry, one) for entry, one in known if wanted[entry] and entry in self._own][:limit]
        have = {hit.entry for hit in found}
        return [self._hit(entry, one, query) for entry, one in nearest if entry not in have]

    def _hit(self, entry: int, one: Neighbour, query: Query) -> Hit:
        """As the index would have found it; where it shares no term, at the question the vectors found."""
        likeness = {row: self._index.likeness(query, row) for row in self._own[entry]}
        best = min(likeness, key=lambda row: (-likeness[row], row))
        if not likeness[best]:
            best = next((row for row in likeness if self._index.asked[row].text == one.question), best)
        second = max((value for row, value in likeness.items() if row != best), default=0.0)
        counter = max((self._index.likeness(query, row) for row in self._counter.get(entry, ())), default=0.0)
        return Hit(entry, best, likeness[best], counter, second)


def in_view(
    order: Sequence[int], hits: Sequence[Hit], entries: Sequence[KnownEntry], near: Near, shown: int
) -> tuple[int, ...]:
    """The order of hits with the nearest one in meaning among the `shown` first, so that staff see it.

    Places that may be offered to the citizen keep the order of the learned score: it takes the last place shown.
    """
    if len(order) <= shown:
        return tuple(order)
    nearest = min(order, key=lambda at: (-near.cosine(entries[hits[at].entry].key), order.index(at)))
    if nearest in order[:shown]:
        return tuple(order)
    rest = [at for at in order if at != nearest]
    return (*rest[: shown - 1], nearest, *rest[shown - 1 :])
