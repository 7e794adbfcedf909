"""What is kept of the office's own apps: which app a question came from, numbers used once, what an app came to fetch."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from knowledge.db import Database
from knowledge.group import GroupWriter
from knowledge.tables import AppNonce, Delivery, DeliveryAttempt, Question
from knowledge.vocabulary import Channel, DeliveryState, DeliveryWay

SEPARATOR = ":"  # no name of an app has one
APP_WAY = "app:"  # before an app's name among the ways out: an official account may have the same name
GIVEN_LATER = (DeliveryState.WAITING.value, DeliveryState.UNCERTAIN.value)
_NONCE, _DELIVERY = AppNonce.__table__, Delivery.__table__  # type: ignore[attr-defined]
_ATTEMPT = DeliveryAttempt.__table__  # type: ignore[attr-defined]


def mark_of(app: str, message_id: str) -> str:
    """The mark a message is stored under: two apps may count from one each."""
    return f"{app}{SEPARATOR}{message_id}"


def app_of(question: Question) -> str:
    """The name of the app a question came from; empty where it came from elsewhere."""
    return _parts(question)[0]


def message_id_of(question: Question) -> str:
    """The app's own number of a question."""
    return _parts(question)[1]


def _parts(question: Question) -> tuple[str, str]:
    if question.channel != Channel.APP:
        return "", ""
    app, _, message_id = (question.external_id or "").partition(SEPARATOR)
    return app, message_id


@dataclass(frozen=True)
class Numbers:
    """The numbers apps have used, shared by all processes. Start it before, stop it after."""

    _database: Database
    _writer: GroupWriter[dict[str, Any], None]

    @classmethod
    def of(cls, database: Database) -> "Numbers":
        """Kept in this database."""
        return cls(database, GroupWriter(database, _store))

    def start(self) -> None:
        """Begin to write."""
        self._writer.start()

    async def stop(self) -> None:
        """Write what waits."""
        await self._writer.stop()

    async def first_with(self, app: str, nonce: str, body: bytes, at: datetime) -> bool:
        """Whether this number came for the first time, or again with the very same body."""
        digest = hashlib.sha256(body).hexdigest()
        try:
            await self._writer.write({"app": app, "nonce": nonce, "at": at, "body_sha256": digest})
        except IntegrityError:
            wanted = select(_NONCE.c.body_sha256).where(_NONCE.c.app == app, _NONCE.c.nonce == nonce)
            first = await self._database.read_rows(lambda connection: connection.execute(wanted).scalar_one())
            return hmac.compare_digest(first, digest)
        return True


async def fetched(database: Database, question_id: int, at: datetime) -> None:
    """An app has read a reply that could not be sent to it, or perhaps was: from now on it counts as given."""
    mine = (_DELIVERY.c.question_id == question_id, _DELIVERY.c.state.in_(GIVEN_LATER))
    async with database.reader.connect() as connection:
        if (await connection.execute(select(_DELIVERY.c.id).where(*mine))).first() is None:
            return
    async with database.writing_core() as connection:
        given = update(_DELIVERY).where(*mine).values(state=DeliveryState.SENT.value, text="").returning(_DELIVERY.c.id)
        for delivery_id in (await connection.execute(given)).scalars().all():
            attempt = {"delivery_id": delivery_id, "at": at, "way": DeliveryWay.FETCHED.value, "note": ""}
            await connection.execute(insert(_ATTEMPT).values(attempt | {"state": DeliveryState.SENT.value}))


def _store(connection: Connection, batch: Sequence[dict[str, Any]]) -> list[None]:
    """In the order of the keys, so that two processes never wait for each other."""
    connection.execute(insert(_NONCE), sorted(batch, key=lambda row: (str(row["app"]), str(row["nonce"]))))
    return [None] * len(batch)
