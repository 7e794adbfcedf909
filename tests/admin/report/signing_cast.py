"""Three people at the yearly report: 小王 writes, 老李 reviews, 赵主任 signs."""

from datetime import timedelta
from typing import Any

from admin.report import standing, versions, writing
from admin.report.form import cells, form_for
from admin.report.signing import Signing
from knowledge.tables import ReportState
from knowledge.vocabulary import LedgerKind
from tests.admin.report.conftest import ENTERED, Records

LATER = ENTERED + timedelta(days=1)


class Cast:
    """小王 writes, 老李 reviews, 赵主任 signs."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self.database = records.database
        self.signing = Signing(records.database, records.office)

    async def prepare(self, year: int = 2023) -> None:
        await self.records.enter({key: 0 for key, cell in cells(form_for(year)).items() if not cell.parts}, year)
        for part in ("problems", "overview.management", "overview.assurance"):
            await writing.save_text(self.database, year, part, "解读形式不够丰富。", 0, "wang", ENTERED)
        for number in range(3):
            await self.records.line(LedgerKind.WEIBO, title=f"微博{number}", quantity=number + 1)

    async def state(self, year: int = 2023) -> ReportState:
        async with self.database.reading() as session:
            return await standing.standing(session, year)

    async def review(self, who: str = "li", year: int = 2023) -> None:
        await self.signing.review(year, (await self.state(year)).version, who, LATER)

    async def sign(self, year: int = 2023) -> int:
        return await self.signing.sign(year, (await self.state(year)).version, "zhao", LATER)

    async def frozen(self, number: int, kind: str, year: int = 2023) -> bytes:
        async with self.database.reading() as session:
            version = await versions.version_of(session, year, number)
            return b"".join([piece async for piece in versions.content(session, version, kind)])

    async def proved(self) -> versions.VersionVerdict:
        async with self.database.reading() as session:
            return await versions.verify(session)

    async def spoil(self, statement: Any) -> None:
        async with self.database.writing_core() as connection:
            await connection.execute(statement)
