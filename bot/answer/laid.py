"""Laid out: the terms of some candidates beside those of a question, so that whole tables are measured at once."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.index import Hit, Index, Kept, Query
from knowledge.text import KINDS

Numbers = NDArray[np.integer[Any]]
Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]
KIND_COUNT = len(KINDS)


class _Places(threading.local):
    """Where each term stands among those of the question, one array a thread; all zeros but while it is used."""

    def __init__(self) -> None:
        self._kept = np.zeros(0, np.int32)

    def of(self, size: int) -> NDArray[np.int32]:
        """An array of zeros, to be cleared again by whoever fills it."""
        if len(self._kept) < size:
            self._kept = np.zeros(size + size // 4, np.int32)
        return self._kept


_PLACES = _Places()


@dataclass(frozen=True, slots=True)
class Laid:
    """The terms of the best question of each hit in one row of numbers, and which of the question's terms stand where.

    `flat` are numbers of terms, `lone` which of them were not asked, `starts` where each hit begins. The others are tables of
    hit by known term of the question: `found`, ones where it stands in the hit's best question; `counts`, twice how often
    it stands in all questions of the entry, and one more where the entry's answer has it.
    """

    count: int
    flat: Numbers
    lone: Flags
    starts: Numbers
    found: Floats
    counts: NDArray[np.int32]

    @classmethod
    def out(cls, index: Index, query: Query, hits: Sequence[Hit], kept: Sequence[Kept], without: int = -1) -> "Laid":
        """Lay out; `kept` are the best questions of the hits, `without` is a row that is taken not to be kept."""
        known, count = query.known, len(hits)
        entries = [hit.entry for hit in hits]
        place = _PLACES.of(len(index.rarity))
        place[known] = np.arange(1, len(known) + 1)
        lengths = [len(one.numbers) for one in kept]
        flat = np.concatenate([one.numbers for one in kept])
        at = place.take(flat)
        wide = len(known) + 1
        table = np.zeros((count, wide), np.float32)
        table.reshape(-1)[at + np.arange(0, count * wide, wide).repeat(lengths)] = 1
        counts = index.beside_all(entries, known, without)
        if counts is None:
            counts = _counts(place, wide, [index.around(entry, without) for entry in entries])
        place[known] = 0
        starts = np.array([0, *accumulate(lengths[:-1])])
        return cls(count, flat, at == 0, starts, table[:, 1:], counts)

    @property
    def row(self) -> Numbers:
        """The hit of each term of `flat`."""
        return np.repeat(np.arange(self.count), np.diff(self.starts, append=len(self.flat)))


def _counts(place: NDArray[np.int32], wide: int, around: Sequence[tuple[Numbers, Numbers]]) -> NDArray[np.int32]:
    """The numbers that stand with the terms of each entry, put where the question has those terms."""
    at = place.take(np.concatenate([numbers for numbers, _ in around]))
    # Few of the terms were asked; only those are put into the table.
    asked = at.nonzero()[0]
    ends = np.array([*accumulate(len(numbers) for numbers, _ in around)])
    table = np.zeros((len(around), wide), np.int32)
    cell = ends.searchsorted(asked, "right") * wide + at[asked]
    np.add.at(table.reshape(-1), cell, np.concatenate([counts for _, counts in around])[asked])
    return table[:, 1:]
