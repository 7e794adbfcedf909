"""Gaps: words swapped weigh the same whether they are told one by one, as learning does, or all at once, as answering does."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answer.gaps import SWAPPED_MAX, SWAPS, Gap, gaps_of, swaps_of
from knowledge.entries import KnownEntry
from knowledge.index import Index
from knowledge.text import Lexicon
from knowledge.vocabulary import Level

WEIGHTS = np.random.default_rng(7).normal(size=SWAPS).astype(np.float32)
LETTERS = st.integers(0, SWAPS - 1)
# Few numbers, so that the same word is gone from several questions.
WORDS = st.lists(st.tuples(st.floats(0, 9), LETTERS | st.integers(0, 3)), max_size=SWAPPED_MAX + 4)
GAPS = st.lists(st.builds(Gap, WORDS, WORDS, st.just(0), st.just(0)), min_size=1, max_size=5)


@given(GAPS)
def test_all_at_once_is_one_by_one(gaps: list[Gap]) -> None:
    one_by_one = [float(sum(WEIGHTS[bucket] for bucket in gap.changes())) for gap in gaps]
    assert swaps_of(gaps, WEIGHTS) == pytest.approx(one_by_one, abs=1e-3)


@given(GAPS)
def test_every_word_on_one_side_is_set_beside_a_word_of_the_other_or_none(gaps: list[Gap]) -> None:
    for gap in gaps:
        gone, come = min(len(gap.gone), SWAPPED_MAX), min(len(gap.come), SWAPPED_MAX)
        assert len(gap.changes()) == (max(gone, 1) * max(come, 1) if gone or come else 0)


def test_a_word_is_gone_or_come_or_on_both_sides() -> None:
    lexicon = Lexicon.parse("")
    index = Index((KnownEntry("pool", "游泳馆周末关门", "", "", "全国", Level.A, "答"),), lexicon)
    kept = index.kept(0)
    (gap,) = gaps_of(index, index.query(lexicon.terms("游泳馆几点关门")), [kept], 1, [2])
    assert gap.come == [kept.words["周末"]]
    assert gap.gone == [index.word_of("几点")]
    assert (gap.asked, gap.kept) == (1, 2)
    assert gap.counted() == (1, 1, index.unseen, kept.words["周末"][0])
