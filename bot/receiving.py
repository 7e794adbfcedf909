"""Receiving a question: the one call of every channel. An acknowledged message is on disk, with its outcome.

The engine decides before anything is stored; question, reply and ledger line are then written together, and many
requests share one commit.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import codes, conversations
from bot.answer.draft import Draft, labels_of
from bot.answer.near import Near
from bot.current import CurrentEngine
from bot.message import Message
from bot.metrics import Metrics
from knowledge import clock, ledger
from knowledge.db import Database
from knowledge.errors import BadInputError, StorageError
from knowledge.group import GroupWriter
from knowledge.masking import mask
from knowledge.settings import Settings
from knowledge.tables import EarlierReply, FollowUp, Question, QuestionEvent, QuestionOriginal, Reply
from knowledge.vocabulary import AT_ONCE, REPLY_KIND, Channel, Outcome, QuestionState, Reason, ReplyBy

SYSTEM = "system"
CODE_TRIES = 3
STATE_AFTER = {
    Outcome.ANSWERED: QuestionState.ANSWERED,
    Outcome.CLARIFY: QuestionState.CLARIFYING,
    Outcome.HANDED_OVER: QuestionState.WAITING,
}
_QUESTION, _ORIGINAL = Question.__table__, QuestionOriginal.__table__  # type: ignore[attr-defined]
_FOLLOW_UP = FollowUp.__table__  # type: ignore[attr-defined]
_EVENT, _REPLY = QuestionEvent.__table__, Reply.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Receipt:
    """What the sender is told: the same, byte for byte, however often the message is repeated."""

    code: str
    password: str
    outcome: Outcome
    reason: str
    due: date
    due_provisional: bool
    reply: str = ""
    basis: list[dict[str, Any]] = field(default_factory=list)
    choices: list[dict[str, str]] = field(default_factory=list)
    entry_key: str = ""


@dataclass(frozen=True)
class Decided:
    """A message with its outcome, ready to be stored; `push` is what WeChat's conversation keeps of it, if it came there."""

    receipt: Receipt
    question: dict[str, Any]
    original: dict[str, Any] | None
    reply: dict[str, Any] | None
    title: str
    source: str
    after: int | None = None
    push: conversations.Kept | None = None


class Receiver:
    """Takes messages in. Start it before, stop it after: stopping writes what still waits."""

    def __init__(
        self,
        database: Database,
        current: CurrentEngine,
        settings: Settings,
        key: bytes,
        now: Callable[[], datetime],
        metrics: Metrics,
        nearest: Callable[[str], Awaitable[Near | None]] | None = None,
    ) -> None:
        self._database = database
        self._current = current
        self._settings = settings
        self._key = key
        self._now = now
        self._metrics = metrics
        self._nearest = nearest
        self._writer: GroupWriter[Decided, None] = GroupWriter(database, self._store)

    def start(self) -> None:
        """Begin to take messages."""
        self._writer.start()

    async def stop(self) -> None:
        """Finish what was begun."""
        await self._writer.stop()

    async def receive(self, message: Message) -> Receipt:
        """Decide, store, acknowledge. BadInputError where the sender's mark was used for another message."""
        for _ in range(CODE_TRIES):
            decided = await self.decide(message)
            if await self.store(decided):
                return decided.receipt
            earlier = await self._earlier(message)
            if earlier:
                return earlier
        raise StorageError("留言暂时存不进去，请稍后再试。")

    async def decide(self, message: Message) -> Decided:
        """The outcome and the receipt, which holds once `store` has said so."""
        return self._decide(message, await self._near(message))

    async def store(self, decided: Decided, push: conversations.Kept | None = None) -> bool:
        """Put it on disk, with the push it came by; False if one of the two is there already, or the code is taken."""
        try:
            await self._writer.write(replace(decided, push=push) if push else decided)
        except IntegrityError:
            return False
        question = decided.question
        self._metrics.questions.labels(question["channel"], question["outcome"], question["reason"]).inc()
        return True

    async def _near(self, message: Message) -> Near | None:
        """What is near in meaning, where somebody tells and it could change the outcome; only masked text is shown."""
        if self._nearest is None or message.paused:
            return None
        engine = self._current.engine
        draft = engine.answer(message.text, clock.office_day(self._now()), message.kind, message.topic)
        return await self._nearest(mask(message.text)) if engine.may_widen(draft) else None

    def _decide(self, message: Message, near: Near | None) -> Decided:
        at = self._now()
        today = clock.office_day(at)
        masked = mask(message.text)
        draft = self._current.engine.answer(message.text, today, message.kind, message.topic, near)
        if message.paused:
            draft = _held(draft)
        due = clock.add_working_days(today, self._settings.reply_working_days)
        question = {
            "code": codes.new_code(),
            "channel": message.channel.value,
            "external_id": message.external_id,
            "received_at": at,
            "kind": message.kind.value,
            "text": masked,
            "public": message.public,
            "state": STATE_AFTER[draft.outcome].value,
            "outcome": draft.outcome.value,
            "reason": draft.reason.value,
            "choices": _choices(draft),
            "explanation": _explanation(draft, masked),
            "base_version": self._current.engine.version,
            "due": due.day,
            "due_provisional": due.provisional,
            "published_at": None,
            "closing_note": "",
            "version": 1,
            "urgency": 0 if draft.reason in AT_ONCE else 1,
        }
        reply = None
        if draft.entry:
            reply = {
                "text": draft.text,
                "basis": [line.as_json() for line in draft.basis],
                "by": ReplyBy.SYSTEM.value,
                "author": SYSTEM,
                "entry_key": draft.entry.key,
                "entry_revision": draft.entry.revision,
                "sent_at": at,
            }
        title = "；".join(entry.standard for entry in draft.entries)
        source = "、".join(entry.key for entry in draft.entries)
        receipt = self._receipt(question, reply)
        return Decided(receipt, question, self._original(message, masked), reply, title, source, message.after)

    @staticmethod
    def _original(message: Message, masked: str) -> dict[str, Any] | None:
        if message.text == masked and not message.name and not message.phone:
            return None  # nothing personal: there is nothing to keep apart, and nothing to remove later
        return {"text": message.text, "name": message.name, "phone": message.phone}

    def _store(self, connection: Connection, batch: Sequence[Decided]) -> list[None]:
        # In the order of the senders' marks, so that two processes given the same messages never wait for each other.
        ordered = sorted(batch, key=lambda item: item.question["external_id"] or "")
        returning = insert(_QUESTION).returning(_QUESTION.c.id, sort_by_parameter_order=True)
        ids = connection.execute(returning, [item.question for item in ordered]).scalars()
        numbered = list(zip(ids, ordered, strict=True))
        originals = [{"question_id": number, **item.original} for number, item in numbered if item.original]
        replies = [{"question_id": number, **item.reply} for number, item in numbered if item.reply]
        pushes = [item.push for item in ordered if item.push]
        if originals:
            connection.execute(insert(_ORIGINAL), originals)
        if links := [{"question_id": number, "after_id": item.after} for number, item in numbered if item.after]:
            connection.execute(insert(_FOLLOW_UP), links)
        connection.execute(insert(_EVENT), [_event(number, item) for number, item in numbered])
        if replies:
            connection.execute(insert(_REPLY), replies)
            lines = [_line(number, item) for number, item in numbered if item.reply]
            ledger.append(connection, lines, self._now())
        if pushes:
            conversations.store(connection, pushes)
        return [None] * len(batch)

    async def _earlier(self, message: Message) -> Receipt | None:
        """The receipt of the message that bears the same mark, if there is one."""
        if message.external_id is None:
            return None
        async with self._database.reading() as session:
            found = (
                await session.exec(
                    select(Question, Reply)
                    .join(Reply, isouter=True)
                    .where(Question.channel == message.channel, Question.external_id == message.external_id)
                )
            ).one_or_none()
            if found is None:
                return None
            question, reply = found
            by_system = await _by_system(session, question, reply)
        if question.text != mask(message.text):
            raise BadInputError("这个标识已经用于另一条内容不同的留言，请换一个标识。", "idempotency_key")
        return self._receipt(question.model_dump(), by_system.model_dump() if by_system else None)

    def _receipt(self, question: dict[str, Any], reply: dict[str, Any] | None) -> Receipt:
        return Receipt(
            code=question["code"],
            password=codes.password_for(question["code"], self._key),
            outcome=Outcome(question["outcome"]),
            reason=question["reason"],
            due=question["due"],
            due_provisional=question["due_provisional"],
            reply=reply["text"] if reply and question["outcome"] == Outcome.ANSWERED else "",
            basis=reply["basis"] if reply and question["outcome"] == Outcome.ANSWERED else [],
            choices=question["choices"],
            entry_key=reply["entry_key"] if reply and question["outcome"] == Outcome.ANSWERED else "",
        )


async def _by_system(session: AsyncSession, question: Question, reply: Reply | None) -> Reply | EarlierReply | None:
    """What the system answered at receipt, also where a person's reply has since taken its place."""
    if reply and reply.by == ReplyBy.SYSTEM:
        return reply
    wanted = select(EarlierReply).where(EarlierReply.question_id == question.id, EarlierReply.by == ReplyBy.SYSTEM)
    return (await session.exec(wanted.limit(1))).one_or_none()


def _held(draft: Draft) -> Draft:
    """What would have been answered or offered goes to a person; why a person had to see it anyway stays (danger first)."""
    if draft.outcome is not Outcome.HANDED_OVER:
        draft = replace(draft, outcome=Outcome.HANDED_OVER, reason=Reason.PAUSED)
    return replace(draft, entry=None, choices=(), basis=())


def _choices(draft: Draft) -> list[dict[str, str]]:
    labels = labels_of(draft.choices)
    return [
        {"entry": entry.key, "label": label, "question": entry.standard}
        for entry, label in zip(draft.choices, labels, strict=True)
    ]


def _explanation(draft: Draft, masked: str) -> dict[str, Any]:
    """For staff; of the citizen's words only what stands in the masked text as well."""
    kept = draft.explanation()
    for part in kept.get("parts", ()):
        if not all(piece in masked for piece in str(part["asked"]).split()):
            part["asked"] = mask(part["asked"])
    return kept


def _event(number: int, item: Decided) -> dict[str, Any]:
    question = item.question
    return {
        "question_id": number,
        "at": question["received_at"],
        "actor": SYSTEM,
        "state": question["state"],
        "note": question["reason"],
    }


def _line(number: int, item: Decided) -> ledger.Line:
    channel = Channel(item.question["channel"])
    return ledger.Line(
        at=item.question["received_at"],
        kind=REPLY_KIND[channel],
        channel=channel.value,
        title=f"答复第 {number} 号留言：{item.title}",
        by=SYSTEM,
        source=item.source,
        question_id=number,
        content=(item.reply or {}).get("text", ""),
    )
