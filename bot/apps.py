"""What is kept of the office's own apps: which app a question came from, and what an app came to fetch."""

from datetime import datetime

from sqlalchemy import insert, select, update

from knowledge.db import Database
from knowledge.tables import Delivery, DeliveryAttempt, Question
from knowledge.vocabulary import GIVEN_LATER, Channel, DeliveryState, DeliveryWay

SEPARATOR = ":"  # no name of an app has one
APP_WAY = "app:"  # before an app's name among the ways out: an official account may have the same name
_DELIVERY, _ATTEMPT = Delivery.__table__, DeliveryAttempt.__table__  # type: ignore[attr-defined]


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
