"""Four eyes: what is proposed changes nothing, what another person approves answers at once; nobody's words are lost."""

import asyncio

from sqlmodel import select

from bot import service as services
from bot.service import Service
from knowledge.entries import base_version
from knowledge.tables import EntryRevision, Proposal, ProposalEvent, Reply
from knowledge.vocabulary import ProposalState
from tests.admin.conftest import Ask, Visitor, on_both, rows
from tests.admin.library.conftest import (
    NEW_ENTRY,
    RATE,
    RENT,
    Decide,
    Propose,
    entry_row,
    form_of,
    number_in,
    proposal_row,
)
from tests.conftest import Clock

NEW_TEXT = "现在是1.75%，自2026年11月20日起。"
STANDARD = "公积金账户里的存款利率是多少？"


async def version_of(service: Service) -> int:
    async with service.database.reading() as session:
        return await base_version(session)


@on_both
async def test_an_edit_changes_nothing_until_another_person_approves(
    clerk: Visitor, reviewer: Visitor, service: Service, ask: Ask, propose: Propose, decide: Decide
) -> None:
    before, version = await entry_row(service), await version_of(service)
    number = await propose(clerk, answer=NEW_TEXT)
    assert await entry_row(service) == before
    assert await version_of(service) == version
    assert service.current.entries[RATE].answer == before.answer

    page = await reviewer.page(f"/library/proposals/{number}")
    assert "<del>1.50%" in page
    assert "<ins>1.75%" in page
    assert "小王" in page
    response = await decide(reviewer, number)
    assert response.status == 303

    after = await entry_row(service)
    assert (after.revision, after.answer) == (before.revision + 1, NEW_TEXT)
    assert await version_of(service) == version + 1
    row = await proposal_row(service, number)
    assert (row.state, row.made_by, row.decided_by) == (ProposalState.APPROVED, "clerk", "reviewer")
    question = await ask(STANDARD)
    async with service.database.reading() as session:
        reply = (await session.exec(select(Reply).where(Reply.question_id == question.id))).one()
    assert (reply.text, reply.entry_revision) == (NEW_TEXT, after.revision)
    history = await clerk.page(f"/library/entries/{RATE}")
    assert "第 2 版" in history
    assert "第 1 版" in history


@on_both
async def test_another_running_service_answers_with_the_new_text(
    clerk: Visitor, reviewer: Visitor, service: Service, propose: Propose, decide: Decide
) -> None:
    other = await services.start(service.settings, now=service.now)
    try:
        await decide(reviewer, await propose(clerk, answer=NEW_TEXT))
        for _ in range(40):  # looks every half second
            if other.current.entries[RATE].answer == NEW_TEXT:
                break
            await asyncio.sleep(0.25)
        draft = other.current.engine.answer(STANDARD, service.now().date())
        assert draft.text == NEW_TEXT
    finally:
        await other.stop()


async def test_nobody_approves_or_returns_what_is_their_own(
    administrator: Visitor, service: Service, propose: Propose
) -> None:
    number = await propose(administrator, answer=NEW_TEXT)
    for button in ("approve", "return"):
        response = await administrator.post(f"/library/proposals/{number}/{button}", None, version=1, comment="可以")
        assert response.status == 422, button
    assert (await entry_row(service)).revision == 1
    assert (await proposal_row(service, number)).state == ProposalState.OPEN
    assert "自己的提案要由另一个人审核" in await administrator.page(f"/library/proposals/{number}")


@on_both
async def test_two_who_approve_at_once_write_one_revision(
    clerk: Visitor, reviewer: Visitor, administrator: Visitor, service: Service, propose: Propose
) -> None:
    path = f"/library/proposals/{await propose(clerk, answer=NEW_TEXT)}/approve"
    both = await asyncio.gather(reviewer.post(path, None, version=1), administrator.post(path, None, version=1))
    assert sorted(response.status for response in both) == [303, 409]
    assert len([row for row in await rows(service, EntryRevision) if row.revision == 2]) == 1


@on_both
async def test_approvals_of_different_entries_at_once_are_both_seen(
    clerk: Visitor, reviewer: Visitor, administrator: Visitor, service: Service, propose: Propose
) -> None:
    version = await version_of(service)
    one, two = await propose(clerk, RATE, answer=NEW_TEXT), await propose(clerk, RENT, answer="现在是20000元。")
    both = await asyncio.gather(
        reviewer.post(f"/library/proposals/{one}/approve", None, version=1),
        administrator.post(f"/library/proposals/{two}/approve", None, version=1),
    )
    assert [response.status for response in both] == [303, 303]
    assert await version_of(service) == version + 2
    assert service.current.entries[RATE].answer == NEW_TEXT
    assert service.current.entries[RENT].answer == "现在是20000元。"


@on_both
async def test_a_proposal_overtaken_by_another_is_refused_with_both_texts(
    clerk: Visitor, reviewer: Visitor, service: Service, propose: Propose, decide: Decide
) -> None:
    first, second = await propose(clerk, answer=NEW_TEXT), await propose(clerk, answer="现在是1.60%。")
    await decide(reviewer, first)
    response = await decide(reviewer, second, comment="我的意见")
    page = await response.text()
    assert response.status == 409
    assert "提出以后别人的改动" in page
    assert "我的意见</textarea>" in page
    assert "1.75" in page
    assert "1.60" in page
    assert (await entry_row(service)).answer == NEW_TEXT
    assert (await proposal_row(service, second)).state == ProposalState.OPEN


@on_both
async def test_an_editor_overtaken_gets_both_texts_and_can_go_on(
    clerk: Visitor, reviewer: Visitor, service: Service, propose: Propose, decide: Decide
) -> None:
    path = f"/library/entries/{RATE}/edit"
    opened = form_of(await clerk.page(path), path)
    await decide(reviewer, await propose(clerk, answer=NEW_TEXT))
    mine = opened | {"answer": "我辛苦写的新答复。", "why": "我的理由", "reason": "核对过"}
    response = await clerk.post(path, None, **mine)
    page = await response.text()
    assert response.status == 409
    assert NEW_TEXT in page
    again = form_of(page, path)
    assert (again["answer"], again["why"], again["version"]) == ("我辛苦写的新答复。", "我的理由", "2")
    response = await clerk.post(path, None, **again)
    assert response.status == 303
    assert (await decide(reviewer, number_in(response))).status == 303
    assert (await entry_row(service)).answer == "我辛苦写的新答复。"


async def test_a_proposal_is_returned_with_words_amended_and_approved(
    clerk: Visitor, reviewer: Visitor, service: Service, propose: Propose, decide: Decide
) -> None:
    number = await propose(clerk, answer=NEW_TEXT)
    silent = await decide(reviewer, number, "return", comment="  ")
    assert silent.status == 422
    assert "请写明退回的意见" in await silent.text()
    assert (await decide(reviewer, number, "return", comment="日期不对")).status == 303
    assert (await reviewer.post(f"/library/proposals/{number}/approve", None, version=2)).status == 409
    path = f"/library/proposals/{number}/edit"
    fields = form_of(await clerk.page(path), path)
    assert fields["answer"] == NEW_TEXT
    response = await clerk.post(path, None, **(fields | {"answer": "现在是1.75%，自2026年12月1日起。"}))
    assert response.status == 303
    assert (await reviewer.post(path, None, **fields)).status == 422
    assert (await decide(reviewer, number)).status == 303
    assert (await entry_row(service)).answer.endswith("12月1日起。")
    states = [row.state for row in await rows(service, ProposalEvent)]
    assert states == ["open", "returned", "open", "approved"]


async def test_only_its_author_withdraws_a_proposal(
    clerk: Visitor, reviewer: Visitor, service: Service, propose: Propose
) -> None:
    number = await propose(clerk, answer=NEW_TEXT)
    assert (await reviewer.post(f"/library/proposals/{number}/withdraw", None, version=1)).status == 422
    assert (await clerk.post(f"/library/proposals/{number}/withdraw", None, version=1)).status == 303
    assert (await reviewer.post(f"/library/proposals/{number}/approve", None, version=2)).status == 409
    assert (await entry_row(service)).revision == 1


@on_both
async def test_a_new_entry_answers_once_it_is_approved(
    clerk: Visitor, reviewer: Visitor, service: Service, ask: Ask, decide: Decide
) -> None:
    response = await clerk.post("/library/new", None, **NEW_ENTRY)
    assert response.status == 303, await response.text()
    assert NEW_ENTRY["key"] not in service.current.entries
    await decide(reviewer, number_in(response))
    question = await ask(NEW_ENTRY["standard"])
    assert question.state == "answered"
    doubled = await clerk.post("/library/new", None, **NEW_ENTRY)
    assert doubled.status == 422
    assert "已经有这个条目" in await doubled.text()


@on_both
async def test_an_entry_ends_on_the_day_proposed(
    clerk: Visitor, reviewer: Visitor, service: Service, ask: Ask, clock: Clock, decide: Decide
) -> None:
    path = f"/library/entries/{RATE}/end"
    blank = await clerk.post(path, None, version=1, until="", why="我写的理由")
    assert blank.status == 422
    assert 'value="我写的理由"' in await blank.text()
    early = await clerk.post(path, None, version=1, until="2001-01-01", why="太早")
    assert early.status == 422
    response = await clerk.post(path, None, version=1, until="2026-11-24", why="文件废止")
    await decide(reviewer, number_in(response))
    assert (await ask(STANDARD)).state == "answered"
    clock.at = clock.at.replace(day=25)
    assert (await ask(STANDARD)).state != "answered"


async def test_going_back_to_an_earlier_revision_is_a_proposal_too(
    clerk: Visitor, reviewer: Visitor, service: Service, propose: Propose, decide: Decide
) -> None:
    original = (await entry_row(service)).answer
    await decide(reviewer, await propose(clerk, answer=NEW_TEXT))
    path = f"/library/entries/{RATE}/back"
    assert (await clerk.post(path, None, version=2, revision=1, why="")).status == 422
    assert (await clerk.post(path, None, version=2, revision=2, why="一样")).status == 422
    response = await clerk.post(path, None, version=2, revision=1, why="改错了")
    assert (await entry_row(service)).answer == NEW_TEXT
    assert (await decide(reviewer, number_in(response))).status == 303
    after = await entry_row(service)
    assert (after.revision, after.answer) == (3, original)


async def test_proposals_are_listed_by_state(clerk: Visitor, propose: Propose, service: Service) -> None:
    assert "没有这种状态的提案" in await clerk.page("/library/proposals")
    await propose(clerk, answer=NEW_TEXT)
    assert f"修改：{STANDARD}" in await clerk.page("/library/proposals")
    assert "没有这种状态的提案" in await clerk.page("/library/proposals?state=approved")
    assert (await clerk.get("/library/proposals?state=odd")).status == 404
    assert len(await rows(service, Proposal)) == 1


async def test_what_was_typed_survives_a_session_that_ran_out(clerk: Visitor, service: Service, clock: Clock) -> None:
    path = f"/library/entries/{RATE}/edit"
    fields = form_of(await clerk.page(path), path) | {"answer": "写了半天的答复"}
    clerk.http.session.cookie_jar.clear()
    response = await clerk.post(path, None, **fields)
    assert response.status == 403
    assert "写了半天的答复" in await response.text()
