"""What vectors may change, and what they may not: candidates and choices, never what is answered by itself."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answer.engine import Engine
from bot.answer.model import Point, shipped
from bot.answer.near import TOP, Floats, Near, Rows, Space
from bot.answer.rank import SHOWN
from knowledge.entries import Snapshot
from knowledge.index import Index
from knowledge.text import Lexicon
from knowledge.vocabulary import Outcome, Reason
from tests.bot.answer.conftest import DAY, ENTRIES, entry

KEPT = [text for kept in ENTRIES for text in (kept.standard, *kept.similar)]
ASKED = st.sampled_from(KEPT) | st.text("租房提取公积金贷款最多少钱材料青岛吗？不能 一年", max_size=30)
STRANGE = "咋给咱家批下那些银子"


def unit(seed: int) -> Floats:
    made = np.random.default_rng(seed).normal(size=12)
    return (made / np.linalg.norm(made)).astype(np.float32)


VECTORS = {text: unit(seed) for seed, text in enumerate(dict.fromkeys(KEPT))}
SPACE = Space(ENTRIES, VECTORS)


def near(text: str) -> Near:
    found = SPACE.near(VECTORS[text])
    assert found
    return found


@pytest.fixture(scope="module")
def eager() -> Engine:
    """It answers by itself more than the office's engine would."""
    return Engine(
        Snapshot(7, ENTRIES, "提取: 支取 | 取 | 题取\n"), region="威海", target_precision=0.6, provisional=True
    )


def test_the_nearest_entry_comes_first_with_its_question_and_cosine() -> None:
    found = near("公积金贷款额度最高是多少")
    assert (found.top[0].key, found.top[0].question) == ("loan.limit", "公积金贷款额度最高是多少")
    assert found.top[0].cosine == pytest.approx(1)
    assert [one.cosine for one in found.top] == sorted((one.cosine for one in found.top), reverse=True)
    assert all(found.cosine(one.key) == pytest.approx(one.cosine) for one in found.top)


def test_an_entry_without_a_vector_is_not_known_and_has_no_cosine() -> None:
    space = Space(ENTRIES, {text: v for text, v in VECTORS.items() if "贷" not in text})
    found = space.near(unit(1))
    assert found
    assert not found.known("loan.limit")
    assert found.cosine("loan.limit") == 0
    assert found.known("rent.new")


def test_no_more_than_the_nearest_are_named() -> None:
    many = [entry(f"e{n}", f"问题{n}") for n in range(TOP + 5)]
    found = Space(many, {kept.standard: unit(n) for n, kept in enumerate(many)}).near(unit(99))
    assert found
    assert len(found.top) == TOP


def test_nothing_is_near_where_there_is_nothing_or_the_vector_is_of_another_length() -> None:
    assert Space(ENTRIES, {}).near(unit(1)) is None
    assert SPACE.near(np.ones(5, np.float32)) is None


@pytest.mark.parametrize("asked", ["租房取公积金一年能取多少钱", "买房的公积金贷款额度", "交房租要准备什么材料"])
def test_what_vectors_find_is_measured_as_the_index_would(asked: str) -> None:
    index = Index(ENTRIES, Lexicon.parse("提取: 取\n"))
    query = index.query(index.lexicon.terms(asked))
    everything = np.ones(len(ENTRIES), bool)
    expected = {hit.entry: hit for hit in index.search(query, len(ENTRIES))}
    found = {hit.entry: hit for hit in Rows(index).hits(near(KEPT[0]), query, everything, [], len(ENTRIES))}
    assert set(found) == set(range(len(ENTRIES)))
    for at, hit in expected.items():
        assert found[at].row == hit.row
        measured = (found[at].likeness, found[at].counter, found[at].second)
        assert measured == pytest.approx((hit.likeness, hit.counter, hit.second), abs=1e-5)


def test_a_question_that_shares_nothing_gets_the_near_entry_as_candidate_and_no_answer(engine: Engine) -> None:
    alone = engine.answer(STRANGE, DAY)
    draft = engine.answer(STRANGE, DAY, near=near("公积金贷款额度最高是多少"))
    assert not set(STRANGE) & set("".join(text for text in KEPT if "贷款" in text))
    assert "loan.limit" not in [one.entry.key for one in alone.candidates]
    assert "loan.limit" in [one.entry.key for one in draft.candidates]
    assert draft.outcome is Outcome.HANDED_OVER
    assert draft.reason is alone.reason


def test_staff_see_the_nearest_entry_however_many_others_share_words() -> None:
    others = [entry(f"e{n}", f"公积金贷款第{n}个问题怎么办") for n in range(12)]
    kept = [*others, entry("far", "孳息")]
    engine = Engine(Snapshot(1, tuple(kept), ""), region="威海")
    found = Space(kept, {one.standard: unit(n) for n, one in enumerate(kept)}).near(unit(12))
    assert "far" not in [one.entry.key for one in engine.answer("公积金贷款问题", DAY).candidates]
    draft = engine.answer("公积金贷款问题", DAY, near=found)
    assert [one.entry.key for one in draft.candidates].index("far") == SHOWN - 1


@given(ASKED, st.integers(0, 10_000), st.dates(date(2025, 1, 1), date(2028, 1, 1)))
def test_whatever_the_vectors_say_no_more_and_no_less_is_answered(
    engine: Engine, eager: Engine, text: str, seed: int, day: date
) -> None:
    for one in (engine, eager):
        alone, draft = one.answer(text, day), one.answer(text, day, near=SPACE.near(unit(seed)))
        if alone.outcome is Outcome.ANSWERED:
            assert draft == alone
        else:
            assert draft.outcome is not Outcome.ANSWERED
        assert bool(draft.choices) >= bool(alone.choices)
        assert all(entry.in_force(day) and entry.region in one.regions for entry in draft.choices)
        assert one.answer(text, day, near=SPACE.near(unit(seed))) == draft
        assert one.answer(text, day) == alone


def test_what_a_model_is_sure_of_only_because_of_vectors_is_offered_and_not_answered() -> None:
    rank, accept = replace(shipped().rank, constant=90.0), replace(shipped().accept, constant=900.0)
    sure = replace(shipped(), rank=rank, accept=accept, curve=(Point(0.5, 999, 999, 999, 0.99),))
    kept = (entry("near", "孳息咋得"), entry("other", "公积金贷款"))
    engine = Engine(Snapshot(1, kept, ""), region="威海", model=sure)
    assert engine.answer("孳息咋得嘛", DAY).outcome is Outcome.ANSWERED
    alone = engine.answer("攒下那份归谁", DAY)
    found = Space(kept, {"孳息咋得": unit(1)}).near(unit(1))
    draft = engine.answer("攒下那份归谁", DAY, near=found)
    assert not alone.candidates
    assert [(one.entry.key, one.vetoes) for one in draft.candidates] == [("near", ())]
    assert (draft.outcome, [one.key for one in draft.choices]) == (Outcome.CLARIFY, ["near"])


def test_a_place_and_a_time_not_asked_about_do_not_come_in_by_nearness(engine: Engine) -> None:
    for text in ("青岛租房能取多少公积金", "加装电梯可以提取公积金吗", "以前租房提取公积金一年最多多少钱"):
        draft = engine.answer(STRANGE, DAY, near=near(text))
        assert not {"qingdao", "expired.basis", "rent.old"} & {one.entry.key for one in draft.candidates}


def test_what_a_rule_decides_is_not_asked_of_vectors(engine: Engine) -> None:
    assert engine.may_widen(engine.answer(STRANGE, DAY))
    for text in ("租房取公积金带啥手续", "你好", "？", "我的余额有多少"):
        draft = engine.answer(text, DAY)
        assert not engine.may_widen(draft)
        assert engine.answer(text, DAY, near=near(KEPT[0])) == draft


def test_vectors_of_another_base_do_no_harm(engine: Engine) -> None:
    other = Space([entry("gone", "早已删去的问题")], {"早已删去的问题": unit(1)}).near(unit(2))
    assert engine.answer(STRANGE, DAY, near=other) == engine.answer(STRANGE, DAY)


def test_an_entry_whose_question_has_no_letters_is_passed_over() -> None:
    kept = (entry("signs", "？？"), entry("loan", "公积金贷款"))
    engine = Engine(Snapshot(1, kept, ""), region="威海")
    found = Space(kept, {"？？": unit(1), "公积金贷款": unit(2)}).near(unit(1))
    draft = engine.answer(STRANGE, DAY, near=found)
    assert [one.entry.key for one in draft.candidates] == ["loan"]
    assert draft.reason is Reason.NO_MATCH
