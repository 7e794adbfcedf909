"""Rank: measured hits in the order of the learned score, and as candidates that people can read."""

from dataclasses import dataclass

from bot.answer.compare import compare, side
from bot.answer.draft import Candidate
from bot.answer.features import Measured, liken, measure
from bot.answer.learn import Vector, chance_of
from bot.answer.model import Ranker
from bot.answer.signs import Signs, signs
from knowledge.index import Hit, Index, Query

SHOWN = 5
# Only what may be answered or offered needs to be compared in words.
COMPARED = 3


@dataclass(frozen=True)
class Ranked:
    """Hits with their scores, also as plain numbers; `order` are their places, best first."""

    query: Query
    hits: tuple[Hit, ...]
    measured: Measured
    scores: Vector
    values: list[float]
    order: tuple[int, ...]
    signs: Signs


def rank(index: Index, ranker: Ranker, query: Query, hits: list[Hit], title: str = "") -> Ranked:
    """Measure and score the hits of one question."""
    asked = signs(query.terms.text)
    measured = measure(index, query, hits, asked, title)
    scores = ranker.scores(measured, query)
    values = scores.tolist()
    order = sorted(range(len(hits)), key=lambda at: (-values[at], hits[at].entry))
    return Ranked(query, tuple(hits), measured, scores, values, tuple(order), asked)


def candidates_of(ranked: Ranked, index: Index, ranker: Ranker, own: frozenset[str]) -> tuple[Candidate, ...]:
    """The best hits as candidates, each with the words that matched and what speaks against it."""
    terms = ranked.query.terms
    asked = side(terms.text, ranked.signs, own)
    found = []
    for place, at in enumerate(ranked.order[:SHOWN]):
        hit = ranked.hits[at]
        kept = index.kept(hit.row)
        vetoes = compare(asked, kept.said, own) if place < COMPARED else ()
        if hit.counter > hit.likeness and place < COMPARED and _contradicted(ranked, index, ranker, hit):
            vetoes += ("更像这一条的反例",)
        words = tuple([word for word in terms.words if word in kept.words])
        found.append(Candidate(index.entries[hit.entry], chance_of(ranked.values[at]), kept.text, words, vetoes))
    return tuple(found)


def _contradicted(ranked: Ranked, index: Index, ranker: Ranker, hit: Hit) -> bool:
    """Whether a counter-question of an entry asks the same rather than the entry's own: by all that was learned, for more
    letters in common do not tell."""
    hits = [hit, *(hit._replace(row=row) for row in index.counters_of(hit.entry))]
    measured = measure(index, ranked.query, hits, ranked.signs)
    liken(measured)
    scores = ranker.scores(measured, ranked.query)
    return float(scores[1:].max()) > float(scores[0])
