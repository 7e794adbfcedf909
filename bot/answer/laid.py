"""Laid out: the terms of some candidates beside those of a question, so that whole tables are measured at once."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.index import Hit, Index, Kept, Query
from knowledge.text import KINDS

Numbers = NDArray[np.integer[Any]]
Floats = NDArray[np.float32]
KIND_COUNT = len(KINDS)


class _Places(threading.local):
    """Where each term stands among those of the question, one array a thread; all zeros but while it is used."""

    def __init__(self) -> None:
        self._kept = np.zeros(0, np.intp)

    def of(self, size: int) -> NDArray[np.intp]:
        """An array of zeros, to be cleared again by whoever fills it."""
        if len(self._kept) < size:
            self._kept = np.zeros(size + size // 4, np.intp)
        return self._kept


_PLACES = _Places()


@dataclass(slots=True)
class Laid:
    """Which of the question's terms stand where, as tables of hit by known term of the question.

    `found` has ones where a term stands in the hit's best question; `counts`, twice how often it stands in all questions of
    the entry, and one more where the entry's answer has it. `kept` are the best questions of the hits.
    """

    count: int
    kept: Sequence[Kept]
    found: Floats
    counts: NDArray[np.integer[Any]]

    @classmethod
    def out(cls, index: Index, query: Query, hits: Sequence[Hit], kept: Sequence[Kept], without: int = -1) -> "Laid":
        """Lay out; `kept` are the best questions of the hits, `without` is a row that is taken not to be kept."""
        known, count = query.known, len(hits)
        entries = [hit.entry for hit in hits]
        place = _PLACES.of(len(index.rarity))
        wide = len(known) + 1
        place[known] = np.arange(1, wide)
        # What was not asked all falls into the first column, which is left out.
        table = np.zeros((count, wide), np.float32)
        for row, one in zip(table, kept, strict=True):
            row[place.take(one.numbers)] = 1
        counts: NDArray[np.integer[Any]] | None = index.beside_all(entries, known, without)
        if counts is None:
            counts = _counts(place, wide, [index.around(entry, without) for entry in entries])
        place[known] = 0
        return cls(count, kept, table[:, 1:], counts)

    @property
    def flat(self) -> Numbers:
        """The terms of all the best questions, one after the other."""
        return np.concatenate([one.numbers for one in self.kept])

    @property
    def row(self) -> Numbers:
        """The hit of each term of `flat`."""
        return np.repeat(np.arange(self.count), [len(one.numbers) for one in self.kept])


def _counts(place: NDArray[np.intp], wide: int, around: Sequence[tuple[Numbers, Numbers]]) -> NDArray[np.intp]:
    """How often each of the question's terms stands around each entry, as `Index.beside_all` counts it."""
    table = np.zeros((len(around), wide), np.intp)
    for row, (asked, told) in zip(table, around, strict=True):
        row[place.take(told)] = 1
        row += 2 * np.bincount(place.take(asked), minlength=wide)
    return table[:, 1:]
