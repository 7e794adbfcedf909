"""From draft to signed: four eyes, hard rules, reasons, frozen files, their proof, and corrections as new versions."""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from sqlalchemy import func, select, update

from admin.report import fonts, standing, versions, writing
from admin.report.build import build
from admin.report.json_file import json_bytes, json_pieces
from admin.report.reading.judge import read_report
from admin.report.render import render
from admin.report.signing import FROZEN
from admin.report.writing import Entry
from knowledge.errors import BadInputError, ConflictError, NotFoundError
from knowledge.tables import ReportFile, ReportVersion
from knowledge.vocabulary import LedgerKind, ReportStage
from tests.admin.report.conftest import ENTERED, SUMMER, Records
from tests.admin.report.signing_cast import LATER, Cast
from tests.admin.report.test_case_figures import Register, answer
from tests.conftest import BACKENDS

KEY = "ledger.weibo"


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """States, uniqueness and blobs are the database's business."""
    return str(request.param)


@pytest.fixture
async def cast(records: Records) -> Cast:
    made = Cast(records)
    await made.prepare()
    return made


async def refused(action: Awaitable[object], words: str) -> None:
    with pytest.raises(BadInputError, match=words):
        await action


async def test_draft_reviewed_signed_and_every_byte_kept(cast: Cast) -> None:
    assert (await cast.state()).state == ReportStage.DRAFT
    await cast.review()
    assert await cast.sign() == 1
    row = await cast.state()
    assert (row.state, row.written_by, row.reviewed_by) == (ReportStage.SIGNED, "wang", "li")
    files = {kind: await cast.frozen(1, kind) for kind in FROZEN}
    async with cast.database.reading() as session:
        [version] = await versions.versions(session, 2023)
    assert {kind: hashlib.sha256(content).hexdigest() for kind, content in files.items()} == {
        kind: kept["sha256"] for kind, kept in version.files.items()
    }
    content = json.loads(files["json"])
    assert (content["version"], "draft" in content) == (1, False)
    assert [row["quantity"] for row in content["figures"][KEY]["rows"]] == [1, 2, 3]
    assert versions.from_text(version.figures)[KEY] == 6
    assert "草稿" not in files["html"].decode()
    assert set(files) == {"html", "docx", "pdf", "json"}
    assert files["pdf"].startswith(b"%PDF")
    await cast.records.line(LedgerKind.WEIBO, quantity=100)
    assert {kind: await cast.frozen(1, kind) for kind in FROZEN} == files
    assert await cast.proved() == versions.VersionVerdict(1, None)


async def test_without_a_chinese_font_it_is_signed_without_pdf_and_says_so(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "_usual", lambda: iter([tmp_path]))  # a machine that has none
    await cast.review()
    await cast.sign()
    with pytest.raises(NotFoundError, match="没有 pdf 文件"):
        await cast.frozen(1, "pdf")
    assert json.loads(await cast.frozen(1, "json"))["version"] == 1
    async with cast.database.reading() as session:
        [event] = await standing.events(session, 2023, 1)
    assert event.note.startswith("第 1 版；没有 PDF 文件：")
    assert await cast.proved() == versions.VersionVerdict(1, None)


async def test_who_wrote_last_cannot_review(cast: Cast) -> None:
    await refused(cast.review("wang"), "另一个人审核")
    await cast.signing.explain(2023, await warning(cast), "当年没有微信读数", "li", LATER)
    await refused(cast.review("li"), "另一个人审核")
    await cast.review("wang")


async def warning(cast: Cast) -> str:
    """Makes a warning that does not hold, and returns its key."""
    await cast.records.enter({KEY: 7})
    report = await cast.records.report(rows=False)
    [found] = [check for check in report.checks if check.id == "X1" and check.holds is False]
    return found.key


async def test_a_change_after_review_wants_another_review(cast: Cast) -> None:
    await cast.review()
    await writing.enter(cast.database, 2023, "fee.yuan", Entry("number", "0", "财务科"), 0, "wang", LATER)
    assert (await cast.state()).state == ReportStage.DRAFT
    await refused(cast.sign(), "还没有审核通过")


async def test_a_ledger_that_moved_after_review_is_not_signed_unseen(cast: Cast) -> None:
    await cast.review()
    await cast.records.line(LedgerKind.WEIBO, at=SUMMER, quantity=5)
    await refused(cast.sign(), "重新审核")
    await cast.review()
    assert await cast.sign() == 1


async def test_a_page_gone_stale_signs_nothing(cast: Cast) -> None:
    old = (await cast.state()).version
    await cast.review()
    for step in (
        cast.signing.review(2023, old, "li", LATER),
        cast.signing.sign(2023, old, "zhao", LATER),
        cast.signing.send_back(2023, old, "请改", "li", LATER),
    ):
        with pytest.raises(ConflictError):
            await step
    assert (await cast.state()).state == ReportStage.REVIEWED


async def test_sent_back_with_a_remark(cast: Cast) -> None:
    await cast.review()
    version = (await cast.state()).version
    await refused(cast.signing.send_back(2023, version, " ", "li", LATER), "退回的意见")
    await cast.signing.send_back(2023, version, "第五部分太短", "li", LATER)
    assert (await cast.state()).state == ReportStage.DRAFT
    async with cast.database.reading() as session:
        assert (await standing.events(session, 2023, 1))[0].note == "第五部分太短"


BREAKS: dict[str, Callable[[Cast], Awaitable[object]]] = {
    "C1": lambda cast: cast.records.enter({"t3.carried_out.natural": 1}, at=LATER),
    "C2": lambda cast: cast.records.enter({"t3.total.natural": 1}, at=LATER),
    "C3": lambda cast: cast.records.enter({"t3.open.total": 1}, at=LATER),
    "C4": lambda cast: cast.records.enter({"t4.review.total": 1}, at=LATER),
    "C9": lambda cast: cast.records.text("problems:whole", "无"),
}


@pytest.mark.parametrize("number", BREAKS)
async def test_each_hard_rule_blocks_the_signing(cast: Cast, number: str) -> None:
    await BREAKS[number](cast)
    await cast.review()
    await refused(cast.sign(), f"必须成立.*{number} ")
    assert await cast.proved() == versions.VersionVerdict(0, None)


async def test_a_hard_rule_that_cannot_be_reckoned_blocks_too(records: Records) -> None:
    cast = Cast(records)
    await writing.save_text(cast.database, 2023, "problems", "解读形式不够丰富。", 0, "wang", ENTERED)
    await cast.review()
    await refused(cast.sign(), "未统计")


async def test_a_warning_wants_a_reason_which_stays_with_the_report(cast: Cast) -> None:
    key = await warning(cast)
    await cast.review()
    await refused(cast.sign(), "1 条提醒还没有写明理由")
    await refused(cast.signing.explain(2023, key, "  ", "wang", LATER), "请写明理由")
    await refused(cast.signing.explain(2023, "0" * 16, "因为", "wang", LATER), "已经不在了")
    await cast.signing.explain(2023, key, "口径不同：只计发布", "wang", LATER)
    await cast.review()
    await cast.sign()
    [check] = [each for each in json.loads(await cast.frozen(1, "json"))["checks"] if each["id"] == "X1"]
    assert (check["holds"], check["reason"]) == (False, "口径不同：只计发布")


async def test_a_reason_does_not_cover_other_figures(cast: Cast) -> None:
    await cast.signing.explain(2023, await warning(cast), "口径不同", "wang", LATER)
    await cast.records.line(LedgerKind.WEIBO, quantity=2)
    await cast.review()
    await refused(cast.sign(), "还没有写明理由")


async def test_nothing_is_entered_once_it_is_signed_until_a_correction_is_begun(cast: Cast) -> None:
    await cast.review()
    await cast.sign()
    entry = Entry("number", "5", "登记表")
    for action in (
        writing.enter(cast.database, 2023, "fee.yuan", entry, 0, "wang", LATER),
        writing.save_text(cast.database, 2023, "other", "文字", 0, "wang", LATER),
        writing.take_over(cast.database, 2023, {"t3.open.natural": 1}, "文件", "wang", LATER),
    ):
        await refused(action, "已经签发")
    version = (await cast.state()).version
    await refused(cast.signing.correct(2023, version, "", "zhao", LATER), "更正的理由")
    await cast.signing.correct(2023, version, "收费金额报错", "zhao", LATER)
    await writing.enter(cast.database, 2023, "fee.yuan", entry, 0, "wang", LATER)
    await cast.review()
    assert await cast.sign() == 2
    first, second = json.loads(await cast.frozen(1, "json")), json.loads(await cast.frozen(2, "json"))
    assert (first["figures"]["fee.yuan"]["value"], second["figures"]["fee.yuan"]["value"]) == ("未统计", 5)
    assert (second["version"], second["correction"]) == (2, "收费金额报错")
    assert await cast.proved() == versions.VersionVerdict(2, None)
    with pytest.raises(NotFoundError, match="有第 1、2 版"):
        await cast.frozen(3, "json")


SPOILED: dict[str, Any] = {
    "与签发时不一致": update(ReportFile).where(ReportFile.kind == "html").values(content=versions.pack(b"x").pieces[0]),  # type: ignore[arg-type]
    "已经损坏": update(ReportFile).where(ReportFile.kind == "json").values(content=b"not packed"),  # type: ignore[arg-type]
    "改动过": update(ReportVersion).values(signed_by="mallory"),
    "接不上": update(ReportVersion).values(previous="1" * 64),
    "缺第 1 版": update(ReportVersion).values(number=2),
    "签发过 1 次，现有 0 版": update(ReportVersion).values(year=2022),
}


@pytest.mark.parametrize("words", SPOILED)
async def test_whatever_is_changed_after_the_signing_is_found(cast: Cast, words: str) -> None:
    await cast.review()
    await cast.sign()
    await cast.spoil(SPOILED[words])
    if words.startswith("签发过"):  # a version that is gone altogether
        async with cast.database.writing_core() as connection:
            await connection.execute(ReportFile.__table__.delete())  # type: ignore[attr-defined]
            await connection.execute(ReportVersion.__table__.delete())  # type: ignore[attr-defined]
    fault = (await cast.proved()).fault
    assert fault is not None
    assert words in fault


async def test_last_years_signed_figures_are_what_this_year_is_held_against(cast: Cast) -> None:
    await cast.review()
    await cast.sign()
    await cast.records.enter({"t3.carried_out.natural": 9}, at=LATER)  # behind the desk's back, after the signing
    report = await cast.records.report(2024)
    assert {check.right for check in report.checks if check.id == "C5"} == {0}


async def test_what_was_signed_outweighs_cases_that_were_registered_later(cast: Cast) -> None:
    await cast.review()
    await cast.sign()
    register = Register(cast.records)
    await register.case(date(2023, 12, 28))
    assert (await cast.records.report(2023)).figures["t3.carried_out.natural"].value == 1
    report = await cast.records.report(2024)
    assert report.figures["t3.carried_in.natural"].value == 1
    natural = next(check for check in report.checks if check.id == "C5")
    assert (natural.left, natural.right, natural.holds) == (1, 0, False)


async def test_a_signed_report_keeps_the_cases_behind_its_cells(cast: Cast) -> None:
    await Register(cast.records).case(date(2023, 5, 8), answer(date(2023, 5, 22)))
    for check in (await cast.records.report(2023)).unexplained:
        await cast.signing.explain(2023, check.key, "已核对", "wang", ENTERED)
    await cast.review()
    await cast.sign()
    figure = json.loads(await cast.frozen(1, "json"))["figures"]["t3.open.natural"]
    assert (figure["value"], [row["table"] for row in figure["rows"]]) == (1, ["application"])


async def test_two_who_sign_at_once_make_one_version(cast: Cast) -> None:
    await cast.review()
    version = (await cast.state()).version
    both = [cast.signing.sign(2023, version, who, LATER) for who in ("zhao", "qian")]
    found = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(each).__name__ for each in found) == ["ConflictError", "int"]
    async with cast.database.reading() as session:
        assert (await session.exec(select(func.count()).select_from(ReportFile))).scalar() == len(FROZEN)  # type: ignore[call-overload]
        assert [event.action for event in await standing.events(session, 2023, 2)] == ["signed", "reviewed"]


async def test_a_streamed_file_is_the_file_with_all_rows_in_memory(cast: Cast) -> None:
    await cast.records.question()
    async with cast.database.reading() as session:
        bare = await build(session, cast.records.office, 2023, rows=False)
        streamed = b"".join([piece async for piece in json_pieces(session, bare)])
    assert streamed == json_bytes(await cast.records.report(2023))


async def test_a_draft_says_so_in_every_file(cast: Cast, tmp_path: Path) -> None:
    async with cast.database.reading() as session:
        draft = await build(session, cast.records.office, 2023, rows=False, draft=True)
        final = await build(session, cast.records.office, 2023, rows=False)
    assert json.loads(render(draft, "json"))["draft"] is True
    page = render(draft, "html").decode()
    assert "（草稿）" in page.split("</h1>")[0]
    assert "不得对外发布" in page
    assert "草稿" not in render(final, "html").decode()
    assert standing.digest(draft) == standing.digest(final)
    for kind in ("docx", "pdf"):
        file = tmp_path / f"draft.{kind}"
        file.write_bytes(render(draft, kind))
        assert "草稿" in read_report(file).preface[0].text
    head = Document(tmp_path / "draft.docx").sections[0].header  # type: ignore[arg-type]
    assert [paragraph.text for paragraph in head.paragraphs] == ["草稿"]
    assert draft.stem == "report-2023-draft"
