"""Answers a citizen may look at before asking: like what is being typed, or those asked most of late by topic.

Only what may leave the house by itself: approved, in force today, of the office's own regions, not unverified.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from sqlmodel import col, func, select

from bot.answer.decide import Allowed
from bot.answer.engine import Engine
from bot.answer.learn import chance_of
from bot.answer.rank import rank
from bot.current import CurrentEngine
from knowledge import clock
from knowledge.db import Database
from knowledge.entries import KnownEntry
from knowledge.tables import Reply
from knowledge.vocabulary import TOPICS, Level

SUGGESTED = 5
READ_MOST = 200
LOOKED_AT = 20
# What is half typed is like an entry by its letters; what is whole, by what the engine has learned. Looked up on the
# starter base: what has nothing to do with it stays below both.
LIKENESS_MIN = 0.25
CHANCE_MIN = 0.025
BY_TOPIC = 3
OPEN = 6
COUNT_DAYS = 90
COUNTED = 500
KEPT_FOR = timedelta(minutes=10)
ELSEWHERE = "外市对照"
# Before anything was counted: what citizens of every centre ask about most.
FIRST = ("提取", "贷款", "缴存", "转移接续", "账户查询", "单位业务")


@dataclass(frozen=True)
class Shelves:
    """The topics asked about most, each with a few entries, and the names of the others."""

    open: list[tuple[str, list[KnownEntry]]]
    closed: list[str]

    def of(self, topic: str) -> list[KnownEntry]:
        """The entries shown for a topic, if it is one of the open ones."""
        return dict(self.open).get(topic, [])


NOTHING = Shelves([], [])


def may_be_shown(entry: KnownEntry, engine: Engine, day: date) -> bool:
    """Whether an entry may be read by anybody on that day."""
    return entry.level is not Level.C and entry.region in engine.regions and entry.in_force(day)


def listed(
    entries: Mapping[str, KnownEntry], engine: Engine, day: date, most: int, topic: str = ""
) -> list[KnownEntry]:
    """The first so many entries that may be read that day, of one topic or of all; slow where there are very many."""
    shown = (entry for entry in entries.values() if topic in ("", entry.topic) and may_be_shown(entry, engine, day))
    return list(islice(shown, most))


async def matches(engine: Engine, text: str, day: date) -> list[KnownEntry]:
    """Entries that may answer what is being typed, best first; none where nothing is like it."""
    text = text.strip()[:READ_MOST]
    return await asyncio.to_thread(_alike, engine, text, day) if text else []


def _alike(engine: Engine, text: str, day: date) -> list[KnownEntry]:
    query = engine.index.query(engine.index.lexicon.terms(text))
    hits = engine.index.search(query, LOOKED_AT, wanted=engine.wanted.on(Allowed(day, engine.regions), frozenset()))
    if not hits:
        return []
    ranked = rank(engine.index, engine.ranker, query, hits)
    found = []
    for at in ranked.order:
        hit, entry = hits[at], engine.index.entries[hits[at].entry]
        near = hit.likeness >= LIKENESS_MIN or chance_of(ranked.values[at]) >= CHANCE_MIN
        if near and may_be_shown(entry, engine, day):
            found.append(entry)
    return found[:SUGGESTED]


async def most_answered(database: Database, since: datetime, most: int) -> list[str]:
    """The keys of the entries that were answered most since a moment, those answered most first."""
    wanted = (
        select(Reply.entry_key)
        .where(Reply.sent_at > since, Reply.entry_key != "")
        .group_by(Reply.entry_key)
        .order_by(func.count().desc(), col(Reply.entry_key))
        .limit(most)
    )
    async with database.reading() as session:
        return list((await session.exec(wanted)).all())


class Hot:
    """The questions of each topic that were answered most of late, else the first of the base; counted now and then."""

    def __init__(self, database: Database, current: CurrentEngine) -> None:
        self._database = database
        self._current = current
        self._counted_at: datetime | None = None
        self._version = -1
        self._shown = NOTHING

    async def by_topic(self, at: datetime) -> Shelves:
        """What the front page shows."""
        engine = self._current.engine
        fresh = self._counted_at is not None and timedelta(0) <= at - self._counted_at <= KEPT_FOR
        if not fresh or engine.version != self._version:
            keys = await most_answered(self._database, at - timedelta(days=COUNT_DAYS), COUNTED)
            self._shown = await asyncio.to_thread(self._sorted, keys, engine, clock.office_day(at))
            self._counted_at, self._version = at, engine.version
        return self._shown

    def _sorted(self, keys: list[str], engine: Engine, day: date) -> Shelves:
        entries = self._current.entries
        found: dict[str, list[KnownEntry]] = defaultdict(list)
        first = [entries[key] for key in keys if key in entries]
        for entry in (*first, *entries.values()):
            shelf = found[entry.topic]
            if len(shelf) < BY_TOPIC and entry not in shelf and may_be_shown(entry, engine, day):
                shelf.append(entry)
        asked = Counter(entry.topic for entry in first)
        usual = {topic: place for place, topic in enumerate(FIRST)}
        topics = [topic for topic in TOPICS if found[topic] and topic != ELSEWHERE]
        topics.sort(key=lambda topic: (-asked[topic], usual.get(topic, len(usual))))
        return Shelves([(topic, found[topic]) for topic in topics[:OPEN]], topics[OPEN:])
