"""Lists with search and filters, the pages of entries and policies, and what past replies rested on."""

from datetime import date, timedelta

from sqlmodel import select

from admin.library import reading
from bot import replies
from bot.service import Service
from knowledge.tables import Policy
from tests.admin.conftest import Ask, Visitor, on_both
from tests.admin.library.conftest import RATE, RENT, Decide, number_in
from tests.conftest import Clock

RENT_ASKED = "威海无房职工租房提取住房公积金，一年最多能提多少？"
RATE_ASKED = "公积金账户里的存款利率是多少？"


def listed(page: str) -> list[str]:
    body = page.split("<tbody>")[1] if "<tbody>" in page else ""
    return [part.split('"')[0] for part in body.split('href="/library/entries/')[1:]]


@on_both
async def test_search_uses_the_index_and_filters_narrow(clerk: Visitor, service: Service) -> None:
    assert len(listed(await clerk.page("/library"))) == 10
    assert listed(await clerk.page("/library?q=租房子一年提取多少钱"))[0].startswith("withdrawal.rent.limit")
    assert listed(await clerk.page("/library?q=rate.dep")) == [RATE]
    assert listed(await clerk.page("/library?q=zzzzzz")) == []
    assert listed(await clerk.page("/library?topic=利率")) == [RATE]
    assert RATE not in listed(await clerk.page("/library?region=威海"))
    ended = listed(await clerk.page("/library?state=ended"))
    assert "withdrawal.rent.limit.2021" in ended
    assert RENT not in ended
    assert "没有符合条件的条目" in await clerk.page("/library?topic=没有")
    odd = await clerk.page("/library?state=odd&use=odd&page=-1")
    assert len(listed(odd)) == 10


@on_both
async def test_the_database_says_the_same_of_validity_as_the_entries_do(service: Service) -> None:
    for day in (date(2015, 1, 1), date(2026, 8, 11), date(2026, 9, 19), date(2026, 9, 20), date(2026, 12, 10)):
        async with service.database.reading() as session:
            wanted = reading.Wanted(validity="in_force")
            found = await reading.entries(session, wanted, 1, day)
            every = [
                one.entry.key
                for word in reading.VALIDITY
                for one in (await reading.entries(session, reading.Wanted(validity=word), 1, day)).rows
            ]
        told = {one.entry.key for one in found.rows}
        assert told == {key for key, entry in service.current.entries.items() if entry.in_force(day)}, day
        assert sorted(every) == sorted(service.current.entries), day


@on_both
async def test_use_is_counted_and_past_replies_are_listed(clerk: Visitor, ask: Ask, service: Service) -> None:
    first, second = await ask(RENT_ASKED), await ask(RENT_ASKED)
    await ask(RATE_ASKED)
    assert listed(await clerk.page("/library?use=most"))[:2] == [RENT, RATE]
    never = listed(await clerk.page("/library?use=never"))
    assert RENT not in never
    assert RATE not in never
    page = await clerk.page(f"/library/entries/{RENT}")
    assert "共 2 条答复" in page
    for question in (first, second):
        assert f"/questions/{question.id}" in page
    assert "还没有答复用过" in await clerk.page("/library/entries/loan.limit.2026")
    policy = await clerk.page("/library/policies/wh-use-20260811")
    assert "共 2 条答复" in policy
    old = await clerk.page("/library/policies/tiaoli-2019")  # the entry on the rate rests on it, but no longer that day
    assert "还没有答复用过这份文件" in old
    async with service.database.reading() as session:
        titles = (await session.exec(select(Policy.title, Policy.number).where(Policy.key == "tiaoli-2026"))).one()
        row = (await session.exec(select(Policy).where(Policy.key == "tiaoli-2026"))).one()
        assert titles[0] == row.title
        assert (await reading.resting_on_policy(session, row)).total == 3


async def test_a_pick_is_counted(clerk: Visitor, ask: Ask, service: Service) -> None:
    question = await ask("给我选项看看")
    entry = service.current.entries[question.choices[0]["entry"]]
    await replies.choose(service.database, question.id or 0, entry, address="", at=service.now())
    page = await clerk.page(f"/library/entries/{entry.key}")
    assert '其中网友从选项里选定</dt><dd class="number">1 次' in page


@on_both
async def test_a_policy_that_ends_stops_its_entries_once_approved(
    clerk: Visitor, reviewer: Visitor, ask: Ask, service: Service, clock: Clock, decide: Decide
) -> None:
    path = "/library/policies/yinfa-2016-43/dates"

    async def end(**fields: str) -> object:
        return await clerk.post(path, None, **({"seen": "", "why": "新文件代替"} | fields))

    stale = await clerk.post(path, None, seen="2020-01-01", valid_until="2026-11-24", why="打了很久的理由")
    assert stale.status == 409
    assert "打了很久的理由" in await stale.text()
    for bad in (
        {"valid_until": ""},
        {"valid_until": "1999-01-01"},
        {"valid_until": "x"},
        {"valid_until": "2026-11-24", "why": ""},
    ):
        assert (await end(**bad)).status == 422, bad  # type: ignore[attr-defined]
    response = await end(valid_until="2026-11-24", successor="transfer-platform")
    number = number_in(response)  # type: ignore[arg-type]
    assert "最后有效日" in await reviewer.page(f"/library/proposals/{number}")
    assert (await decide(reviewer, number)).status == 303
    page = await clerk.page("/library/policies/yinfa-2016-43")
    assert "被替代为" in page
    assert "2026-11-24" in page
    ends = await clerk.page("/library/ends")
    assert "yinfa-2016-43" in ends
    # 条例 goes on, and with it the entry: it rests on two more.
    clock.at += timedelta(days=3)
    assert (await ask(RATE_ASKED)).state == "answered"


async def test_ends_name_tasks_and_successors(clerk: Visitor, service: Service) -> None:
    page = await clerk.page("/library/ends")
    tasks = page.split("失效的文件")[0]
    assert "withdrawal.rent.condition" in tasks
    assert "还有 16 天" in tasks
    assert "withdrawal.rent.limit.2021" not in tasks
    done = page.split("已有接替的条目")[1]
    assert "withdrawal.rent.limit.2021" in done
    assert RENT in done


async def test_what_is_not_there_is_not_found(clerk: Visitor) -> None:
    for path in ("entries/no.such", "policies/no-such", "proposals/999", "entries/no.such/edit"):
        assert (await clerk.get(f"/library/{path}")).status == 404, path
