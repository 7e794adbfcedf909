"""The report as files: HTML, DOCX, PDF, XLSX, JSON. The same report gives the same bytes on every machine."""

import importlib
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from pathlib import Path

from sqlmodel.ext.asyncio.session import AsyncSession

from admin.report import versions
from admin.report.build import Report
from admin.report.docx import docx
from admin.report.html import html
from admin.report.json_file import json_bytes, json_pieces
from admin.report.xlsx import xlsx
from knowledge.errors import BadInputError
from knowledge.tables import ReportVersion

WITH_ROWS = "xlsx"  # the one file that is made with the rows behind the figures in memory


def _pdf(report: Report) -> bytes:
    """Loaded when it is asked for: what writes PDF takes 30 MB, which a service that shows pages need not carry."""
    content: bytes = importlib.import_module("admin.report.pdf").pdf(report)
    return content


FORMATS: dict[str, Callable[[Report], bytes]] = {
    "html": html,
    "docx": docx,
    "pdf": _pdf,
    "xlsx": xlsx,
    "json": json_bytes,
}


def render(report: Report, kind: str) -> bytes:
    """One file's bytes; a format that is not made here is refused."""
    if kind not in FORMATS:
        raise BadInputError(f"不能输出 {kind} 格式；可用的格式有：{'、'.join(FORMATS)}。", "format")
    return FORMATS[kind](report)


def write(report: Report, kinds: Iterable[str], folder: Path) -> list[Path]:
    """Write `report-YEAR.KIND` (a draft: `report-YEAR-draft.KIND`) into a folder, all or none of them, and return the paths."""
    made = {folder / f"{report.stem}.{kind}": render(report, kind) for kind in kinds}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in made.items():
            path.write_bytes(content)
    except OSError as error:
        raise BadInputError(f"写不进文件夹 {folder}（{error.strerror}）。请换一个可写的文件夹。", "out") from None
    return list(made)


async def write_all(session: AsyncSession, report: Report, kinds: Sequence[str], folder: Path) -> list[Path]:
    """As `write`; but a JSON file's rows go from the database to the file without standing in memory."""
    paths = write(report, [kind for kind in kinds if kind != "json"], folder)
    if "json" in kinds:
        paths.append(await _poured(json_pieces(session, report), folder / f"{report.stem}.json"))
    return paths


async def write_frozen(session: AsyncSession, version: ReportVersion, kind: str, folder: Path) -> Path:
    """Write one file of a signed version, as it was signed."""
    path = folder / f"report-{version.year}-v{version.number}.{kind}"
    return await _poured(versions.content(session, version, kind), path)


async def _poured(pieces: AsyncIterator[bytes], path: Path) -> Path:
    """Beside its place first, so that a file is whole or not there."""
    aside = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("wb") as file:
            async for piece in pieces:
                file.write(piece)
        aside.replace(path)
    except OSError as error:
        raise BadInputError(f"写不进文件夹 {path.parent}（{error.strerror}）。请换一个可写的文件夹。", "out") from None
    return path
