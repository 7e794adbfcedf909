"""A long run under load with kills and restarts: what was acknowledged is there once, the ledger holds, memory stays flat.

`make soak` (30 minutes) or `python -m tests.benchmarks.soak MINUTES [CASES]`. SQLite, and PostgreSQL where
SOAK_DATABASE_URL names an empty database. Then the parsers are fuzzed (tests.benchmarks.fuzz): a million cases after the
30 minutes, fewer after a shorter run, or as many as CASES says; 0 leaves it out.
"""

import asyncio
import os
import random
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import psutil

from bot.openapi import API
from tests.benchmarks import fuzz
from tests.running import Running

MINUTES = 30.0
CLIENTS = 8
KILL_EVERY_SECONDS = 60
TEXTS = ("租房提取一年最多能提多少钱", "公积金怎么提取", "大厅门口的石狮子是谁捐的呢", "二套房公积金贷款首付多少")


@dataclass
class Seen:
    """What the run has seen so far."""

    sent: int = 0
    broken: int = 0
    refused: dict[int, int] = field(default_factory=dict)
    acknowledged: dict[str, tuple[str, str]] = field(default_factory=dict)
    memory: list[float] = field(default_factory=list)


async def _client(service: Running, seen: Seen, end: float, number: int) -> None:
    """Send with a mark of its own; a message whose answer was lost is sent again until it is acknowledged."""
    turn = 0
    async with aiohttp.ClientSession() as session:
        while time.monotonic() < end:
            turn += 1
            mark = f"soak-{number}-{turn}"
            body = {"text": f"{TEXTS[turn % len(TEXTS)]}（{number}之{turn}）"}
            while mark not in seen.acknowledged and time.monotonic() < end + 30:
                await _send(session, service, seen, mark, body)


async def _send(session: aiohttp.ClientSession, service: Running, seen: Seen, mark: str, body: dict[str, str]) -> None:
    seen.sent += 1
    try:
        address = f"{service.public}{API}/questions"
        async with session.post(address, json=body, headers={"Idempotency-Key": mark}) as response:
            if response.status == 201:
                receipt = await response.json()
                seen.acknowledged[mark] = (receipt["code"], receipt["password"])
            else:
                seen.refused[response.status] = seen.refused.get(response.status, 0) + 1
    except (aiohttp.ClientError, OSError):
        seen.broken += 1
        await asyncio.sleep(0.2)


async def _trouble(service: Running, seen: Seen, end: float) -> None:
    """Measure memory, then kill -9 and start again, over and over."""
    while time.monotonic() + KILL_EVERY_SECONDS < end:
        await asyncio.sleep(KILL_EVERY_SECONDS * random.uniform(0.5, 1))
        seen.memory.append(psutil.Process(service.process.pid).memory_info().rss / 2**20)
        service.kill()
        await service.ended()
        await service.start()


async def _lost(service: Running, seen: Seen) -> int:
    lost = 0
    async with aiohttp.ClientSession() as session:
        for code, password in seen.acknowledged.values():
            address = f"{service.public}{API}/questions/{code}"
            async with session.get(address, params={"password": password}) as response:
                lost += response.status != 200
    return lost


async def soak(minutes: float, url: str | None) -> bool:
    """Run, print the summary, and say whether nothing was lost or double."""
    seen, end = Seen(), time.monotonic() + minutes * 60
    with tempfile.TemporaryDirectory() as data:
        limits = {"questions_per_minute": "1000000000", "lookup_failures_per_hour": "1000000000"}
        service = await Running(Path(data) / "var", url, **limits).start("--demo")
        await asyncio.gather(
            _trouble(service, seen, end), *(_client(service, seen, end, number) for number in range(CLIENTS))
        )
        lost = await _lost(service, seen)
        double = len(seen.acknowledged) - len({code for code, _ in seen.acknowledged.values()})
        exit_code, said = await service.command("verify")
        stopped = await service.stop()
    rows = {
        "database": "PostgreSQL" if url else "SQLite",
        "messages sent": seen.sent,
        "acknowledged": len(seen.acknowledged),
        "lost": lost,
        "double": double,
        "connections broken by kills": seen.broken,
        "refused by status": seen.refused,
        "memory MB, at each kill": [round(size) for size in seen.memory],
        "ledger": said.strip().splitlines()[-1],
        "exit code of SIGTERM": stopped,
    }
    for name, value in rows.items():
        print(f"{name:30} {value}")  # noqa: T201
    return not (lost or double or exit_code or stopped)


if __name__ == "__main__":
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else MINUTES
    urls = [None, *filter(None, [os.environ.get("SOAK_DATABASE_URL")])]
    cases = int(sys.argv[2]) if len(sys.argv) > 2 else min(fuzz.CASES, int(fuzz.CASES * minutes / MINUTES))
    held = [asyncio.run(soak(minutes, url)) for url in urls]
    if cases:
        held.append(fuzz.watched(cases, int(time.time())))
    sys.exit(0 if all(held) else 1)
