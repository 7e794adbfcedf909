"""The text of the report: figures from the records, 未统计 said as such, the office's own words in their place."""

import pytest

from admin.report.build import Report
from admin.report.form import cells, form_for
from admin.report.prose import PLACES
from admin.report.values import NOT_APPLICABLE
from knowledge import settings
from tests.admin.report.conftest import Records

TOTALS = {key for key, cell in cells(form_for(2023)).items() if cell.parts}


def part(report: Report, key: str) -> str:
    return next("\n".join(part.paragraphs) for s in report.sections for part in s.parts if part.key == key)


async def zeros(records: Records, **changed: object) -> None:
    values: dict[str, object] = {key: 0 for key in cells(form_for(2023)) if key not in TOTALS}
    await records.enter(values | {key.replace("__", "."): value for key, value in changed.items()})


async def test_what_is_not_recorded_is_said_and_never_zero(records: Records) -> None:
    report = await records.report()
    text = "\n".join(section.text for section in report.sections)
    assert "官方微博发布、转发信息的数量未统计" in text
    assert "政府信息公开申请的收到数量未统计" in text
    assert "行政复议的数量未统计" in text
    assert "官方微博粉丝数、微信公众号关注人数未统计" in text
    assert "信息处理费的收取情况未统计" in text
    assert "0条" not in text
    assert "未收到" not in text


async def test_not_applicable_is_said(records: Records) -> None:
    await records.enter({"ledger.app_post": NOT_APPLICABLE, "ledger.weibo": 0})
    text = part(await records.report(), "overview.proactive")
    assert "手机APP推送消息的数量不适用" in text
    assert "官方微博发布、转发信息0条" in text


async def test_applications_and_their_outcomes(records: Records) -> None:
    await zeros(
        records,
        t3__new_received__natural=5,
        t3__carried_in__commercial=1,
        t3__open__natural=3,
        t3__deny_internal_3__natural=1,
        t3__deny_process_4__commercial=1,
        t3__carried_out__natural=1,
        t4__review__upheld=1,
    )
    report = await records.report()
    text = part(report, "overview.requests")
    assert "新收政府信息公开申请5件，上年结转1件。" in text
    assert "办结申请5件，其中予以公开3件、不予公开2件，结转下年度继续办理1件。" in text
    assert "行政复议1件，行政诉讼0件。" in text
    found = [check for check in report.checks if check.id == "C7"]
    assert len(found) == 8
    assert all(check.holds for check in found)


async def test_replies_by_the_system_are_told_apart(records: Records) -> None:
    await records.question()
    await records.line(by="system", question_id=1)
    await records.line(by="zhang", question_id=1)
    text = part(await records.report(), "overview.proactive")
    assert "答复留言2条" in text
    assert "收到问题1条" in text
    assert "系统按政策库自动给出1条，工作人员作出1条。" in text


@pytest.mark.parametrize(
    ("yuan", "words"), [(0, "没有收取信息处理费"), ("2950.5", "收取信息处理费2950.5元，收费的申请有25件")]
)
async def test_the_fee_statement_always_stands(records: Records, yuan: object, words: str) -> None:
    await records.enter({"fee.yuan": yuan, "fee.applications": 25})
    await records.text("other", "没有收到政协委员提案。")
    text = part(await records.report(), "other")
    assert "《政府信息公开信息处理费管理办法》" in text
    assert words in text


@pytest.mark.parametrize(("key", "place"), PLACES.items())
async def test_the_offices_words_stand_where_they_belong(records: Records, key: str, place: str) -> None:
    before = next(s for s in (await records.report()).sections if key.split(".")[0] == s.key)
    await records.text(key, "第一段{{ 7 * 7 }}。\n\n  第二段<b>。")
    section = next(s for s in (await records.report()).sections if s.key == before.key)
    assert "第一段{{ 7 * 7 }}。\n第二段<b>。" in section.text
    kept = [line for line in before.text.splitlines() if line not in section.text]
    assert bool(kept) == (place == "replaces")


async def test_the_latest_text_counts(records: Records) -> None:
    await records.text("problems", "第一稿。")
    await records.text("problems", "第二稿。")
    assert part(await records.report(), "problems") == "第二稿。"


async def test_what_is_not_set_is_not_mentioned(records: Records) -> None:
    records.office = settings.load({}, data=records.office.data)
    preface = "".join((await records.report()).preface)
    assert preface.startswith("本中心依照")
    assert "登载在" not in preface
    assert "请联系" not in preface


async def test_the_report_of_2020_is_in_the_form_of_2019(records: Records) -> None:
    report = await records.report(2020)
    assert "国办公开办函〔2019〕60号" in "".join(report.preface)
    assert "t3.other.total" in report.figures
    assert "t3.other_no_fee.total" not in report.figures
