"""The report as files: HTML, DOCX, PDF, XLSX, JSON. The same report gives the same bytes on every machine."""

import importlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path

from admin.report.build import Report, as_json
from admin.report.docx import docx
from admin.report.html import html
from admin.report.xlsx import xlsx
from knowledge.errors import BadInputError


def _json(report: Report) -> bytes:
    return (json.dumps(as_json(report), ensure_ascii=False, indent=1) + "\n").encode()


def _pdf(report: Report) -> bytes:
    """Loaded when it is asked for: what writes PDF takes 30 MB, which a service that shows pages need not carry."""
    content: bytes = importlib.import_module("admin.report.pdf").pdf(report)
    return content


FORMATS: dict[str, Callable[[Report], bytes]] = {"html": html, "docx": docx, "pdf": _pdf, "xlsx": xlsx, "json": _json}


def render(report: Report, kind: str) -> bytes:
    """One file's bytes; a format that is not made here is refused."""
    if kind not in FORMATS:
        raise BadInputError(f"不能输出 {kind} 格式；可用的格式有：{'、'.join(FORMATS)}。", "format")
    return FORMATS[kind](report)


def write(report: Report, kinds: Iterable[str], folder: Path) -> list[Path]:
    """Write `report-YEAR.KIND` into a folder, all or none of them, and return the paths."""
    made = {folder / f"report-{report.year}.{kind}": render(report, kind) for kind in kinds}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in made.items():
            path.write_bytes(content)
    except OSError as error:
        raise BadInputError(f"写不进文件夹 {folder}（{error.strerror}）。请换一个可写的文件夹。", "out") from None
    return list(made)
