"""PDF files: letters and lines as paragraphs and tables, page numbers left out, paragraphs joined over pages."""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from admin.report.reading import letters as program
from admin.report.reading.letters import BROKEN, LOCKED, LONG, Letter, Page, Rule
from admin.report.reading.limits import MOST_PAGES, SECONDS
from admin.report.reading.raw import Document, Paragraph, Table
from admin.report.reading.ruled import in_order, tables
from admin.report.reading.words import tidy
from knowledge.errors import BadInputError

NUMBER_OF_PAGE = re.compile(r"[-—–_－·.]*(?:第)?\d{1,3}(?:页)?(?:[/共]\d{1,3}页?)?[-—–_－·.]*")
EDGE = 0.13  # the part of a page, above and below, where page numbers stand
OFTEN = 0.05  # the part of all lines that must begin at a place for it to be the margin
INDENTED = 0.8  # letters: a line that begins this much farther in begins a paragraph
SHORT = 2.5  # letters: where nothing is indented, a line this much shorter ends one
UNREADABLE = 0.3  # the part of letters without a meaning from which a file's text is none
REFUSED = {
    LOCKED: "加了密码，读不了。请另存一份不加密的。",
    BROKEN: "不是完好的 PDF 文件，打不开。请重新下载或重新导出。",
    LONG: f"超过{MOST_PAGES}页，不像是一份年度报告，没有读。",
}
SCANNED = "里没有文字，大概是扫描件。请用由文字排版的 PDF（如由 Word 另存的），或先做文字识别。"
GARBLED = "里的文字读不出来（字体没有给出文字对照）。请用原来的 Word 文件或网页。"
TOO_MUCH = f"读了{SECONDS}秒还没有读完，或占用内存太多，不像是一份正常的年度报告，没有读。"
Lines = list[tuple[int, list[Letter]]]


def read_pdf(content: bytes, name: str) -> Document:
    """A file as paragraphs and tables; read by a process of its own with limits on time and memory."""
    command = [sys.executable, "-m", program.__name__]
    root = Path(__file__).parents[3]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=SECONDS, cwd=root, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise BadInputError(f"{name} {TOO_MUCH}", "file") from None
    if done.returncode:
        raise BadInputError(f"{name} {TOO_MUCH}", "file")
    found = json.loads(done.stdout)
    if isinstance(found, str):
        raise BadInputError(f"{name} {REFUSED.get(found, REFUSED[BROKEN])}", "file")
    return laid_out([_page(page) for page in found], name)


def laid_out(pages: Sequence[Page], name: str) -> Document:
    """Pages as paragraphs and tables."""
    every = [letter.sign for page in pages for letter in page.letters]
    if not any(sign.strip() for sign in every):
        raise BadInputError(f"{name} {SCANNED}", "file")
    if sum(not sign.isprintable() for sign in every) > UNREADABLE * len(every):
        raise BadInputError(f"{name} {GARBLED}", "file")
    blocks = [block for number, page in enumerate(pages, start=1) for block in _blocks(page, number)]
    return Document(tuple(_joined(blocks)))


Block = Table | tuple[int, list[Letter]]  # a table, or a line with the number of its page


def _page(found: dict[str, object]) -> Page:
    letters, rules = found["letters"], found["rules"]
    assert isinstance(letters, list)  # noqa: S101 our own program wrote it
    assert isinstance(rules, list)  # noqa: S101
    return Page(
        float(str(found["width"])),
        float(str(found["height"])),
        tuple(Letter(**letter) for letter in letters),
        tuple(Rule(**rule) for rule in rules),
    )


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
    return at_edge and bool(NUMBER_OF_PAGE.fullmatch("".join("".join(each.sign for each in line).split())))


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
