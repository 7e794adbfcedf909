"""From draft to signed: review by another person than wrote last, sign-off that freezes, correction as a new version."""

import asyncio
from dataclasses import replace
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from admin.report import standing, versions
from admin.report.build import Report, build
from admin.report.checks import HARD
from admin.report.json_file import json_pieces
from admin.report.records import KeptSums
from admin.report.render import FORMATS, render
from admin.report.versions import Packed, Packer, pack
from knowledge import clock
from knowledge.db import Database
from knowledge.errors import BadInputError, ConflictError
from knowledge.settings import Settings
from knowledge.tables import ReportFile, ReportReason, ReportState, ReportVersion
from knowledge.vocabulary import ReportAction, ReportStage

FROZEN = tuple(kind for kind in FORMATS if kind != "xlsx")  # a workbook is for working; JSON has all its rows
NOTE_MAX = 500
NAMED = 5


class Signing:
    """The steps of one service's reports; `kept` spares adding up the ledger again."""

    def __init__(self, database: Database, settings: Settings, kept: KeptSums | None = None) -> None:
        self._database = database
        self._settings = settings
        self._kept = kept

    async def explain(self, year: int, key: str, text: str, who: str, at: datetime) -> None:
        """Say why a warning is accepted as it stands; BadInputError where there is no such warning now."""
        text = said(text, "理由", "reason")
        found = (await self._now(year)).checks
        check = next((check for check in found if check.key == key and check.holds is False), None)
        if check is None or check.level == HARD:
            raise BadInputError("这条提醒已经不在了，或者两边的数变了；请看现在的核对结果。", "reason")
        async with self._database.writing() as session:
            session.add(ReportReason(year=year, check_key=key, text=text, given_by=who, given_at=at))
            await standing.change(session, year, ReportAction.REASON, who, f"{check.id} {check.label}：{text}", at)

    async def review(self, year: int, version: int, who: str, at: datetime) -> None:
        """Pass what stands there now; not by whoever wrote last."""
        seen = standing.digest(await self._now(year))
        async with self._database.writing() as session:
            row = await standing.turn(session, year, version)
            if row.state == ReportStage.SIGNED:
                raise BadInputError(standing.SIGNED_ALREADY.format(year=year))
            if row.written_by == who:
                raise BadInputError("最后一次修改是您做的，要由另一个人审核。")
            row.state, row.reviewed_by, row.content_sha256 = ReportStage.REVIEWED, who, seen
            standing.step(session, row, ReportAction.REVIEWED, who, "", at)

    async def send_back(self, year: int, version: int, note: str, who: str, at: datetime) -> None:
        """Back to those who write, with what is to be mended."""
        note = said(note, "退回的意见", "note")
        async with self._database.writing() as session:
            row = await standing.turn(session, year, version)
            if row.state != ReportStage.REVIEWED:
                raise BadInputError("只有审核通过、还没有签发的报告可以退回。")
            row.state, row.reviewed_by, row.content_sha256 = ReportStage.DRAFT, "", ""
            standing.step(session, row, ReportAction.RETURNED, who, note, at)

    async def correct(self, year: int, version: int, reason: str, who: str, at: datetime) -> None:
        """Open a signed report again; the reason stays with the next version."""
        reason = said(reason, "更正的理由", "note")
        async with self._database.writing() as session:
            row = await standing.turn(session, year, version)
            if row.state != ReportStage.SIGNED:
                raise BadInputError("报告还没有签发，可以直接修改。")
            row.state, row.reviewed_by, row.content_sha256, row.reason = ReportStage.DRAFT, "", "", reason
            row.written_by = who
            standing.step(session, row, ReportAction.CORRECTION, who, reason, at)

    async def sign(self, year: int, version: int, who: str, at: datetime) -> int:
        """Freeze figures, rows, words and files; returns the number of the version.

        The files are made before the writing transaction, which citizens' questions wait for, begins.
        """
        if clock.office_day(at).year <= year:
            raise BadInputError(f"{year}年还没有过完，统计期满（12月31日）以后才能签发。")
        async with self._database.reading() as session:
            row = await standing.standing(session, year)
            if row.version != version:
                raise ConflictError(standing.STALE)
            if row.state != ReportStage.REVIEWED:
                raise BadInputError("报告还没有审核通过，不能签发。")
            report = await build(session, self._settings, year, rows=False, kept=self._kept)
            if standing.digest(report) != row.content_sha256:
                raise BadInputError("审核以后，台账或设置变了，报告的内容和审核时不同。请重新审核。")
            ready(report)
            number = len(await versions.versions(session, year)) + 1
            files, missing = await _files(session, replace(report, number=number, correction=row.reason))
        async with self._database.writing() as session:
            row = await standing.turn(session, year, version)
            await _freeze(session, row, report, number, files, who, at)
            row.state, row.reason = ReportStage.SIGNED, ""
            standing.step(session, row, ReportAction.SIGNED, who, f"第 {number} 版{missing}", at)
        return number

    async def _now(self, year: int) -> Report:
        async with self._database.reading() as session:
            return await build(session, self._settings, year, rows=False, kept=self._kept)


async def _freeze(
    session: AsyncSession,
    row: ReportState,
    report: Report,
    number: int,
    files: dict[str, Packed],
    who: str,
    at: datetime,
) -> None:
    last = await versions.last_version(session)
    signed = ReportVersion(
        year=row.year,
        number=number,
        signed_at=at,
        signed_by=who,
        reviewed_by=row.reviewed_by,
        written_by=row.written_by,
        reason=row.reason,
        figures=versions.as_text(report.values),
        files={kind: {"sha256": packed.sha256, "size": packed.size} for kind, packed in files.items()},
        previous=last.hash if last else versions.FIRST_PREVIOUS,
        hash="",
    )
    signed.hash = versions.version_hash(signed)
    session.add(signed)
    await session.flush()
    for kind, packed in files.items():
        for part, piece in enumerate(packed.pieces):
            session.add(ReportFile(version_id=signed.id or 0, kind=kind, part=part, content=piece))


def ready(report: Report) -> None:
    """BadInputError names what still stands against the final form: hard rules first, then warnings without a reason."""
    faults = [f"{check.id} {check.label}" for check in (*report.broken, *report.undecided)]
    if faults:
        raise BadInputError(
            f"有 {len(faults)} 条必须成立的勾稽关系不成立，或者因为有数未统计而无法核对：{_some(faults)}。"
        )
    open_warnings = [f"{check.id} {check.label}" for check in report.unexplained]
    if open_warnings:
        raise BadInputError(f"有 {len(open_warnings)} 条提醒还没有写明理由：{_some(open_warnings)}。")


def said(text: str, name: str, field: str) -> str:
    """A reason or remark that somebody wrote; BadInputError where there is none or it is too long."""
    text = " ".join(text.split())
    if not text or len(text) > NOTE_MAX or not text.isprintable():
        raise BadInputError(f"请写明{name}，最多 {NOTE_MAX} 个字。", field)
    return text


async def _files(session: AsyncSession, report: Report) -> tuple[dict[str, Packed], str]:
    """The files by kind, and in words what could not be made."""
    packer = Packer()
    async for part in json_pieces(session, report):
        packer.add(part)
    files = {"json": packer.done()}
    missing = ""
    for kind in FROZEN:
        if kind not in files:
            try:
                files[kind] = pack(await asyncio.to_thread(render, report, kind))
            except BadInputError as error:
                if kind != "pdf":  # which depends on the machine's fonts; a statutory report does not wait for these
                    raise
                missing = f"；没有 PDF 文件：{error}"
    return {kind: files[kind] for kind in FROZEN if kind in files}, missing


def _some(names: list[str]) -> str:
    return "；".join(names[:NAMED]) + (f"；等 {len(names)} 条" if len(names) > NAMED else "")
