"""Public statistics of the message board, WeChat and apps: received, by kind, answered, published, how fast, by month."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from bot.channels.frame import show
from bot.service import Service
from bot.web import SERVICE
from knowledge import clock, counts
from knowledge.counts import YearCounts
from knowledge.errors import NotFoundError
from knowledge.vocabulary import Kind

KEPT_FOR = timedelta(minutes=5)  # counting a large year takes a second; nobody needs it newer
YEARS_SHOWN = 10
HEIGHT, WIDTH, GAP = 160, 720, 12  # of the chart, in its own units


@dataclass(frozen=True)
class Bar:
    """A month's bars: where they stand, and how high."""

    month: int
    x: float
    width: float
    received: float
    answered: float


class Statistics:
    """A year's counts, kept for some minutes; one request counts, the others wait for it."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[datetime, YearCounts]] = {}
        self._turn = asyncio.Lock()

    async def of_year(self, service: Service, year: int) -> tuple[datetime, YearCounts]:
        """When it was counted, and the counts."""
        async with self._turn:
            found = self._kept.get(year)
            if found is None or not timedelta() <= service.now() - found[0] < KEPT_FOR:
                async with service.database.reader.connect() as connection:
                    found = service.now(), await counts.of_year(connection, year)
                self._kept = {**dict(list(self._kept.items())[-YEARS_SHOWN:]), year: found}
        return found


STATISTICS = web.AppKey("statistics", Statistics)


async def statistics(request: web.Request) -> web.Response:
    """The year's statistics, with a chart and the same figures as a table."""
    service = request.app[SERVICE]
    this = clock.office_day(service.now()).year
    async with service.database.reader.connect() as connection:
        first = await counts.first_year(connection) or this
    years = list(range(this, max(first, this - YEARS_SHOWN) - 1, -1))
    asked = request.query.get("year", str(this))
    if asked not in map(str, years):
        raise NotFoundError("没有这一年的统计。")
    counted_at, found = await request.app[STATISTICS].of_year(service, int(asked))
    return show(
        request,
        "statistics.html",
        counts=found,
        counted_at=counted_at,
        years=years,
        kinds=[(kind.label, found.kinds.get(kind.value)) for kind in Kind],
        bars=_bars(found),
        size=(WIDTH, HEIGHT),
    )


def _bars(found: YearCounts) -> list[Bar]:
    highest = max([month.received for month in found.months.values()] + [1])
    step = WIDTH / len(found.months)
    return [
        Bar(
            number,
            (number - 1) * step + GAP / 2,
            (step - GAP) / 2,
            HEIGHT * month.received / highest,
            HEIGHT * month.answered / highest,
        )
        for number, month in found.months.items()
    ]
