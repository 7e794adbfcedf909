"""The report's pages: from what is missing to the signed file, nothing typed lost, every row found."""

import json
import re
from datetime import timedelta

import pytest
from aiohttp import ClientResponse

from admin.report.form import cells, form_for
from admin.report.render import FORMATS
from bot.service import Service
from knowledge.cases import life
from knowledge.cases.course import Event
from knowledge.cases.life import Actor, Applied
from knowledge.cases.words import ApplicantKind, Step, Way
from knowledge.ledger import Line, record
from knowledge.tables import DeclaredFigure, Reading, ReportEvent, ReportText, ReportVersion
from knowledge.vocabulary import LedgerKind, Role, ValueState
from tests.admin.conftest import ANSWERABLE, Ask, SignedIn, Visitor, hidden, on_both, rows
from tests.conftest import NOON, Clock

YEAR = "/report/2026"
PROBLEMS = f"{YEAR}/text/problems"
UNKNOWN = "答复{{figure:ledger.bord_reply}}条"


async def saved(visitor: Visitor, part: str, text: str) -> ClientResponse:
    path = f"{YEAR}/text/{part}"
    return await visitor.post(path, text=text, follows=hidden(await visitor.page(path), "follows"))


async def step(visitor: Visitor, word: str, **fields: str) -> ClientResponse:
    return await visitor.post(f"{YEAR}/{word}", None, version=hidden(await visitor.page(YEAR), "version"), **fields)


async def fill(service: Service, year: int = 2026) -> None:
    async with service.database.writing() as session:
        for key, cell in cells(form_for(year)).items():
            if not cell.parts:
                session.add(
                    DeclaredFigure(
                        year=year, key=key, state=ValueState.NUMBER, value=0, source="登记表", entered_by="wang",  # type: ignore[arg-type]
                        entered_at=NOON,
                    )
                )  # fmt: skip


async def lines(service: Service, count: int) -> None:
    made = [Line(at=NOON, kind=LedgerKind.WEIBO, title=f"微博第{n}条", by="wang") for n in range(1, count + 1)]
    async with service.database.writing_core() as connection:
        await record(connection, made, NOON)


@on_both
async def test_from_what_is_missing_to_the_signed_file(
    signed_in: SignedIn, ask: Ask, service: Service, clock: Clock
) -> None:
    await ask(ANSWERABLE)
    clock.at += timedelta(days=60)
    clerk, reviewer, administrator = [await signed_in(role) for role in (Role.CLERK, Role.REVIEWER, Role.ADMINISTRATOR)]
    page = await clerk.page(YEAR)
    for words in ("C9", "无法核对", "待填写", "个指标未统计", "还没有签发过"):
        assert words in page
    await fill(service)
    for part in ("problems", "overview.management", "overview.assurance"):
        assert (await saved(clerk, part, "答复{{figure:ledger.board_reply}}条，形式不够丰富。")).status == 303
    assert "审核通过" not in await clerk.page(YEAR)
    assert (await step(reviewer, "review")).status == 303
    assert "老李通过" in await clerk.page(YEAR)
    refused = await step(reviewer, "sign")
    assert refused.status == 403
    assert (await step(administrator, "sign")).status == 303
    page = await clerk.page(YEAR)
    assert "第 1 版" in page
    assert "赵主任签发" in page
    final = await clerk.get(f"{YEAR}/versions/1/json")
    assert final.headers["Content-Disposition"] == 'attachment; filename="report-2026-v1.json"'
    content = json.loads(await final.text())
    assert "答复1条" in content["sections"][4]["parts"][0]["paragraphs"][0]
    assert (await clerk.get(f"{YEAR}/versions/2/json")).status == 404
    assert "都与签发时相同" in page
    await lines(service, 3)
    assert "签发时 未统计，现在 3" in await clerk.page(YEAR)
    assert (await saved(clerk, "problems", "再改")).status == 422
    assert (await step(administrator, "correct", note="收费报错")).status == 303
    assert "正在更正，理由：收费报错" in await clerk.page(YEAR)
    assert [version.number for version in await rows(service, ReportVersion)] == [1]
    assert len(await rows(service, ReportEvent)) == 6


async def test_a_step_that_cannot_be_taken_says_why_and_keeps_the_remark(
    signed_in: SignedIn, administrator: Visitor, service: Service, clock: Clock
) -> None:
    assert "2026年还没有过完" in await (await administrator.post(f"{YEAR}/sign", version=0)).text()
    clock.at += timedelta(days=60)
    administrator = await signed_in(Role.ADMINISTRATOR)
    assert "没有审核通过" in await (await administrator.post(f"{YEAR}/sign", version=0)).text()
    assert (await administrator.post(f"{YEAR}/sign", version="x")).status == 422
    assert (await administrator.post(f"{YEAR}/sign", version=5)).status == 409
    await fill(service)
    await saved(administrator, "problems", "文字")
    assert "最后一次修改是您做的" in await administrator.page(YEAR)
    response = await administrator.post(f"{YEAR}/review", version=1)
    assert (response.status, "另一个人审核" in await response.text()) == (422, True)
    response = await administrator.post(f"{YEAR}/return", version=0, note="别弄丢我")
    assert (response.status, "别弄丢我" in await response.text()) == (409, True)


@on_both
async def test_two_clerks_at_one_part_see_both_texts(clerk: Visitor, reviewer: Visitor, service: Service) -> None:
    await clerk.post(PROBLEMS, text="小王的文字", follows=0)
    response = await reviewer.post(PROBLEMS, text="老李的文字", follows=0)
    page = await response.text()
    assert response.status == 409
    assert "小王的文字" in page.split('id="theirs"')[1].split("</section>")[0]
    assert "老李的文字</textarea>" in page.split('id="mine"')[1]
    assert [row.text for row in await rows(service, ReportText)] == ["小王的文字"]
    response = await reviewer.post(PROBLEMS, text="商量好的文字", follows=hidden(page, "follows"))
    assert response.status == 303
    page = await clerk.page(PROBLEMS)
    assert "商量好的文字</textarea>" in page
    assert page.count("看文字") == 2


@pytest.mark.parametrize("way", ["", "/preview", "/insert"])
async def test_a_mistyped_figure_is_named_and_nothing_typed_is_lost(clerk: Visitor, service: Service, way: str) -> None:
    response = await clerk.post(f"{PROBLEMS}{way}", text=UNKNOWN, follows=0)
    page = await response.text()
    assert response.status == 422
    assert f"{UNKNOWN}</textarea>" in page
    assert ("ledger.board_reply（在线留言回复）" in page) == (way != "/insert")
    assert await rows(service, ReportText) == []


async def test_preview_and_insert_save_nothing(clerk: Visitor, service: Service) -> None:
    await lines(service, 3)
    response = await clerk.post(f"{PROBLEMS}/insert", text="微博发布", follows=0, figure="ledger.weibo")
    page = await response.text()
    assert (response.status, "微博发布{{figure:ledger.weibo}}</textarea>" in page) == (200, True)
    assert "微博发布3" in page.split('id="preview"')[1]
    response = await clerk.post(f"{PROBLEMS}/preview", text="本年新收申请9件<b>", follows=0)
    page = (await response.text()).split('id="preview"')[1]
    assert "9件&lt;b&gt;" in page
    assert await rows(service, ReportText) == []
    await fill(service)
    response = await clerk.post(f"{PROBLEMS}/preview", text="新收政府信息公开申请9件", follows=0)
    assert "C7 正文“新收政府信息公开申请9件”" in (await response.text()).split('id="preview"')[1]


async def test_a_text_without_its_version_is_kept_on_the_page(clerk: Visitor, service: Service) -> None:
    for follows in ("", "x", "-1", "9" * 30):
        response = await clerk.post(PROBLEMS, text="别弄丢我", follows=follows)
        assert (response.status, "别弄丢我" in await response.text()) == (422, True)
    assert await rows(service, ReportText) == []


async def test_a_session_that_ran_out_loses_no_text(clerk: Visitor) -> None:
    clerk.http.session.cookie_jar.clear()
    response = await clerk.post(PROBLEMS, text="别弄丢我", follows=0)
    page = await response.text()
    assert (response.status, "别弄丢我" in page, hidden(page, "next")) == (403, True, PROBLEMS)


async def test_every_figure_is_listed_with_its_rule_and_opens(clerk: Visitor, service: Service) -> None:
    page = await clerk.page(f"{YEAR}/figures")
    keys = re.findall(r'href="/report/2026/figures/([a-z0-9_.]+)"', page)
    assert len(keys) == len(set(keys)) > 200
    assert page.count('data-label="统计口径"') == len(keys)
    for key in [*keys[:20], *keys[-3:], "t3.total.total"]:
        assert f"编号 {key}" in await clerk.page(f"{YEAR}/figures/{key}")
    assert (await clerk.get(f"{YEAR}/figures/gone")).status == 404


async def test_figures_are_filtered_by_word_group_and_what_is_missing(clerk: Visitor, service: Service) -> None:
    await lines(service, 1)
    for query, there, gone in (
        ("q=微博", "ledger.weibo", "ledger.press"),
        ("q=T2.FEE", "t2.fee.amount", "t3.open.total"),
        ("group=t4", "t4.review.total", "t3.open.total"),
        ("group=missing", "ledger.press", "figures/ledger.weibo"),
    ):
        page = await clerk.page(f"{YEAR}/figures?{query}")
        assert there in page, query
        assert gone not in page, query
    assert "没有符合条件的指标" in await clerk.page(f"{YEAR}/figures?q=zzz")


@on_both
async def test_the_rows_of_a_figure_are_paged_without_a_gap(clerk: Visitor, service: Service) -> None:
    await lines(service, 130)
    titles: list[str] = []
    for page in (1, 2, 3):
        text = await clerk.page(f"{YEAR}/figures/ledger.weibo?page={page}")
        assert f"第 {page} 页，共 3 页（130 条）" in text
        titles += re.findall(r'href="/ledger/\d+">(微博第\d+条)', text)
    assert titles == [f"微博第{number}条" for number in range(1, 131)]
    assert "微博第130条" in await clerk.page(f"{YEAR}/figures/ledger.weibo?page=999")


async def test_each_row_leads_to_its_record(clerk: Visitor, ask: Ask, service: Service) -> None:
    question = await ask(ANSWERABLE)
    assert f'href="/questions/{question.id}"' in await clerk.page(f"{YEAR}/figures/questions.received")
    page = await clerk.page(f"{YEAR}/figures/ledger.board_reply")
    seq = re.findall(r'href="(/ledger/\d+)"', page)[0]
    line = await clerk.page(seq)
    assert f'href="/questions/{question.id}"' in line
    assert (await clerk.get("/ledger/999")).status == 404
    path = f"{YEAR}/figures/t3.open.natural"
    await clerk.post(path, state="number", value="4", source="登记表", follows=0)
    assert f'href="{path}#entries"' in await clerk.page(f"{YEAR}/figures/t3.open.total")


async def test_a_cell_counted_from_cases_opens_to_them(clerk: Visitor, service: Service) -> None:
    first = Event(1, Step.RECEIVED, NOON.date(), ApplicantKind.NATURAL.value, Way.IN_PERSON.value)
    await life.open_case(service.database, Applied("一份文件", "", "张三"), first, Actor("wang", NOON), code="1" * 12)
    page = await clerk.page(f"{YEAR}/figures/t3.new_received.natural")
    assert "依据的记录（1 条）" in page
    path = re.findall(r'href="(/cases/\d+)"', page)[0]
    assert "一份文件" in await clerk.page(path)
    assert "由申请登记数出来" in page
    assert "张三" not in page
    assert "1 条" in await clerk.page(f"{YEAR}/figures?q=t3.new_received.natural")


async def test_a_correction_is_named_on_the_line_it_corrects(clerk: Visitor, service: Service) -> None:
    await lines(service, 1)
    async with service.database.writing_core() as connection:
        wrong = Line(at=NOON, kind=LedgerKind.WEIBO, title="更正", by="wang", corrects=1, quantity=0, reason="重复")
        await record(connection, [wrong], NOON)
    assert 'href="/ledger/2"' in await clerk.page("/ledger/1")
    assert "重复" in await clerk.page("/ledger/2")


async def test_a_figure_entered_by_hand_shows_who_when_and_from_where(clerk: Visitor, reviewer: Visitor) -> None:
    path = f"{YEAR}/figures/fee.yuan"
    response = await clerk.post(path, state="number", value="１２．５", source="财务科", follows=0)
    assert response.status == 303
    page = await reviewer.page(path)
    assert all(words in page for words in ("小王", "12.5", "来源：财务科", "2026-11-23"))
    response = await reviewer.post(path, state="number", value="13", source="别弄丢我", follows=0)
    assert (response.status, "别弄丢我" in await response.text()) == (409, True)
    response = await reviewer.post(path, state="number", value="很多", source="别弄丢我", follows=1)
    page = await response.text()
    assert (response.status, "别弄丢我" in page, 'value="很多"' in page) == (422, True, True)


async def test_readings_with_day_and_source(clerk: Visitor, service: Service) -> None:
    path, given = f"{YEAR}/readings", {"key": "reading.weibo_followers", "source": "微博后台"}
    assert (await clerk.post(path, None, day="2026-06-30", value="2088", **given)).status == 303
    page = await clerk.page(path)
    assert all(words in page for words in ("2026-06-30", "2088", "微博后台", "小王"))
    for day, value in (("2026-06-30", "1"), ("2025-06-30", "1"), ("nonsense", "1"), ("2026-07-01", "x")):
        response = await clerk.post(path, None, day=day, value=value, **given)
        assert (response.status, "微博后台" in await response.text()) == (422, True)
    assert len(await rows(service, Reading)) == 1


async def test_a_warning_is_explained_on_the_page(clerk: Visitor, service: Service) -> None:
    await lines(service, 3)
    await clerk.post(f"{YEAR}/figures/ledger.weibo", state="number", value="4", source="登记表", follows=0)
    page = await clerk.page(f"{YEAR}/checks")
    assert "“官方微博发布、转发”由记录统计的数＝人工填报的数" in page
    key = hidden(page.split("由记录统计的数＝人工填报的数")[1], "key")
    response = await clerk.post(f"{YEAR}/reasons", key=key, text="")
    assert response.status == 422
    response = await clerk.post(f"{YEAR}/reasons", key="0" * 16, text="别弄丢我")
    assert response.status == 422
    assert (await clerk.post(f"{YEAR}/reasons", key=key, text="口径不同")).status == 303
    assert "理由：口径不同" in await clerk.page(f"{YEAR}/checks")


@pytest.mark.parametrize("kind", FORMATS)
async def test_a_draft_can_always_be_had_and_says_so(clerk: Visitor, kind: str) -> None:
    response = await clerk.get(f"{YEAR}/files/{kind}")
    assert response.status == 200
    assert f"report-2026-draft.{kind}" in response.headers["Content-Disposition"]
    content = await response.read()
    if kind in ("html", "json"):
        assert "草稿" in content.decode()
    assert (await clerk.get(f"{YEAR}/files/exe")).status == 404


async def test_years_and_the_websites_form(clerk: Visitor, ask: Ask) -> None:
    await ask(ANSWERABLE)
    page = await clerk.page("/report")
    assert [f"/report/{year}" in page for year in (2026, 2019, 2018)] == [True, True, False]
    assert (await clerk.get("/report/2018")).status == 422
    page = await clerk.page(f"{YEAR}/site")
    assert "还没有和原件核对过" in page
    block = page.split("收到留言数量")[1]
    assert re.findall(r'<td class="number">(.*?)</td>', block)[:4] == ["1", "1", "0.0", "0"]
