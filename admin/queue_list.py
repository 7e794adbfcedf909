"""The desk's lists: tabs with their counts, filters as they stand in the address, pages by key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import case, tuple_
from sqlmodel import and_, col, func, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from knowledge import clock
from knowledge.tables import Question, Reply
from knowledge.tables.questions import OPEN
from knowledge.vocabulary import OPEN_STATES, Channel, Kind, Labelled, QuestionState, Reason, Step

PAGE_SIZE = 50
WORDS_MAX = 100
ID_MAX = 10**15
AT_WORK = (Step.WRITING.value, Step.RETURNED.value)
NOBODY = "-"


class Tab(Labelled):
    """The lists of the desk; one question may stand in several."""

    OPEN_NOW = "todo", "待处理"
    MINE = "mine", "我的"
    LATE = "late", "超期"
    RETURNED = "returned", "退回"
    REVIEW = "review", "待审核"
    SIGN = "sign", "待签发"
    ANSWERED = "answered", "已答复"
    CLOSED = "closed", "已办结"


WAITING = (Tab.OPEN_NOW, Tab.MINE, Tab.LATE, Tab.RETURNED, Tab.REVIEW, Tab.SIGN)
FINISHED = {Tab.ANSWERED: QuestionState.ANSWERED, Tab.CLOSED: QuestionState.CLOSED}


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; every field is a parameter of the address, so that a list can be kept as a bookmark."""

    tab: Tab = Tab.OPEN_NOW
    words: str = ""
    channel: str = ""
    kind: str = ""
    reason: str = ""
    assignee: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Filters":
        """From an address. What no list knows is left out: a bookmark of another version still opens."""
        known: dict[str, type[Labelled]] = {"tab": Tab, "channel": Channel, "kind": Kind, "reason": Reason}
        given = {name: query.get(name, "").strip()[:WORDS_MAX] for name in _NAMES}
        given = {name: "".join(sign for sign in value if sign.isprintable()) for name, value in given.items()}
        for name, words in known.items():
            if given[name] not in tuple(words):
                given[name] = ""
        for name in ("since", "until"):
            given[name] = given[name] if _day(given[name]) else ""
        return cls(tab=Tab(given.pop("tab") or Tab.OPEN_NOW), **given)

    def link(self, **more: str) -> str:
        """The address of this list, with something changed."""
        given = {name: str(getattr(self, name)) for name in _NAMES} | more
        if given["tab"] == Tab.OPEN_NOW:
            given["tab"] = ""
        chosen = {name: value for name, value in given.items() if value}
        return "/?" + urlencode(chosen) if chosen else "/"

    @property
    def narrowed(self) -> bool:
        """Whether anything but the tab is chosen."""
        return any(getattr(self, name) for name in _NAMES[1:])


_NAMES = tuple(one.name for one in fields(Filters))


@dataclass(frozen=True)
class Counts:
    """How many questions stand in each list; the only place where the desk counts them."""

    by_tab: dict[Tab, int]
    by_state: dict[str, int]

    @property
    def open(self) -> int:
        """All that wait for a reply, wherever they are in the office."""
        return sum(self.by_state.get(state, 0) for state in OPEN_STATES)


@dataclass(frozen=True)
class Stretch:
    """A page of a list; `after` is the key of the next one, empty on the last."""

    rows: Sequence[Question]
    after: str


async def counts(session: AsyncSession, today: date, me: str) -> Counts:
    """Counted anew each time, in one walk along an index that is in the order of the states and holds all it needs."""
    sums = [func.sum(case((_belongs(tab, today, me), 1), else_=0)) for tab in WAITING]
    connection = await session.connection()
    wanted: Any = select(col(Question.state), func.count(), *sums).group_by(col(Question.state))
    found = {state: numbers for state, *numbers in (await connection.execute(wanted)).all()}
    by_state = {state.value: found[state][0] if state in found else 0 for state in QuestionState}
    waiting = [found[state][1:] for state in OPEN_STATES if state in found]
    by_tab = {tab: sum(numbers[place] for numbers in waiting) for place, tab in enumerate(WAITING)}
    return Counts(by_tab | {tab: by_state[state] for tab, state in FINISHED.items()}, by_state)


async def overdue(session: AsyncSession, today: date) -> int:
    """How many open questions are past their day, told outside the desk as well: metrics, doctor."""
    return (
        await session.exec(select(func.count()).select_from(Question).where(OPEN, _belongs(Tab.LATE, today, "")))
    ).one()


def _belongs(tab: Tab, today: date, me: str) -> Any:
    """What an open question of a list has in common; the lists and their counts ask the same."""
    narrower: dict[Tab, Any] = {
        Tab.OPEN_NOW: col(Question.step).in_(AT_WORK),
        Tab.MINE: col(Question.assignee) == me,
        Tab.LATE: col(Question.due) < today,
    }
    return narrower.get(tab, col(Question.step) == tab.value)


async def listed(session: AsyncSession, filters: Filters, after: str, today: date, me: str) -> Stretch:
    """A page: open ones by urgency, then by the day they are due; finished ones newest first."""
    wanted = _narrowed(_of_tab(filters.tab, today, me), filters)
    wanted = _newest_first(wanted, after) if filters.tab in FINISHED else _by_urgency(wanted, after)
    rows = (await session.exec(wanted.limit(PAGE_SIZE + 1))).all()
    shown = rows[:PAGE_SIZE]
    return Stretch(shown, _key(shown[-1], filters.tab) if len(rows) > PAGE_SIZE else "")


def _of_tab(tab: Tab, today: date, me: str) -> SelectOfScalar[Question]:
    chosen = select(Question)
    if tab in FINISHED:
        return chosen.where(col(Question.state) == FINISHED[tab].value)
    return chosen.where(OPEN, _belongs(tab, today, me))


def _narrowed(wanted: SelectOfScalar[Question], filters: Filters) -> SelectOfScalar[Question]:
    for name in ("channel", "kind", "reason"):
        if value := getattr(filters, name):
            wanted = wanted.where(col(getattr(Question, name)) == value)
    if filters.assignee:
        wanted = wanted.where(col(Question.assignee) == ("" if filters.assignee == NOBODY else filters.assignee))
    since, until = _day(filters.since), _day(filters.until)
    if since:
        wanted = wanted.where(col(Question.received_at) >= clock.day_edges(since)[0])
    if until:
        wanted = wanted.where(col(Question.received_at) < clock.day_edges(until)[1])
    return wanted.where(_says(filters.words)) if filters.words else wanted


def _says(words: str) -> Any:
    """A lookup code, a number, an entry that answered it, or words of the message (all of them)."""
    digits = words.replace(" ", "")
    if digits.isascii() and digits.isdigit():
        number = int(digits)
        return or_(
            col(Question.code) == digits,
            col(Question.id) == (number if number < ID_MAX else -1),
            col(Question.text).contains(digits, autoescape=True),
        )
    said = [col(Question.text).contains(word, autoescape=True) for word in words.split()]
    answered = select(Reply.question_id).where(col(Reply.entry_key) == words)
    return or_(and_(*said), col(Question.id).in_(answered))


def _by_urgency(wanted: SelectOfScalar[Question], after: str) -> SelectOfScalar[Question]:
    key = tuple_(col(Question.urgency), col(Question.due), col(Question.id))
    parts = after.split("_")
    day = _day(parts[1]) if len(parts) == 3 else None
    if day and _number(parts[0]) is not None and _number(parts[2]) is not None:
        wanted = wanted.where(key > tuple_(_number(parts[0]), day, _number(parts[2])))
    return wanted.order_by(col(Question.urgency), col(Question.due), col(Question.id))


def _newest_first(wanted: SelectOfScalar[Question], after: str) -> SelectOfScalar[Question]:
    number = _number(after)
    if number is not None:
        wanted = wanted.where(col(Question.id) < number)
    return wanted.order_by(col(Question.id).desc())


def _key(row: Question, tab: Tab) -> str:
    return str(row.id) if tab in FINISHED else f"{row.urgency}_{row.due.isoformat()}_{row.id}"


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
