"""The report as JSON in pieces, so that the rows behind a large figure never stand in memory together."""

import json
from collections.abc import AsyncIterator, Iterator, Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from admin.report import behind
from admin.report.build import Report, as_json
from admin.report.rows import Row

# Where a figure's rows go. Within a JSON string the quotes would be escaped, so it can stand nowhere else.
EMPTY = '"rows": []'
INDENT = "    "


def json_bytes(report: Report) -> bytes:
    """The whole file, with the rows that stand in memory."""
    texts, figures = _frame(report), report.figures.values()
    parts = [next(texts)]
    for figure, text in zip(figures, texts, strict=True):
        parts += [_rows(figure.rows), text]
    return "".join(parts).encode()


async def json_pieces(session: AsyncSession, report: Report) -> AsyncIterator[bytes]:
    """The same bytes as with all rows in memory, read from the database as they are written."""
    texts = _frame(report)
    yield next(texts).encode()
    for figure, text in zip(report.figures.values(), texts, strict=True):
        if figure.behind and not figure.rows and figure.count:
            first = True
            async for block in behind.stream(session, report.year, figure.behind):
                yield _block(block, first=first).encode()
                first = False
            yield (EMPTY if first else f"\n{INDENT[:-1]}]").encode()
        else:
            yield _rows(figure.rows).encode()
        yield text.encode()


def _frame(report: Report) -> Iterator[str]:
    """What stands before, between and after the rows of the figures."""
    text = json.dumps(as_json(report, rows=False), ensure_ascii=False, indent=1) + "\n"
    yield from text.split(EMPTY)


def _rows(rows: Sequence[Row]) -> str:
    return f"{_block(rows, first=True)}\n{INDENT[:-1]}]" if rows else EMPTY


def _block(rows: Sequence[Row], *, first: bool) -> str:
    lines = f",\n{INDENT}".join(json.dumps(row, ensure_ascii=False) for row in rows)
    return f'"rows": [\n{INDENT}{lines}' if first else f",\n{INDENT}{lines}"
