"""What staff think of automatic answers: kept with its history, counted, and turned into lessons."""

import asyncio
import json

import pytest
from click.testing import CliRunner
from sqlmodel import select

from admin import judging
from admin.__main__ import main
from admin.relearn import read_lessons
from bot.service import Service
from knowledge.errors import BadInputError
from knowledge.tables import Judgement
from tests.admin.conftest import Ask, Visitor, on_both, rows
from tests.admin.library.conftest import RATE, RENT

RATE_ASKED = "公积金账户里的存款利率是多少？"
RENT_ASKED = "威海无房职工租房提取住房公积金，一年最多能提多少？"


async def lesson(service: Service) -> judging.Lesson:
    async with service.database.reading() as session:
        return judging.labelled(await judging.judged(session), service.current.entries)


@on_both
async def test_a_change_of_mind_is_added_and_the_last_word_counts(clerk: Visitor, ask: Ask, service: Service) -> None:
    question = await ask(RATE_ASKED)
    path = f"/questions/{question.id}/judge"
    assert "答得对吗" in await clerk.page(f"/questions/{question.id}")
    assert (await clerk.post(path, None, verdict="wrong", judgement="数字旧了", right_entry=RENT)).status == 303
    assert (await clerk.post(path, None, verdict="right", right_entry=RENT)).status == 303
    kept = await rows(service, Judgement)
    assert [(row.number, row.verdict, row.right_entry) for row in kept] == [(1, "wrong", RENT), (2, "right", "")]
    page = await clerk.page(f"/questions/{question.id}")
    assert "数字旧了" in page
    assert "现在是“答对了”" in page
    found = await lesson(service)
    assert [json.loads(line) for line in found.lines.splitlines()] == [
        {
            "id": f"question-{question.id}", "text": RATE_ASKED, "as_of": "2026-11-23", "kind": "answerable",
            "entries": [RATE],
        }
    ]  # fmt: skip


async def test_only_automatic_answers_are_judged_and_only_in_known_words(
    clerk: Visitor, ask: Ask, service: Service
) -> None:
    waiting, answered = await ask(), await ask(RATE_ASKED)
    assert (await clerk.post(f"/questions/{waiting.id}/judge", None, verdict="right")).status == 404
    for verdict in ("", "perfect"):
        assert (await clerk.post(f"/questions/{answered.id}/judge", None, verdict=verdict)).status == 422
    long = await clerk.post(f"/questions/{answered.id}/judge", None, verdict="right", judgement="长" * 501)
    assert long.status == 422
    await clerk.post(f"/questions/{answered.id}/judge", None, verdict="wrong", right_entry="no.such")
    [row] = await rows(service, Judgement)
    assert row.right_entry == ""


@on_both
async def test_precision_counts_each_answer_once_by_the_worst_opinion(
    clerk: Visitor, reviewer: Visitor, ask: Ask, service: Service
) -> None:
    assert "还没有评价" in await clerk.page("/library/judgements")
    asked = [await ask(text) for text in (RATE_ASKED, RENT_ASKED, RATE_ASKED, RENT_ASKED)]
    for question in asked[:3]:
        await clerk.post(f"/questions/{question.id}/judge", None, verdict="right")
    await reviewer.post(f"/questions/{asked[0].id}/judge", None, verdict="wrong", judgement="不对")
    async with service.database.reading() as session:
        found = await judging.judged(session)
        [month] = await judging.months(session, found)
    assert (month.name, month.sent, month.judged, month.right) == ("2026-11", 4, 3, 2)
    assert 0 < month.bound < 2 / 3
    page = await clerk.page("/library/judgements")
    assert "66.7%" in page
    assert "不对" in page
    kept = await lesson(service)
    # The first is disputed; the third says the same as the first on the same day and is taken alone.
    assert (kept.count, kept.differ) == (2, 1)


async def test_wrong_answers_teach_silence_or_the_entry_that_was_named(
    clerk: Visitor, ask: Ask, service: Service
) -> None:
    one, two = await ask(RATE_ASKED), await ask(RENT_ASKED)
    await clerk.post(f"/questions/{one.id}/judge", None, verdict="incomplete", right_entry=RENT)
    await clerk.post(f"/questions/{two.id}/judge", None, verdict="wrong", right_entry=RATE)
    told = [json.loads(line) for line in (await lesson(service)).lines.splitlines()]
    assert [row["kind"] for row in told] == ["needs-staff", "answerable"]
    assert "entries" not in told[0]
    assert told[1]["entries"] == [RATE]
    lessons = read_lessons(tuple(service.current.entries.values()), [], (await lesson(service)).lines)
    assert [sorted(row.entries) for row in lessons.questions] == [[], [RATE]]
    assert lessons.files[0]["name"] == "judgements.jsonl"
    gone = judging.labelled([], service.current.entries)
    assert gone.lines == b""
    with pytest.raises(BadInputError):
        read_lessons((), [], (await lesson(service)).lines)


async def test_the_download_is_what_is_learned_from(clerk: Visitor, ask: Ask, service: Service) -> None:
    question = await ask(RATE_ASKED)
    await clerk.post(f"/questions/{question.id}/judge", None, verdict="right")
    response = await clerk.get("/library/judgements.jsonl")
    assert await response.read() == (await lesson(service)).lines
    assert "attachment" in response.headers["Content-Disposition"]
    async with service.database.reading() as session:
        assert (await session.exec(select(Judgement))).one().by == "clerk"


async def test_the_command_learns_from_judgements_and_says_so(
    clerk: Visitor, ask: Ask, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = await ask(RATE_ASKED)
    await clerk.post(f"/questions/{question.id}/judge", None, verdict="right")
    monkeypatch.setenv("ZHENGWEN_DATA", str(service.settings.data))
    result = await asyncio.to_thread(CliRunner().invoke, main, ["learn", "--from-judgements", "--dry-run"])
    assert "评价：可用 1 条" in result.output
    assert "至少要 10 个" in str(result.output) + str(result.exception)
