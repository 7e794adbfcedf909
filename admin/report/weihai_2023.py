"""The first user's published report for 2023, as records: what a report made from them must come out as.

Loading it twice changes nothing: a record that the source already put on file is never put there again, also when the
office has since corrected it.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel.ext.asyncio.session import AsyncSession

from admin.report.form import cells, form_for
from admin.report.records import DECLARED, LEDGER, READINGS, TEXTS
from knowledge import clock
from knowledge.db import lock_ledger
from knowledge.ledger import Line, record
from knowledge.vocabulary import LedgerKind, ValueState

DATA: Mapping[str, Any] = yaml.safe_load((Path(__file__).parent / "data" / "weihai_2023.yaml").read_text("utf-8"))
WEIHAI_PROFILE: dict[str, str] = DATA["office"]
YEAR: int = DATA["year"]
SOURCE: str = DATA["source"]
BY: str = DATA["entered_by"]


async def load_weihai_2023(session: AsyncSession, at: datetime) -> int:
    """Put the year's records on file within the caller's transaction; returns how many were new."""
    connection = await session.connection()
    await connection.run_sync(lock_ledger)  # two processes that load at once take turns
    added = await _ledger(connection, at)
    added += await _readings(connection, at)
    added += await _declared(connection, at)
    return added + await _texts(connection, at)


async def _ledger(connection: AsyncConnection, at: datetime) -> int:
    known = set(await connection.scalars(select(LEDGER.c.kind).where(LEDGER.c.source == SOURCE)))
    lines = [
        Line(
            clock.year_end(YEAR), LedgerKind(line["kind"]), line["title"], BY, quantity=line["quantity"], source=SOURCE
        )
        for line in DATA["ledger"]
        if line["kind"] not in known
    ]
    return len(await record(connection, lines, at))


async def _readings(connection: AsyncConnection, at: datetime) -> int:
    query = select(READINGS.c.key).where(READINGS.c.day.in_([line["day"] for line in DATA["readings"]]))
    known = set(await connection.scalars(query))
    new = [
        {**line, "value": Decimal(line["value"]), "source": SOURCE, "recorded_by": BY, "recorded_at": at}
        for line in DATA["readings"]
        if line["key"] not in known
    ]
    return await _insert(connection, READINGS, new)


async def _declared(connection: AsyncConnection, at: datetime) -> int:
    query = select(DECLARED.c.key).where(DECLARED.c.year == YEAR, DECLARED.c.source == SOURCE)
    known = set(await connection.scalars(query))
    values = {key: DATA["all_cells"] for key, cell in cells(form_for(YEAR)).items() if not cell.parts} | DATA[
        "declared"
    ]
    common = {"year": YEAR, "state": ValueState.NUMBER.value, "source": SOURCE, "entered_by": BY, "entered_at": at}
    new = [{**common, "key": key, "value": Decimal(value)} for key, value in values.items() if key not in known]
    return await _insert(connection, DECLARED, new)


async def _texts(connection: AsyncConnection, at: datetime) -> int:
    known = set(await connection.scalars(select(TEXTS.c.section).where(TEXTS.c.year == YEAR)))
    new = [
        {"year": YEAR, "section": section, "text": text, "entered_by": BY, "entered_at": at}
        for section, text in DATA["texts"].items()
        if section not in known
    ]
    return await _insert(connection, TEXTS, new)


async def _insert(connection: AsyncConnection, table: Any, rows: list[dict[str, Any]]) -> int:
    if rows:
        await connection.execute(insert(table), rows)
    return len(rows)
