"""The engine: a question and a day go in, a draft comes out; the same always for the same base."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from rapidfuzz import fuzz

from bot.answer.compare import compare
from bot.answer.decide import Allowed, decide, decide_exact
from bot.answer.draft import Candidate, Draft
from bot.answer.regions import own_regions
from bot.answer.retrieve import retrieve
from bot.answer.route import route
from bot.answer.screen import screen
from bot.answer.write import write
from knowledge.entries import Snapshot
from knowledge.index import Hit, Index
from knowledge.text import Lexicon, Terms
from knowledge.vocabulary import Kind, Outcome, Reason


@dataclass
class Work:
    """One question on its way through the steps."""

    plain: str
    terms: Terms
    kind: Kind
    allowed: Allowed
    hits: list[Hit]
    candidates: tuple[Candidate, ...] = ()


Step = Callable[["Engine", Work], Draft | None]


def _screen(engine: "Engine", work: Work) -> Draft | None:
    return _stop(screen(work.plain))


def _route(engine: "Engine", work: Work) -> Draft | None:
    return _stop(route(work.plain, work.kind))


def _retrieve(engine: "Engine", work: Work) -> Draft | None:
    exact = engine.index.exact(work.plain)
    if exact and work.kind in (Kind.CONSULTATION, Kind.HELP):
        found = tuple(Candidate(engine.index.entries[a.entry], 1.0, a.text, work.terms.words) for a in exact)
        return decide_exact(found, work.allowed)
    work.hits = retrieve(engine.index, engine.index.query(work.terms))
    return None


def _compare(engine: "Engine", work: Work) -> Draft | None:
    work.candidates = tuple(
        sorted((engine.candidate(work.terms, hit) for hit in work.hits), key=lambda one: (-one.score, one.entry.key))
    )
    return None


def _decide(engine: "Engine", work: Work) -> Draft | None:
    return decide(work.candidates, work.allowed)


# The way of every question. A step that knows the outcome ends it; `write` follows whatever was decided.
STEPS: tuple[Step, ...] = (_screen, _route, _retrieve, _compare, _decide)


class Engine:
    """Answers from one snapshot of the knowledge base. Only read after it is made: safe in any number of threads."""

    def __init__(self, snapshot: Snapshot, *, region: str = "", target_precision: float = 0.98) -> None:
        self.version: int = snapshot.version
        self.target_precision = target_precision
        self.regions = own_regions(region)
        self.index = Index(snapshot.entries, Lexicon.parse(snapshot.vocabulary))

    def answer(self, text: str, day: date, kind: Kind = Kind.CONSULTATION, topic_of_conversation: str = "") -> Draft:
        """What to do with a question asked on a day."""
        terms = self.index.lexicon.terms(text)
        work = Work(self.index.lexicon.corrected(text), terms, kind, Allowed(day, self.regions), [])
        for step in STEPS:
            draft = step(self, work)
            if draft is not None:
                return write(draft, day)
        raise AssertionError("the last step always decides")

    def similar(self, text: str, day: date, limit: int = 5) -> list[Candidate]:
        """The most alike entries in force that day, for staff and for search while typing."""
        terms = self.index.lexicon.terms(text)
        found = [self.candidate(terms, hit) for hit in self.index.search(self.index.query(terms), limit * 3)]
        live = [one for one in found if one.entry.in_force(day)]
        return sorted(live, key=lambda one: (-one.score, one.entry.key))[:limit]

    def candidate(self, terms: Terms, hit: Hit) -> Candidate:
        """A hit with its score and with what speaks against it."""
        kept = self.index.asked[hit.row]
        ratio = fuzz.ratio(terms.text, kept.terms.text) / 100
        score = 0.7 * hit.likeness + 0.3 * ratio
        vetoes = compare(terms, kept.terms)
        if hit.counter > hit.likeness:
            vetoes += ("更像这一条的反例",)
        words = tuple(word for word in terms.words if word in kept.terms.words)
        return Candidate(self.index.entries[hit.entry], min(score, 1.0), kept.text, words, vetoes)


def _stop(reason: Reason | None) -> Draft | None:
    return Draft(Outcome.HANDED_OVER, reason) if reason is not None else None
