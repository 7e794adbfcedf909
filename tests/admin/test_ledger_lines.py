"""Lines by hand: recorded, doubled, corrected, withdrawn, filtered, summed as the report sums, taken away as lists."""

import csv
import io
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from admin.ledger_lists import PAGE_SIZE, Filter, page, sums
from admin.report.build import with_rows
from admin.report.figures import compute
from admin.report.form import form_for
from admin.report.records import read_year
from bot.service import Service
from knowledge import ledger
from knowledge.ledger import TABLE, Line
from knowledge.vocabulary import LedgerKind
from tests.admin.conftest import Ask, Visitor, on_both
from tests.conftest import NOON

LINE: dict[str, Any] = {
    "kind": "site",
    "day": "2026-08-12",
    "title": "关于调整缴存基数的通知",
    "channel": "通知公告",
    "address": "https://gjj.example/1",
    "quantity": 1,
    "source": "归集科",
    "basis": "网站后台",
}


async def lines(service: Service) -> list[Line]:
    async with service.database.reader.connect() as connection:
        return list((await connection.execute(select(TABLE).order_by(TABLE.c.seq))).all())  # type: ignore[arg-type]


async def holds(service: Service) -> bool:
    async with service.database.reader.connect() as connection:
        return (await ledger.verify(connection)).fault is None


@on_both
async def test_a_line_recorded_by_hand_is_counted_and_says_who_and_when(clerk: Visitor, service: Service) -> None:
    assert (await clerk.post("/ledger/new", **LINE)).status == 303
    (line,) = await lines(service)
    assert (line.kind, line.title, line.by, line.quantity) == ("site", LINE["title"], "clerk", 1)
    assert line.source == "归集科；依据：网站后台"
    shown = await clerk.page("/ledger?year=2026&kind=site")
    assert "小王" in shown
    assert "2026-11-23 12:00" in shown
    assert "计数 1 行" in shown
    assert await holds(service)


async def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(clerk: Visitor, service: Service) -> None:
    typed = LINE | {"day": "2026-12-01", "quantity": "十二", "address": "gjj.example/1", "source": "<b>归集科"}
    response = await clerk.post("/ledger/new", **typed)
    shown = await response.text()
    assert response.status == 422
    for field in ("day", "quantity", "address"):
        assert f'id="{field}-error"' in shown
    assert "还没有到" in shown
    for kept in ("2026-12-01", "十二", "gjj.example/1", "&lt;b&gt;归集科", LINE["title"], "网站后台"):
        assert str(kept) in shown
    assert await lines(service) == []


async def test_personal_data_never_reaches_a_line(clerk: Visitor, service: Service) -> None:
    response = await clerk.post("/ledger/new", **LINE | {"title": "答复张先生13812345678的留言"})
    assert response.status == 422
    assert "个人信息" in await response.text()
    assert await lines(service) == []


async def test_wide_digits_are_no_personal_data(clerk: Visitor) -> None:
    assert (
        await clerk.post("/ledger/new", **LINE | {"title": "２０２６年缴存基数公告，咨询0631-5231234"})
    ).status == 303


async def test_whoever_is_signed_out_meanwhile_keeps_what_was_typed(clerk: Visitor) -> None:
    await clerk.post("/sign-out")
    shown = await (await clerk.post("/ledger/new", **LINE)).text()
    for kept in ("title", "address", "source"):
        assert str(LINE[kept]) in shown
    assert 'value="/ledger/new"' in shown


@on_both
@pytest.mark.parametrize("change", [{"title": "另一个标题"}, {"address": ""}, {"title": "关于调整 缴存基数的通知"}])
async def test_a_line_like_another_is_recorded_only_when_meant(
    change: dict[str, str], clerk: Visitor, service: Service
) -> None:
    await clerk.post("/ledger/new", **LINE)
    again = LINE | change
    response = await clerk.post("/ledger/new", **again)
    assert response.status == 422
    assert "台账第 1 行" in await response.text()
    assert len(await lines(service)) == 1
    assert (await clerk.post("/ledger/new", **again, meant="1")).status == 303
    assert len(await lines(service)) == 2


async def test_another_day_or_kind_is_no_double(clerk: Visitor) -> None:
    await clerk.post("/ledger/new", **LINE)
    assert (await clerk.post("/ledger/new", **LINE | {"day": "2026-08-13"})).status == 303
    assert (await clerk.post("/ledger/new", **LINE | {"kind": "weibo"})).status == 303


@on_both
async def test_a_correction_stands_in_the_place_of_the_line_and_withdrawing_frees_it(
    clerk: Visitor, reviewer: Visitor, service: Service
) -> None:
    await clerk.post("/ledger/new", **LINE | {"quantity": 12})
    assert 'value="12"' in await reviewer.page("/ledger/lines/1/correct")
    fixed = LINE | {"quantity": 21, "reason": "数字颠倒"}
    assert (await reviewer.post("/ledger/lines/1/correct", **fixed)).status == 303
    response = await reviewer.post("/ledger/lines/1/correct", **fixed | {"quantity": 22})
    assert response.status == 409
    assert "第 2 行" in await response.text()
    async with service.database.reader.connect() as connection:
        assert (await sums(connection, Filter(year=2026))).kinds == {LedgerKind.SITE: 21}
    gone = fixed | {"quantity": 0, "reason": "登记错了"}
    assert (await reviewer.post("/ledger/lines/2/correct", **gone)).status == 303
    shown = await reviewer.page("/ledger")
    assert "已撤回" in shown
    assert shown.count("已更正，不再计数") == 2
    assert (await clerk.post("/ledger/new", **LINE)).status == 303  # what was withdrawn is no double
    assert await holds(service)


async def test_a_correction_wants_a_reason_and_a_change(reviewer: Visitor, service: Service) -> None:
    await reviewer.post("/ledger/new", **LINE)
    without = await reviewer.post("/ledger/lines/1/correct", **LINE | {"quantity": 2})
    assert "理由" in await without.text()
    same = await reviewer.post("/ledger/lines/1/correct", **LINE, reason="无")
    assert "完全相同" in await same.text()
    assert len(await lines(service)) == 1


async def test_lines_of_replies_are_never_corrected_by_hand(reviewer: Visitor, ask: Ask, service: Service) -> None:
    await ask("公积金账户里的存款利率是多少？")
    assert "/correct" not in await reviewer.page("/ledger")
    assert (await reviewer.get("/ledger/lines/1/correct")).status == 422
    assert (await reviewer.post("/ledger/lines/1/correct", **LINE, reason="试试")).status == 422
    assert len(await lines(service)) == 1


async def test_clerks_correct_nothing(clerk: Visitor, service: Service) -> None:
    await clerk.post("/ledger/new", **LINE)
    assert (await clerk.post("/ledger/lines/1/correct", **LINE | {"quantity": 0}, reason="试试")).status == 403
    assert (await clerk.get("/ledger/lines/9/correct")).status == 403


def made(number: int, **more: object) -> Line:
    given: dict[str, object] = {"at": NOON, "kind": LedgerKind.SITE, "title": f"第{number}条", "by": "clerk", **more}
    return Line(**given)  # type: ignore[arg-type]


async def put(service: Service, *given: Line) -> None:
    async with service.database.writing_core() as connection:
        await ledger.record(connection, given, NOON)


@on_both
async def test_sums_are_the_figures_of_the_report(service: Service) -> None:
    """With chains and forks of corrections, other years, withdrawn lines."""
    await put(
        service,
        made(1, quantity=5),
        made(2, kind=LedgerKind.WEIBO, quantity=7),
        made(3, at=NOON.replace(year=2025)),
        made(1, quantity=4, corrects=1, reason="一"),
        made(1, quantity=3, corrects=4, reason="二"),
        made(1, quantity=2, corrects=1, reason="三"),
        made(2, kind=LedgerKind.WEIBO, quantity=0, corrects=2, reason="四"),
        made(8, kind=LedgerKind.PRESS, corrects=3, reason="五"),
    )
    for year in (2025, 2026):
        async with service.database.reading() as session:
            figures = compute(form_for(year), await read_year(session, year))
            behind = {kind: await with_rows(session, year, figures[f"ledger.{kind.value}"]) for kind in LedgerKind}
        async with service.database.reader.connect() as connection:
            shown = (await sums(connection, Filter(year=year))).kinds
            assert (await page(connection, Filter()))[2] == {1, 2, 3, 4, 5}
        for kind in LedgerKind:
            figure = behind[kind]
            assert shown.get(kind, 0) == (figure.value if isinstance(figure.value, int) else 0), kind
            assert sum(int(row["quantity"]) for row in figure.rows) == shown.get(kind, 0)
        assert shown.get(LedgerKind.SITE, 0) == (2 if year == 2026 else 0)


@on_both
async def test_pages_go_on_from_a_number_and_filters_stand_in_the_address(clerk: Visitor, service: Service) -> None:
    await put(service, *(made(number, channel="公告" if number % 2 else "") for number in range(1, 3 * PAGE_SIZE)))
    wanted, seen = Filter(channel="公告"), []
    async with service.database.reader.connect() as connection:
        while True:
            rows, more, _ = await page(connection, wanted)
            seen += [row.seq for row in rows]
            if more is None:
                break
            wanted = Filter(channel="公告", before=more)
    assert seen == list(range(3 * PAGE_SIZE - 1, 0, -2))
    shown = await clerk.page("/ledger?words=%E7%AC%AC149%E6%9D%A1&by=clerk&year=2026")
    assert "第149条" in shown
    assert "第148条" not in shown
    assert "没有符合条件" in await clerk.page("/ledger?words=%25")  # a wildcard is a sign like any other
    for odd in ("year=0", "year=99999", "kind=x", "before=x", "words=%00", "by=%ED%A0%80", "before=9999999999999999"):
        assert (await clerk.get(f"/ledger?{odd}")).status == 200, odd


@on_both
async def test_lists_to_take_away_reckon_nothing_and_can_be_read_in_again(clerk: Visitor, service: Service) -> None:
    await put(service, made(1, title="=1+1", source="@来源"), made(2, kind=LedgerKind.WEIBO, title="另一条"))
    response = await clerk.get("/ledger/export?kind=site")
    (head, row) = csv.reader(io.StringIO((await response.read()).decode("utf-8-sig")))
    found = dict(zip(head, row, strict=True))
    assert (found["标题"], found["来源"], found["是否计数"]) == ("'=1+1", "'@来源", "是")
    sheet = load_workbook(io.BytesIO(await (await clerk.get("/ledger/export?format=xlsx")).read())).active
    assert sheet is not None
    cell = sheet["D2"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == ("=1+1", "s", True)
    assert sheet.max_row == 3
    assert (await clerk.get("/ledger/export?format=exe")).status == 422
