"""Finds title, preface and the six parts in a file's paragraphs."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from admin.report.form import SectionTitle, form_for
from admin.report.reading.published import Part, Section, Words
from admin.report.reading.raw import Document, Paragraph, Table
from admin.report.reading.words import key, tidy, year_in

SECTIONS: tuple[SectionTitle, ...] = form_for(2021).sections
TITLE = re.compile(r"政府信息公开(?:工作)?年度?报告?")
PERIOD = re.compile(r"(20\d\d)\s*年\s*1\s*月\s*1\s*日")
SUBHEADING = re.compile(r"[（(][一二三四五六七八九十]{1,3}[）)]")
NAME = re.compile(r"[\u3400-\u9fff（）()A-Za-z0-9]{2,40}")  # of an office, or the year on a line of its own
ENDS = "。！？；：.!?;:…"
LONGEST_HEADING, LONGEST_TITLE, TITLE_LINES = 40, 80, 4
NEAR = 66.0  # of 100: 因政府信息公开工作被申请行政复议、提起行政诉讼情况 has 73 to the title of the form


@dataclass
class _Open:
    """A section that is still being read."""

    title: str
    printed: str
    table: str
    parts: list[tuple[str, list[Words]]] = field(default_factory=lambda: [("", [])])
    notes: list[Words] = field(default_factory=list)
    said: list[Paragraph] = field(default_factory=list)
    below: bool = False

    @property
    def empty(self) -> bool:
        return not self.below and not self.said

    def add(self, paragraph: Paragraph) -> None:
        self.said.append(paragraph)
        words = Words(paragraph.text, paragraph.place)
        if self.below:
            self.notes.append(words)
        elif _is_subheading(paragraph):
            self.parts.append((paragraph.text, []))
        else:
            self.parts[-1][1].append(words)

    def closed(self) -> Section:
        parts = [Part(title, tuple(words)) for title, words in self.parts if title or words]
        return Section(self.title, self.printed, tuple(parts), tuple(self.notes))


@dataclass(frozen=True)
class Outline:
    """A report's text: year where it says one, office where the title names one."""

    year: int | None
    office: str
    preface: tuple[Words, ...]
    sections: tuple[Section, ...]


class _Reader:
    """Takes a file's paragraphs one by one."""

    def __init__(self) -> None:
        self.before: list[Paragraph] = []
        self.found: list[_Open] = []

    def take(self, block: Paragraph | Table) -> None:
        """The next paragraph or table."""
        if isinstance(block, Table):
            if self.found and self.found[-1].table:
                self.found[-1].below = True
        elif not self._begins(block):
            if self.found:
                self.found[-1].add(block)
            else:
                self.before.append(block)

    def _begins(self, paragraph: Paragraph) -> bool:
        """Whether this is the heading of a part; one that comes again is so only where the first said nothing."""
        known = section_of(paragraph.text)
        if known is None:
            return False
        section = _Open(known.title, tidy(paragraph.text), known.table)
        titles = [each.title for each in self.found]
        if known.title not in titles:
            self.found.append(section)
        elif titles[0] == known.title and len(titles) > 1 and all(each.empty for each in self.found[:-1]):
            self.before += self.found[-1].said  # that was a list of contents, and below it the preface
            self.found = [section]
        elif titles[-1] == known.title and self.found[-1].empty:
            self.found[-1] = section
        else:
            return False
        return True


def read_outline(document: Document) -> Outline:
    """The text of a file, part by part."""
    reader = _Reader()
    for block in document.blocks:
        reader.take(block)
    before = reader.before
    title, office, preface = _opening(before)
    year = year_in(title) or _year_of_text(before) or year_in(document.title)
    return Outline(
        year,
        office,
        tuple(Words(line.text, line.place) for line in preface),
        tuple(section.closed() for section in reader.found),
    )


def section_of(text: str) -> SectionTitle | None:
    """The part of the form whose heading this is, in the words of the form or near them."""
    plain = tidy(text).rstrip("：:。")
    if not plain or len(plain) > LONGEST_HEADING or plain[-1] in ENDS:
        return None
    numbered = re.match(r"([一二三四五六])\s*[、.．,，]", plain)
    bare = key(plain[numbered.end() :] if numbered else plain)
    scores = [(fuzz.ratio(bare, key(section.title)[1:]), section) for section in SECTIONS]
    best, section = max(scores, key=lambda score: score[0])
    return section if best >= (NEAR if numbered else 100.0) else None


def is_heading(paragraph: Paragraph) -> bool:
    """Whether a paragraph begins a part or a division of one."""
    return section_of(paragraph.text) is not None or _is_subheading(paragraph)


def is_title(text: str) -> bool:
    """Whether a line is, or ends, the report's title."""
    plain = "".join(text.split())
    return len(plain) <= LONGEST_TITLE and bool(TITLE.search(plain)) and plain[-1] not in f"{ENDS}，、"


def _is_subheading(paragraph: Paragraph) -> bool:
    text = paragraph.text
    short = 0 < len(text) <= LONGEST_HEADING and text[-1] not in f"{ENDS}，、"
    return short and (paragraph.heading or bool(SUBHEADING.match(text)))


def _opening(lines: list[Paragraph]) -> tuple[str, str, list[Paragraph]]:
    """Title, office and preface: the title is the last short line that is one, with the short lines just before it."""
    at = next((number for number in range(len(lines) - 1, -1, -1) if is_title(lines[number].text)), None)
    if at is None:
        return "", "", lines
    first = at
    while (
        first
        and at - first < TITLE_LINES
        and _is_name(lines[first - 1].text)
        and not _office(_title(lines[first : at + 1]))
    ):
        first -= 1
    title = _title(lines[first : at + 1])
    return title, _office(title), lines[at + 1 :]


def _title(lines: Sequence[Paragraph]) -> str:
    return "".join("".join(line.text.split()) for line in lines)


def _office(title: str) -> str:
    """What stands before the year."""
    found = re.match(r"(.*?)(?:20\d\d|[〇○零一二三四五六七八九]{4})年", title)
    return found[1] if found else ""


def _is_name(text: str) -> bool:
    return bool(NAME.fullmatch("".join(text.split())))


def _year_of_text(lines: Sequence[Paragraph]) -> int | None:
    """The year of the period that the preface gives."""
    found = PERIOD.search("".join(line.text for line in lines))
    return int(found[1]) if found else None
