"""A small cast for the report: an office, and short ways to put records on file."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from admin.report.build import Report, build
from admin.report.weihai_2023 import WEIHAI_PROFILE, load_weihai_2023
from knowledge import settings
from knowledge.db import Database
from knowledge.ledger import Line, record
from knowledge.settings import Settings
from knowledge.tables import DeclaredFigure, Question, Reading, ReportText
from knowledge.vocabulary import Channel, LedgerKind, ValueState

ENTERED = datetime(2024, 1, 8, 2, 0, tzinfo=UTC)
SUMMER = datetime(2023, 7, 1, 4, 0, tzinfo=UTC)


class Records:
    """Puts records on file and makes the report from them."""

    def __init__(self, database: Database, office: Settings) -> None:
        self.database = database
        self.office = office

    async def line(self, kind: LedgerKind = LedgerKind.BOARD_REPLY, at: datetime = SUMMER, **more: object) -> int:
        given: dict[str, object] = {"title": "答复一条留言", "by": "zhang", **more}
        async with self.database.writing_core() as connection:
            return (await record(connection, [Line(at=at, kind=kind, **given)], ENTERED))[0]  # type: ignore[arg-type]

    async def enter(self, values: Mapping[str, object], year: int = 2023, at: datetime = ENTERED) -> None:
        async with self.database.writing() as session:
            for key, value in values.items():
                state = value if isinstance(value, ValueState) else ValueState.NUMBER
                number = None if isinstance(value, ValueState) else Decimal(str(value))
                session.add(
                    DeclaredFigure(
                        year=year,
                        key=key,
                        state=state.value,
                        value=number,
                        source="登记表",
                        entered_by="zhang",
                        entered_at=at,
                    )
                )

    async def text(self, section: str, text: str, year: int = 2023) -> None:
        async with self.database.writing() as session:
            session.add(ReportText(year=year, section=section, text=text, entered_by="zhang", entered_at=ENTERED))

    async def reading(self, key: str, day: date, value: int) -> None:
        async with self.database.writing() as session:
            session.add(
                Reading(key=key, day=day, value=Decimal(value), source="后台", recorded_by="zhang", recorded_at=ENTERED)
            )

    async def question(self, at: datetime = SUMMER, channel: Channel = Channel.BOARD, code: str = "A1") -> None:
        async with self.database.writing() as session:
            session.add(
                Question(
                    code=code,
                    channel=channel.value,
                    received_at=at,
                    kind="consultation",
                    text="怎么提取？",
                    public=True,
                    state="waiting",
                    outcome="handed_over",
                    reason="no_match",
                    base_version=1,
                    due=date(2023, 7, 8),
                )
            )

    async def report(self, year: int = 2023, *, rows: bool = True) -> Report:
        async with self.database.reading() as session:
            return await build(session, self.office, year, rows=rows)


@pytest.fixture
def office(tmp_path: Path) -> Settings:
    return settings.load({}, data=tmp_path, **WEIHAI_PROFILE)


@pytest.fixture
def records(database: Database, office: Settings) -> Records:
    return Records(database, office)


@pytest.fixture
async def weihai(records: Records) -> Report:
    """The report of the first user for 2023, from its records."""
    async with records.database.writing() as session:
        await load_weihai_2023(session, ENTERED)
    return await records.report(2023)
