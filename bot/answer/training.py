"""Training: from questions with known answers to a model, every figure from questions the model had not seen."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bot.answer.compare import compare
from bot.answer.decide import LONGEST
from bot.answer.features import NAMES, SWAPS, Measured, measure
from bot.answer.learn import Fitted, Sparse, Vector, fit, sigmoid
from bot.answer.model import ACCEPT_NAMES, Linear, Model, Point, accept_row
from bot.answer.signs import signs
from knowledge.index import Hit, Index
from knowledge.text import Terms

CONSIDERED = 8
FOLDS = 5
WORD_SEEN = 6
TERM_KEPT = 0.03
CONFIDENCE = 0.95
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Example:
    """A question with the keys of the entries that answer it (none: it must not be answered).

    `group` keeps questions together that must not be on both sides of a split; `row` is left out of the index (a kept
    question asked of its own base); `shunned` are entries that are neither right nor wrong.
    """

    text: str
    gold: frozenset[str]
    group: str
    row: int = -1
    weight: float = 1.0
    shunned: frozenset[str] = frozenset()
    held: Callable[[int], bool] | None = None
    judged: bool = True
    counted: bool = True
    routed: bool = False


@dataclass(frozen=True)
class Plan:
    """How to learn: how firmly weights are held to zero, whether single words teach acceptance, names left unsaid."""

    stiffness: tuple[float, float] = (10.0, 10.0)
    words: bool = False
    own: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Seen:
    """An example after retrieval and measuring."""

    example: Example
    terms: Terms
    hits: tuple[Hit, ...]
    measured: Measured
    right: Vector


def look(index: Index, examples: Sequence[Example], progress: Progress | None = None) -> list[Seen]:
    """Retrieve and measure; examples that find nothing are left out."""
    found = []
    for at, example in enumerate(examples):
        if progress:
            progress(at, len(examples))
        terms = index.lexicon.terms(example.text)
        query = index.query(terms)
        hits = [
            hit
            for hit in index.search(query, CONSIDERED * 3, example.row)
            if index.entries[hit.entry].key not in example.shunned and (example.held is None or example.held(hit.entry))
        ][:CONSIDERED]
        if hits:
            right = np.array([float(index.entries[hit.entry].key in example.gold) for hit in hits])
            found.append(Seen(example, terms, tuple(hits), measure(index, query, hits), right))
    return found


def fold_of(group: str) -> int:
    """The fold of a group, the same on every machine."""
    return sum(ord(char) * (at + 7) for at, char in enumerate(group)) * 2654435761 % 4294967296 % FOLDS


def train(index: Index, seen: Sequence[Seen], learned_from: str, plan: Plan = Plan()) -> Model:
    """Learn ranking, then acceptance on rankings of unseen questions, then the curve on acceptances of unseen ones.

    All questions teach ranking; only the judged ones teach acceptance and make the curve.
    """
    width = 2 * len(index.rarity) + SWAPS
    judged = [one for one in seen if one.example.judged and not one.example.routed]
    scores = _unseen_scores(seen, judged, width, plan)
    rows, labels = _acceptance(judged, scores)
    words = _words(judged) if plan.words else {}
    chances = _unseen_chances(judged, rows, labels, words)
    whole = _fit_rank(seen, width, plan.stiffness)
    accept = _fit_accept(judged, rows, labels, words, np.ones(len(judged), bool))
    free = np.array(
        [one.example.counted and _free(index, one, score, plan.own) for one, score in zip(judged, scores, strict=True)]
    )
    names = index.names()
    return Model(
        rank=Linear.of(whole, NAMES),
        asked_terms=_kept_weights(names, whole.terms[: len(names)]),
        kept_terms=_kept_weights(names, whole.terms[len(names) : 2 * len(names)]),
        swaps=_kept_weights([str(bucket) for bucket in range(SWAPS)], whole.terms[2 * len(names) :]),
        accept=Linear.of(accept, ACCEPT_NAMES),
        accept_words=_kept_weights(list(words), accept.terms),
        curve=curve(
            chances[free],
            labels[free],
            sum(bool(one.example.gold) for one in seen if one.example.judged and one.example.counted),
        ),
        learned_from=learned_from,
    )


def _free(index: Index, one: Seen, scores: Vector, own: frozenset[str]) -> bool:
    """Whether nothing but the score stands against answering: no veto, not too long."""
    text = one.terms.text
    kept = index.asked[one.hits[int(np.argmax(scores))].row].terms.text
    return len(text) <= LONGEST and not compare(text, kept, signs(text), own)


def _unseen_scores(seen: Sequence[Seen], judged: Sequence[Seen], width: int, plan: "Plan") -> list[Vector]:
    """Rank scores of the judged questions, each from weights learned without its group."""
    found: dict[int, Vector] = {}
    for fold in range(FOLDS):
        fitted = _fit_rank([one for one in seen if fold_of(one.example.group) != fold], width, plan.stiffness)
        for at, one in enumerate(judged):
            if fold_of(one.example.group) == fold:
                found[at] = _rank(fitted, one.measured)
    return [found[at] for at in range(len(judged))]


def _unseen_chances(judged: Sequence[Seen], rows: Vector, labels: Vector, words: dict[str, int]) -> Vector:
    folds = np.array([fold_of(one.example.group) for one in judged])
    chances = np.zeros(len(judged))
    for fold in range(FOLDS):
        inside = folds != fold
        if inside.all() or not inside.any():
            continue
        fitted = _fit_accept(judged, rows, labels, words, inside)
        chances[~inside] = sigmoid(_accept_scores(fitted, judged, rows, words, ~inside))
    return chances


def _kept_weights(names: Sequence[str], weights: Vector) -> dict[str, float]:
    return {name: round(float(w), 3) for name, w in zip(names, weights, strict=True) if abs(w) >= TERM_KEPT}


def _fit_rank(seen: Sequence[Seen], width: int, stiffness: tuple[float, float]) -> Fitted:
    table = np.concatenate([one.measured.table for one in seen])
    starts = np.cumsum([0, *(len(one.hits) for one in seen)])
    rows = np.concatenate([one.measured.rows + start for one, start in zip(seen, starts, strict=False)])
    columns = np.concatenate([one.measured.columns for one in seen])
    weight = np.concatenate([np.full(len(one.hits), one.example.weight) for one in seen])
    labels = np.concatenate([one.right for one in seen])
    return fit(table, labels, Sparse(rows.astype(np.int32), columns, width), weight, stiffness, 40)


def _rank(fitted: Fitted, measured: Measured) -> Vector:
    return fitted.scores(measured.table, Sparse(measured.rows, measured.columns, len(fitted.terms)))


def _acceptance(seen: Sequence[Seen], scores: Sequence[Vector]) -> tuple[Vector, Vector]:
    made = [accept_row(score, one.measured) for one, score in zip(seen, scores, strict=True)]
    labels = np.array([one.right[first] for one, (first, _) in zip(seen, made, strict=True)])
    return np.stack([row for _, row in made]), labels


def _words(seen: Sequence[Seen]) -> dict[str, int]:
    """Words of questions seen often enough to say something by themselves."""
    count: dict[str, float] = {}
    for one in seen:
        for word in dict.fromkeys(one.terms.words):
            count[word] = count.get(word, 0) + 1
    return {word: at for at, word in enumerate(sorted(w for w, n in count.items() if n >= WORD_SEEN))}


def _word_table(seen: Sequence[Seen], words: dict[str, int]) -> Sparse:
    pairs = [(at, words[w]) for at, one in enumerate(seen) for w in dict.fromkeys(one.terms.words) if w in words]
    table = np.array(pairs, np.int32).reshape(-1, 2)
    return Sparse(table[:, 0], table[:, 1], len(words))


def _fit_accept(seen: Sequence[Seen], rows: Vector, labels: Vector, words: dict[str, int], inside: Vector) -> Fitted:
    chosen = [one for one, use in zip(seen, inside, strict=True) if use]
    return fit(rows[inside].astype(np.float32), labels[inside], _word_table(chosen, words), None, (3.0, 8.0), 60)


def _accept_scores(fitted: Fitted, seen: Sequence[Seen], rows: Vector, words: dict[str, int], use: Vector) -> Vector:
    chosen = [one for one, taken in zip(seen, use, strict=True) if taken]
    return fitted.scores(rows[use].astype(np.float32), _word_table(chosen, words))


def curve(chances: Vector, labels: Vector, asked: int, points: int = 100) -> tuple[Point, ...]:
    """The coverage curve, with the one-sided bound of precision at each point."""
    order = np.lexsort((np.arange(len(chances)), -chances))
    right = np.cumsum(labels[order])
    places = sorted({int(len(order) * (at + 1) / points) - 1 for at in range(points)} - {-1})
    return tuple(
        Point(
            round(float(chances[order[at]]), 5),
            at + 1,
            int(right[at]),
            asked,
            round(lower_bound(int(right[at]), at + 1), 5),
        )
        for at in places
    )


def lower_bound(right: int, answered: int, confidence: float = CONFIDENCE) -> float:
    """One-sided Clopper–Pearson: the least precision at which so many right answers are not a surprise."""
    if right == 0:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if _upper_tail(right, answered, middle) < 1 - confidence else (low, middle)
    return low


def _upper_tail(right: int, answered: int, chance: float) -> float:
    """The chance of at least `right` successes."""
    if chance <= 0:
        return 0.0
    numbers = range(right, answered + 1)
    whole = math.lgamma(answered + 1)
    logs = [
        whole
        - math.lgamma(k + 1)
        - math.lgamma(answered - k + 1)
        + k * math.log(chance)
        + (answered - k) * math.log1p(-chance)
        for k in numbers
    ]
    return float(sum(math.exp(value) for value in logs))
