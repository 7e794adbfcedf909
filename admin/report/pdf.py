"""The report as a PDF file: the look of an official document, every letter embedded, text that can be taken out again."""

from admin.report import fonts
from admin.report.build import Report
from admin.report.layout import grids
from admin.report.paper import LINE, TEXT, Paper, Style
from admin.report.pdf_table import TableOnPaper
from admin.report.prose import Section

TITLE = Style(fonts.TITLE, 22.0, line=34.0, centred=True)
HEADING = Style(fonts.HEADING, 16.0, indent=32.0)
SUBHEADING = Style(fonts.SUBHEADING, 16.0, indent=32.0)


def pdf(report: Report) -> bytes:
    """The whole file; BadInputError where the machine has no Chinese font."""
    found = fonts.find(report.font_dir)
    with Paper(found, report.title, report.office, report.made_at, report.page_mark) as paper:
        paper.paragraph(report.office, TITLE)
        paper.paragraph(report.title.removeprefix(report.office), TITLE)
        paper.y += LINE
        for words in report.preface:
            paper.paragraph(words, TEXT)
        tables = grids(report.form, report.values)
        for section in report.sections:
            _section(paper, section, TableOnPaper(paper, tables[section.table]) if section.table else None)
        return paper.finished()


def _section(paper: Paper, section: Section, table: TableOnPaper | None) -> None:
    _heading(paper, section.title, table.least() if table and not section.parts else LINE)
    for part in section.parts:
        if part.title:
            paper.paragraph(part.title, SUBHEADING, LINE)
        for words in part.paragraphs:
            paper.paragraph(words, TEXT)
    if table:
        table.draw()
    for words in section.notes:
        paper.paragraph(words, TEXT)


def _heading(paper: Paper, title: str, follow: float) -> None:
    """On the page of what it is the heading of."""
    if paper.room() < LINE + follow:
        paper.page()
    paper.bookmark(title)
    paper.paragraph(title, HEADING, follow)
