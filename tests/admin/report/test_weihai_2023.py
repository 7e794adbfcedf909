"""The first user's published report for 2023, figure by figure (facts/report/weihai_2023.txt)."""

import json

import pytest
from sqlalchemy import func, select

from admin.report import records as read
from admin.report.build import Report, as_json
from admin.report.form import cells, form_for
from admin.report.render import render
from admin.report.weihai_2023 import load_weihai_2023
from knowledge import clock, ledger
from knowledge.vocabulary import LedgerKind
from tests.admin.report.conftest import ENTERED, Records
from tests.conftest import BACKENDS

PUBLISHED = {
    "ledger.document": 58,
    "ledger.site": 162,
    "ledger.wechat_post": 73,
    "ledger.app_post": 72,
    "ledger.weibo": 293,
    "ledger.board_reply": 635,
    "reading.weibo_followers": 2088,
    "reading.wechat_followers": 245000,
}


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """What is counted by the database is counted on both."""
    return str(request.param)


def test_every_published_figure(weihai: Report) -> None:
    assert {key: weihai.figures[key].value for key in PUBLISHED} == PUBLISHED
    assert all(weihai.figures[key].rows for key in PUBLISHED)


def test_all_three_tables_are_zero(weihai: Report) -> None:
    assert {weihai.figures[key].value for key in cells(form_for(2023))} == {0}


def test_the_prose_says_the_published_figures(weihai: Report) -> None:
    overview = weihai.sections[0].text
    for words in (
        "公文法规、政策解读、工作动态等信息58条",
        "官方网站发布信息162条",
        "微信公众号推送信息73条",
        "手机APP推送消息72条",
        "官方微博发布、转发信息293条",
        "答复留言635条",
        "粉丝数2088人",
        "关注人数24.5万人",
        "未收到政府信息公开申请",
        "没有因政府信息公开工作被申请行政复议",
    ):
        assert words in overview
    assert "未统计" not in overview


def test_address_and_telephone_stand_in_the_preface(weihai: Report) -> None:
    preface = "".join(weihai.preface)
    for words in (
        "威海市住房公积金管理中心",
        "威海市海滨中路56号农商银行11楼1104",
        "0631-5218885",
        "http://zfgjj.weihai.cn/",
        "威海市人民政府门户网站（http://www.weihai.gov.cn/）",
        "2023年1月1日至12月31日",
        "国办公开办函〔2021〕30号",
    ):
        assert words in preface


def test_no_rule_is_broken(weihai: Report) -> None:
    assert [check for check in weihai.checks if check.holds is False] == []
    assert {check.id for check in weihai.checks if check.holds is None} == {
        "A1",
        "A2",
        "C5",
        "C6",
    }  # 2022 is not on record
    assert {check.id for check in weihai.checks} >= {f"C{number}" for number in range(1, 11)}


async def test_loading_twice_changes_nothing(records: Records) -> None:
    tables = (read.LEDGER, read.READINGS, read.DECLARED, read.TEXTS)

    async def load() -> tuple[int, list[int | None]]:
        async with records.database.writing() as session:
            added = await load_weihai_2023(session, ENTERED)
            connection = await session.connection()
            return added, [await connection.scalar(select(func.count()).select_from(table)) for table in tables]

    first, second = await load(), await load()
    assert first == (181, [6, 2, 168, 5])
    assert second == (0, [6, 2, 168, 5])


async def test_loading_again_keeps_what_the_office_corrected(weihai: Report, records: Records) -> None:
    await records.enter({"t2.normative.valid": 4})
    wrong = weihai.figures["ledger.weibo"].rows[0]["id"]
    await records.line(at=clock.year_end(2023), corrects=wrong, quantity=290, kind=LedgerKind.WEIBO)
    async with records.database.writing() as session:
        assert await load_weihai_2023(session, ENTERED) == 0
    report = await records.report(2023)
    assert (report.figures["t2.normative.valid"].value, report.figures["ledger.weibo"].value) == (4, 290)


async def test_the_loaded_lines_are_links_of_the_chain(weihai: Report, records: Records) -> None:
    async with records.database.reader.connect() as connection:
        verdict = await ledger.verify(connection)
    assert (verdict.fault, verdict.lines) == (None, 6)


def test_json_has_the_fixed_shape(weihai: Report) -> None:
    found = json.loads(render(weihai, "json"))
    assert found == as_json(weihai)
    assert list(found) == ["year", "office", "figures", "tables", "sections", "checks"]
    assert (found["year"], found["office"]) == (2023, "威海市住房公积金管理中心")
    figure = found["figures"]["ledger.board_reply"]
    assert list(figure) == ["label", "value", "rule", "rows"]
    assert figure["value"] == 635
    assert list(figure["rows"][0]) == ["table", "id", "day", "title", "quantity", "who", "source"]
    assert found["figures"]["ledger.hotline"]["value"] == "未统计"
    assert list(found["tables"]) == ["2", "3", "4"]
    assert found["tables"]["3"]["rows"][0]["cells"]["natural"] == 0
    assert len(found["sections"]) == 6
    assert list(found["checks"][0]) == ["id", "level", "label", "left", "right", "holds"]
