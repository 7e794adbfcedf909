"""What staff think of automatic answers: put down, counted by month, and given out as labelled questions to learn from."""

import json
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.answer.learn import lower_bound
from bot.message import clean
from knowledge import clock
from knowledge.db import Database
from knowledge.errors import BadInputError, ConflictError, NotFoundError
from knowledge.tables import Judgement, Question, Reply
from knowledge.text import bare
from knowledge.vocabulary import JudgedAs, ReplyBy

NOTE_MAX = 500
# Where people differ the worse opinion counts: a wrong answer is worse than none.
WORST_FIRST = (JudgedAs.WRONG, JudgedAs.INCOMPLETE, JudgedAs.RIGHT)


@dataclass(frozen=True)
class Judged:
    """An automatic answer with the last word of each who judged it."""

    question: Question
    reply: Reply
    last: tuple[Judgement, ...]

    @property
    def verdict(self) -> JudgedAs:
        """What counts."""
        given = {one.verdict for one in self.last}
        return next(verdict for verdict in WORST_FIRST if verdict in given)

    @property
    def split(self) -> bool:
        """Whether people differ."""
        return len({one.verdict for one in self.last}) > 1


@dataclass(frozen=True)
class Month:
    """Judged answers of one month in which they were sent."""

    name: str
    counts: dict[JudgedAs, int]
    sent: int

    @property
    def judged(self) -> int:
        """How many were judged."""
        return sum(self.counts.values())

    @property
    def right(self) -> int:
        """How many were right."""
        return self.counts.get(JudgedAs.RIGHT, 0)

    @property
    def bound(self) -> float:
        """With 95 % confidence at least this share is right (one-sided Clopper-Pearson), as far as what was judged is a fair
        sample of what was sent."""
        return lower_bound(self.right, self.judged)


@dataclass(frozen=True)
class Lesson:
    """Judged answers as labelled questions, a JSON object a line, and how many were left out: people differ, or the entry is
    no longer in use."""

    lines: bytes
    count: int
    differ: int
    gone: int


async def judge(
    database: Database, number: int, verdict: str, right_entry: str, note: str, who: str, at: datetime
) -> None:
    """Put down what somebody thinks; a change of mind is added. Only of automatic answers."""
    if verdict not in tuple(JudgedAs):
        raise BadInputError("请选择：答对了、没答全，或答错了。", "verdict")
    note = clean(note, "judgement", "评价说明")
    if len(note) > NOTE_MAX:
        raise BadInputError(f"评价说明最多 {NOTE_MAX} 个字。", "judgement")
    try:
        async with database.writing() as session:
            reply = (await session.exec(select(Reply).where(Reply.question_id == number))).one_or_none()
            if reply is None or reply.by != ReplyBy.SYSTEM:
                raise NotFoundError("这条留言没有系统自动答复，没有可评价的。")
            mine = select(func.max(Judgement.number)).where(Judgement.question_id == number, Judgement.by == who)
            before = (await session.exec(mine)).one() or 0
            chosen = right_entry if verdict == JudgedAs.WRONG else ""
            row = Judgement(
                question_id=number, by=who, number=before + 1, verdict=verdict, right_entry=chosen, note=note, at=at
            )
            session.add(row)
    except IntegrityError:
        raise ConflictError("您的另一个窗口刚刚也提交了评价，请刷新后再看。") from None


async def of_question(session: AsyncSession, number: int) -> Sequence[Judgement]:
    """All that was ever said of an answer, in order."""
    wanted = select(Judgement).where(Judgement.question_id == number).order_by(col(Judgement.id))
    return (await session.exec(wanted)).all()


async def judged(session: AsyncSession) -> list[Judged]:
    """Every judged answer with the last words about it, the oldest first."""
    rows = (await session.exec(select(Judgement).order_by(col(Judgement.id)))).all()
    last: dict[int, dict[str, Judgement]] = {}
    for row in rows:
        last.setdefault(row.question_id, {})[row.by] = row
    judged_ids = select(Judgement.question_id).distinct()
    wanted = select(Question, Reply).join(Reply).where(col(Question.id).in_(judged_ids)).order_by(col(Question.id))
    found = (await session.exec(wanted)).all()
    return [Judged(question, reply, tuple(last[question.id or 0].values())) for question, reply in found]


async def months(session: AsyncSession, all_judged: Sequence[Judged]) -> list[Month]:
    """By the month an answer was sent in, the newest first."""
    by: dict[str, Counter[JudgedAs]] = {}
    for one in all_judged:
        by.setdefault(f"{clock.office_day(one.reply.sent_at):%Y-%m}", Counter())[one.verdict] += 1
    found = []
    for name in sorted(by, reverse=True):
        year, month = map(int, name.split("-"))
        first, after = clock.month_edges(year, month)
        sent = select(func.count()).select_from(Reply).where(
            Reply.by == ReplyBy.SYSTEM, Reply.sent_at >= first, Reply.sent_at < after
        )  # fmt: skip
        found.append(Month(name, dict(by[name]), (await session.exec(sent)).one()))
    return found


def labelled(all_judged: Sequence[Judged], known: Collection[str]) -> Lesson:
    """As labelled questions for `zhengwen learn`. Wrong and incomplete answers teach that nothing may be answered, unless the
    judge named the right entry."""
    lines: dict[tuple[str, str], dict[str, object]] = {}
    differing: set[tuple[str, str]] = set()
    differ = gone = 0
    for one in all_judged:
        keys = {_right_entry(one, mine) for mine in one.last}
        if one.split or len(keys) > 1:
            differ += 1
            continue
        key = keys.pop()
        if key and key not in known:
            gone += 1
            continue
        row = _line(one, key)
        place = (bare(one.question.text), str(row["as_of"]))
        before = lines.setdefault(place, row)
        if before.get("entries") != row.get("entries"):
            differing.add(place)
    kept = [row for place, row in lines.items() if place not in differing]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in kept)
    return Lesson(text.encode(), len(kept), differ + len(differing), gone)


def _right_entry(one: Judged, mine: Judgement) -> str:
    return one.reply.entry_key if mine.verdict == JudgedAs.RIGHT else mine.right_entry


def _line(one: Judged, key: str) -> dict[str, object]:
    row: dict[str, object] = {
        "id": f"question-{one.question.id}",
        "text": one.question.text,
        "as_of": clock.office_day(one.question.received_at).isoformat(),
        "kind": "answerable" if key else "needs-staff",
    }
    return row | ({"entries": [key]} if key else {})
