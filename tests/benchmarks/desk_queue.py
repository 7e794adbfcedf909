"""How long the desk's lists take with many questions: SQLite filled in bulk, each list asked for several times.

    python -m tests.benchmarks.desk_queue [questions]

Prints milliseconds (median of nine) for the counts and for each list; nothing is asserted.
"""

import asyncio
import random
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import insert

from admin import queue_list
from admin.queue_list import Filters, Tab
from knowledge import clock, migrate, settings
from knowledge.db import Database, open_database
from knowledge.tables import Question
from knowledge.vocabulary import Channel, Kind, Reason

REPEATS = 9
TEXT = "我在单位缴存了三年公积金，想问一下租房提取需要什么材料，多久能到账，能不能在手机上办理，第{}条"
SHARES = {"all open": 1.0, "one in twenty open": 0.05}


def row(number: int, open_share: float) -> dict[str, object]:
    """One question; who holds it and where it stands is drawn by lot, with a fixed seed."""
    is_open = random.random() < open_share
    at = clock.now() - timedelta(minutes=number)
    return {
        "code": f"{number:012}",
        "channel": random.choice(list(Channel)).value,
        "received_at": at,
        "kind": random.choice(list(Kind)).value,
        "text": TEXT.format(number),
        "public": True,
        "state": "waiting" if is_open else "answered",
        "outcome": "handed_over",
        "reason": random.choice(list(Reason)).value,
        "base_version": 1,
        "due": clock.office_day(at) + timedelta(days=random.randint(-3, 9)),
        "urgency": int(random.random() > 0.01),
        "step": random.choice(["", "", "", "", "returned", "review", "sign"]) if is_open else "",
        "assignee": random.choice(["", "", "wang", "li"]),
    }


async def filled(folder: Path, count: int, open_share: float) -> Database:
    """A migrated database with that many questions."""
    random.seed(1)
    database = open_database(settings.load({}, data=folder))
    await migrate.upgrade(database)
    for start in range(0, count, 5000):
        rows = [row(number, open_share) for number in range(start, min(start + 5000, count))]
        async with database.writing_core() as connection:
            await connection.execute(insert(Question), rows)
    return database


async def measure(database: Database, filters: Filters | None, after: str = "") -> float:
    """Milliseconds of one list, or of the counts."""
    today, taken = clock.office_day(clock.now()), []
    for _ in range(REPEATS):
        async with database.reading() as session:
            begun = time.perf_counter()
            if filters is None:
                await queue_list.counts(session, today, "wang")
            else:
                await queue_list.listed(session, filters, after, today, "wang")
            taken.append(time.perf_counter() - begun)
    return median(taken) * 1000


async def main() -> None:
    """Fill, measure, print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    day = clock.office_day(clock.now()).isoformat()
    for label, share in SHARES.items():
        with tempfile.TemporaryDirectory() as folder:
            database = await filled(Path(folder), count, share)
            print(f"{count} questions, {label}")  # noqa: T201
            print(f"  counts of all tabs        {await measure(database, None):8.1f} ms")  # noqa: T201
            asked = {f"tab {tab.value}": (Filters(tab=tab), "") for tab in Tab}
            asked["a page far down"] = (Filters(), f"1_{day}_1")
            asked["answered, far down"] = (Filters(tab=Tab.ANSWERED), "50000")
            asked["words found often"] = (Filters(words="租房"), "")
            asked["words found nowhere"] = (Filters(words="钢琴"), "")
            asked["words nowhere, answered"] = (Filters(tab=Tab.ANSWERED, words="钢琴"), "")
            asked["a lookup code"] = (Filters(words="000000000777"), "")
            asked["kind and channel"] = (Filters(kind="praise", channel="app"), "")
            for name, (filters, after) in asked.items():
                print(f"  {name:25} {await measure(database, filters, after):8.1f} ms")  # noqa: T201
            await database.close()


if __name__ == "__main__":
    asyncio.run(main())
