"""Laid out: the terms of some candidates beside those of a question, so that whole tables are measured at once."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.index import Hit, Index, Query
from knowledge.text import KINDS, WORD

Numbers = NDArray[np.integer[Any]]
Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]
KIND_COUNT = len(KINDS)
WORDS = KINDS.index(WORD)


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

    `flat` are numbers of terms, `row` says of which hit, `kind` of which kind, `lone` which were not asked, `starts` where
    each hit begins. The others are tables of hit by known term of the question, of ones and zeros: `found` in the hit's best
    question, `told` in the entry's answer; and how `often` it stands in all questions of the entry.
    """

    count: int
    flat: Numbers
    row: Numbers
    kind: Numbers
    lone: Flags
    starts: Numbers
    found: Floats
    often: Floats
    told: Floats

    @classmethod
    def out(cls, index: Index, query: Query, hits: Sequence[Hit], without: int = -1) -> "Laid":
        """Lay out; `without` is a row that is taken not to be kept."""
        count, wide = len(hits), len(query.known) + 1
        shared = [index.shared_by(hit.entry, without) for hit in hits]
        lists = [index.terms_of(hit.row) for hit in hits]
        lengths = [*map(len, lists)]
        lists += [numbers for numbers, _ in shared]
        lists += [index.told_by(hit.entry) for hit in hits]
        whole = np.concatenate(lists)
        group = np.repeat(np.arange(3 * count), [*map(len, lists)])
        place = _PLACES.of(len(index.rarity))
        place[query.known] = np.arange(1, wide)
        at = place[whole]
        place[query.known] = 0
        table = np.zeros((3 * count, wide), np.float32)
        table[group, at] = 1.0
        own = sum(lengths)
        counts = np.concatenate([numbers for _, numbers in shared])
        table[group[own : own + len(counts)], at[own : own + len(counts)]] = counts
        flat, row = whole[:own], group[:own]
        return cls(
            count,
            flat,
            row,
            index.kind[flat],
            at[:own] == 0,
            np.cumsum([0, *lengths[:-1]]),
            table[:count, 1:],
            table[count : 2 * count, 1:],
            table[2 * count :, 1:],
        )
