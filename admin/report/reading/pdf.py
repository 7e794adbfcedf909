"""PDF files: letters and lines as paragraphs and tables, page numbers left out, paragraphs joined over pages."""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from admin.report.reading.letters import BROKEN, LOCKED, LONG, Letter, Page, pages
from admin.report.reading.limits import MEMORY, MOST_PAGES, SECONDS
from admin.report.reading.raw import Document, Paragraph, Table
from admin.report.reading.ruled import in_order, tables
from admin.report.reading.words import tidy
from knowledge.errors import BadInputError

try:
    import resource
except ImportError:  # Windows; there only the time is limited
    resource = None  # type: ignore[assignment]

NUMBER_OF_PAGE = re.compile(r"[-—–_－·.]*(?:第)?\d{1,3}(?:页)?(?:[/共]\d{1,3}页?)?[-—–_－·.]*")
DRAFT = "草稿"  # at the head of every page of our own drafts
EDGE = 0.13  # the part of a page, above and below, where page numbers stand
OFTEN = 0.05  # the part of all lines that must begin at a place for it to be the margin
INDENTED = 0.8  # letters: a line that begins this much farther in begins a paragraph
SHORT = 2.5  # letters: where nothing is indented, a line this much shorter ends one
UNREADABLE = 0.3  # the part of letters without a meaning from which a file's text is none
SCANNED, GARBLED = "scanned", "garbled"
REFUSED = {
    LOCKED: "加了密码，读不了。请另存一份不加密的。",
    BROKEN: "不是完好的 PDF 文件，打不开。请重新下载或重新导出。",
    LONG: f"超过{MOST_PAGES}页，不像是一份年度报告，没有读。",
    SCANNED: "里没有文字，大概是扫描件。请用由文字排版的 PDF（如由 Word 另存的），或先做文字识别。",
    GARBLED: "里的文字读不出来（字体没有给出文字对照）。请用原来的 Word 文件或网页。",
}
TOO_MUCH = f"读了{SECONDS}秒还没有读完，不像是一份正常的年度报告，没有读。"
GIVEN_UP = "内容不合常规（占用太多，或格式有误），读不下去。请重新导出一份再试。"
MODULE, ROOT = "admin.report.reading.pdf", Path(__file__).parents[3]
Lines = list[tuple[int, list[Letter]]]
Block = Table | tuple[int, list[Letter]]  # a table, or a line with the number of its page


def read_pdf(content: bytes, name: str) -> Document:
    """A file as paragraphs and tables; BadInputError where there are none to be had.

    It is read by a process of its own with limits on time and memory: a file made to do harm takes down nothing else.
    """
    command = [sys.executable, "-m", MODULE]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=SECONDS, cwd=ROOT, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise BadInputError(f"{name} {TOO_MUCH}", "file") from None
    if done.returncode:
        raise BadInputError(f"{name} {GIVEN_UP}", "file")
    found = json.loads(done.stdout)
    if isinstance(found, str):
        raise BadInputError(f"{name} {REFUSED[found]}", "file")
    return Document(tuple(_block(**block) for block in found))


def main() -> None:
    """A file on standard input, its paragraphs and tables (or the reason why there are none) on standard output."""
    if resource:
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        with suppress(ValueError, OSError):  # not every system knows this limit
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    try:
        found: object = [asdict(block) for block in laid_out(pages(sys.stdin.buffer.read()))]
    except ValueError as reason:
        found = str(reason)
    json.dump(found, sys.stdout)


def laid_out(sheets: Sequence[Page]) -> list[Paragraph | Table]:
    """Pages as paragraphs and tables; ValueError with SCANNED or GARBLED where there is no text."""
    every = [letter.sign for page in sheets for letter in page.letters]
    if not any(sign.strip() for sign in every):
        raise ValueError(SCANNED)
    if sum(not sign.isprintable() for sign in every) > UNREADABLE * len(every):
        raise ValueError(GARBLED)
    blocks = [block for number, page in enumerate(sheets, start=1) for block in _blocks(page, number)]
    return list(_joined(blocks))


def _block(place: str, text: str = "", rows: Sequence[Sequence[str | None]] = (), **more: bool) -> Paragraph | Table:
    return Table(tuple(tuple(row) for row in rows), place, **more) if rows else Paragraph(text, place, **more)


def _blocks(page: Page, number: int) -> Iterator[Block]:
    """Tables and lines of a page from top to bottom."""
    found = list(tables(page.letters, page.rules))
    outside = [letter for letter in page.letters if not any(table.holds(letter) for table in found)]
    placed: list[tuple[float, Block]] = [
        (table.top, Table(table.rows, f"第{number}页的表")) for table in found if any(any(row) for row in table.rows)
    ]
    for line in in_order(outside):
        if not _is_page_number(line, page) and any(letter.sign.strip() for letter in line):
            placed.append((line[0].base, (number, line)))
    yield from (block for _, block in sorted(placed, key=lambda each: each[0]))


def _is_page_number(line: list[Letter], page: Page) -> bool:
    at_edge = not page.height * EDGE < line[0].base < page.height * (1 - EDGE)
    text = "".join("".join(each.sign for each in line).split())
    return at_edge and (text == DRAFT or bool(NUMBER_OF_PAGE.fullmatch(text)))


def _joined(blocks: list[Block]) -> Iterator[Paragraph | Table]:
    """Lines as paragraphs; one goes on over a page, but not over a table."""
    lines = [block for block in blocks if not isinstance(block, Table)]
    margin, right = _margins(lines)
    indented = sum(_is_indented(line, margin) for _, line in lines) > OFTEN * len(lines)
    open_lines: Lines = []
    for block in blocks:
        if isinstance(block, Table):
            yield from _paragraph(open_lines)
            yield block
            open_lines = []
            continue
        if open_lines and _begins(block[1], open_lines[-1][1], margin, right, indented=indented):
            yield from _paragraph(open_lines)
            open_lines = []
        open_lines.append(block)
    yield from _paragraph(open_lines)


def _margins(lines: Lines) -> tuple[float, float]:
    """Where most lines begin at the farthest left, and where the longest end."""
    starts = Counter(round(line[0].left) for _, line in lines)
    often = [start for start, count in starts.items() if count >= max(OFTEN * len(lines), 1)]
    return float(min(often, default=0)), max((line[-1].right for _, line in lines), default=0.0)


def _is_indented(line: list[Letter], margin: float) -> bool:
    return line[0].left > margin + line[0].size * INDENTED


def _begins(line: list[Letter], above: list[Letter], margin: float, right: float, *, indented: bool) -> bool:
    if _is_indented(line, margin):
        return True
    if abs(line[0].size - above[0].size) > 1:
        return True
    return not indented and above[-1].right < right - above[-1].size * SHORT


def _paragraph(lines: Lines) -> Iterator[Paragraph]:
    text = tidy("".join(letter.sign for _, line in lines for letter in line))
    if text:
        yield Paragraph(text, f"第{lines[0][0]}页")


if __name__ == "__main__":
    main()
