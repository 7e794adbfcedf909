"""From a figure back to its rows, as text for the command line."""

from io import StringIO

from rapidfuzz import fuzz
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from admin.report.build import Report
from admin.report.figures import Figure
from admin.report.values import shown
from knowledge.errors import BadInputError

WIDTH = 120
NEAR = 6


def trace(report: Report, key: str) -> str:
    """Label, rule, value and rows of a figure; an unknown key is refused with those most like it."""
    figure = report.figures.get(key)
    if figure is None:
        raise BadInputError(f"没有指标 {key}。相近的有：{'、'.join(_near(report, key))}。", "figure")
    value = f"{shown(figure.value)}{figure.unit if not isinstance(figure.value, str) else ''}"
    head = f"指标：{figure.key}\n名称：{figure.label}\n口径：{figure.rule}\n数值：{value}（{report.year}年）\n"
    return head + (_table(figure) if figure.rows else "依据的记录：没有\n")


def _near(report: Report, key: str) -> list[str]:
    """Keys spelled much like it, or labels that have it in them."""

    def likeness(figure: Figure) -> float:
        return max(fuzz.ratio(key.lower(), figure.key), fuzz.partial_ratio(key, figure.label))

    found = sorted(report.figures.values(), key=likeness, reverse=True)[:NEAR]
    return [f"{figure.key}（{figure.label}）" for figure in found]


def _table(figure: Figure) -> str:
    table = Table(box=SIMPLE, title=f"依据的记录：{len(figure.rows)}行", title_justify="left")
    for name in ("表", "编号", "日期", "事项", "数量", "登记人", "来源"):
        table.add_column(name, justify="right" if name in ("编号", "数量") else "left", overflow="fold")
    for row in figure.rows:
        cells = (row["table"], row["id"], row["day"], row["title"], row["quantity"], row["who"], row["source"])
        table.add_row(*(str(cell) for cell in cells))
    paper = StringIO()
    Console(file=paper, width=WIDTH, color_system=None, markup=False, highlight=False).print(table)
    return "\n".join(line.rstrip() for line in paper.getvalue().splitlines()).rstrip() + "\n"
