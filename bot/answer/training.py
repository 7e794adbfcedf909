"""Training: from questions with known answers to a model, every figure from questions the model had not seen."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.answer.compare import compare, side
from bot.answer.decide import LONGEST
from bot.answer.features import NAMES, width
from bot.answer.gaps import SWAPS
from bot.answer.grow import grow
from bot.answer.learn import Fitted, Sparse, Vector, fit, lower_bound, sigmoid
from bot.answer.lessons import School, Seen, without_terms
from bot.answer.model import ACCEPT_NAMES, TYPE_NAMES, Linear, Model, Point, accept_columns, accept_row
from bot.answer.signs import signs
from bot.answer.trees import Trees
from knowledge.vocabulary import Level

FOLDS = 5
TERM_KEPT = 0.03
# Trees need many judged questions; with fewer, acceptance is a line through few numbers.
TREES_FROM = 1000
# A judged question that does not belong to the mixture of questions to come still teaches, at half the weight.
UNCOUNTED = 0.5
STEPS = 60
# From so many answered questions on the weights are as free as the plan says.
MANY = 1000
# Where an entry keeps fewer questions than this on average, pairs of labelled ones teach what similar questions would.
PAIRED_BELOW = 2.0


@dataclass(frozen=True)
class Plan:
    """How to learn: how firmly weights are held to zero, how much the many questions of one entry share one voice (0 not,
    1 wholly), names left unsaid, and the weights to start from."""

    stiffness: tuple[float, float] = (10.0, 10.0)
    balance: float = 0.5
    own: frozenset[str] = frozenset()
    prior: Linear | None = None

    def firmness(self, answered: int) -> tuple[float, float]:
        """The stiffness for so many answered questions: where there are weights to start from, few do little against them."""
        few = max(1.0, MANY / max(answered, 1)) if self.prior else 1.0
        return self.stiffness[0] * few, self.stiffness[1] * few


@dataclass(frozen=True)
class Acceptance:
    """What tells whether the first candidate is right: a line always, trees where there is enough to grow them from."""

    line: Fitted
    trees: Trees | None

    def scores(self, rows: Vector) -> Vector:
        """Log-odds, one a row of ROW_NAMES."""
        if self.trees:
            return np.array([self.trees.score(row) for row in rows])
        return self.line.scores(accept_columns(rows))


def fold_of(group: str) -> int:
    """The fold of a group, the same on every machine."""
    return sum(ord(char) * (at + 7) for at, char in enumerate(group)) * 2654435761 % 4294967296 % FOLDS


def train(school: School, seen: Sequence[Seen], learned_from: str, plan: Plan = Plan()) -> Model:
    """Learn ranking, then acceptance on rankings of unseen questions, then the curve on acceptances of unseen ones.

    All questions teach ranking; only the judged ones teach acceptance and make the curve.
    """
    few = len(school.index.asked) < PAIRED_BELOW * len(school.index.entries)
    lessons = [*seen, *(school.pairs(seen) if few else ())]
    if school.index.long:
        # Of two passages nearly every word differs: a weight for each would learn noise, and weights for short questions mislead.
        lessons, plan = [without_terms(one) for one in lessons], replace(plan, prior=None)
    ranking = _Ranking(lessons, width(school.wide), plan)
    judged = [one for one in seen if one.example.judged and not one.example.routed]
    scores = _unseen_scores(ranking, judged)
    rows, labels = _acceptance(judged, scores)
    chances = _unseen_chances(judged, rows, labels)
    barred = frozenset(entry.key for entry in school.index.entries if entry.level is Level.C)
    found = zip(judged, scores, strict=True)
    free = np.array([one.example.counted and _free(one, score, plan.own, barred) for one, score in found], bool)
    free &= ~np.isnan(chances)
    asked = sum(bool(one.example.gold) for one in seen if one.example.judged and one.example.counted)
    accept = _accept(judged, rows, labels, np.ones(len(judged), bool))
    return _model(school, ranking.fit(), accept, curve(chances[free], labels[free], asked), learned_from)


def _model(school: School, whole: Fitted, accept: Acceptance, points: tuple[Point, ...], learned_from: str) -> Model:
    names = school.wide.names()
    wide = len(names)
    return Model(
        rank=Linear.of(whole, NAMES),
        asked_terms=_kept_weights(names, whole.terms[:wide]),
        kept_terms=_kept_weights(names, whole.terms[wide : 2 * wide]),
        swaps=_kept_weights([str(bucket) for bucket in range(SWAPS)], whole.terms[2 * wide : 2 * wide + SWAPS]),
        type_swaps=_kept_weights(TYPE_NAMES, whole.terms[2 * wide + SWAPS :]),
        accept=Linear.of(accept.line, ACCEPT_NAMES),
        trees=accept.trees,
        curve=points,
        learned_from=learned_from,
    )


def _kept_weights(names: Sequence[str], weights: Vector) -> dict[str, float]:
    return {name: round(float(w), 3) for name, w in zip(names, weights, strict=True) if abs(w) >= TERM_KEPT}


def _free(one: Seen, scores: Vector, own: frozenset[str], barred: frozenset[str]) -> bool:
    """Whether nothing but the score stands against answering: no veto, not too long, an entry that is verified."""
    text, first = one.terms.text, int(np.argmax(scores))
    if len(text) > LONGEST or one.keys[first] in barred:
        return False
    return not compare(side(text, signs(text), own), one.texts[first], own)


class _Ranking:
    """All lessons laid out once, to be learned from whole or in folds."""

    def __init__(self, lessons: Sequence[Seen], wide: int, plan: Plan) -> None:
        counts = [len(one.keys) for one in lessons]
        starts = np.cumsum([0, *counts])
        self._wide = wide
        answered = sum(bool(one.example.gold) for one in lessons if one.example.judged)
        self._stiffness = plan.firmness(answered)
        self._prior = plan.prior.fitted() if plan.prior else None
        self._table = np.concatenate([one.measured.table for one in lessons])
        self._rows = np.concatenate([one.rows + start for one, start in zip(lessons, starts, strict=False)])
        self._columns = np.concatenate([one.columns for one in lessons])
        self._right = np.concatenate([one.right for one in lessons])
        self._weight = np.repeat(_weights(lessons, plan.balance), counts)
        self._fold = np.repeat([fold_of(one.example.group) for one in lessons], counts)

    def fit(self, without: int = -1) -> Fitted:
        """Weights from all lessons but those of one fold."""
        inside = self._fold != without
        if not inside.any():
            # Nothing else to learn from: then acceptance has no other questions either, and none is counted.
            inside[:] = True
        place = np.cumsum(inside) - 1
        used = inside[self._rows]
        sparse = Sparse(place[self._rows[used]].astype(np.int32), self._columns[used].astype(np.int32), self._wide)
        table, right, weight = self._table[inside], self._right[inside], self._weight[inside]
        return fit(table, right, sparse, weight, self._stiffness, STEPS, self._prior)


def _weights(lessons: Sequence[Seen], balance: float) -> Vector:
    count = Counter(one.example.group for one in lessons if one.example.judged)
    return np.array([one.example.weight * max(count[one.example.group], 1) ** -balance for one in lessons])


def _unseen_scores(ranking: _Ranking, judged: Sequence[Seen]) -> list[Vector]:
    """Rank scores of the judged questions, each from weights learned without its group."""
    found: dict[int, Vector] = {}
    for fold in range(FOLDS):
        fitted = ranking.fit(fold)
        for at, one in enumerate(judged):
            if fold_of(one.example.group) == fold:
                found[at] = fitted.scores(one.measured.table, Sparse(one.rows, one.columns, len(fitted.terms)))
    return [found[at] for at in range(len(judged))]


def _acceptance(seen: Sequence[Seen], scores: Sequence[Vector]) -> tuple[Vector, Vector]:
    made = [accept_row(score, one.measured, one.texts) for one, score in zip(seen, scores, strict=True)]
    labels = np.array([one.right[first] for one, (first, _) in zip(seen, made, strict=True)])
    return np.stack([row for _, row in made]), labels


def _unseen_chances(judged: Sequence[Seen], rows: Vector, labels: Vector) -> Vector:
    folds = np.array([fold_of(one.example.group) for one in judged])
    # Not a number: where all questions are of one fold, no chance is from others only, and none proves anything.
    chances = np.full(len(judged), np.nan)
    for fold in range(FOLDS):
        inside = folds != fold
        if inside.all() or not inside.any():
            continue
        chances[~inside] = sigmoid(_accept(judged, rows, labels, inside).scores(rows[~inside]))
    return chances


def _accept(judged: Sequence[Seen], rows: Vector, labels: Vector, inside: Vector) -> Acceptance:
    rows, labels = rows[inside], labels[inside]
    line = fit(accept_columns(rows).astype(np.float32), labels, stiffness=(3.0, 8.0), steps=60)
    enough = len(rows) >= TREES_FROM and 0 < labels.sum() < len(labels)
    if not enough:
        return Acceptance(line, None)
    counted = [one.example.counted for one, use in zip(judged, inside, strict=True) if use]
    return Acceptance(line, grow(rows, labels, np.where(counted, 1.0, UNCOUNTED)))


def curve(chances: Vector, labels: Vector, asked: int, points: int = 200) -> tuple[Point, ...]:
    """The coverage curve, with the one-sided bound of precision at each point."""
    # A threshold takes all that are equally sure, so a point counts all of them.
    chances = chances.round(5)
    order = np.lexsort((np.arange(len(chances)), -chances))
    right = np.cumsum(labels[order])
    places = {int(len(order) * (at + 1) / points) - 1 for at in range(points)} - {-1}
    last = np.searchsorted(-chances[order], -chances[order], side="right") - 1
    return tuple(
        Point(float(chances[order[at]]), at + 1, int(right[at]), asked, round(lower_bound(int(right[at]), at + 1), 5))
        for at in sorted({int(last[place]) for place in places})
    )
