"""Text files: what encoding they are in, paragraphs that pages have cut, tables as lines with tabs."""

import re

from admin.report.reading.limits import LARGEST_TEXT, MOST_BLOCKS
from admin.report.reading.outline import ENDS, is_heading, is_title
from admin.report.reading.raw import Document, Paragraph, Table
from admin.report.reading.stacked import unstacked
from admin.report.reading.words import tidy
from knowledge.errors import BadInputError

MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
DECLARED = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]+)", re.IGNORECASE)
CHINESE = "gb18030"  # of which GBK and GB 2312 are parts
CLOSERS = "”’）)》】〕"
SHORTEST_LINE = 16  # letters: a shorter line that ends without a full stop is no line of a cut paragraph


def decoded(content: bytes, name: str) -> str:
    """The text of a file: by its mark, by what it declares, as UTF-8, or as GB 18030."""
    if len(content) > LARGEST_TEXT:
        raise BadInputError(f"{name} 太大，不像是一份年度报告，没有读。", "file")
    tried = [encoding for mark, encoding in MARKS if content.startswith(mark)]
    declared = DECLARED.search(content[:4096])
    if declared and not tried and declared[1].lower().startswith((b"gb", b"utf-8", b"utf8", b"big5")):
        said = declared[1].decode("ascii").lower()
        tried = [CHINESE if said.startswith("gb") else said]
    for encoding in (*tried, "utf-8", CHINESE):
        try:
            text = content.decode(encoding)
        except (UnicodeError, LookupError):
            continue
        if "\x00" not in text:
            return text
    raise BadInputError(f"{name} 的文字编码认不出来（不是 UTF-8，也不是 GB18030）。请另存为 UTF-8 文本。", "file")


def read_text(content: bytes, name: str) -> Document:
    """A text file as paragraphs and tables."""
    blocks: list[Paragraph | Table] = []
    rows: list[tuple[str, ...]] = []
    began = 0
    lines = decoded(content, name).splitlines()
    if len(lines) > MOST_BLOCKS:
        raise BadInputError(f"{name} 有{len(lines)}行，不像是一份年度报告，没有读。", "file")
    for number, line in enumerate([*lines, ""], start=1):
        if "\t" in line.strip("\n\r "):
            began = began or number
            rows.append(tuple(line.split("\t")))
            continue
        if rows and line.strip():
            blocks.append(Table(tuple(rows), f"第{began}行起的表", exact=False))
            rows, began = [], 0
        if line.strip():
            blocks.append(Paragraph(tidy(line), f"第{number}行"))
    if rows:
        blocks.append(Table(tuple(rows), f"第{began}行起的表", exact=False))
    return Document(tuple(mended(list(unstacked(blocks)))))


def mended(blocks: list[Paragraph | Table]) -> list[Paragraph | Table]:
    """Paragraphs that were cut at the end of a line or page are put together again."""
    found: list[Paragraph | Table] = []
    for block in blocks:
        last = found[-1] if found else None
        if isinstance(block, Paragraph) and isinstance(last, Paragraph) and _goes_on(last, block):
            found[-1] = Paragraph(_together(last.text, block.text), last.place)
        else:
            found.append(block)
    return found


def _goes_on(above: Paragraph, below: Paragraph) -> bool:
    if is_heading(above) or is_heading(below) or is_title(above.text) or len(above.text) < SHORTEST_LINE:
        return False
    return above.text.rstrip(CLOSERS)[-1:] not in ENDS


def _together(above: str, below: str) -> str:
    """With a space only between two words of Latin letters."""
    apart = " " if (above[-1] + below[0]).isascii() and (above[-1] + below[0]).isalpha() else ""
    return f"{above}{apart}{below}"
