"""The engine as a whole: what may leave it, when it leaves a question to people, and that it never wavers."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answer import engine as engines
from bot.answer.draft import CHOICES_MAX
from bot.answer.engine import Engine
from knowledge.entries import Snapshot
from knowledge.vocabulary import Kind, Level, Outcome, Reason
from tests.bot.answer.conftest import DAY, ENTRIES

KEPT = [text for kept in ENTRIES for text in (kept.standard, *kept.similar, *kept.counter)]
ASKED = st.sampled_from(KEPT) | st.text("租房提取公积金贷款最多少钱材料青岛吗？不能 一年", max_size=30)
DAYS = st.dates(date(2025, 1, 1), date(2028, 1, 1))


def test_the_steps_stand_in_this_order() -> None:
    assert [step.__name__ for step in engines.STEPS] == ["_screen", "_route", "_retrieve", "_compare", "_decide"]


@given(ASKED, DAYS, st.sampled_from(list(Kind)))
def test_only_what_is_verified_in_force_and_of_the_region_leaves(
    engine: Engine, text: str, day: date, kind: Kind
) -> None:
    draft = engine.answer(text, day, kind)
    for entry in (draft.entry, *draft.choices):
        if entry is not None:
            assert entry.in_force(day)
            assert entry.level is not Level.C
            assert entry.region in {"全国", "山东", "威海"}
    if draft.outcome is Outcome.ANSWERED:
        assert draft.basis
        assert all(line.in_force(day) for line in draft.basis)


@given(ASKED, DAYS)
def test_a_draft_is_consistent(engine: Engine, text: str, day: date) -> None:
    draft = engine.answer(text, day)
    assert (draft.entry is not None) == (draft.outcome is Outcome.ANSWERED)
    assert bool(draft.choices) == (draft.outcome is Outcome.CLARIFY)
    assert len(draft.choices) <= CHOICES_MAX
    assert len({entry.key for entry in draft.choices}) == len(draft.choices)
    assert 0 <= draft.confidence <= 1
    assert all(0 <= one.score <= 1 for one in draft.candidates)
    assert draft.explanation()["reason_label"]


@given(ASKED, DAYS)
def test_the_same_question_gets_the_same_draft(engine: Engine, text: str, day: date) -> None:
    assert engine.answer(text, day) == engine.answer(text, day)


def test_an_engine_made_anew_answers_the_same(engine: Engine) -> None:
    again = Engine(Snapshot(7, ENTRIES, "住房公积金: 公积金 | gjj | 公鸡金\n提取: 支取 | 取 | 题取\n"), region="威海")
    assert [again.answer(text, DAY) for text in KEPT] == [engine.answer(text, DAY) for text in KEPT]
    assert again.version == 7


def test_many_threads_get_what_one_gets(engine: Engine) -> None:
    texts = KEPT * 4
    random.Random(1).shuffle(texts)
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda text: engine.answer(text, DAY), texts))
    assert together == [engine.answer(text, DAY) for text in texts]


def test_a_kept_question_is_answered_with_its_entry_and_basis(engine: Engine) -> None:
    draft = engine.answer("租房取公积金带啥手续？", DAY)
    assert (draft.outcome, draft.reason, draft.text) == (Outcome.ANSWERED, Reason.EXACT, "rent.papers的答复")
    assert [line.title for line in draft.basis] == ["某某办法"]


def test_a_misspelt_kept_question_is_an_exact_hit(engine: Engine) -> None:
    assert engine.answer("租房题取公鸡金要带什么材料", DAY).reason is Reason.EXACT


@pytest.mark.parametrize(("day", "key"), [(date(2026, 8, 11), "rent.old"), (date(2026, 8, 12), "rent.new")])
def test_the_rule_of_the_day_answers(engine: Engine, day: date, key: str) -> None:
    entry = engine.answer("租房提取公积金一年最多多少钱", day).entry
    assert entry is not None
    assert entry.key == key


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("公积金贷款逾期会不会上征信", Reason.UNVERIFIED),
        ("青岛租房提取公积金一年最多多少钱", Reason.OTHER_REGION),
        ("加装电梯可以提取公积金吗", Reason.NOT_IN_FORCE),
        ("你好", Reason.GREETING),
        ("1", Reason.TOO_SHORT),
        ("我的提取怎么还没到账", Reason.OWN_ACCOUNT),
        ("活不下去了", Reason.URGENT),
    ],
)
def test_what_may_not_be_answered_goes_to_a_person_with_the_reason(engine: Engine, text: str, reason: Reason) -> None:
    draft = engine.answer(text, DAY)
    assert (draft.outcome, draft.reason) == (Outcome.HANDED_OVER, reason)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (Kind.COMPLAINT, Reason.COMPLAINT),
        (Kind.REPORT, Reason.COMPLAINT),
        (Kind.SUGGESTION, Reason.SUGGESTION),
        (Kind.PRAISE, Reason.PRAISE),
    ],
)
def test_a_message_that_is_no_question_is_never_answered(engine: Engine, kind: Kind, reason: Reason) -> None:
    draft = engine.answer("租房取公积金带啥手续？", DAY, kind)
    assert (draft.outcome, draft.reason) == (Outcome.HANDED_OVER, reason)


def test_a_subject_without_a_question_is_clarified(engine: Engine) -> None:
    draft = engine.answer("租房提取", DAY)
    assert draft.outcome is Outcome.CLARIFY
    assert {"rent.new", "rent.papers"} <= {entry.key for entry in draft.choices}


def test_the_other_action_is_vetoed(engine: Engine) -> None:
    candidates = {one.entry.key: one for one in engine.answer("买房公积金能取多少万元呢", DAY).candidates}
    assert any("贷款" in veto for veto in candidates["loan.limit"].vetoes)


def test_a_short_follow_up_is_read_with_its_topic(engine: Engine) -> None:
    alone = engine.answer("要带什么材料", DAY)
    told = engine.answer("要带什么材料", DAY, topic_of_conversation="租房提取公积金")
    assert alone.outcome is not Outcome.ANSWERED
    assert (told.outcome, told.entry) == (Outcome.ANSWERED, ENTRIES[2])


def test_without_a_threshold_only_exact_hits_are_answered() -> None:
    strict = Engine(Snapshot(1, ENTRIES, ""), region="威海", target_precision=1.1)
    assert strict.point is None
    asked = [text + "呢" for text in KEPT]
    assert all(strict.answer(text, DAY).outcome is not Outcome.ANSWERED for text in asked)
    assert strict.answer("租房取公积金带啥手续", DAY).outcome is Outcome.ANSWERED


def test_similar_entries_are_in_force_and_best_first(engine: Engine) -> None:
    found = engine.similar("租房提取公积金要带材料吗", DAY, 3)
    assert found[0].entry.key == "rent.papers"
    assert len(found) <= 3
    assert all(one.entry.in_force(DAY) for one in found)
    assert engine.similar("zzz", DAY) == []


@given(st.text(max_size=80))
def test_no_text_breaks_it(engine: Engine, text: str) -> None:
    assert engine.answer(text, DAY).reason in Reason
    assert len(engine.similar(text, DAY + timedelta(days=1))) <= 5
