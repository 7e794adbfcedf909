"""The life of a reply after receipt: choose · save a draft · publish · close. Each is one transaction.

Transitions are conditional updates on state and version, so that two people at once never make two replies: the
slower one gets a ConflictError with what the faster one wrote.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import outbox
from bot.transitions import check_text, conflict, latest_draft, move, note, question_of, send, withdrawn
from bot.workflow import Depth, after
from knowledge import clock
from knowledge.db import Database
from knowledge.entries import KnownEntry
from knowledge.errors import BadInputError, ConflictError
from knowledge.tables import Draft, EarlierReply, Question, Reply
from knowledge.vocabulary import OPEN_STATES, Act, Closing, QuestionState, Reason, ReplyBy, Step

ONE_HAND = Depth()
SYSTEM = "system"
CITIZEN = "citizen"


@dataclass(frozen=True)
class Author:
    """Who writes a staff reply."""

    username: str
    name: str


async def choose(
    database: Database,
    question_id: int,
    entry: KnownEntry | None,
    *,
    address: str,
    at: datetime,
    paused: bool = False,
) -> QuestionState:
    """The citizen picks one of the choices offered (None: none of them, a person shall answer); returns the state.

    Where the pick leaves other questions of the message open it is only read, and a person answers the whole.
    Repeating the same pick changes nothing. An entry no longer in force on that day goes to a person as well, and so
    does every pick while automatic answers are off (`paused`).
    """
    if entry and not entry.in_force(clock.office_day(at)):
        entry = None
    async with database.writing() as session:
        question = await question_of(session, question_id)
        state, reason = (QuestionState.WAITING, Reason.PAUSED) if paused else _picked(question, entry)
        if entry and entry.key not in [choice["entry"] for choice in question.choices]:
            raise BadInputError("请从给出的几个选项里选一个。", "choice")
        moved = await move(session, question, [QuestionState.CLARIFYING], state, reason=reason)
        if not moved:
            return QuestionState(question.state)
        told = reason.value if paused else entry.key if entry else ""
        note(session, question_id, at, CITIZEN, state, told)
        if entry and state is QuestionState.ANSWERED:
            reply = Reply(
                question_id=question_id,
                text=entry.answer,
                basis=[line.as_json() for line in entry.basis_on(clock.office_day(at))],
                by=ReplyBy.SYSTEM,
                author=SYSTEM,
                entry_key=entry.key,
                entry_revision=entry.revision,
                sent_at=at,
            )
            await send(session, question, reply, title=entry.standard, address=address)
        return state


def _picked(question: Question, entry: KnownEntry | None) -> tuple[QuestionState, Reason]:
    if entry is None:
        return QuestionState.WAITING, Reason.NONE_CHOSEN
    parts = question.explanation.get("parts") or []
    if any(part["covered_by"] != entry.key for part in parts):
        return QuestionState.WAITING, Reason.SEVERAL_ASKED
    return QuestionState.ANSWERED, Reason.CHOSEN


@dataclass(frozen=True)
class Written:
    """A reply as it stands in the editor: the text, the entry it rests on, whether it may go on the board."""

    text: str
    entry: KnownEntry | None = None
    public: bool = False


async def save_draft(
    database: Database,
    question_id: int,
    text: str,
    author: Author,
    *,
    version: int,
    at: datetime,
    entry_key: str = "",
    public: bool = False,
    auto: bool = False,
) -> int:
    """Keep a draft; returns the question's new version. ConflictError if somebody saved or published meanwhile.

    `auto`: saved by the page itself. Of those, one a minute is kept for each author; the text of the last is never lost.
    """
    check_text(text)
    async with database.writing() as session:
        question = await question_of(session, question_id)
        if after(question.step, Act.SAVED, 1) is None or not await move(
            session, question, OPEN_STATES, QuestionState.DRAFTED, version=version
        ):
            raise await conflict(session, question)
        last = await latest_draft(session, question_id)
        same_minute = last and last.saved_at.replace(second=0, microsecond=0) == at.replace(second=0, microsecond=0)
        if auto and last and same_minute and last.auto and last.saved_by == author.username:
            kept = last
        else:
            kept = Draft(question_id=question_id, version=0, text="", saved_at=at, saved_by=author.username, auto=auto)
        kept.text, kept.version, kept.saved_at = text, version + 1, at
        kept.entry_key, kept.public = entry_key, public
        session.add(kept)
        if question.state != QuestionState.DRAFTED:
            note(session, question_id, at, author.username, QuestionState.DRAFTED, "", Act.SAVED)
        return version + 1


async def publish(
    database: Database,
    question_id: int,
    text: str,
    author: Author,
    *,
    version: int,
    at: datetime,
    public: bool,
    address: str,
    entry: KnownEntry | None = None,
    depth: Depth = ONE_HAND,
    act: Act = Act.SENT,
    remark: str = "",
) -> None:
    """Send a person's reply: reply, ledger line and (where public) the place on the board in one transaction.

    ConflictError if somebody was faster; the database itself refuses a second reply. BadInputError where more hands
    are needed first; `remark` stands in the story.
    """
    check_text(text)
    today = clock.office_day(at)
    if entry and not entry.in_force(today):
        raise BadInputError("所选依据条目今天不在有效期内，请换一个或不选。", "entry")
    try:
        async with database.writing() as session:
            question = await question_of(session, question_id)
            if public and not question.public:
                raise BadInputError("网友没有同意公开这条留言，只能答复本人。", "public")
            if question.state in OPEN_STATES and question.version == version:
                _may_leave(question, text, depth, act)
            values = {"step": "", **({"published_at": at} if public else {})}
            if not await move(session, question, OPEN_STATES, QuestionState.ANSWERED, version=version, values=values):
                raise await conflict(session, question)
            note(session, question_id, at, author.username, QuestionState.ANSWERED, remark, act)
            reply = _reply(question_id, text, author, entry, at)
            await send(session, question, reply, title="", address=address if public else "")
            await outbox.queue(session, question, text, at)
    except IntegrityError:
        raise ConflictError("这条留言刚刚已经有了答复，您的文字没有发出。", text) from None


def _may_leave(question: Question, text: str, depth: Depth, act: Act) -> None:
    levels = depth.of(question.kind, question.reason, f"{question.text}\n{text}")
    if after(question.step, act, levels) == "sent":
        return
    if question.step in (Step.REVIEW, Step.SIGN):
        raise ConflictError(f"这条留言的答复正在{Step(question.step).label}，不能直接发出。", text)
    raise BadInputError("这条留言的答复要先审核才能发出，请点“送审”。", "text")


def _reply(question_id: int, text: str, author: Author, entry: KnownEntry | None, at: datetime) -> Reply:
    return Reply(
        question_id=question_id,
        text=text,
        basis=[line.as_json() for line in entry.basis_on(clock.office_day(at))] if entry else [],
        by=ReplyBy.STAFF,
        author=author.username,
        entry_key=entry.key if entry else "",
        entry_revision=entry.revision if entry else 0,
        sent_at=at,
    )


async def show_on_board(database: Database, question_id: int, author: Author, *, at: datetime) -> None:
    """Put an answered question on the board after a person has read it; only with the citizen's consent."""
    async with database.writing() as session:
        question = await question_of(session, question_id)
        if not question.public:
            raise BadInputError("网友没有同意公开这条留言。", "public")
        if question.state != QuestionState.ANSWERED or question.published_at or await withdrawn(session, question_id):
            raise ConflictError("这条留言还没有答复，或者已经公开、已经撤回。")
        question.published_at = at
        session.add(question)
        note(session, question_id, at, author.username, QuestionState.ANSWERED, "", Act.SHOWN)


async def close(
    database: Database,
    question_id: int,
    told: str,
    author: Author,
    *,
    version: int,
    at: datetime,
    kind: Closing = Closing.OTHER,
) -> None:
    """End a question without a reply (not ours, invalid, doubled); what the citizen is told stands with it."""
    check_text(told)
    async with database.writing() as session:
        question = await question_of(session, question_id)
        values = {"closing_note": told, "closing": kind.value, "step": ""}
        if not await move(session, question, OPEN_STATES, QuestionState.CLOSED, version=version, values=values):
            raise await conflict(session, question)
        note(session, question_id, at, author.username, QuestionState.CLOSED, told, Act.CLOSED)
        await outbox.queue(session, question, told, at)


async def reopen(
    session: AsyncSession, question: Question, reply: Reply, remark: str, *, due: clock.WorkingDay, at: datetime
) -> None:
    """Give an answered question to a person within the caller's transaction: the reply is kept apart, a new term begins.

    ConflictError where the question is no longer as the citizen saw it.
    """
    values = {"due": due.day, "due_provisional": due.provisional, "published_at": None}
    answered = [QuestionState.ANSWERED]
    if not await move(session, question, answered, QuestionState.WAITING, reason=Reason.NOT_MET, values=values):
        raise ConflictError("这条留言刚刚有了变化，请重新查看后再操作。")
    sent = (await session.exec(select(Reply).where(col(Reply.id) == reply.id))).one()  # `reply` may be its correction
    session.add(EarlierReply(**sent.model_dump(exclude={"id"}), replaced_at=at))
    await session.delete(sent)
    await outbox.let_go(session, question.id or 0)
    note(session, question.id or 0, at, CITIZEN, QuestionState.WAITING, remark)
