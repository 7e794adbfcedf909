"""What people put in: texts that two write at once, figures with history, readings, last year's figures from a file."""

import asyncio
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from admin.__main__ import main
from admin.report import standing, writing
from admin.report.build import Report
from admin.report.form import cells
from admin.report.reading.judge import cells_of
from admin.report.render import render
from admin.report.writing import Entry
from knowledge.errors import BadInputError, ConflictError
from knowledge.vocabulary import ReportAction, ValueState
from tests.admin.report.conftest import ENTERED, Records
from tests.conftest import BACKENDS


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """Two who write at once are the database's business."""
    return str(request.param)


async def saved(records: Records, part: str = "problems") -> list[str]:
    async with records.database.reading() as session:
        return [row.text for row in await writing.texts(session, 2023, part)]


async def test_two_who_save_at_once_lose_nothing(records: Records) -> None:
    both = [writing.save_text(records.database, 2023, "problems", text, 0, text, ENTERED) for text in ("甲", "乙")]
    found = await asyncio.gather(*both, return_exceptions=True)
    [refusal] = [each for each in found if isinstance(each, BaseException)]
    assert isinstance(refusal, ConflictError)
    [kept] = await saved(records)
    [newest] = [each for each in found if isinstance(each, int)]
    await writing.save_text(records.database, 2023, "problems", "甲和乙", newest, "li", ENTERED)
    assert await saved(records) == ["甲和乙", kept]
    with pytest.raises(ConflictError) as late:
        await writing.save_text(records.database, 2023, "problems", "丙", newest, "li", ENTERED)
    assert late.value.theirs == "甲和乙"


async def test_parts_do_not_disturb_each_other(records: Records) -> None:
    parts = ("problems", "other", "overview.assurance")
    await asyncio.gather(*(writing.save_text(records.database, 2023, part, part, 0, "li", ENTERED) for part in parts))
    assert [await saved(records, part) for part in parts] == [[part] for part in parts]
    async with records.database.reading() as session:
        row = await standing.standing(session, 2023)
        assert row.version == len(await standing.events(session, 2023, 9)) == 3


async def test_a_text_with_an_unknown_figure_is_refused_and_nothing_is_kept(records: Records) -> None:
    with pytest.raises(BadInputError, match=r"ledger\.weibo"):
        await writing.save_text(records.database, 2023, "other", "{{figure:ledger.weibi}}", 0, "li", ENTERED)
    assert await saved(records, "other") == []


async def test_an_entered_figure_keeps_its_history(records: Records) -> None:
    for value, follows in (("12", 0), ("１３．５", 1)):
        entry = Entry("number", value, "财务科")
        await writing.enter(records.database, 2023, "fee.yuan", entry, follows, "wang", ENTERED)
    with pytest.raises(ConflictError):
        await writing.enter(records.database, 2023, "fee.yuan", Entry("number", "9", "财务科"), 1, "li", ENTERED)
    await writing.enter(records.database, 2023, "fee.yuan", Entry("not_applicable", "", "财务科"), 2, "li", ENTERED)
    async with records.database.reading() as session:
        rows = await writing.entered(session, 2023, "fee.yuan")
    assert [(row.state, row.value, row.entered_by) for row in rows] == [
        ("not_applicable", None, "li"), ("number", Decimal("13.5"), "wang"), ("number", Decimal(12), "wang"),
    ]  # fmt: skip
    assert (await records.report()).figures["fee.yuan"].value is ValueState.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("key", "entry", "field"),
    [
        ("gone", Entry("number", "1", "表"), "key"),
        ("fee.yuan", Entry("", "1", "表"), "state"),
        ("fee.yuan", Entry("number", "", "表"), "value"),
        ("fee.yuan", Entry("number", "-1", "表"), "value"),
        ("fee.yuan", Entry("number", "1.00001", "表"), "value"),
        ("fee.yuan", Entry("number", "1", " "), "source"),
        ("fee.yuan", Entry("number", "1", "长" * 201), "source"),
    ],
)
async def test_what_cannot_be_entered_is_refused_by_field(records: Records, key: str, entry: Entry, field: str) -> None:
    with pytest.raises(BadInputError) as refusal:
        await writing.enter(records.database, 2023, key, entry, 0, "wang", ENTERED)
    assert refusal.value.field == field


@given(st.text(max_size=30))
def test_any_typed_number_is_taken_exactly_or_refused(text: str) -> None:
    try:
        value = writing.parsed(text)
    except BadInputError:
        return
    assert value.is_finite()
    assert 0 <= value < 10**writing.DIGITS
    assert value == round(value, writing.PLACES_AFTER)


@given(st.decimals(0, 10**14 - 1, places=4))
def test_a_number_with_four_places_is_taken(value: Decimal) -> None:
    assert writing.parsed(f"{value:f}") == value
    assert writing.parsed(f"{value:,f}") == value


async def test_readings_are_dated_and_never_changed(records: Records) -> None:
    key, day = "reading.weibo_followers", date(2023, 12, 31)
    await writing.read(records.database, 2023, key, day, "2088", "微博后台", "wang", ENTERED)
    with pytest.raises(BadInputError, match="已经有读数"):
        await writing.read(records.database, 2023, key, day, "2089", "微博后台", "wang", ENTERED)
    with pytest.raises(BadInputError, match="2023 年以内"):
        await writing.read(records.database, 2023, key, date(2024, 1, 1), "1", "微博后台", "wang", ENTERED)
    with pytest.raises(BadInputError, match="种类"):
        await writing.read(records.database, 2023, "reading.other", day, "1", "微博后台", "wang", ENTERED)
    assert (await records.report()).figures[key].value == 2088


async def test_last_years_tables_are_taken_over_from_a_file_once(records: Records, tmp_path: Path) -> None:
    await records.enter({"t3.new_received.natural": 3, "t3.carried_out.natural": 2, "t2.fee.amount": "1.2345"}, 2022)
    file = tmp_path / "last.json"
    file.write_bytes(render(await records.report(2022), "json"))
    year, found = cells_of(file)
    taken = await writing.take_over(records.database, 2021, found, "文件", "command", ENTERED)
    assert (year, taken) == (2022, sum(value is not ValueState.NOT_RECORDED for value in found.values()))
    report = await records.report(2021)
    assert [report.figures[key].value for key in ("t3.new_received.natural", "t2.fee.amount")] == [3, Decimal("1.2345")]
    assert report.figures["t3.carried_out.natural"].rows[0]["source"] == "文件"
    assert await writing.take_over(records.database, 2021, found, "文件", "command", ENTERED) == 0
    async with records.database.reading() as session:
        assert (await standing.events(session, 2021, 1))[0].action == ReportAction.TAKEN_OVER


@pytest.mark.parametrize("kind", ["html", "docx", "pdf", "xlsx", "json"])
async def test_a_report_of_any_kind_is_taken_over(weihai: Report, records: Records, tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"report.{kind}"
    file.write_bytes(render(weihai, kind))
    year, found = cells_of(file, 2023 if kind == "xlsx" else None)
    assert year == 2023
    await writing.take_over(records.database, 2021, found, "文件", "command", ENTERED)
    before, after = await records.report(2023), await records.report(2021)
    for key in cells(before.form):
        assert after.figures[key].value == before.figures[key].value, key


def test_the_commands_of_the_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take over, refuse the final form, give the draft, know no version that was not signed."""
    monkeypatch.setenv("ZHENGWEN_DATA", str(tmp_path / "var"))

    def run(*words: object) -> tuple[int, str]:
        done = CliRunner().invoke(main, [str(word) for word in words])
        return done.exit_code, done.output

    out = tmp_path / "out"
    code, said = run("report", 2023, "--out", out)
    assert (code, "C9" in said, "--draft" in said, out.exists()) == (1, True, True, False)
    code, said = run("report", 2023, "--out", out, "--draft", "--format", "html,json,xlsx")
    assert (code, sorted(path.name for path in out.iterdir())) == (
        0, ["report-2023-draft.html", "report-2023-draft.json", "report-2023-draft.xlsx"],
    )  # fmt: skip
    content = json.loads((out / "report-2023-draft.json").read_text("utf-8"))
    content["tables"]["3"]["rows"][0]["cells"]["natural"] = 4
    (out / "last.json").write_text(json.dumps(content), "utf-8")
    code, said = run("report", "take-over", out / "last.json", "--year", 2022)
    assert (code, "是 2023 年的报告" in said) == (1, True)
    code, said = run("report", "take-over", out / "last.json")
    assert (code, "新登记 1 个" in said) == (0, True)
    assert run("report", 2022, "--out", out, "--draft", "--format", "xlsx,pdf")[0] == 0
    code, said = run(
        "report", "take-over", out / "report-2022-draft.xlsx", out / "report-2022-draft.pdf", "--year", 2022
    )
    assert (code, said.count("2022年的表格数字已取用：新登记 0 个")) == (0, 2)
    code, said = run("report", 2023, "--version", 1, "--out", out)
    assert (code, "还没有签发过" in said) == (1, True)
    code, said = run("report", 2023, "--trace", "t3.new_received.natural")
    assert (code, "数值：4件" in said) == (0, True)
    code, said = run("verify")
    assert (code, "签发的年度报告完好：0 份" in said) == (0, True)
