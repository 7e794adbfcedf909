"""Gaps: which words and types of question stand only on one side, of a question and of a kept question."""

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.answer.signs import ASKS, swapped_types
from knowledge.index import Index, Kept, Query, Word

SWAPS = 1 << 16
TYPE_SWAPS = (len(ASKS) + 1) ** 2
# A word's number is spread by this before another's is added, so that the order of two words tells.
SPREAD = 31
# A long story has hundreds of words more than a question; the first ones are enough.
SWAPPED_MAX = 16
_NO_WORD = [0]
Floats = NDArray[np.float32]


class Gap(NamedTuple):
    """How a question and a kept question differ: the words asked but not kept (`gone`) and those kept but not asked (`come`),
    and the types of question of both, as bits."""

    gone: list[Word]
    come: list[Word]
    asked: int
    kept: int

    def counted(self) -> tuple[float, ...]:
        """How many words of one stand not in the other, and how telling the most telling of them is."""
        gone, come = self.gone, self.come
        return len(gone), len(come), max(gone)[0] if gone else 0.0, max(come)[0] if come else 0.0

    def swapped(self) -> tuple[list[int], list[int]]:
        """The numbers of words gone and of words come that are set beside each other: 原因 for 症状, or a word for none."""
        gone, come = self.gone, self.come
        if not gone and not come:
            return [], []
        return [one for _, one in gone[:SWAPPED_MAX]] or _NO_WORD, [one for _, one in come[:SWAPPED_MAX]] or _NO_WORD

    def changes(self) -> list[int]:
        """Numbers below SWAPS + TYPE_SWAPS: a bucket of a word swapped for another, or past those a type swapped for another."""
        gone, come = self.swapped()
        buckets = [(one * SPREAD + other) % SWAPS for one in gone for other in come]
        return buckets + [SWAPS + number for number in swapped_types(self.asked, self.kept)]


def gaps_of(index: Index, query: Query, kept: Sequence[Kept], asked: int, types: Sequence[int]) -> list[Gap]:
    """One a kept question; `asked` and `types` are the types of the question and of the kept ones."""
    words = {word: index.word_of(word) for word in query.terms.words}
    own = [*words.items()]
    return [
        Gap(
            [known for word, known in own if word not in one.words],
            [known for word, known in one.words.items() if word not in words],
            asked,
            shown,
        )
        for one, shown in zip(kept, types, strict=True)
    ]


def swaps_of(gaps: Sequence[Gap], weights: Floats) -> list[float]:
    """For each kept question the sum of a weight by bucket over its `changes` of words."""
    sides = [gap.swapped() for gap in gaps]
    come = [one for _, side in sides for one in side or _NO_WORD]
    starts = [0, *accumulate([len(side) or 1 for _, side in sides[:-1]])]
    asked = [*dict.fromkeys(one for side, _ in sides for one in side)]
    # Each word asked beside each word kept, once for all kept questions: one look at the table for hundreds.
    each = weights.take((np.array(asked, np.intp)[:, None] * SPREAD + np.array(come)) & SWAPS - 1)
    rows = dict(zip(asked, np.add.reduceat(each, starts, 1).tolist(), strict=True))
    return [sum([rows[one][at] for one in gone]) for at, (gone, _) in enumerate(sides)]
