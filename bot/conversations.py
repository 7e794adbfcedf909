"""What is kept of WeChat's followers: each push once with its answer, who asked what, and what still waits for them.

Reads and writes of many pushes share a statement and a commit. A retry finds the stored answer; of two at once the
database refuses the second. Nothing but `wechat_user` holds an openid, so that removing a follower is removing a row.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, String, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from bot.used_numbers import UsedNumbers
from knowledge.db import Database
from knowledge.group import GroupWriter
from knowledge.tables import (
    Conversation,
    Delivery,
    DeliveryAttempt,
    Question,
    QuestionEvent,
    QuestionOriginal,
    WeChatNonce,
    WeChatPush,
    WeChatUser,
)
from knowledge.vocabulary import GIVEN_LATER, DeliveryState, DeliveryWay, QuestionState

LOOK_TOGETHER = 400
# Stands before a stored reply whose message went to WeChat's own customer service; the words are what is said otherwise.
TRANSFER = "\x1c"
TRANSFERRED = "已转微信客服，由客服人员在微信里先接待"
SETTLED = (DeliveryState.SENT.value, DeliveryState.GIVEN_UP.value)
_USER, _PUSH = WeChatUser.__table__, WeChatPush.__table__  # type: ignore[attr-defined]
_CONVERSATION, _DELIVERY = Conversation.__table__, Delivery.__table__  # type: ignore[attr-defined]
_ATTEMPT = DeliveryAttempt.__table__  # type: ignore[attr-defined]
_QUESTION, _ORIGINAL = Question.__table__, QuestionOriginal.__table__  # type: ignore[attr-defined]
_EVENT = QuestionEvent.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Waiting:
    """A text that could not be pushed and is given with the next answer; `again`: it may have arrived before."""

    delivery_id: int
    text: str
    code: str
    again: bool


@dataclass(frozen=True)
class Answered:
    """The answer a push got, as stored. An empty reply is WeChat's "success"."""

    at: datetime
    reply: str = ""
    code: str = ""


@dataclass(frozen=True)
class Known:
    """What is known when a push arrives; `again`: storing its answer has failed once, so its question may be on record."""

    earlier: Answered | None = None
    choosing: str = ""
    waiting: tuple[Waiting, ...] = ()
    again: bool = False


@dataclass(frozen=True)
class Kept:
    """A push with its answer, ready to be stored."""

    mark: str
    account: str
    kind: str
    answer: Answered
    stranger: str = ""
    user_key: str = ""
    openid: str = ""
    heard: bool = False
    asked: bool = False
    choosing: str = ""
    given: tuple[int, ...] = ()


class Conversations:
    """The use-cases. Start it before, stop it after."""

    def __init__(self, database: Database, key: bytes) -> None:
        self._database = database
        self._key = key
        self._writer: GroupWriter[Kept, None] = GroupWriter(database, store)
        self.numbers = UsedNumbers(database, WeChatNonce.__table__)  # type: ignore[attr-defined]
        self._looking: list[tuple[str, str, asyncio.Future[Known]]] = []
        self._looker: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to take pushes."""
        self._writer.start()
        self.numbers.start()

    async def stop(self) -> None:
        """Write what still waits."""
        await self.numbers.stop()
        await self._writer.stop()

    def digest(self, *parts: str) -> str:
        """A keyed digest: without the service's key nobody can tell whose it is."""
        message = "\x00".join(parts).encode("utf-8", "replace")
        return hmac.new(self._key, b"wechat:" + message, hashlib.sha256).hexdigest()

    async def look(self, mark: str, user_key: str) -> Known:
        """The earlier answer to this push, or what is known of its sender; those that arrive together share the read."""
        future: asyncio.Future[Known] = asyncio.get_running_loop().create_future()
        self._looking.append((mark, user_key, future))
        if self._looker is None or self._looker.done():
            self._looker = asyncio.create_task(self._look_together(), name="wechat-look")
        return await future

    async def keep(self, kept: Kept) -> bool:
        """Store a push with its answer; False if another process or try was faster."""
        try:
            await self._writer.write(kept)
        except IntegrityError:
            return False
        return True

    async def forget(self, user_key: str) -> None:
        """Remove what is personal of a follower: openid, original words, texts on their way. Rows that count stay."""
        async with self._database.writing_core() as connection:
            questions = select(_CONVERSATION.c.question_id).where(_CONVERSATION.c.user_key == user_key)
            await connection.execute(delete(_ORIGINAL).where(_ORIGINAL.c.question_id.in_(questions)))
            mine = _DELIVERY.c.user_key == user_key
            gone = {"state": DeliveryState.EXPIRED.value}
            await connection.execute(update(_DELIVERY).where(mine, _DELIVERY.c.state.not_in(SETTLED)).values(gone))
            await connection.execute(update(_DELIVERY).where(mine).values(text="", user_key=None))
            await connection.execute(delete(_CONVERSATION).where(_CONVERSATION.c.user_key == user_key))
            await connection.execute(delete(_USER).where(_USER.c.key == user_key))

    async def send_later(self, user_key: str, text: str, at: datetime) -> None:
        """Queue an answer that came too late to be the reply to its push."""
        async with self._database.writing_core() as connection:
            user = (await connection.execute(select(_USER.c.account).where(_USER.c.key == user_key))).first()
            if user:
                await connection.execute(insert(_DELIVERY).values(_queued(user_key, user.account, text, at)))

    async def _look_together(self) -> None:
        while self._looking:
            batch, self._looking = self._looking[:LOOK_TOGETHER], self._looking[LOOK_TOGETHER:]
            marks, user_keys = [mark for mark, _, _ in batch], list({key for _, key, _ in batch})
            try:
                found = await self._database.read_rows(partial(_known, marks=marks, user_keys=user_keys))
            except Exception as error:  # each asker gets it; the next batch must still be read
                for _, _, future in batch:
                    if not future.done():
                        future.set_exception(error)
                continue
            for mark, user_key, future in batch:
                if not future.done():
                    future.set_result(found(mark, user_key))


class _Found:
    """What one read brought, by mark and by user."""

    def __init__(self) -> None:
        self.earlier: dict[str, Answered] = {}
        self.choosing: dict[str, str] = {}
        self.waiting: dict[str, list[Waiting]] = {}

    def __call__(self, mark: str, user_key: str) -> Known:
        """The part that belongs to one push."""
        waiting = tuple(self.waiting.get(user_key, ()))
        return Known(self.earlier.get(mark), self.choosing.get(user_key, ""), waiting)


# Built once: putting a statement together takes longer than running it.
_PUSHES = select(_PUSH.c.mark, _PUSH.c.at, _PUSH.c.reply, _PUSH.c.code).where(
    _PUSH.c.mark.in_(bindparam("marks", expanding=True))
)
_USERS = (
    select(_USER.c.key, _USER.c.choosing, _DELIVERY.c.id, _DELIVERY.c.text, _DELIVERY.c.state, _QUESTION.c.code)
    .select_from(
        _USER.outerjoin(
            _DELIVERY, (_DELIVERY.c.user_key == _USER.c.key) & _DELIVERY.c.state.in_(GIVEN_LATER)
        ).outerjoin(_QUESTION, _QUESTION.c.id == _DELIVERY.c.question_id)
    )
    .where(_USER.c.key.in_(bindparam("user_keys", expanding=True)))
    .order_by(_DELIVERY.c.id)
)


def _known(connection: Connection, marks: list[str], user_keys: list[str]) -> _Found:
    found = _Found()
    for row in connection.execute(_PUSHES, {"marks": marks}):
        found.earlier[row.mark] = Answered(row.at, row.reply, row.code)
    for row in connection.execute(_USERS, {"user_keys": user_keys}):
        found.choosing[row.key] = row.choosing
        if row.id is not None:
            again = row.state == DeliveryState.UNCERTAIN
            found.waiting.setdefault(row.key, []).append(Waiting(row.id, row.text, row.code or "", again))
    return found


def store(connection: Connection, batch: Sequence[Kept]) -> list[None]:
    """Rows in the order of their keys, so that two processes never wait for each other."""
    ordered = sorted(batch, key=lambda kept: kept.mark)
    connection.execute(insert(_PUSH), [_push(kept) for kept in ordered])
    users = sorted((kept for kept in batch if kept.openid), key=lambda kept: kept.user_key)
    put = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    upsert = put(_USER)
    for heard, names in ((True, ("heard_at", "pushed", "choosing")), (False, ("choosing",))):
        rows = [_user(kept) for kept in users if kept.heard is heard]
        if rows:
            news = {name: upsert.excluded[name] for name in names}
            connection.execute(upsert.on_conflict_do_update(index_elements=["key"], set_=news), rows)
    askers = [{"asker": kept.user_key, "asked": kept.answer.code} for kept in users if kept.asked]
    if askers:
        wanted = select(_QUESTION.c.id, bindparam("asker", type_=String)).where(_QUESTION.c.code == bindparam("asked"))
        link = put(_CONVERSATION).from_select(["question_id", "user_key"], wanted).on_conflict_do_nothing()
        connection.execute(link, askers)
    for kept in batch:
        if kept.answer.reply.startswith(TRANSFER):
            _note_transfer(connection, kept.answer)
        for delivery_id in kept.given:
            _give(connection, delivery_id, kept.answer.at)
    return [None] * len(batch)


def _note_transfer(connection: Connection, answer: Answered) -> None:
    """Staff see in the question's story that somebody may have talked to the citizen already."""
    number = connection.execute(select(_QUESTION.c.id).where(_QUESTION.c.code == answer.code)).scalar_one()
    event = {"question_id": number, "at": answer.at, "actor": "system", "note": TRANSFERRED}
    connection.execute(insert(_EVENT).values(event | {"state": QuestionState.WAITING.value}))


def _give(connection: Connection, delivery_id: int, at: datetime) -> None:
    here = (_DELIVERY.c.id == delivery_id, _DELIVERY.c.state.in_(GIVEN_LATER))
    connection.execute(update(_DELIVERY).where(*here).values(state=DeliveryState.SENT.value, text=""))
    attempt = {"delivery_id": delivery_id, "at": at, "way": DeliveryWay.PASSIVE.value, "note": ""}
    connection.execute(insert(_ATTEMPT).values(attempt | {"state": DeliveryState.SENT.value}))


def _push(kept: Kept) -> dict[str, Any]:
    answer = kept.answer
    return {
        "mark": kept.mark,
        "account": kept.account,
        "kind": kept.kind,
        "stranger": kept.stranger or None,
        "at": answer.at,
        "code": answer.code,
        "reply": answer.reply,
    }


def _user(kept: Kept) -> dict[str, Any]:
    at = kept.answer.at
    return {
        "key": kept.user_key,
        "account": kept.account,
        "openid": kept.openid,
        "since": at,
        "heard_at": at if kept.heard else None,
        "pushed": 0,
        "choosing": kept.choosing,
    }


def _queued(user_key: str, account: str, text: str, at: datetime) -> dict[str, Any]:
    queued = {"user_key": user_key, "account": account, "text": text, "state": DeliveryState.QUEUED.value}
    return queued | {"made_at": at, "due_at": at, "attempts": 0}
