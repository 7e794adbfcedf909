"""Whose question it is and how urgent: assigned to somebody, handed over, taken, one or many at once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, update
from sqlmodel import col, select

from bot.message import clean
from knowledge.db import Database
from knowledge.errors import BadInputError
from knowledge.tables import Question, QuestionEvent, Staff
from knowledge.vocabulary import OPEN_STATES, Act

NOTE_MAX = 500
OPEN = [state.value for state in OPEN_STATES]


async def assign(
    database: Database, wanted: Mapping[int, str], to: str, by: str, *, note: str = "", at: datetime
) -> list[int]:
    """Give open questions to a member of staff ("": to nobody); returns those that were given.

    `wanted` says for each number whose it was when it was looked at: what somebody else has taken, or finished,
    meanwhile stays theirs. The version does not rise, since the text is not touched: who is writing goes on writing.
    """
    note = clean(note, "note", "说明")
    if len(note) > NOTE_MAX:
        raise BadInputError(f"说明太长，最多 {NOTE_MAX} 个字。", "note")
    async with database.writing() as session:
        person = (await session.exec(select(Staff).where(Staff.username == to, col(Staff.active)))).one_or_none()
        if to and person is None:
            raise BadInputError("没有这个账号，或者账号已停用，请重新选择。", "to")
        given = []
        for number, seen in sorted(wanted.items()):
            here = (col(Question.id) == number, col(Question.assignee) == seen, col(Question.state).in_(OPEN))
            moved: CursorResult[Any] = await session.exec(
                update(Question)
                .where(*here, col(Question.assignee) != to)
                .values(assignee=to)
                .returning(col(Question.state))
                .execution_options(synchronize_session=False)
            )
            for (state,) in moved.all():
                told = "交给" + person.name if person else "不再指定经办人"
                line = f"{told}：{note}" if note else told
                session.add(
                    QuestionEvent(question_id=number, at=at, actor=by, state=state, note=line, act=Act.ASSIGNED.value)
                )
                given.append(number)
        return given


async def rank(database: Database, number: int, urgency: int, by: str, *, at: datetime) -> bool:
    """Put a question before the others (0) or back among them (1); False if nothing changed."""
    async with database.writing() as session:
        moved: CursorResult[Any] = await session.exec(
            update(Question)
            .where(col(Question.id) == number, col(Question.state).in_(OPEN), col(Question.urgency) != urgency)
            .values(urgency=urgency)
            .returning(col(Question.state))
            .execution_options(synchronize_session=False)
        )
        for (state,) in moved.all():
            note = "改为一般" if urgency else "标为紧急"
            session.add(
                QuestionEvent(question_id=number, at=at, actor=by, state=state, note=note, act=Act.RANKED.value)
            )
            return True
        return False
