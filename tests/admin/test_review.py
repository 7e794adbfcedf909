"""A reply through two and three pairs of hands, from the page of the question."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlmodel import col, select

from bot import service as services
from bot.service import Service
from knowledge.tables import LedgerLine, QuestionEvent, Reply
from knowledge.vocabulary import Kind, QuestionState
from tests.admin.conftest import Ask, Visitor, hidden, on_both, rows, stored
from tests.conftest import Clock, Configure

TEXT = "请按《住房公积金管理条例》办理。"


@pytest.fixture(params=[2])
async def service(configure: Configure, clock: Clock, request: pytest.FixtureRequest) -> AsyncIterator[Service]:
    """As many hands as the test asks for; risks need no more here."""
    chosen = configure(questions_per_minute=10_000, review_levels=request.param, review_risk_levels=request.param)
    running = await services.start(chosen, now=clock)
    yield running
    await running.stop()


three_hands = pytest.mark.parametrize("service", [3], indirect=True)


async def acts(service: Service) -> list[tuple[str, str, str]]:
    async with service.database.reading() as session:
        wanted = select(QuestionEvent).where(QuestionEvent.act != "").order_by(col(QuestionEvent.id))
        return [(event.act, event.actor, event.note) for event in (await session.exec(wanted)).all()]


async def submitted(clerk: Visitor, ask: Ask, text: str = TEXT) -> str:
    question = await ask()
    path = f"/questions/{question.id}"
    response = await clerk.post(f"{path}/submit", version=1, text=text)
    assert response.headers["Location"] == f"{path}?done=submitted"
    return path


async def press(visitor: Visitor, path: str, act: str, **fields: object) -> tuple[int, str]:
    """As somebody who has just opened the page."""
    version = hidden(await visitor.page(path), "version")
    response = await visitor.post(f"{path}/{act}", None, version=version, **fields)
    return response.status, await response.text()


@on_both
async def test_two_hands(clerk: Visitor, reviewer: Visitor, ask: Ask, service: Service) -> None:
    question = await ask()
    path = f"/questions/{question.id}"
    refused = await clerk.post(f"{path}/publish", version=1, text=TEXT)
    assert refused.status == 422
    assert "送审" in await refused.text()
    assert TEXT in await refused.text()
    await clerk.post(f"{path}/submit", version=1, text=TEXT, public="1")
    assert (await stored(service, question)).step == "review"
    assert f'href="{path}"' in await reviewer.page("/?tab=review")
    assert f'href="{path}"' not in await reviewer.page("/")
    page = await clerk.page(path)
    assert "撤回送审" in page
    assert 'id="text"' not in page
    status, _ = await press(reviewer, path, "pass")
    assert status == 303
    [reply] = await rows(service, Reply)
    assert (reply.text, reply.author) == (TEXT, "reviewer")
    after = await stored(service, question)
    assert (after.state, after.step, after.published_at) == (QuestionState.ANSWERED, "", service.now())
    assert len(await rows(service, LedgerLine)) == 1
    assert [act[:2] for act in await acts(service)] == [
        ("saved", "clerk"),
        ("submitted", "clerk"),
        ("passed", "reviewer"),
    ]


@on_both
async def test_nobody_passes_their_own_text(reviewer: Visitor, ask: Ask, service: Service) -> None:
    path = await submitted(reviewer, ask)
    status, page = await press(reviewer, path, "pass")
    assert status == 422
    assert "自己写的答复不能自己审核" in page
    assert await rows(service, Reply) == []


@three_hands
async def test_three_hands_are_three_people(
    clerk: Visitor, reviewer: Visitor, administrator: Visitor, ask: Ask, service: Service
) -> None:
    path = await submitted(clerk, ask)
    assert (await press(reviewer, path, "pass"))[0] == 303
    assert f'href="{path}"' in await clerk.page("/?tab=sign")
    status, page = await press(reviewer, path, "pass")
    assert status == 422
    assert "签发要由另一位同事" in page
    assert (await press(administrator, path, "pass"))[0] == 303
    assert [reply.text for reply in await rows(service, Reply)] == [TEXT]


@on_both
async def test_returned_with_a_comment_and_handed_in_again(
    clerk: Visitor, reviewer: Visitor, ask: Ask, service: Service
) -> None:
    path = await submitted(clerk, ask)
    status, page = await press(reviewer, path, "return", comment="  ")
    assert status == 422
    assert "请写明退回的原因" in page
    assert (await press(reviewer, path, "return", comment="请写明第几条"))[0] == 303
    assert f'href="{path}"' in await clerk.page("/?tab=returned")
    assert f'href="{path}"' in await clerk.page("/?tab=mine")
    page = await clerk.page(path)
    assert "请写明第几条" in page
    assert f"{TEXT}</textarea>" in page
    assert (await press(clerk, path, "submit", text=TEXT + "第二十四条。"))[0] == 303
    assert (await press(reviewer, path, "pass"))[0] == 303
    assert [reply.text for reply in await rows(service, Reply)] == [TEXT + "第二十四条。"]
    assert ("returned", "reviewer", "请写明第几条") in await acts(service)


async def test_only_the_author_takes_it_back(clerk: Visitor, reviewer: Visitor, ask: Ask, service: Service) -> None:
    path = await submitted(clerk, ask)
    status, page = await press(reviewer, path, "recall")
    assert status == 422
    assert "只有写这份答复的人" in page
    assert (await press(clerk, path, "recall"))[0] == 303
    assert f"{TEXT}</textarea>" in await clerk.page(path)


async def test_past_the_review_only_with_a_reason_on_record(
    clerk: Visitor, reviewer: Visitor, ask: Ask, service: Service
) -> None:
    path = await submitted(clerk, ask)
    status, page = await press(reviewer, path, "bypass", bypass=" ")
    assert status == 422
    assert "请写明为什么不经审核" in page
    assert await rows(service, Reply) == []
    assert (await press(reviewer, path, "bypass", bypass="领导出差，网友今天到期"))[0] == 303
    assert [reply.text for reply in await rows(service, Reply)] == [TEXT]
    [bypassed] = [act for act in await acts(service) if act[0] == "bypassed"]
    assert "领导出差，网友今天到期" in bypassed[2]


async def test_writing_while_it_is_reviewed_loses_nothing(clerk: Visitor, reviewer: Visitor, ask: Ask) -> None:
    path = await submitted(clerk, ask)
    version = hidden(await clerk.page(path), "version")
    response = await reviewer.post(f"{path}/draft", version=version, text="我也写了一段")
    assert response.status == 409
    assert "我也写了一段" in await response.text()
    quiet = await reviewer.post(f"{path}/draft", version=version, text="我也写了一段", auto=1)
    assert (quiet.status, "error" in await quiet.json()) == (409, True)


@on_both
async def test_passing_and_returning_at_once_is_one_of_the_two(
    clerk: Visitor, reviewer: Visitor, administrator: Visitor, ask: Ask, service: Service
) -> None:
    path = await submitted(clerk, ask)
    version = hidden(await reviewer.page(path), "version")
    both = await asyncio.gather(
        reviewer.post(f"{path}/pass", version=version),
        administrator.post(f"{path}/return", version=version, comment="再改改，这句别丢"),
        administrator.post(f"{path}/pass", version=version),
    )
    assert sorted(response.status for response in both) == [303, 409, 409]
    returned = both[1]
    assert len(await rows(service, Reply)) == (0 if returned.status == 303 else 1)
    if returned.status == 409:
        assert "再改改，这句别丢" in await returned.text()


async def test_a_risk_needs_as_many_hands_as_the_setting_says(clerk: Visitor, ask: Ask) -> None:
    question = await ask("办事员推诿，没有答案", kind=Kind.COMPLAINT.value)
    page = await clerk.page(f"/questions/{question.id}")
    assert "投诉举报：这条答复要经 2 道手" in page


async def test_a_comment_that_came_too_late_is_not_lost(
    clerk: Visitor, reviewer: Visitor, administrator: Visitor, ask: Ask
) -> None:
    path = await submitted(clerk, ask)
    version = hidden(await reviewer.page(path), "version")
    assert (await reviewer.post(f"{path}/pass", version=version)).status == 303
    for act, fields in (("return", {"comment": "这句别丢"}), ("bypass", {"bypass": "这句别丢"})):
        response = await administrator.post(f"{path}/{act}", None, version=version, **fields)
        assert response.status == 409
        assert "这句别丢</textarea>" in await response.text()
