"""After the reply: corrected, withdrawn, put right again; questions closed with the right words and taken up again."""

import asyncio

from sqlmodel import select

from admin.report.records import read_year
from bot import codes, following, wording
from bot.service import Service
from knowledge import clock as calendar
from knowledge import ledger
from knowledge.tables import LedgerLine, Question, QuestionEvent, Reply, ReplyChange
from knowledge.vocabulary import Closing, QuestionState
from tests.admin.conftest import Ask, Visitor, hidden, on_both, rows, stored
from tests.conftest import Clock

FIRST, BETTER = "信箱钥匙找物业，十天内办好。", "信箱钥匙找物业，五天内办好。"


async def answered(clerk: Visitor, ask: Ask, **more: object) -> tuple[Question, str]:
    question = await ask(**more)
    path = f"/questions/{question.id}"
    response = await clerk.post(f"{path}/publish", None, version=1, text=FIRST, **({"public": "1"} if not more else {}))
    assert response.status == 303
    return question, path


async def read_by_public(service: Service, question: Question) -> following.Followed:
    async with service.database.reading() as session:
        return await following.published(session, question.id or 0)


async def counted(service: Service, year: int) -> int:
    async with service.database.reading() as session:
        records = await read_year(session, year)
    return sum(tally.quantity for tally in records.ledger.values())


async def proved(service: Service) -> str | None:
    async with service.database.reader.connect() as connection:
        return (await ledger.verify(connection)).fault


@on_both
async def test_a_correction_is_read_by_the_public_and_the_first_text_stays(
    clerk: Visitor, reviewer: Visitor, ask: Ask, service: Service, clock: Clock
) -> None:
    question, path = await answered(clerk, ask)
    fields = {"version": 2, "text": BETTER, "reason": "期限写错", "because": "核对过"}
    response = await reviewer.post(f"{path}/correct", None, **fields)
    assert response.headers["Location"] == f"{path}?done=corrected"
    shown = await read_by_public(service, question)
    assert shown.reply is not None
    assert following.public_reply(shown) == BETTER
    assert shown.change is not None
    assert shown.change.at == clock.at
    assert [reply.text for reply in await rows(service, Reply)] == [FIRST]
    first, second = await rows(service, LedgerLine)
    assert (second.corrects, second.reason, second.quantity, second.at) == (first.seq, "期限写错", 1, first.at)
    assert second.content_sha256 == ledger.content_digest(BETTER)
    assert await proved(service) is None
    assert await counted(service, 2026) == 1
    page = await clerk.page(path)
    for words in ("更正后的答复", BETTER, "当时发出的答复", FIRST, "期限写错"):
        assert words in page


async def test_a_changed_correction_is_found_out(clerk: Visitor, reviewer: Visitor, ask: Ask, service: Service) -> None:
    _, path = await answered(clerk, ask)
    await reviewer.post(f"{path}/correct", version=2, text=BETTER, reason="期限写错", because="核对过")
    async with service.database.writing() as session:
        [change] = (await session.exec(select(ReplyChange))).all()
        change.text = "改过的"
        session.add(change)
    assert "正文与登记时不一致" in (await proved(service) or "")


@on_both
async def test_a_withdrawn_reply_is_off_the_board_and_counts_no_more(
    clerk: Visitor, reviewer: Visitor, ask: Ask, service: Service
) -> None:
    question, path = await answered(clerk, ask)
    told = "原来的答复有误，正在重新核实。"
    await reviewer.post(f"{path}/withdraw", version=2, note=told, reason="依据用错")
    after = await stored(service, question)
    assert after.published_at is None
    assert (await clerk.post(f"{path}/board")).status == 409
    async with service.database.reading() as session:
        key = service.key
        found = await following.by_code(session, question.code, codes.password_for(question.code, key), key)
    assert found.reply is not None
    assert (found.reply.text, found.reply.basis) == (told, [])
    assert await counted(service, 2026) == 0
    response = await reviewer.post(f"{path}/correct", version=3, text=BETTER, reason="核实完了", because="核对过")
    assert response.status == 303
    assert await counted(service, 2026) == 1
    assert (await clerk.post(f"{path}/board")).status == 303
    assert following.public_reply(await read_by_public(service, question)) == BETTER
    assert await proved(service) is None


@on_both
async def test_two_corrections_at_once_are_one(
    reviewer: Visitor, administrator: Visitor, ask: Ask, service: Service
) -> None:
    _, path = await answered(reviewer, ask)
    both = await asyncio.gather(
        reviewer.post(f"{path}/correct", version=2, text=BETTER + "甲", reason="一", because="核对过"),
        administrator.post(f"{path}/correct", version=2, text=BETTER + "乙", reason="二", because="核对过"),
    )
    assert sorted(response.status for response in both) == [303, 409]
    slower = next(response for response in both if response.status == 409)
    [change] = await rows(service, ReplyChange)
    other = "乙" if change.text.endswith("甲") else "甲"
    assert BETTER + other in await slower.text()


async def test_what_is_missing_is_said_and_nothing_is_lost(
    clerk: Visitor, reviewer: Visitor, ask: Ask, service: Service
) -> None:
    _, path = await answered(clerk, ask)
    for act, fields, said in (
        ("correct", {"text": BETTER, "because": "核对过"}, "请写明原因"),
        ("correct", {"text": BETTER, "because": "核对过", "reason": "来电13800001234"}, "不要写身份证号"),
        ("correct", {"text": BETTER + "电话13800001234", "because": "核对过", "reason": "补电话"}, "删去再公开"),
        ("withdraw", {"reason": "依据用错", "text": BETTER}, "给网友看的说明"),
    ):
        response = await reviewer.post(f"{path}/{act}", None, version=2, **fields)
        page = await response.text()
        assert response.status == 422
        assert said in page
        assert BETTER in page
    assert await rows(service, ReplyChange) == []


@on_both
async def test_closing_puts_the_words_in_to_be_read_first(clerk: Visitor, ask: Ask, service: Service) -> None:
    question = await ask()
    path = f"/questions/{question.id}"
    response = await clerk.post(f"{path}/close", version=1, closing="transferred", agency="市城管局", text="写到一半")
    page = await response.text()
    told = wording.closing(Closing.TRANSFERRED, "市城管局")
    assert response.status == 422
    assert f"{told}</textarea>" in page
    assert "写到一半</textarea>" in page
    assert (await stored(service, question)).state == QuestionState.WAITING
    await clerk.post(f"{path}/close", version=1, closing="transferred", agency="市城管局", note=told)
    after = await stored(service, question)
    assert (after.state, after.closing, after.closing_note) == (QuestionState.CLOSED, "transferred", told)
    assert f'href="{path}"' in await clerk.page("/?tab=closed")


@on_both
async def test_a_closed_question_is_taken_up_again_and_answered(
    clerk: Visitor, reviewer: Visitor, ask: Ask, service: Service, clock: Clock
) -> None:
    question = await ask()
    path = f"/questions/{question.id}"
    await clerk.post(f"{path}/close", version=1, note="不归本单位")
    assert (await reviewer.post(f"{path}/reopen", version=2)).status == 422
    await reviewer.post(f"{path}/reopen", version=2, reason="网友来电，确属本单位")
    after = await stored(service, question)
    assert (after.state, after.closing_note) == (QuestionState.WAITING, "")
    assert after.due == calendar.add_working_days(calendar.office_day(clock.at), 5).day
    version = hidden(await clerk.page(path), "version")
    assert (await clerk.post(f"{path}/publish", version=version, text=FIRST)).status == 303
    async with service.database.reading() as session:
        wanted = select(QuestionEvent.act).where(QuestionEvent.question_id == question.id, QuestionEvent.act != "")
        assert list((await session.exec(wanted)).all()) == ["closed", "reopened", "sent"]


def test_every_way_to_close_has_words_of_its_own() -> None:
    told = {wording.closing(kind, "市城管局") for kind in Closing if kind is not Closing.OTHER}
    assert len(told) == len(Closing) - 1
    assert all("{" not in words and words.endswith("。") for words in told)


async def test_the_printed_page_has_message_reply_and_story(
    clerk: Visitor, reviewer: Visitor, ask: Ask, service: Service
) -> None:
    question, path = await answered(clerk, ask)
    await reviewer.post(f"{path}/correct", version=2, text=BETTER, reason="期限写错", because="核对过")
    page = await clerk.page(f"{path}/print")
    for words in (question.text, FIRST, BETTER, "期限写错", "小王：答复并发出", "老李：更正答复"):
        assert words in page
