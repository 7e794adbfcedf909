"""A year with a million ledger lines: how long the report takes and how much memory, and how soon its pages open.

`python -m tests.benchmarks.report_size [LINES]`. SQLite, on Linux. Each file of the report is made by a process of its own, as the
command does it, so that its peak memory is its own; pages are asked of a running service over HTTP.
"""

import asyncio
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import aiohttp
from aiohttp.test_utils import TestServer
from sqlalchemy import text as sql

from admin import auth, sessions, staff
from admin.account_events import Acting
from admin.site import staff_app
from bot import service as services
from bot.site import public_app
from knowledge import clock, migrate, settings
from knowledge.db import Database, open_database
from knowledge.settings import Settings
from knowledge.tables import Staff
from knowledge.vocabulary import Role

YEAR = 2025
LINES = 1_000_000
QUESTIONS = 7 / 10  # of the lines, that many are replies to a question of their own
REPEATS = 5
PAGES = {
    "figures": f"/report/{YEAR}/figures",
    "overview": f"/report/{YEAR}",
    "one figure, first page": f"/report/{YEAR}/figures/ledger.board_reply",
    "one figure, page 7,000": f"/report/{YEAR}/figures/ledger.board_reply?page=7000",
    "one figure, last page": f"/report/{YEAR}/figures/ledger.board_reply?page=99999999",
    "questions, first page": f"/report/{YEAR}/figures/questions.received",
    "editor of a part": f"/report/{YEAR}/text/overview.proactive",
}
# Numbers 1 to :n, and from them a year's lines about half a minute apart.
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :n) "
MOMENT = "strftime('%Y-%m-%d %H:%M:%S', '2024-12-31 16:00:00', '+' || CAST(i * 31500000.0 / :n AS INTEGER) || ' seconds') || '.000000'"
FILL_QUESTIONS = f"""INSERT INTO question (id, code, channel, received_at, kind, text, public, state, outcome, reason,
 choices, explanation, base_version, due, due_provisional, closing_note, version)
 {NUMBERS} SELECT i, 'Q' || i, CASE i % 3 WHEN 0 THEN 'wechat' ELSE 'board' END, {MOMENT},
 CASE i % 5 WHEN 0 THEN 'complaint' ELSE 'consultation' END, '公积金提取要多久到账？', 1, 'answered', 'answered', 'exact',
 '[]', '{{}}', 1, '2025-12-31', 0, '', 1 FROM n"""  # noqa: S608 nothing in it comes from outside
FILL_REPLIES = f"""INSERT INTO reply (id, question_id, text, basis, by, author, entry_key, entry_revision, sent_at)
 {NUMBERS} SELECT i, i, '一般三个工作日内到账。', '[]', 'system', 'system', '', 0, {MOMENT} FROM n"""  # noqa: S608
FILL_LEDGER = f"""INSERT INTO ledger (seq, at, recorded_at, kind, channel, title, address, quantity, by, source,
 question_id, content_sha256, corrects, reason, previous, hash)
 {NUMBERS} SELECT i, {MOMENT}, {MOMENT},
 CASE WHEN i > :q THEN CASE i % 3 WHEN 0 THEN 'document' WHEN 1 THEN 'weibo' ELSE 'site' END
      WHEN i % 3 = 0 THEN 'wechat_reply' ELSE 'board_reply' END,
 'board', '答复第 ' || i || ' 号留言：提取公积金要多久到账', 'https://example.org/board/' || i, 1,
 CASE WHEN i % 4 = 0 THEN 'wang' ELSE 'system' END, 'withdraw.time', CASE WHEN i <= :q THEN i END,
 printf('%064d', i), CASE WHEN i % 1000 = 0 THEN i - 999 END, '', printf('%064d', i - 1), printf('%064d', i) FROM n"""  # noqa: S608


async def _fill(chosen: Settings, lines: int) -> None:
    database = open_database(chosen)
    await migrate.upgrade(database)
    async with database.writing_core() as connection:
        asked = int(lines * QUESTIONS)
        await connection.execute(sql(FILL_QUESTIONS), {"n": asked})
        await connection.execute(sql(FILL_REPLIES), {"n": asked})
        await connection.execute(sql(FILL_LEDGER), {"n": lines, "q": asked})
    await database.close()


def _files(data: Path) -> None:
    """Each file by the command, with the peak memory of its process."""
    for kind in ("html", "docx", "json"):
        words = ("report", str(YEAR), "--draft", "--format", kind, "--out", str(data / "out"))
        measured = f"import resource, sys; sys.argv[1:] = {words!r}\nfrom admin.__main__ import main\n"
        measured += "try:\n    main()\nfinally:\n"
        measured += "    used = resource.getrusage(resource.RUSAGE_SELF)\n"
        # not ru_maxrss: a child inherits its parent's
        measured += "    peak = open('/proc/self/status').read().split('VmHWM:')[1].split()[0]\n"
        measured += "    print(used.ru_utime + used.ru_stime, peak, file=sys.stderr)"
        begun = time.perf_counter()
        done = subprocess.run(  # our own program, with our own words
            [sys.executable, "-c", measured], env={"ZHENGWEN_DATA": str(data), "PATH": ""}, capture_output=True, text=True,
            check=True,
        )  # fmt: skip
        size = (data / "out" / f"report-{YEAR}-draft.{kind}").stat().st_size / 1e6
        cpu, peak = done.stderr.strip().splitlines()[-1].split()
        took = f"{time.perf_counter() - begun:.1f} s ({float(cpu):.1f} s of processor)"
        _say(f"report --format {kind}", f"{took}, peak {int(peak) // 1024} MB, file {size:.1f} MB")


async def _cookie(database: Database) -> str:
    at = clock.now()
    async with database.writing() as session:
        one = Staff(
            username="clerk", name="小王", role=Role.CLERK, password_hash=staff.nobodys_hash(), must_change=False,
            created_at=at,
        )  # fmt: skip
        session.add(one)
        await session.flush()
    return await sessions.begin(database, one, Acting("clerk", at), 8, "bench")


async def _pages(chosen: Settings) -> None:
    """Every page for the first time in the service's life, then the best of some."""
    service = await services.start(chosen)
    cookies = {auth.COOKIE: await _cookie(service.database)}
    async with (
        TestServer(staff_app(service)) as office,
        TestServer(public_app(service)) as public,
        aiohttp.ClientSession(cookies=cookies, cookie_jar=aiohttp.CookieJar(unsafe=True)) as session,
    ):
        for name, path in PAGES.items():
            _say(f"page: {name}", await _timed(session, f"{office.make_url(path)}"))
        _say("page: public statistics", await _timed(session, f"{public.make_url(f'/statistics?year={YEAR}')}"))
    await service.stop()
    _say("peak memory of the service", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


async def _timed(session: aiohttp.ClientSession, address: str) -> str:
    """Milliseconds by the clock, and of the processor (asking and answering together): machines are seldom idle."""
    found = []
    for _ in range(REPEATS):
        begun, processor = time.perf_counter(), time.process_time()
        async with session.get(address) as response:
            await response.read()
            assert response.status == 200, address
        found.append(((time.perf_counter() - begun) * 1000, (time.process_time() - processor) * 1000))
    first, then = found[0], min(found[1:])
    return f"first {first[0]:.0f} ms ({first[1]:.0f} of processor), then {then[0]:.0f} ms ({then[1]:.0f})"


def _say(name: str, value: str) -> None:
    sys.stdout.write(f"{name:<32}{value}\n")
    sys.stdout.flush()


async def main(lines: int) -> None:
    """Make the year, then measure."""
    with tempfile.TemporaryDirectory() as folder:
        chosen = settings.load({}, data=Path(folder))
        begun = time.perf_counter()
        await _fill(chosen, lines)
        _say(f"{lines:,} lines made", f"{time.perf_counter() - begun:.0f} s")
        await asyncio.to_thread(_files, Path(folder))
        await _pages(chosen)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else LINES))
