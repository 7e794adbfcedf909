"""Tells what kind of file lies there, by its content and not by its name, and has it read."""

from pathlib import Path

from admin.report.reading.limits import LARGEST_FILE
from admin.report.reading.page import read_page
from admin.report.reading.pdf import read_pdf
from admin.report.reading.plain import decoded, read_text
from admin.report.reading.raw import Document
from admin.report.reading.sheet import BOOK, read_workbook
from admin.report.reading.word import MAIN, read_word
from admin.report.reading.zipped import Archive
from knowledge.errors import BadInputError

ZIP, PDF, OLE = b"PK\x03\x04", b"%PDF-", b"\xd0\xcf\x11\xe0"
OPENING = 2048  # bytes in which a page shows that it is one
IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")
OLD_OFFICE = "是旧版 Word、Excel 或 WPS 的文件（或加了密码的新版文件），读不了。请打开后另存为 DOCX 或 PDF。"
NO_KIND = "不是能读的文件。可以读 HTML、DOCX、PDF、TXT、XLSX 和 JSON。"


def content_of(path: Path) -> bytes:
    """A file's bytes."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise BadInputError(f"{path} 太大（超过 {LARGEST_FILE // 1024**2} MB），不像是一份年度报告。", "file")
        return path.read_bytes()
    except OSError as error:
        raise BadInputError(f"{path} 读不出来（{error.strerror}）。请检查文件名和权限。", "file") from None


def is_json(content: bytes, path: Path) -> bool:
    """Whether it is, or is meant to be, JSON."""
    return path.suffix.lower() == ".json" or content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def read_document(content: bytes, path: Path) -> Document:
    """Paragraphs and tables of a file of any kind but JSON."""
    name = str(path)
    if not content.strip():
        raise BadInputError(f"{name} 是空的。", "file")
    if content.startswith(ZIP):
        return _of_archive(Archive(content, name))
    if PDF in content[:1024]:
        return read_pdf(content, name)
    if content.startswith(OLE):
        raise BadInputError(f"{name} {OLD_OFFICE}", "file")
    if content.startswith(IMAGES):
        raise BadInputError(f"{name} 是图片，不是文字。请用 Word 文件、网页或由文字排版的 PDF。", "file")
    head = decoded(content, name)[:OPENING].lower()
    page = path.suffix.lower() in (".html", ".htm", ".shtml", ".mht") or any(
        mark in head for mark in ("<html", "<!doctype", "<table", "<body", "<div", "<p>")
    )
    return read_page(content, name) if page else read_text(content, name)


def _of_archive(archive: Archive) -> Document:
    names = archive.names()
    if MAIN in names:
        return read_word(archive)
    if BOOK in names:
        return read_workbook(archive)
    raise BadInputError(f"{archive.name} 是压缩包，里面没有 Word 或 Excel 的内容。{NO_KIND}", "file")
