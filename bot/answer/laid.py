"""Laid out: the terms of some candidates beside those of a question, so that whole tables are measured at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.index import Hit, Index, Query
from knowledge.settled import Scratch
from knowledge.text import KINDS, WORD

Numbers = NDArray[np.integer[Any]]
Flags = NDArray[np.bool_]
KIND_COUNT = len(KINDS)
WORDS = KINDS.index(WORD)
_SCRATCH = Scratch()


@dataclass(frozen=True, slots=True)
class Laid:
    """The terms of the best question of each hit in one row of numbers, and which of the question's terms stand where.

    `flat` are numbers of terms, `row` says of which hit, `lone` which were not asked, `starts` where each hit begins. The
    others are tables of hit by known term of the question: `found` in the hit's best question, `missing` there, how
    `often` it stands in all questions of the entry, and whether it is `told` in the entry's answer. `words` says which known
    terms are words.
    """

    count: int
    flat: Numbers
    row: Numbers
    lone: Flags
    starts: Numbers
    found: Flags
    missing: Flags
    often: Numbers
    told: Flags
    words: Flags

    @classmethod
    def out(cls, index: Index, query: Query, hits: Sequence[Hit], without: int = -1) -> "Laid":
        """Lay out; `without` is a row that is taken not to be kept."""
        place = _SCRATCH.zeros("place", len(index.rarity))
        place[query.known] = np.arange(1, len(query.known) + 1)
        best = [index.terms_of(hit.row) for hit in hits]
        flat, row, at = _side_by_side(best, place)
        _, entry, entry_at = _side_by_side([index.terms_of_entry(hit.entry, without) for hit in hits], place)
        _, told, told_at = _side_by_side([index.told_by(hit.entry) for hit in hits], place)
        place[query.known] = 0
        count, wide = len(hits), len(query.known) + 1
        often = np.bincount(entry * wide + entry_at, minlength=count * wide).reshape(count, wide)[:, 1:]
        found = _flags(row, at, count, wide)
        lengths = [len(one) for one in best]
        starts = np.cumsum([0, *lengths[:-1]])
        words = index.kind[query.known] == WORDS
        return cls(count, flat, row, at == 0, starts, found, ~found, often, _flags(told, told_at, count, wide), words)


def _side_by_side(lists: Sequence[Numbers], place: NDArray[np.float32]) -> tuple[Numbers, Numbers, Numbers]:
    """All numbers, whose list each is of, and the place of each among the question's terms (0: not among them)."""
    flat = np.concatenate(lists)
    row = np.repeat(np.arange(len(lists)), [len(one) for one in lists])
    return flat, row, place[flat].astype(np.int64)


def _flags(row: Numbers, at: Numbers, count: int, wide: int) -> Flags:
    table = np.zeros((count, wide), bool)
    table[row, at] = True
    return table[:, 1:]
