"""The engine: a question and a day go in, a draft comes out; the same always for the same base."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, lru_cache

from bot.answer.decide import LONGEST, Allowed, decide, decide_exact
from bot.answer.draft import Candidate, Draft
from bot.answer.model import Model, Ranker, shipped
from bot.answer.near import Near, Rows, in_view
from bot.answer.rank import SHOWN, Ranked, candidates_of, rank
from bot.answer.regions import own_regions, places
from bot.answer.retrieve import CONSIDERED, Wanted, retrieve
from bot.answer.route import route
from bot.answer.screen import screen
from bot.answer.several import settle, tells_more
from bot.answer.split import Asked as AskedPart
from bot.answer.split import follows, single, split, with_topic
from bot.answer.write import write
from knowledge.entries import Snapshot
from knowledge.index import Asked, Hit, Index, Query
from knowledge.text import Lexicon
from knowledge.vocabulary import Kind, Outcome, Reason


@dataclass
class Work:
    """One question on its way through the steps."""

    plain: str
    query: Query
    kind: Kind
    allowed: Allowed
    answer_at: float
    exact: list[Asked]
    title: str = ""
    near: Near | None = None
    hits: list[Hit] = field(default_factory=list)
    ranked: Ranked | None = None


REMEMBERED = 4096
QUESTIONS = (Kind.CONSULTATION, Kind.HELP)
NEVER = 2.0
Step = Callable[["Engine", Work], Draft | None]


def _screen(engine: "Engine", work: Work) -> Draft | None:
    return _stop(screen(work.plain))


def _route(engine: "Engine", work: Work) -> Draft | None:
    # A question that is kept letter by letter is a question, whatever it resembles.
    if work.exact and work.kind in QUESTIONS:
        return None
    return _stop(route(work.plain, work.kind))


def _retrieve(engine: "Engine", work: Work) -> Draft | None:
    if work.exact:
        found = tuple(Candidate(engine.index.entries[a.entry], 1.0, a.text, work.query.terms.words) for a in work.exact)
        return decide_exact(found, work.allowed)
    work.hits = retrieve(engine.index, engine.wanted, work.query, work.allowed, work.title)
    if work.near:
        wanted = engine.wanted.on(work.allowed, places(work.query.terms.plain))
        work.hits += engine.rows.hits(work.near, work.query, wanted, work.hits, CONSIDERED)
    return None


def _compare(engine: "Engine", work: Work) -> Draft | None:
    if work.hits:
        work.ranked = rank(engine.index, engine.ranker, work.query, work.hits, work.title)
        if work.near:
            order = in_view(work.ranked.order, work.hits, engine.index.entries, work.near, SHOWN)
            work.ranked = replace(work.ranked, order=order)
    return None


def _decide(engine: "Engine", work: Work) -> Draft | None:
    return decide(work.ranked, engine.index, engine.ranker, work.answer_at, work.allowed)


# The way of every question. A step that knows the outcome ends it; `write` follows whatever was decided.
STEPS: tuple[Step, ...] = (_screen, _route, _retrieve, _compare, _decide)


class Engine:
    """Answers from one snapshot of the knowledge base. Only read after it is made: safe in any number of threads."""

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        region: str = "",
        target_precision: float = 0.98,
        provisional: bool = False,
        model: Model | None = None,
        steps: tuple[Step, ...] = STEPS,
        index: Index | None = None,
        splits: bool = True,
    ) -> None:
        self.steps = steps
        self.splits = splits
        self._remembered = lru_cache(REMEMBERED)(self._answer)
        self.version: int = snapshot.version
        self.target_precision = target_precision
        self.regions = own_regions(region)
        self.index = index or Index(snapshot.entries, Lexicon.parse(snapshot.vocabulary))
        self.wanted = Wanted(self.index)
        self.model = model or shipped()
        self.ranker = Ranker(self.model, self.index)
        self.proven = self.model.threshold(target_precision)
        # Without a proof only exact hits are answered, unless the office has chosen otherwise knowing the bound.
        self.point = self.proven or (self.model.provisional(target_precision) if provisional else None)
        self.answer_at = self.point.chance if self.point else NEVER

    def answer(
        self,
        text: str,
        day: date,
        kind: Kind = Kind.CONSULTATION,
        topic_of_conversation: str = "",
        near: Near | None = None,
    ) -> Draft:
        """What to do with a question asked on a day; the same question on the same day is remembered.

        `near` brings entries near in meaning that share no words with the question. The model has not learned what
        nearness is worth, so they are candidates and choices, never an answer; and they take away neither an answer nor
        choices, nor do they change the reason why a person is asked.
        """
        draft = self._remembered(text, day, kind, topic_of_conversation)
        if near is None or not self.may_widen(draft):
            return draft
        widened = self._answer(text, day, kind, topic_of_conversation, near)
        return widened if widened.choices else replace(draft, candidates=widened.candidates)

    @staticmethod
    def may_widen(draft: Draft) -> bool:
        """Whether more candidates could change a draft made without `near`: not an answer, and not what a rule decided."""
        if draft.outcome is Outcome.ANSWERED or draft.parts:
            return False
        return bool(draft.candidates) or draft.reason is Reason.NO_MATCH

    def forget(self) -> None:
        """Empty the memory of repeated questions, to measure without it."""
        self._remembered.cache_clear()

    @cached_property
    def rows(self) -> Rows:
        """Where each entry stands in the index; made when the first vectors come."""
        return Rows(self.index)

    def _answer(self, text: str, day: date, kind: Kind, topic_of_conversation: str, near: Near | None = None) -> Draft:
        followed = bool(topic_of_conversation) and follows(text)
        asked = with_topic(topic_of_conversation, text) if followed else text
        whole = self._decided(asked, day, kind, near)
        # What was stopped before anything was looked up, and a kept question letter by letter, is not taken apart.
        apart = self.splits and not followed and near is None
        if apart and whole.candidates and whole.reason is not Reason.EXACT:
            whole = self._apart(text, day, kind, whole)
        return write(whole, day)

    def _apart(self, text: str, day: date, kind: Kind, whole: Draft) -> Draft:
        """The outcome once the parts of a message were decided too; that of the whole where it is one short question."""
        if len(text) <= LONGEST and single(text):
            return whole
        found = split(text)
        if not tells_more(text, found):
            return whole
        drafts = [self._decided(self._read(part), day, kind) for part in found.parts]
        return settle(text, found, whole, drafts, self.regions)

    def _read(self, part: AskedPart) -> str:
        """A kept question letter by letter needs no words lent to it."""
        return part.said if self.index.exact(self.index.lexicon.corrected(part.said)) else part.text

    def _decided(self, text: str, day: date, kind: Kind, near: Near | None = None) -> Draft:
        query = self.index.query(self.index.lexicon.terms(text))
        title, line_end, _ = text.partition("\n")
        answer_at = NEVER if near else self.answer_at
        exact = self.index.said(query.terms.text)
        title = title if line_end else ""
        work = Work(query.terms.plain, query, kind, Allowed(day, self.regions), answer_at, exact, title, near)
        for step in self.steps:
            draft = step(self, work)
            if draft is not None:
                return draft
        raise AssertionError("the last step always decides")

    def similar(self, text: str, day: date, limit: int = 5) -> list[Candidate]:
        """The most alike entries in force that day, for staff and for search while typing."""
        query = self.index.query(self.index.lexicon.terms(text))
        hits = [hit for hit in self.index.search(query, limit * 4) if self.index.entries[hit.entry].in_force(day)]
        if not hits:
            return []
        return list(
            candidates_of(rank(self.index, self.ranker, query, hits), self.index, self.ranker, self.regions)[:limit]
        )


def _stop(reason: Reason | None) -> Draft | None:
    return Draft(Outcome.HANDED_OVER, reason) if reason is not None else None
