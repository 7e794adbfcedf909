"""Messages of several questions and long ones with a story: what is answered, offered, and left to a person."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answer.draft import Draft, labels_of
from bot.answer.engine import Engine
from knowledge.entries import KnownEntry, Snapshot
from knowledge.vocabulary import Kind, Level, Outcome, Reason
from tests.bot.answer.conftest import DAY, ENTRIES, entry

MILD = "您好，我刚上班，看了网上的说法也没有看明白，不想白跑一趟，写在这里麻烦你们给讲一讲，辛苦了，先谢谢你们，祝你们工作顺利，一切都好，天天开心。"
PAPERS, LIMIT = "租房提取公积金要带什么材料", "租房子一年能取多少公积金"


def answer(engine: Engine, text: str, kind: Kind = Kind.CONSULTATION) -> Draft:
    return engine.answer(text, DAY, kind)


def test_every_question_answered_is_one_reply_with_each_text_under_its_question(engine: Engine) -> None:
    draft = answer(engine, f"{PAPERS}？{LIMIT}？")
    assert draft.outcome is Outcome.ANSWERED
    assert [one.key for one in draft.entries] == ["rent.papers", "rent.new"]
    assert draft.text == (
        "一、关于“租房提取公积金要带什么材料”：\n\nrent.papers的答复\n\n"
        "二、关于“租房提取公积金一年最多多少钱”：\n\nrent.new的答复"
    )
    assert draft.basis == ENTRIES[0].basis_on(DAY)  # both rest on the same line: it is told once


def test_a_question_nobody_can_answer_sends_the_message_to_a_person_with_the_sure_one_to_read(engine: Engine) -> None:
    draft = answer(engine, f"{PAPERS}？大厅门口的石狮子是谁捐的？")
    assert (draft.outcome, draft.reason, draft.entry) == (Outcome.HANDED_OVER, Reason.SEVERAL_ASKED, None)
    assert [one.key for one in draft.choices] == ["rent.papers"]
    told = draft.explanation()["parts"]
    assert [part["outcome"] for part in told] == ["answered", "handed_over"]


def test_the_same_asked_twice_is_answered_once(engine: Engine) -> None:
    draft = answer(engine, f"{PAPERS}？租房取公积金带啥手续？")
    assert draft.text == "rent.papers的答复"


def test_too_many_questions_are_one_message_for_a_person(engine: Engine) -> None:
    draft = answer(engine, f"{PAPERS}？" * 6)
    assert (draft.outcome, draft.reason, draft.choices) == (Outcome.HANDED_OVER, Reason.SEVERAL_ASKED, ())


def test_a_long_message_with_one_general_question_is_answered(engine: Engine) -> None:
    draft = answer(engine, f"{MILD}请问{PAPERS}？")
    assert (draft.outcome, draft.entry) == (Outcome.ANSWERED, ENTRIES[2])


@pytest.mark.parametrize(
    "story",
    ["我去年提过14400元。", "我妈也想提。", "钱在青岛交的。", "我还有贷款没还清。", "买房的时候用过一次。"],
)
def test_what_the_story_adds_turns_the_answer_into_choices(engine: Engine, story: str) -> None:
    draft = answer(engine, f"{MILD}{story}请问{PAPERS}？")
    assert draft.outcome is not Outcome.ANSWERED


@pytest.mark.parametrize(
    ("story", "reason"),
    [
        ("我的提取怎么还没到账。", Reason.OWN_ACCOUNT),
        ("我要投诉你们。", Reason.COMPLAINT),
        ("我不想活了。", Reason.URGENT),
    ],
)
def test_what_the_rules_see_in_the_story_decides(engine: Engine, story: str, reason: Reason) -> None:
    draft = answer(engine, f"{MILD}{story}请问{PAPERS}？{LIMIT}？")
    assert (draft.outcome, draft.reason, draft.choices) == (Outcome.HANDED_OVER, reason, ())


def test_several_questions_of_a_complaint_are_not_answered(engine: Engine) -> None:
    assert answer(engine, f"{PAPERS}？{LIMIT}？", Kind.COMPLAINT).reason is Reason.COMPLAINT


@given(
    st.lists(
        st.sampled_from([f"{text}？" for kept in ENTRIES for text in kept.similar] + ["我妈病了。", MILD]), max_size=7
    )
)
def test_only_what_may_leave_leaves(engine: Engine, sentences: list[str]) -> None:
    draft = answer(engine, "".join(sentences))
    for one in (*draft.entries, *draft.choices):
        assert one.in_force(DAY)
        assert one.level is not Level.C
        assert one.region in {"全国", "山东", "威海"}
    assert (draft.outcome is Outcome.ANSWERED) == bool(draft.text)
    assert all(one.answer in draft.text for one in draft.entries)


def test_an_engine_that_does_not_split_decides_about_the_whole() -> None:
    whole = Engine(Snapshot(1, ENTRIES, ""), region="威海", splits=False)
    assert whole.answer(f"{PAPERS}？{LIMIT}？", DAY).parts == ()


def test_labels_are_short_where_they_tell_apart_and_else_the_standard_questions() -> None:
    def labelled(standard: str, short: str) -> KnownEntry:
        return replace(entry("a", standard), short=short)

    rent, buy = labelled("租房吗", "租房"), labelled("购房吗", "购房")
    assert labels_of([rent, buy]) == ["租房", "购房"]
    assert labels_of([rent, labelled("租金呢", "租房")]) == ["租房吗", "租金呢"]
    assert labels_of([rent, labelled("退休呢", " ")]) == ["租房吗", "退休呢"]


def test_one_question_about_elsewhere_is_never_answered_with_our_rules(engine: Engine) -> None:
    draft = answer(engine, f"青岛租房提取公积金一年最多多少钱？{PAPERS}？")
    assert draft.outcome is Outcome.HANDED_OVER
    assert "qingdao" not in {one.key for one in draft.choices}
