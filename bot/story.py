"""What became of a question, as its asker may read it: the public part of its events, nobody's name, no inner notes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import wording
from bot.replies import CITIZEN, SYSTEM
from knowledge.tables import FollowUp, Question, QuestionEvent
from knowledge.vocabulary import QuestionState

AT_RECEIPT = {
    QuestionState.ANSWERED: "系统根据政策库自动答复",
    QuestionState.CLARIFYING: "系统请您从几个选项里选一选",
    QuestionState.WAITING: "转给工作人员",
}
BY_STAFF = {
    QuestionState.DRAFTED: "工作人员正在办理",
    QuestionState.ANSWERED: "工作人员答复",
    QuestionState.CLOSED: "工作人员办结",
}
ON_BOARD = "公开到留言板"


@dataclass(frozen=True)
class Step:
    """One thing that happened; `words` are the asker's own, masked."""

    at: datetime
    label: str
    words: str = ""


@dataclass(frozen=True)
class Linked:
    """A question before or after this one in the same conversation."""

    code: str
    text: str


async def steps_of(session: AsyncSession, question: Question) -> list[Step]:
    """What happened, oldest first."""
    wanted = select(QuestionEvent).where(QuestionEvent.question_id == question.id).order_by(col(QuestionEvent.id))
    return [Step(question.received_at, "收到您的留言"), *told((await session.exec(wanted)).all())]


def told(events: Sequence[QuestionEvent]) -> Iterator[Step]:
    """The events as steps; what says nothing new to the asker is left out."""
    before = ""
    for event in events:
        label, words = _label(event)
        if label and (label != before or words):
            yield Step(event.at, label, words)
            before = label


async def linked(session: AsyncSession, question: Question) -> tuple[Linked | None, list[Linked]]:
    """The question this one continues, and those that continue it."""
    one = (Question.code, Question.text)
    earlier = select(*one).join(FollowUp, col(FollowUp.after_id) == Question.id)
    before = (await session.exec(earlier.where(FollowUp.question_id == question.id))).one_or_none()
    later = select(*one).join(FollowUp, col(FollowUp.question_id) == Question.id)
    after = (await session.exec(later.where(FollowUp.after_id == question.id).order_by(col(Question.id)))).all()
    return Linked(*before) if before else None, [Linked(*row) for row in after]


def _label(event: QuestionEvent) -> tuple[str, str]:
    if event.actor == CITIZEN:
        return _by_citizen(event)
    if event.actor == SYSTEM:
        return AT_RECEIPT.get(QuestionState(event.state), ""), ""
    if event.note == ON_BOARD:
        return ON_BOARD, ""
    return BY_STAFF.get(QuestionState(event.state), ""), ""


def _by_citizen(event: QuestionEvent) -> tuple[str, str]:
    if event.note.startswith(wording.SUPPLEMENT):
        return "您补充了说明", event.note.removeprefix(wording.SUPPLEMENT)
    if event.note.startswith(wording.NOT_MET_NOTE):
        return "您反映答非所问，转给工作人员重新答复", event.note.removeprefix(wording.NOT_MET_NOTE).removeprefix("：")
    if event.state == QuestionState.ANSWERED:
        return "您选定了问题，系统根据政策库自动答复", ""
    return "转给工作人员", ""
