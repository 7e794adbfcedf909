"""Builds one year's report from the records: figures, then text and checks from those same figures.

条例第五十条 fixes what the report contains, 国办公开办函〔2021〕30号 its form.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from admin.report import alarms, behind, checks, claims, versions
from admin.report.checks import HARD, CheckResult, Tables
from admin.report.figures import Figure, compute
from admin.report.form import FIRST_YEAR, Form, form_for
from admin.report.prose import Office, Section, Writer
from admin.report.records import KeptSums, read_year
from admin.report.values import Value
from admin.report.values import as_json as value_as_json
from knowledge import clock
from knowledge.cases.reading import Case
from knowledge.settings import Settings
from knowledge.tables import ReportReason

DRAFT_MARK = "（草稿）"
DRAFT_ON_PAGE = "草稿"
DRAFT_NOTE = "草稿：未经签发，仅供内部审阅，不得对外发布。"


@dataclass(frozen=True)
class Report:
    """A report as its records give it; everything that is rendered comes from here.

    A draft says so in its title and in its first line. `number` and `correction` are those of a version to be signed.
    """

    year: int
    office: str
    made_at: datetime
    form: Form
    figures: dict[str, Figure]
    preface: tuple[str, ...]
    sections: tuple[Section, ...]
    checks: tuple[CheckResult, ...]
    font_dir: str = ""
    draft: bool = False
    number: int = 0
    correction: str = ""
    writer: Writer | None = field(default=None, repr=False, compare=False)  # to begin an editor with its wording

    @property
    def title(self) -> str:
        """The report's title."""
        return f"{self.office}{self.year}年政府信息公开工作年度报告{DRAFT_MARK if self.draft else ''}"

    @property
    def page_mark(self) -> str:
        """What stands at the head of every printed page."""
        return DRAFT_ON_PAGE if self.draft else ""

    @property
    def stem(self) -> str:
        """What its files are named; a draft never takes the place of a final one."""
        return f"report-{self.year}{'-draft' if self.draft else ''}"

    @property
    def values(self) -> dict[str, Value]:
        """The value of every figure."""
        return {key: figure.value for key, figure in self.figures.items()}

    @property
    def tables(self) -> dict[str, Any]:
        """The three tables with their official labels."""
        return tables_as_json(self.form, self.values)

    @property
    def broken(self) -> list[CheckResult]:
        """The hard rules that do not hold; a report with any of them is not ready to be filed."""
        return [check for check in self.checks if check.level == HARD and check.holds is False]

    @property
    def undecided(self) -> list[CheckResult]:
        """The hard rules that cannot be reckoned because a side is not on record."""
        return [check for check in self.checks if check.level == HARD and check.holds is None]

    @property
    def unexplained(self) -> list[CheckResult]:
        """The warnings that nobody has given a reason for."""
        return [each for each in self.checks if each.level != HARD and each.holds is False and not each.reason]


async def build(
    session: AsyncSession,
    settings: Settings,
    year: int,
    *,
    rows: bool = True,
    draft: bool = False,
    kept: KeptSums | None = None,
    texts: Mapping[str, str] | None = None,
) -> Report:
    """The report of a year. `rows=False` leaves out the rows behind the figures, which only XLSX and trace need.

    It is dated by the last thing that happened in it, so that the same records always give the same files, wherever
    and whenever they are made. `texts` stand in place of those on record, for a preview.
    """
    form = form_for(year)
    records = await read_year(session, year, kept)
    records.texts |= texts or {}
    figures = compute(form, records)
    if rows:
        figures = {key: await with_rows(session, year, figure) for key, figure in figures.items()}
    writer = Writer(form, Office.of(settings), records, figures)
    sections = writer.sections()
    found = _checked(form, figures, sections, await _year_before(session, year, kept, records.cases))
    found += checks.own_words(settings.office_self, records.texts)
    reasons = await _reasons(session, year)
    return Report(
        year,
        settings.office_name,
        records.last_moment or clock.year_end(year),
        form,
        figures,
        ((DRAFT_NOTE,) if draft else ()) + writer.preface(),
        sections,
        tuple(replace(check, reason=reasons.get(check.key, "")) for check in found),
        font_dir=settings.report_font_dir,
        draft=draft,
        writer=writer,
    )


async def _year_before(session: AsyncSession, year: int, kept: KeptSums | None, cases: list[Case]) -> Tables:
    """Last year's figures: as they were signed, else as its records (cases among them) or its entries by hand give them."""
    form = form_for(max(year - 1, FIRST_YEAR))
    signed = await versions.versions(session, year - 1)
    if signed:
        return Tables(form, versions.from_text(signed[-1].figures))
    figures = compute(form, await read_year(session, year - 1, kept, cases))
    return Tables(form, {key: figure.value for key, figure in figures.items()})


async def _reasons(session: AsyncSession, year: int) -> dict[str, str]:
    wanted = select(ReportReason).where(ReportReason.year == year).order_by(col(ReportReason.id))
    return {row.check_key: row.text for row in (await session.exec(wanted)).all()}


async def with_rows(session: AsyncSession, year: int, figure: Figure) -> Figure:
    """A figure with all the rows behind it in memory."""
    if not figure.behind or not figure.count:
        return figure
    found = [row async for block in behind.stream(session, year, figure.behind) for row in block]
    return replace(figure, rows=tuple(found))


def as_json(report: Report, *, rows: bool = True) -> dict[str, Any]:
    """The report in the fixed shape that programs outside rely on; `rows=False` leaves out what stands behind the figures."""
    sections = [_section(section) for section in report.sections]
    sections[0]["preface"] = list(report.preface)
    return {
        "year": report.year,
        "office": report.office,
        **_standing(report),
        "figures": {
            key: {
                "label": figure.label,
                "value": value_as_json(figure.value),
                "rule": figure.rule,
                "rows": list(figure.rows) if rows else [],
            }
            for key, figure in report.figures.items()
        },
        "tables": report.tables,
        "sections": sections,
        "checks": [check.as_dict() for check in report.checks],
    }


def _standing(report: Report) -> dict[str, Any]:
    """Said only of drafts and of versions to be signed."""
    signed = {"version": report.number, "correction": report.correction} if report.number else {}
    return {"draft": True} if report.draft else signed


def tables_as_json(form: Form, values: Mapping[str, Value]) -> dict[str, Any]:
    """The tables: rows with official labels, cells by the key of their column."""

    def row(table: str, key: str, label: str, columns: tuple[Any, ...]) -> dict[str, Any]:
        cells = {column.key: value_as_json(values[f"t{table}.{key}.{column.key}"]) for column in columns}
        return {"key": key, "label": label, "cells": cells}

    def heads(columns: tuple[Any, ...]) -> list[dict[str, str]]:
        return [{"key": column.key, "label": column.label} for column in columns]

    two = [
        {
            "label": block.label,
            "columns": heads(block.columns),
            "rows": [row("2", line.key, line.label, block.columns) for line in block.rows],
        }
        for block in form.blocks
    ]
    three, four = form.table3.columns, form.table4.columns
    rows = [row("3", line.key, " ".join(line.path), three) for line in form.table3.rows]
    groups = [row("4", group.key, " ".join(group.path), four) for group in form.table4.groups]
    return {
        "2": {"blocks": two},
        "3": {"columns": heads(three), "rows": rows},
        "4": {"columns": heads(four), "rows": groups},
    }


def _checked(
    form: Form, figures: Mapping[str, Figure], sections: tuple[Section, ...], before: Tables
) -> list[CheckResult]:
    values = {key: figure.value for key, figure in figures.items()}
    # Totals entered beside cells counted from records are compared by X1 alone: C2 to C4 compare two countings there.
    declared = {
        k: figure.declared for k, figure in figures.items() if figure.declared is not None and not figure.reckoned
    }
    tables = Tables(form, values, declared)
    text = "\n".join(section.text for section in sections)
    problems = next(section.text for section in sections if section.key == "problems")
    labels = [[column.label for column in block.columns] for block in form.blocks]
    records = [one for one in figures.values() if one.reckoned or not one.key.startswith(("t2.", "t3.", "t4."))]
    return [
        *checks.arithmetic(tables),
        *checks.across_years(tables, before),
        *alarms.against_last_year({key: figure.label for key, figure in figures.items()}, values, before.cells),
        *checks.in_prose(tables, claims.find(form, text)),
        *checks.filled(tables),
        *checks.sections(form, [section.title for section in sections], problems),
        checks.columns_of_table_2(form, labels),
        *checks.counted_against_declared([(figure.label, figure.value, figure.declared) for figure in records]),
        checks.nothing_left_to_fill(text),
    ]


def _section(section: Section) -> dict[str, Any]:
    parts = [{"title": part.title, "paragraphs": list(part.paragraphs)} for part in section.parts]
    found: dict[str, Any] = {"key": section.key, "title": section.title, "parts": parts}
    if section.table:
        found |= {"table": section.table, "notes": list(section.notes)}
    return found
