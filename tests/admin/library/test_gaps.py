"""Gaps: what the base could not answer, put together, drafted into entries by way of people, or put aside with a reason."""

from admin.library import gaps
from bot import replies
from bot.answer.engine import Engine
from bot.service import Service
from knowledge.entries import snapshot
from knowledge.tables import MessageDecision, Proposal, Question
from tests.admin.conftest import Ask, Visitor, on_both, rows
from tests.admin.library.conftest import NEW_ENTRY, RATE, Decide, form_of, number_in

FEES = ("公积金能用来交物业费吗", "物业费可以用公积金交吗")
LIFT = "家里加装电梯能提公积金吗"
GREETED = "您好，张女士（电话13812345678）：\n\n目前不可以。具体请到大厅咨询，我的手机13987654321。"


async def real_engine(service: Service) -> Engine:
    """The engine itself, not its stand-in."""
    async with service.database.reading() as session:
        return Engine(await snapshot(session), region="威海")


async def answer(service: Service, question: Question, text: str = GREETED) -> None:
    author = replies.Author("clerk", "小王")
    given = {"version": question.version, "at": service.now(), "public": False, "address": ""}
    await replies.publish(service.database, question.id or 0, text, author, **given)  # type: ignore[arg-type]


async def test_the_same_messages_give_the_same_clusters(service: Service) -> None:
    engine = await real_engine(service)
    texts = (FEES[0], LIFT, FEES[1], "大厅周末上班吗")
    found = gaps.clusters(texts, engine)
    assert found == ((0, 2), (1,), (3,))
    gaps.clusters.cache_clear()
    assert gaps.clusters(texts, await real_engine(service)) == found
    assert gaps.clusters((), engine) == ()
    assert gaps.clusters(("？", "", "。" * 50), engine) == ((0,), (1,), (2,))


@on_both
async def test_gaps_tell_who_waits_and_what_people_answered(clerk: Visitor, ask: Ask, service: Service) -> None:
    assert "没有缺口" in await clerk.page("/library/gaps")
    first, second = await ask(FEES[0]), await ask(FEES[1])
    await ask(LIFT)
    await answer(service, first)
    page = await clerk.page("/library/gaps")
    together = next(part for part in page.split("<article") if FEES[0] in part)
    assert FEES[1] in together
    assert "1 条在等" in together
    assert "1 条已有答复" in together
    assert f"/library/new?question={first.id}" in together
    assert f"/library/new?question={second.id}" not in together


async def test_a_draft_comes_from_a_person_only_and_bears_no_personal_data(
    clerk: Visitor, ask: Ask, service: Service
) -> None:
    first, second = await ask(FEES[0]), await ask(FEES[1] + "，我手机13812345678")
    automatic = await ask("公积金账户里的存款利率是多少？")
    for question in (first, automatic):
        refused = await clerk.get(f"/library/new?question={question.id}")
        assert refused.status == 422
        assert "工作人员" in await refused.text()
    assert (await clerk.get("/library/new?question=999")).status == 404
    await answer(service, first)
    page = await clerk.page(f"/library/new?question={first.id}")
    fields = form_of(page, "/library/new")
    assert fields["standard"] == FEES[0]
    assert fields["answer"].startswith("目前不可以。")
    assert fields["policy0"] == ""
    for secret in ("13812345678", "13987654321", "张女士"):
        assert secret not in page
    assert str(second.id) not in fields["similar"]
    held = await clerk.post("/library/new", None, **(fields | {"key": "withdrawal.fee", "why": "补"}))
    assert held.status == 422  # no basis, stars left in the text, too few similar questions


@on_both
async def test_a_gap_is_closed_by_an_approved_entry(
    clerk: Visitor, reviewer: Visitor, ask: Ask, service: Service, decide: Decide
) -> None:
    question = await ask("车位的事")
    await answer(service, question, "不能。车位不是住房。")
    fields = form_of(await clerk.page(f"/library/new?question={question.id}"), "/library/new")
    response = await clerk.post("/library/new", None, **(fields | NEW_ENTRY))
    number = number_in(response)
    assert (await rows(service, Proposal))[0].question_id == question.id
    assert f"第 {number} 号提案" in await clerk.page("/library/gaps")
    await decide(reviewer, number)
    assert "车位的事" not in await clerk.page("/library/gaps")
    assert "车位的事" in await clerk.page("/library/gaps?show=all")


async def test_a_gap_is_put_aside_with_a_reason(clerk: Visitor, ask: Ask, service: Service) -> None:
    question = await ask(LIFT)
    silent = await clerk.post("/library/gaps/ignore", None, ids=question.id, why=" ")
    assert silent.status == 422
    assert "请写明移出的理由" in await silent.text()
    assert (await clerk.post("/library/gaps/ignore", None, ids="x 999999", why="没有")).status == 404
    assert (await clerk.post("/library/gaps/ignore", None, ids=question.id, why="不归我们管")).status == 303
    assert LIFT not in await clerk.page("/library/gaps?show=all")
    [row] = await rows(service, MessageDecision)
    assert (row.by, row.why) == ("clerk", "不归我们管")
    await ask(LIFT)
    assert LIFT in await clerk.page("/library/gaps")


@on_both
async def test_messages_answered_with_an_entry_become_similar_questions(
    clerk: Visitor, reviewer: Visitor, ask: Ask, service: Service, decide: Decide
) -> None:
    asked = [await ask(text) for text in ("我的公积金趴在账上有利息没", "存公积金利息咋算", "电话13812345678的利息")]
    author, entry = replies.Author("clerk", "小王"), service.current.entries[RATE]
    for question in asked:
        await replies.publish(
            service.database, question.id or 0, "见条目。", author, version=question.version, at=service.now(),
            public=False, address="", entry=entry,
        )  # fmt: skip
    page = await clerk.page("/library/similar")
    assert asked[0].text in page
    assert asked[2].text not in page
    assert (await clerk.post("/library/similar", None, entry=RATE, take=1)).status == 422
    refused = await clerk.post("/library/similar", None, entry=RATE, decline=1, **{f"m{asked[1].id}": 1})
    assert refused.status == 303
    taken = await clerk.post(
        "/library/similar", None, entry=RATE, take=1, **{f"m{asked[0].id}": 1, f"m{asked[1].id}": 1}
    )
    number = number_in(taken)
    assert asked[0].text not in service.current.entries[RATE].similar
    await decide(reviewer, number)
    assert service.current.entries[RATE].similar[-1] == asked[0].text
    assert "没有可以采用的留言" in await clerk.page("/library/similar")
    assert sorted(row.decision for row in await rows(service, MessageDecision)) == ["not_similar", "similar"]
