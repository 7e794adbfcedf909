"""The lists of the desk: order, counts, alarms, filters in the address, pages by key, and questions given to somebody."""

import asyncio
import re
from datetime import timedelta

from sqlmodel import col, select

from bot.service import Service
from knowledge import clock as calendar
from knowledge.tables import Question, QuestionEvent
from knowledge.vocabulary import Channel, Kind, Role
from tests.admin.conftest import ANSWERABLE, UNANSWERABLE, Ask, SignedIn, Visitor, on_both, stored
from tests.conftest import Clock


def tab(page: str, label: str) -> int:
    found = re.search(rf'{label} <span class="count">(\d+)</span>', page)
    assert found, label
    return int(found.group(1))


def numbers(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'<th scope="row"><a href="/questions/(\d+)"', page)]


async def test_an_empty_queue_says_so(clerk: Visitor) -> None:
    assert "没有待办的留言" in await clerk.page("/")
    assert "没有“已办结”的留言" in await clerk.page("/?tab=closed")
    assert "没有符合条件的留言" in await clerk.page("/?words=公积金")
    assert "没有等着公开的自动答复" in await clerk.page("/answered")
    assert "台账里还没有记录" in await clerk.page("/ledger")


async def test_the_queue_is_ordered_by_due_day_and_warns_in_working_days(
    signed_in: SignedIn, ask: Ask, clock: Clock
) -> None:
    for number in range(3):
        await ask(f"第{number}个没有答案的问题", kind=Kind.COMPLAINT.value)
        clock.at += timedelta(days=1)
    page = await (await signed_in(Role.CLERK)).page("/")
    assert "还剩 2 个工作日" in page  # Thursday: due on Monday, with a weekend between
    assert "还剩 3 个工作日" not in page
    clock.at += timedelta(days=4)  # Monday 30 November: the day the first one is due
    page = await (await signed_in(Role.CLERK)).page("/")
    assert page.index("第0个") < page.index("第1个") < page.index("第2个")
    assert "今天到期" in page
    assert "有 1 条留言已经超期" not in page
    for word in ("投诉", "网站在线留言", "有相近的条目，但把握不够", "2026年11月30日", "待答复"):
        assert word in page
    clock.at += timedelta(days=1)
    page = await (await signed_in(Role.CLERK)).page("/")
    assert "有 1 条留言已经超期" in page
    assert "超期 1 天" in page
    assert tab(page, "超期") == len(numbers(await (await signed_in(Role.CLERK)).page("/?tab=late"))) == 1


def test_working_days_left_are_counted_with_the_calendar() -> None:
    monday = calendar.office_day(Clock().at)
    assert [calendar.working_days_left(monday, monday + timedelta(days=days)) for days in (-3, -1, 0, 1, 4, 6, 7)] == [
        -1,
        -1,
        0,
        1,
        4,
        4,
        5,
    ]


@on_both
async def test_who_is_in_danger_stands_first_and_is_marked(clerk: Visitor, ask: Ask) -> None:
    await ask()
    assert ">紧急</strong>" not in await clerk.page("/")
    await ask("贷款逼得我不想活了")
    page = await clerk.page("/")
    assert page.index("不想活了") < page.index(UNANSWERABLE)
    assert page.count(">紧急</strong>") == 1


@on_both
async def test_a_person_may_put_a_question_first_and_it_is_on_record(
    clerk: Visitor, ask: Ask, service: Service
) -> None:
    first, second = await ask("先来的问题没有答案"), await ask("后来的问题没有答案")
    assert numbers(await clerk.page("/")) == [first.id, second.id]
    await clerk.post(f"/questions/{second.id}/rank", urgency=0)
    assert numbers(await clerk.page("/")) == [second.id, first.id]
    await clerk.post(f"/questions/{second.id}/rank", urgency=0)
    async with service.database.reading() as session:
        wanted = select(QuestionEvent).where(QuestionEvent.act == "ranked")
        [event] = (await session.exec(wanted)).all()
    assert (event.question_id, event.actor, event.note) == (second.id, "clerk", "标为紧急")


@on_both
async def test_each_tab_shows_as_many_as_it_counts(clerk: Visitor, ask: Ask, service: Service) -> None:
    await ask("请给我几个选项")
    mine, returned, review, sign = [await ask(f"{word}的问题没有答案") for word in ("我", "退", "审", "签")]
    await ask(ANSWERABLE)
    async with service.database.writing() as session:
        for question, step in ((returned, "returned"), (review, "review"), (sign, "sign")):
            row = await session.get(Question, question.id)
            assert row is not None
            row.step = step
        row = await session.get(Question, mine.id)
        assert row is not None
        row.assignee = "clerk"
    page = await clerk.page("/")
    expected = {"待处理": 3, "我的": 1, "超期": 0, "退回": 1, "待审核": 1, "待签发": 1, "已答复": 1, "已办结": 0}
    words = ("todo", "mine", "late", "returned", "review", "sign", "answered", "closed")
    for (label, count), word in zip(expected.items(), words, strict=True):
        assert tab(page, label) == count, label
        assert len(numbers(await clerk.page(f"/?tab={word}"))) == count, label


@on_both
async def test_filters_stand_in_the_address(signed_in: SignedIn, ask: Ask, service: Service, clock: Clock) -> None:
    one = await ask("信箱钥匙丢了，100%没有答案", kind=Kind.HELP.value)
    clock.at += timedelta(days=1)
    two = await ask("门口石狮子没有答案", kind=Kind.COMPLAINT.value)
    clerk = await signed_in(Role.CLERK)
    for query, found in (
        ("words=钥匙", [one.id]),
        ("words=没有 石狮子", [two.id]),
        ("words=100%25", [one.id]),
        ("words=%25", [one.id]),
        (f"words={two.code}", [two.id]),
        (f"words={one.id}", [one.id]),
        ("kind=complaint", [two.id]),
        ("kind=complaint&words=钥匙", []),
        ("channel=board", [one.id, two.id]),
        (f"channel={Channel.WECHAT}", []),
        ("reason=not_sure", [one.id, two.id]),
        ("since=2026-11-24", [two.id]),
        ("until=2026-11-23", [one.id]),
        ("since=nonsense&kind=nonsense&words=%00", [one.id, two.id]),
        ("assignee=-", [one.id, two.id]),
        ("assignee=clerk", []),
    ):
        assert numbers(await clerk.page(f"/?{query}")) == found, query
    answered = await ask(ANSWERABLE)
    entry = service.current.engine.answer(ANSWERABLE, calendar.office_day(clock.at)).entry
    assert entry is not None
    assert numbers(await clerk.page(f"/?tab=answered&words={entry.key}")) == [answered.id]


async def test_a_long_queue_is_paged_by_key(clerk: Visitor, ask: Ask) -> None:
    asked = await asyncio.gather(*(ask(f"没有答案的问题，编号{number:03}") for number in range(51)))
    first = await clerk.page("/")
    found = re.search(r'rel="next" href="([^"]+)"', first)
    assert found
    second = await clerk.page(found.group(1).replace("&amp;", "&"))
    assert len(numbers(first)) == 50
    assert sorted(numbers(first) + numbers(second)) == sorted(question.id or 0 for question in asked)
    assert 'rel="next"' not in second
    assert "回到第一页" in second
    for after in ("x", "1_2_3", "9" * 40, "1_2026-11-30_x"):
        assert numbers(await clerk.page(f"/?after={after}")) == numbers(first)


@on_both
async def test_ticked_questions_are_given_to_somebody(
    clerk: Visitor, reviewer: Visitor, ask: Ask, service: Service
) -> None:
    one, two, done = await ask(), await ask("另一个没有答案的问题"), await ask(ANSWERABLE)
    ticks = {f"q-{one.id}": "", f"q-{two.id}": "", f"q-{done.id}": ""}
    response = await reviewer.post("/assign", None, act="give", to="clerk", back="/?tab=late", **ticks)
    assert response.headers["Location"] == "/?tab=late&done=assigned_some"
    assert numbers(await clerk.page("/?tab=mine")) == [one.id, two.id]
    # Somebody who looked before that cannot take it away unseen.
    late = await reviewer.post("/assign", None, act="mine", **{f"q-{one.id}": ""})
    assert late.headers["Location"] == "/?done=assigned_some"
    assert (await stored(service, one)).assignee == "clerk"
    await reviewer.post("/assign", None, act="mine", **{f"q-{one.id}": "clerk"})
    assert (await stored(service, one)).assignee == "reviewer"
    async with service.database.reading() as session:
        wanted = select(QuestionEvent.note).where(QuestionEvent.question_id == one.id, QuestionEvent.act == "assigned")
        assert (await session.exec(wanted.order_by(col(QuestionEvent.id)))).all() == ["交给小王", "交给老李"]


async def test_a_wrong_assignment_says_what_is_missing(clerk: Visitor, ask: Ask, service: Service) -> None:
    question = await ask()
    for sent, said in (
        ({"act": "mine"}, "勾选"),
        ({"act": "give", f"q-{question.id}": ""}, "交给谁"),
        ({"act": "give", "to": "nobody-known", f"q-{question.id}": ""}, "没有这个账号"),
        ({"act": "mine", "q-x": ""}, "过时"),
    ):
        response = await clerk.post("/assign", None, **sent)
        assert response.status == 422
        assert said in await response.text()
    response = await clerk.post("/assign", None, act="mine", back="//evil.example", **{f"q-{question.id}": ""})
    assert response.headers["Location"].startswith("/?done=")
    assert (await stored(service, question)).assignee == "clerk"
