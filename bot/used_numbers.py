"""Numbers used once 随机数, each bound to the body it came with: the same request again is harmless, another body a forgery.

Kept in a table with columns `at` and `body_sha256` beside its key, so that all processes know them.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, and_, insert, select
from sqlalchemy.exc import IntegrityError

from knowledge.db import Database
from knowledge.group import GroupWriter


class UsedNumbers:
    """The numbers of one table. Start it before, stop it after."""

    def __init__(self, database: Database, table: Table) -> None:
        self._database = database
        self._table = table
        self._writer: GroupWriter[dict[str, Any], None] = GroupWriter(database, self._store)

    def start(self) -> None:
        """Begin to write."""
        self._writer.start()

    async def stop(self) -> None:
        """Write what waits."""
        await self._writer.stop()

    async def first_with(self, key: Mapping[str, str], body: bytes, at: datetime) -> bool:
        """Whether the number came for the first time, or again with the very same body; `key` names the columns of the key."""
        digest = hashlib.sha256(body).hexdigest()
        try:
            await self._writer.write({**key, "at": at, "body_sha256": digest})
        except IntegrityError:
            same = and_(*(self._table.c[name] == value for name, value in key.items()))
            wanted = select(self._table.c.body_sha256).where(same)
            first = await self._database.read_rows(lambda connection: connection.execute(wanted).scalar_one())
            return hmac.compare_digest(first, digest)
        return True

    def _store(self, connection: Connection, batch: Sequence[dict[str, Any]]) -> list[None]:
        """In the order of the keys, so that two processes never wait for each other."""
        names = [column.name for column in self._table.primary_key]
        connection.execute(insert(self._table), sorted(batch, key=lambda row: [str(row[name]) for name in names]))
        return [None] * len(batch)
