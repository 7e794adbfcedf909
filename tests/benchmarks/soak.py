"""A long run under load with kills and restarts: what was acknowledged is there once, the ledger holds, memory stays flat.

`make soak` (30 minutes) or `python -m tests.benchmarks.soak MINUTES [CASES]`: half of the time on SQLite with one
process, half on PostgreSQL with two processes, of which any is killed, and the database server as well. Then the parsers
are fuzzed (tests.benchmarks.fuzz): a million cases after the 30 minutes, fewer after a shorter run, or as many as CASES
says; 0 leaves it out.
"""

import asyncio
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks import fuzz
from tests.benchmarks.soak_senders import Citizens, Followers, Seen
from tests.benchmarks.soak_trouble import PLANS, Town
from tests.postgres import Postgres, create, postgres
from tests.pushes import SETTINGS
from tests.running import Running

MINUTES, SENDERS = 30, 6
UNLIMITED = {"questions_per_minute": "1000000000", "lookup_failures_per_hour": "1000000000"}
ANSWERS = {"provisional_answers": "true"}  # so that replies and ledger lines are made as well


async def soak(minutes: float, folder: Path, server: Postgres | None) -> bool:
    """Run on one database, print the summary, and say whether all held."""
    seen, end = Seen(), time.monotonic() + minutes * 60
    town = await _town(folder, server)
    senders = [kind(town, seen, number) for kind in (Citizens, Followers) for number in range(SENDERS)]
    await asyncio.gather(town.trouble(end, seen), *(sender.send_until(end) for sender in senders))
    lost = sum([await sender.lost() for sender in senders])
    stored, pushes = await town.counts()
    exit_code, said = await town.services[0].command("verify")
    stopped = [await service.stop() for service in town.services]
    rows = {
        "messages sent, with repeats": seen.sent,
        "acknowledged": seen.acknowledged,
        "lost": lost,
        "questions on record": stored,
        "double": stored - seen.made,
        "pushes on record": pushes,
        "answers that changed when asked again": seen.changed,
        "connections broken": seen.broken,
        "answers but 200 and 201": dict(sorted(seen.refused.items())),
        "troubles": dict(sorted(seen.troubles.items())),
        "memory, MB": " ".join(f"{size:.0f}" for size in seen.memory[:: max(1, len(seen.memory) // 12)]),
        "ledger": said.strip().splitlines()[-1],
        "exit codes of SIGTERM": stopped,
    }
    table = Table(title=f"{town.name}, {minutes:g} minutes")
    table.add_column("what")
    table.add_column("seen")
    for name, value in rows.items():
        table.add_row(name, str(value))
    Console().print(table)
    refused = set(seen.refused) - {503}
    return not (lost or stored > seen.made or seen.changed or refused or exit_code or any(stopped))


async def _town(folder: Path, server: Postgres | None) -> Town:
    """The processes, started; on PostgreSQL they share a database and a key, and any may be asked."""
    url = await create(server.address, "soak") if server else None
    shared = {**UNLIMITED, **ANSWERS, **({"secret_key": "k" * 64} if server else {})}
    services = []
    for number in range(2 if server else 1):
        data = folder / f"var{number}"
        data.mkdir()
        (data / "zhengwen.toml").write_text(SETTINGS, "utf-8")
        services.append(await Running(data, url, **shared).start(*([] if number else ["--demo"])))
    name = "PostgreSQL, two processes" if server else "SQLite, one process"
    return Town(name, services, server, PLANS[server is not None], url, folder / "var0")


def main(minutes: float, cases: int) -> bool:
    """Both databases, then the fuzzing; True where everything held."""
    held = []
    for on_postgres in (False, True):
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            server = stack.enter_context(postgres(safe=True)) if on_postgres else None
            held.append(asyncio.run(soak(minutes / 2, folder, server)))
    if cases:
        held.append(fuzz.watched(cases, int(time.time())))
    return all(held)


if __name__ == "__main__":
    wanted = float(sys.argv[1]) if len(sys.argv) > 1 else MINUTES
    number = int(sys.argv[2]) if len(sys.argv) > 2 else min(fuzz.CASES, int(fuzz.CASES * wanted / MINUTES))
    sys.exit(0 if main(wanted, number) else 1)
