"""One cell of a rendered file is changed: the rules that rest on it break, and each names the place."""

import io
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from admin.report.build import Report
from admin.report.form import CARRIED_IN, CARRIED_OUT, NEW, TOTAL, Form, cells, form_for
from admin.report.reading.judge import Finding, check_files
from admin.report.render import render
from admin.report.values import Value
from tests.admin.report.reading.conftest import TEXTS, made_up
from tests.admin.report.test_checks import SUQIAN, SUQIAN_4

YEARS = (2020, 2023)


def suqian(year: int = 2023) -> dict[str, Value]:
    """The figures of 宿迁 2023 in the form of a year; the older form has one row for three."""
    form = form_for(year)
    others = [SUQIAN[key] for key in ("other_no_correction", "other_no_fee", "other_other")]
    rows: Mapping[str, tuple[int, ...]] = {**SUQIAN, "other": tuple(map(sum, zip(*others, strict=True)))}
    values: dict[str, Value] = {}
    for row in form.table3.rows:
        for column, value in zip(form.table3.columns, rows.get(row.key, (0,) * 7), strict=True):
            values[f"t3.{row.key}.{column.key}"] = value
    for group, numbers in SUQIAN_4.items():
        for column, value in zip(form.table4.columns, numbers, strict=True):
            values[f"t4.{group}.{column.key}"] = value
    return values


def rules_of(form: Form, key: str) -> set[tuple[str, str]]:
    """The rules that rest on a cell, each with words that its label must hold."""
    table, row, column = key.split(".")
    if table == "t2":
        return set()
    if table == "t4":
        group = next(each for each in form.table4.groups if each.key == row)
        return {("C4", " ".join(group.path))}
    label = next(each.label for each in form.table3.columns if each.key == column)
    named = next(" ".join(each.path) for each in form.table3.rows if each.key == row)
    found = {("C3", named)}
    if row in (NEW, CARRIED_IN, CARRIED_OUT, TOTAL):
        found.add(("C1", f"“{label}”列"))
    if row not in (NEW, CARRIED_IN, CARRIED_OUT):
        found.add(("C2", f"“{label}”列"))
    return found


def broken(path: Path) -> list[Finding]:
    (checked,) = check_files([path])
    assert not isinstance(checked, Exception), checked
    return [each for each in checked.broken if each.result.id in ("C1", "C2", "C3", "C4")]


def in_html(report: Report, key: str, text: str) -> bytes:
    page = render(report, "html").decode()
    changed = re.sub(rf'(data-figure="{re.escape(key)}"[^>]*>)[^<]*', rf"\g<1>{text}", page)
    assert changed != page
    return changed.encode()


def in_docx(report: Report, key: str, text: str) -> bytes:
    document = Document(io.BytesIO(render(report, "docx")))
    table, row, column = key.split(".")
    form = report.form
    if table == "t3":
        at = [each.key for each in form.table3.rows].index(row) + 3
        place = [each.key for each in form.table3.columns].index(column) - len(form.table3.columns)
        box = document.tables[1].rows[at].cells[place]
    else:
        group = [each.key for each in form.table4.groups].index(row)
        place = group * 5 + [each.key for each in form.table4.columns].index(column)
        box = document.tables[2].rows[3].cells[place]
    box.paragraphs[0].runs[0].text = text
    paper = io.BytesIO()
    document.save(paper)
    return paper.getvalue()


CELLS = st.sampled_from(YEARS).flatmap(
    lambda year: st.tuples(st.just(year), st.sampled_from([k for k in cells(form_for(year)) if k[:2] in ("t3", "t4")]))
)


@settings(max_examples=40)
@given(chosen=CELLS, by=st.integers(1, 99))
def test_every_changed_cell_is_found_in_html(
    tmp_path_factory: pytest.TempPathFactory, chosen: tuple[int, str], by: int
) -> None:
    year, key = chosen
    values = suqian(year)
    value = values[key]
    assert isinstance(value, int)
    path = tmp_path_factory.mktemp("changed") / "report.html"
    report = made_up(year, values)
    path.write_bytes(render(report, "html"))
    assert broken(path) == []
    path.write_bytes(in_html(report, key, str(value + by)))
    found = broken(path)
    wanted = rules_of(report.form, key)
    assert len(found) == len(wanted)
    for rule, words in wanted:
        (finding,) = [each for each in found if each.result.id == rule and words in each.result.label]
        assert finding.result.left != finding.result.right
        assert "第" in finding.place


@pytest.mark.parametrize("key", ["t3.new_received.natural", "t3.deny_query_matter.total", "t4.after_review.pending"])
@pytest.mark.parametrize("kind", ["docx", "pdf"])
def test_a_changed_cell_is_found_in_other_files(tmp_path: Path, kind: str, key: str) -> None:
    values = suqian()
    path = tmp_path / f"report.{kind}"
    if kind == "docx":
        path.write_bytes(in_docx(made_up(2023, values), key, "9999"))
    else:
        path.write_bytes(render(made_up(2023, {**values, key: 9999}), kind))
    found = {(each.result.id, words) for each in broken(path) for words in [each.result.label]}
    wanted = rules_of(form_for(2023), key)
    assert len(found) == len(wanted)
    assert all(any(rule == r and words in label for r, label in found) for rule, words in wanted)


def test_a_number_of_the_text_that_differs_from_the_table_is_found(tmp_path: Path) -> None:
    texts = {**TEXTS, "overview": ("全年共收到政府信息公开申请3606件，结转下年度继续办理121件。",)}
    path = tmp_path / "report.html"
    path.write_bytes(render(made_up(2023, suqian(), texts), "html"))
    (checked,) = check_files([path])
    assert not isinstance(checked, Exception)
    (wrong,) = [each for each in checked.broken if each.result.id == "C7"]
    assert (wrong.result.left, wrong.result.right) == (3606, 3511)
    assert "一、总体情况" in wrong.place
    assert "收到政府信息公开申请3606件" in wrong.place


@pytest.mark.parametrize(
    ("words", "left", "right"),
    [
        ("自然人申请3493件，法人或其他组织114件", None, None),  # both count what was carried in with it
        ("自然人申请3492件", 3492, 3402),
        ("法人或其他组织提交的申请110件", 110, 109),
        ("制发规范性文件5件，废止行政规范性文件0件", 5, 0),
        ("现行有效规范性文件２ 件", 2, 0),
        ("予以公开1191件、部分公开328件、不予公开141件", 141, 142),
        ("上年结转96件", None, None),
        ("行政复议440件，行政诉讼112件", 112, 113),
    ],
)
def test_what_the_text_says_is_held_against_the_tables(
    tmp_path: Path, words: str, left: int | None, right: int
) -> None:
    path = tmp_path / "report.html"
    path.write_bytes(render(made_up(2023, suqian(), {**TEXTS, "overview": (f"全年{words}。",)}), "html"))
    (checked,) = check_files([path])
    assert not isinstance(checked, Exception)
    assert any(each.result.id == "C7" and each.result.holds is not None for each in checked.findings)
    found = [(each.result.left, each.result.right) for each in checked.broken if each.result.id == "C7"]
    assert found == ([] if left is None else [(left, right)])


def test_two_years_of_one_office_are_compared(tmp_path: Path) -> None:
    one, two = tmp_path / "2023.html", tmp_path / "2024.html"
    one.write_bytes(render(made_up(2023, suqian()), "html"))
    two.write_bytes(render(made_up(2024, {"t3.carried_in.natural": 118, "t3.carried_in.total": 120}), "html"))
    _, later = check_files([one, two])
    assert not isinstance(later, Exception)
    sides = {
        each.result.label: (each.result.left, each.result.right) for each in later.broken if each.result.id == "C5"
    }
    assert list(sides.values()) == [(0, 3), (120, 121)]
