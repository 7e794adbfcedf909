"""The report as one HTML page: no outside resource, tables that a screen reader can follow, ready to print."""

from itertools import pairwise

from admin.report.build import Report
from admin.report.layout import VALUE, Grid, GridCell, grids
from admin.report.prose import TEMPLATES


def html(report: Report) -> bytes:
    """The whole page."""
    tables = {name: _table(grid) for name, grid in grids(report.form, report.values).items()}
    page = TEMPLATES.get_template("report.html").render(report=report, tables=tables)
    return page.encode()


def _table(grid: Grid) -> dict[str, object]:
    """Rows by head and body; each value names its headings, each heading says what it is a heading of."""
    rows = [[_cell(grid, cell) for cell in row] for row in grid.by_row()]
    starts = [*sorted({grid.head_rows, *(band for band in grid.bands if band)}), grid.height]
    bodies = [rows[start:end] for start, end in pairwise(starts)]
    return {"head": rows[: grid.head_rows], "bodies": bodies, "widths": _percent(grid)}


def _cell(grid: Grid, cell: GridCell) -> dict[str, object]:
    headings = grid.headings(cell) if cell.role == VALUE else []
    return {
        "cell": cell,
        "pieces": grid.pieces(cell),
        "id": _id(grid, cell),
        "headers": " ".join(_id(grid, heading) for heading in headings),
        "scope": _scope(grid, cell),
    }


def _id(grid: Grid, cell: GridCell) -> str:
    return f"t{grid.name}r{cell.row}c{cell.column}"


def _scope(grid: Grid, cell: GridCell) -> str:
    if cell.role == "side":
        return "rowgroup" if cell.rows > 1 else "row"
    if grid.name == "2" and cell.row in grid.bands:
        return "rowgroup"
    return "colgroup" if cell.columns > 1 else "col"


def _percent(grid: Grid) -> list[str]:
    whole = sum(grid.widths)
    return [f"{width / whole:.2%}" for width in grid.widths]
