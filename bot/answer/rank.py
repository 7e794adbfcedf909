"""Rank: measured hits in the order of the learned score, and as candidates that people can read."""

from dataclasses import dataclass

from bot.answer.compare import compare
from bot.answer.draft import Candidate
from bot.answer.features import Measured, measure
from bot.answer.learn import Vector, sigmoid
from bot.answer.model import Ranker
from bot.answer.signs import signs
from knowledge.index import Hit, Index, Query

SHOWN = 5
# Only what may be answered or offered needs to be compared in words.
COMPARED = 3


@dataclass(frozen=True)
class Ranked:
    """Hits with their scores; `order` are their places, best first."""

    query: Query
    hits: tuple[Hit, ...]
    measured: Measured
    scores: Vector
    order: tuple[int, ...]


def rank(index: Index, ranker: Ranker, query: Query, hits: list[Hit], title: str = "") -> Ranked:
    """Measure and score the hits of one question."""
    measured = measure(index, query, hits, title)
    scores = ranker.scores(measured, query)
    order = sorted(range(len(hits)), key=lambda at: (-scores[at], hits[at].entry))
    return Ranked(query, tuple(hits), measured, scores, tuple(order))


def candidates_of(ranked: Ranked, index: Index, own: frozenset[str]) -> tuple[Candidate, ...]:
    """The best hits as candidates, each with the words that matched and what speaks against it."""
    chances = sigmoid(ranked.scores)
    asked = ranked.query.terms
    shown = signs(asked.text)
    found = []
    for place, at in enumerate(ranked.order[:SHOWN]):
        hit = ranked.hits[at]
        kept = index.asked[hit.row]
        vetoes = compare(asked.text, kept.terms.text, shown, own) if place < COMPARED else ()
        if hit.counter > hit.likeness:
            vetoes += ("更像这一条的反例",)
        words = tuple(word for word in asked.words if word in kept.terms.words)
        found.append(Candidate(index.entries[hit.entry], float(chances[at]), kept.text, words, vetoes))
    return tuple(found)
