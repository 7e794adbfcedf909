"""Files of lines: read whatever they are, tried, imported as a whole or not at all, counted, traced, and undone."""

import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from aiohttp import FormData
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import Workbook

from admin.ledger_import.plan import Asked, Plan, read_plan
from admin.report.build import build
from admin.report.trace import trace
from bot.service import Service
from knowledge import ledger
from knowledge.disclosing.imports import no_progress
from knowledge.disclosing.lines import Hand
from knowledge.errors import BadInputError
from tests.admin.conftest import Visitor, on_both
from tests.admin.test_ledger_lines import lines
from tests.conftest import NOON

HAND = Hand("clerk", NOON)
GOOD = """序号,标题,所属栏目,发布时间,类型,文章链接,条数,发布单位
1,缴存基数通知,通知公告,2026-08-12 09:30,官网信息,https://gjj.example/1,,归集科
2,提取指南,,2026年8月13日,微信公众号,,,
3,政策解读,,2025/1/2,政策解读,,"1,200",
"""


def plan(content: bytes, asked: Asked | None = None) -> Plan:
    return read_plan(content, "名单.csv", asked or Asked(), HAND, no_progress)


def refused(content: bytes, asked: Asked | None = None) -> str:
    with pytest.raises(BadInputError) as error:
        plan(content, asked)
    return str(error.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_usual_encodings_and_separators_are_read(encoding: str, separator: str) -> None:
    text = GOOD.replace('"1,200"', "1200").replace(",", separator)
    found = plan(text.encode(encoding))
    assert not found.faults
    assert [(line.title, line.kind.value, line.quantity) for line in found.lines] == [
        ("缴存基数通知", "site", 1),
        ("提取指南", "wechat_post", 1),
        ("政策解读", "document", 1200),
    ]
    assert [(kind.value, year, count) for kind, year, count, _ in found.counts] == [
        ("document", 2025, 1),
        ("site", 2026, 1),
        ("wechat_post", 2026, 1),
    ]


def test_every_fault_is_named_with_line_and_column() -> None:
    text = "一览表\n\n题目,日期,平台\n好,2026-01-01,官网\n,2026-02-30,官网\n坏,2027-01-01,抖音\n"
    found = plan(text.encode())
    assert [(fault.line, fault.column) for fault in found.faults] == [
        (5, "题目"),
        (5, "日期"),
        (6, "平台"),
        (6, "日期"),
    ]
    assert "抖音" in found.faults[2].say


def test_columns_can_be_mapped_by_hand_and_unknown_ones_are_named() -> None:
    text = "甲,乙\n一条,2026-01-01\n".encode()
    assert "甲、乙" in refused(text)
    found = plan(text, Asked({"title": "甲", "day": "乙"}, "site"))
    assert [line.title for line in found.lines] == ["一条"]
    assert "丙" in refused(text, Asked({"title": "丙"}, "site"))


def book(change: Callable[[Workbook], None] = lambda made: None) -> bytes:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.append(["标题", "发布日期", "类型", "数量"])
    sheet.append(["一条", date(2026, 8, 12), "官网", 3.0])
    change(made)
    paper = io.BytesIO()
    made.save(paper)
    return paper.getvalue()


def test_workbooks_are_read_and_formulas_refused_by_their_place() -> None:
    assert [(line.title, line.quantity) for line in plan(book()).lines] == [("一条", 3)]

    def reckon(made: Workbook) -> None:
        made.worksheets[0]["D2"] = "=1+2"

    (fault,) = plan(book(reckon)).faults
    assert "D2 是公式" in str(fault)
    assert fault.line == 2


def repacked(content: bytes, name: str, member: bytes) -> bytes:
    paper = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(paper, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.namelist():
            new.writestr(one, member if one == name else old.read(one))
    return paper.getvalue()


def test_hostile_workbooks_are_refused() -> None:
    bomb = repacked(book(), "xl/worksheets/sheet1.xml", b" " * (300 * 1024 * 1024))
    assert len(bomb) < 1024 * 1024
    assert "太大" in refused(bomb)
    doctype = b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>'
    assert "文档类型声明" in refused(repacked(book(), "xl/worksheets/sheet1.xml", doctype))
    assert "损坏" in refused(b"PK\x03\x04 and nothing more")
    assert "旧格式" in refused(b"\xd0\xcf\x11\xe0" + b"\0" * 100)


@given(
    st.binary(max_size=400) | st.text(max_size=200).map(lambda text: f"标题,日期,类型\n{text}".encode(errors="replace"))
)
@example(b"")
@example(b"\xff\xfe")
@example('标题,日期,类型\n"a"b,1,2'.encode())
@example('标题,日期,类型\n"a'.encode())
@example("sep=;\n标题;日期;类型\na;2026-01-01;官网".encode())
def test_any_bytes_are_lines_or_a_refusal(content: bytes) -> None:
    try:
        found = plan(content)
    except BadInputError:
        return
    assert found.lines or found.faults
    assert all(line.title and line.quantity > 0 and "\0" not in line.title for line in found.lines)


SOUND = book()


@given(st.integers(0, len(SOUND) - 1), st.binary(min_size=1, max_size=8))
def test_a_damaged_workbook_is_lines_or_a_refusal(place: int, bits: bytes) -> None:
    with suppress(BadInputError):
        plan(SOUND[:place] + bits + SOUND[place + len(bits) :])


async def upload(visitor: Visitor, content: bytes, name: str = "list.csv", **fields: str) -> str:
    """The address of the trial run."""
    form = FormData(fields | {"csrf": visitor.csrf})
    form.add_field("file", content, filename=name)
    response = await visitor.http.post("/ledger/import", data=form, allow_redirects=False)
    assert response.status == 303, await response.text()
    return response.headers["Location"]


async def confirm(visitor: Visitor, address: str, **fields: Any) -> tuple[int, str]:
    given: dict[str, Any] = dict(visitor.http.make_url(address).query)
    response = await visitor.post("/ledger/import/check", **given | {"action": "import"} | fields)
    return response.status, await response.text()


@on_both
async def test_from_the_file_to_the_figure_and_back_to_the_line(
    clerk: Visitor, reviewer: Visitor, service: Service
) -> None:
    address = await upload(clerk, GOOD.encode("gb18030"))
    assert "读到 3 行" in await clerk.page(address)
    assert await lines(service) == []
    assert (await confirm(clerk, address))[0] == 303
    async with service.database.reading() as session:
        report = await build(session, service.settings, 2026, rows=True)
    assert report.figures["ledger.site"].value == 1
    assert "缴存基数通知" in trace(report, "ledger.site")
    assert [row["id"] for row in report.figures["ledger.site"].rows] == [1]
    page = await clerk.page("/ledger/import")
    assert "第 1 到 3 行" in page
    assert "list.csv" in page
    again = await upload(clerk, GOOD.encode("gb18030"))
    assert "已经导入过" in await clerk.page(again)
    assert (await confirm(clerk, again))[0] == 422
    assert (await clerk.post("/ledger/import/1/undo", reason="重了")).status == 403
    assert (await reviewer.post("/ledger/import/1/undo", reason="")).status == 422
    assert (await reviewer.post("/ledger/import/1/undo", reason="重了")).status == 303
    assert (await reviewer.post("/ledger/import/1/undo", reason="重了")).status == 422
    found = await lines(service)
    assert [(line.quantity, line.corrects, line.reason) for line in found[3:]] == [
        (0, 1, "重了"), (0, 2, "重了"), (0, 3, "重了")
    ]  # fmt: skip
    async with service.database.reading() as session:
        report = await build(session, service.settings, 2026, rows=True)
    assert report.figures["ledger.site"].value == 0
    again = await upload(clerk, GOOD.encode("gb18030"))
    assert (await confirm(clerk, again))[0] == 303
    async with service.database.reader.connect() as connection:
        assert (await ledger.verify(connection)) == ledger.Verdict(9, None)


@on_both
async def test_undoing_withdraws_what_was_corrected_since_and_leaves_what_was_withdrawn(
    reviewer: Visitor, service: Service
) -> None:
    await confirm(reviewer, await upload(reviewer, GOOD.encode()))
    change: dict[str, Any] = {
        "kind": "site",
        "day": "2026-08-12",
        "title": "改过的标题",
        "reason": "错字",
        "quantity": "1",
    }
    await reviewer.post("/ledger/lines/1/correct", **change)
    await reviewer.post("/ledger/lines/2/correct", **change | {"quantity": "0"})
    await reviewer.post("/ledger/import/1/undo", reason="整批重来")
    found = await lines(service)
    assert [(line.corrects, line.quantity) for line in found[5:]] == [(3, 0), (4, 0)]


@on_both
async def test_doubles_are_named_and_somebody_decides(clerk: Visitor, service: Service) -> None:
    await confirm(clerk, await upload(clerk, GOOD.encode()))
    more = GOOD + "4,新的一条,,2026-09-01,官网,,,\n5,新的一条,,2026-09-01,官网,,,\n"
    address = await upload(clerk, more.encode())
    shown = await clerk.page(address)
    assert "第 2 行与台账第 1 行重复" in shown
    assert "第 6 行与文件第 5 行重复" in shown
    assert (await confirm(clerk, address))[0] == 422
    assert len(await lines(service)) == 3
    assert (await confirm(clerk, address, doubles="skip"))[0] == 303
    assert [line.title for line in await lines(service)][3:] == ["新的一条"]


async def test_one_fault_and_nothing_is_recorded(clerk: Visitor, service: Service) -> None:
    address = await upload(clerk, (GOOD + "9,坏,,2026-13-01,官网,,,\n").encode())
    assert "第 5 行“发布时间”列" in await clerk.page(address)
    assert (await confirm(clerk, address))[0] == 422
    assert await lines(service) == []


async def test_a_mapping_is_kept_by_name_and_used_again(clerk: Visitor, service: Service) -> None:
    text = "甲,乙\n一条,2026-01-01\n"
    address = await upload(clerk, text.encode(), kind="site")
    shown = await (await clerk.get(address)).text()
    assert "哪一列是哪一项" in shown
    address += "&m_title=%E7%94%B2&m_day=%E4%B9%99"
    assert "读到 1 行" in await clerk.page(address)
    given: dict[str, Any] = dict(clerk.http.make_url(address).query)
    response = await clerk.post("/ledger/import/check", **given, action="save", save_as="信息系统")
    assert response.status == 303
    again = await upload(clerk, text.replace("一条", "两条").encode(), kind="site", mapping="信息系统")
    assert "读到 1 行" in await clerk.page(again)
    assert (await confirm(clerk, again))[0] == 303
    assert [line.title for line in await lines(service)] == ["两条"]


async def test_somebody_elses_file_or_an_older_one_is_not_imported(
    clerk: Visitor, reviewer: Visitor, service: Service
) -> None:
    first = await upload(clerk, GOOD.encode())
    assert (await reviewer.get(first)).status == 404
    await upload(clerk, GOOD.replace("提取指南", "别的").encode())
    assert (await confirm(clerk, first))[0] == 404
    assert await lines(service) == []


async def test_a_file_beyond_the_limit_is_refused_with_a_sentence(clerk: Visitor) -> None:
    form = FormData({"csrf": clerk.csrf})
    form.add_field("file", io.BytesIO(b"x" * (9 * 1024 * 1024)), filename="big.csv")
    response = await clerk.http.post("/ledger/import", data=form, allow_redirects=False)
    assert response.status == 413
