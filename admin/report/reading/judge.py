"""Holds a report that was read against the rules C1 to C10, and says where each rule is broken."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from admin.report import checks, claims
from admin.report.checks import HARD, SELF_NAMES, WARNING, CheckResult, Tables
from admin.report.form import NEW, TOTAL, Form, cells, form_for
from admin.report.reading.files import content_of, is_json, read_document
from admin.report.reading.json_shape import read_json
from admin.report.reading.outline import read_outline
from admin.report.reading.published import Published, Section, Words
from admin.report.reading.raw import Table
from admin.report.reading.tables import NAMES, read_tables
from admin.report.values import Value, is_number
from knowledge.errors import BadInputError

NO_REPORT = "不是政府信息公开工作年度报告：既没有找到六个部分的标题，也没有找到规定的表格。"
PLACES_NAMED = 5
QUOTED = 24


@dataclass(frozen=True)
class Finding:
    """A rule's result and where in the file it is about; no place where it is about the whole."""

    result: CheckResult
    place: str = ""

    def as_dict(self) -> dict[str, object]:
        """As `report check --json` prints it."""
        return {**self.result.as_dict(), "place": self.place}


@dataclass(frozen=True)
class Checked:
    """One file: what was read, what the rules say of it, and what the reader should know (`notes`)."""

    path: Path
    report: Published
    findings: tuple[Finding, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be read, and remarks beside numbers."""
        return (*self.report.sheet.faults, *self.report.sheet.remarks)

    @property
    def broken(self) -> list[Finding]:
        """The rules that do not hold."""
        return [finding for finding in self.findings if finding.result.holds is False]

    @property
    def passed(self) -> bool:
        """Whether no rule that must hold is broken."""
        return not any(finding.result.level == HARD for finding in self.broken)


def read_report(path: Path, year: int | None = None) -> Published:
    """A report from a file of any kind; BadInputError says in Chinese why it cannot be read. `year` where it names none."""
    content = content_of(path)
    if is_json(content, path):
        return read_json(content, path)
    document = read_document(content, path)
    outline = read_outline(document)
    sheet = read_tables([block for block in document.blocks if isinstance(block, Table)])
    if not outline.sections and not sheet.cells:
        raise BadInputError(f"{path} {NO_REPORT}", "file")
    said = year or outline.year
    if said is None:
        raise BadInputError(f"看不出 {path} 是哪一年的报告，请用 --year 写明年份。", "year")
    form_for(said)
    return Published(said, outline.office, outline.preface, outline.sections, sheet, document.has_text)


def cells_of(path: Path, year: int | None = None) -> tuple[int, dict[str, Value]]:
    """The year of a published report and its cells by key."""
    report = read_report(path, year)
    return report.year, dict(report.sheet.cells)


def check_files(paths: Sequence[Path], year: int | None = None) -> Iterator[Checked | BadInputError]:
    """Each file, or why it cannot be read; reports of one office for two years in a row are compared (C5, C6)."""
    read: list[tuple[Path, Published | BadInputError]] = []
    for path in paths:
        try:
            read.append((path, read_report(path, year)))
        except BadInputError as error:
            read.append((path, error))
    reports = [report for _, report in read if isinstance(report, Published)]
    for path, report in read:
        if isinstance(report, BadInputError):
            yield report
            continue
        before = [each for each in reports if each.year == report.year - 1 and each.office == report.office]
        yield Checked(path, report, tuple(_findings(report, before[0] if before else None)))


def check_file(path: Path, year: int | None = None) -> list[CheckResult]:
    """Every rule that can be told from one file alone."""
    return [finding.result for finding in _findings(read_report(path, year))]


def _findings(report: Published, before: Published | None = None) -> Iterator[Finding]:
    form = form_for(report.year)
    tables = _tables(report)
    yield from _arithmetic(tables, report.sheet.places)
    if before:
        yield from map(Finding, checks.across_years(tables, _tables(before)))
    if report.has_text:
        yield from _claims(report, tables)
    yield from _filled(report, tables)
    if report.has_text:
        yield from _sections(report, form)
    yield from _forms(report, form)
    if report.has_text:
        yield from _own_names(report)


def _tables(report: Published) -> Tables:
    """The cells, with the rows of table three as they are printed, also where that is another year's form."""
    form = form_for(report.year)
    if report.sheet.form and report.sheet.form != form.name:
        other = form_for(int(report.sheet.form))
        form = replace(form, table3=other.table3)
    return Tables(form, report.sheet.cells)


def _arithmetic(tables: Tables, places: Mapping[str, str]) -> Iterator[Finding]:
    """C1 to C4, each with the place of the cell on its left side."""
    columns = [column.key for column in tables.form.table3.columns]
    keys = [f"t3.{NEW}.{column}" for column in columns] + [f"t3.{TOTAL}.{column}" for column in columns]
    keys += [f"t3.{row.key}.{TOTAL}" for row in tables.form.table3.rows]
    keys += [f"t4.{group.key}.{TOTAL}" for group in tables.form.table4.groups]
    for key, result in zip(keys, checks.arithmetic(tables), strict=True):
        yield Finding(result, places.get(key, ""))


def _claims(report: Published, tables: Tables) -> Iterator[Finding]:
    """C7 paragraph by paragraph."""
    found = [
        (words, section, claim)
        for section in report.sections
        for words in section.paragraphs()
        for claim in claims.find(tables.form, words.text)
    ]
    if not found:
        yield from map(Finding, checks.in_prose(tables, []))
    for words, section, claim in found:
        for result in checks.in_prose(tables, [claim]):
            yield Finding(result, _place(section, words))


def _filled(report: Published, tables: Tables) -> Iterator[Finding]:
    """C8 for the tables that are there, with the places of the first empty cells."""
    for table, result in zip("234", checks.filled(tables), strict=True):
        if table not in report.sheet.tables:
            continue
        empty = [key for key in cells(tables.form) if key.startswith(f"t{table}.") and not is_number(tables.at(key))]
        places = [report.sheet.places[key] for key in empty if key in report.sheet.places]
        yield Finding(result, "、".join(places[:PLACES_NAMED]))


def _sections(report: Published, form: Form) -> Iterator[Finding]:
    """C9: the six parts; a title in other words is a warning, as published reports often have one."""
    wanted = next(section.title for section in form.sections if section.key == "problems")
    problems = [section for section in report.sections if section.title == wanted]
    text = "\n".join(words.text for section in problems for words in section.paragraphs())
    titles = [section.title for section in report.sections]
    for result in checks.sections(form, titles, text):
        yield Finding(result)
    for section in report.sections:
        if re.sub(r"\s", "", section.printed) != section.title:
            label = "标题与格式规定的文字相同"
            yield Finding(CheckResult("C9", WARNING, label, section.printed, section.title, holds=False))


def _forms(report: Published, form: Form) -> Iterator[Finding]:
    """C9 and C10: the tables are there, and are those of the year's form."""
    missing = [NAMES[table] for table in "234" if table not in report.sheet.tables]
    label = "第二、三、四部分的三张表齐全"
    yield Finding(CheckResult("C9", HARD, label, f"缺{'、'.join(missing)}" if missing else "齐全", "齐全", not missing))
    if "2" in report.sheet.tables:
        yield Finding(checks.columns_of_table_2(form, report.sheet.blocks))
    if report.sheet.form:
        label = f"表三的行为{form.name}年格式（{form.document}）"
        same = report.sheet.form == form.name
        left, right = f"{report.sheet.form}年格式", f"{form.name}年格式"
        yield Finding(CheckResult("C10", WARNING, label, left, right, same))


def _own_names(report: Published) -> Iterator[Finding]:
    """X3: the office calls itself by the name it uses most; a published report had 我办 among 我中心."""
    used = [
        (name, _place(section, words))
        for section in report.sections
        for words in section.paragraphs()
        for name in SELF_NAMES.findall(words.text)
    ]
    counted = Counter(name for name, _ in used)
    if not counted:
        return
    usual = max(counted, key=lambda name: counted[name])
    others = [(name, place) for name, place in used if name != usual]
    left = "、".join(f"{name}{count}处" for name, count in counted.most_common())
    result = CheckResult("X3", WARNING, "单位自称前后一致", left, usual, not others)
    yield Finding(result, "；".join(dict.fromkeys(place for _, place in others[:PLACES_NAMED])))


def _place(section: Section, words: Words) -> str:
    """Part, heading, and the place the file's reader gave."""
    part = next((part.title for part in section.parts if words in part.paragraphs), "")
    quoted = f"“{words.text[:QUOTED]}{'…' if len(words.text) > QUOTED else ''}”"
    return " ".join(piece for piece in (section.title, part, words.place, quoted) if piece)
