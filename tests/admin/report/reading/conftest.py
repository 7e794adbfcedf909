"""Made-up reports of both forms, and what each of them must be read as."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from admin.report.build import Report
from admin.report.figures import Figure
from admin.report.form import cells, form_for
from admin.report.prose import Part, Section
from admin.report.reading.judge import read_report
from admin.report.reading.published import Published
from admin.report.render import render
from admin.report.values import NOT_RECORDED, Value
from tests.conftest import FACTS

collect_ignore = [] if FACTS.is_dir() else ["test_real.py"]

OFFICE = "某市住房公积金管理中心"
FIRST = "本中心依照条例开展政府信息公开工作，健全制度，完善流程，及时回应群众关切，现将有关情况报告如下。"
PROBLEMS = "存在的不足主要是：公开内容的质量还要提高，解读的形式偏少。下一步将把内容做细，改进公开的方法。"
TEXTS = {"overview": (FIRST,), "problems": (PROBLEMS, "部分栏目更新较少。"), "other": ("没有收取信息处理费。",)}
FILES = ("html", "docx", "pdf")

Shape = tuple[object, ...]
Reread = Callable[[Report, str], Published]


def made_up(year: int, values: Mapping[str, Value], texts: Mapping[str, Sequence[str]] = TEXTS) -> Report:
    """A report with these cells, 0 in all others, and these texts."""
    form = form_for(year)
    figures = {key: Figure(key, cell.label, "", cell.unit, values.get(key, 0)) for key, cell in cells(form).items()}
    sections = []
    for title in form.sections:
        words = tuple(texts.get(title.key, ()))
        if title.table:
            sections.append(Section(title.key, title.title, (), title.table, words))
            continue
        parts = (
            (Part(title.key, "", words),)
            if title.key != "overview"
            else (Part(title.key, "", words), *(Part(part.key, part.title, (FIRST,)) for part in form.overview_parts))
        )
        sections.append(Section(title.key, title.title, parts))
    preface = (
        f"本报告依照规定的格式编制，统计数据的起止时间为{year}年1月1日至12月31日，电子版可在网站（http://www.example.gov.cn/）查阅。",
    )
    return Report(year, OFFICE, datetime(year + 1, 1, 8, tzinfo=UTC), form, figures, preface, tuple(sections), ())


def shape(report: Report) -> Shape:
    """What reading must give back: year, office, every title, heading and paragraph, every cell."""
    sections = tuple(
        (
            each.title,
            tuple((part.title, part.paragraphs) for part in each.parts if part.title or part.paragraphs),
            each.notes,
        )
        for each in report.sections
    )
    wanted = {key: report.figures[key].value for key in cells(report.form)}
    return report.year, report.office, report.preface, sections, wanted


def shape_read(report: Published) -> Shape:
    """The same of a report that was read; nothing may have been doubtful."""
    assert not report.sheet.faults
    sections = tuple(
        (
            each.title,
            tuple((part.title, tuple(words.text for words in part.paragraphs)) for part in each.parts),
            tuple(words.text for words in each.notes),
        )
        for each in report.sections
    )
    preface = tuple(words.text for words in report.preface)
    cells_read = {key: report.sheet.cells.get(key, NOT_RECORDED) for key in cells(form_for(report.year))}
    return report.year, report.office, preface, sections, cells_read


@pytest.fixture(scope="session")
def reread(tmp_path_factory: pytest.TempPathFactory) -> Reread:
    """Render and read again."""
    folder = tmp_path_factory.mktemp("reread")

    def again(report: Report, kind: str) -> Published:
        path = folder / f"report.{kind}"
        path.write_bytes(render(report, kind))
        return read_report(path)

    return again


def saved(folder: Path, name: str, content: str | bytes) -> Path:
    """A file with this content."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path
