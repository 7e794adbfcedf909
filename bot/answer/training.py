"""Training: from questions with known answers to a model, every figure from questions the model had not seen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from bot.answer.compare import compare
from bot.answer.decide import LONGEST
from bot.answer.features import NAMES, SWAPS, Measured, measure
from bot.answer.learn import Fitted, Sparse, Vector, fit, lower_bound, sigmoid
from bot.answer.model import ACCEPT_NAMES, Linear, Model, Point, accept_row
from bot.answer.regions import places
from bot.answer.route import route
from bot.answer.screen import screen
from bot.answer.signs import signs
from knowledge.entries import KnownEntry
from knowledge.index import Hit, Index
from knowledge.text import Terms
from knowledge.vocabulary import Kind

CONSIDERED = 8
FOLDS = 5
WORD_SEEN = 6
TERM_KEPT = 0.03
# Own questions are many and were written to differ from one another; a citizen's question weighs ten of them.
OWN_WEIGHT = 0.3
LABELLED_WEIGHT = 3.0
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
    """How to learn: how firmly weights are held to zero, whether single words teach acceptance, names left unsaid, and the
    weights to start from."""

    stiffness: tuple[float, float] = (10.0, 10.0)
    words: bool = False
    own: frozenset[str] = frozenset()
    prior: Linear | None = None


@dataclass(frozen=True)
class Seen:
    """An example after retrieval and measuring."""

    example: Example
    terms: Terms
    hits: tuple[Hit, ...]
    measured: Measured
    right: Vector


def own_examples(index: Index, regions: frozenset[str] = frozenset(), day: date | None = None) -> list[Example]:
    """Every kept question of a base, to be found again without itself."""
    facts = [frozenset(entry.facts) for entry in index.entries]
    found = []
    for row, asked in enumerate(index.asked):
        if asked.counter or index.sizes[asked.entry] < 2:
            continue
        own = index.entries[asked.entry]
        shunned = frozenset(e.key for at, e in enumerate(index.entries) if facts[at] & facts[asked.entry]) - {own.key}
        held = holder(index, asked.text, regions, _day_of(own, day)) if day else None
        found.append(
            Example(
                asked.text, frozenset({own.key}), own.key, row, OWN_WEIGHT, shunned=shunned, held=held, judged=False
            )
        )
    return found


def counter_examples(index: Index) -> list[Example]:
    """Every counter-question beside its own entry only, which it must not be answered with."""
    keys = frozenset(entry.key for entry in index.entries)
    found = []
    for row, asked in enumerate(index.asked):
        if asked.counter:
            own = index.entries[asked.entry].key
            found.append(Example(asked.text, frozenset(), own, row, OWN_WEIGHT, shunned=keys - {own}, judged=False))
    return found


def fund_examples(index: Index, rows: Sequence[dict[str, Any]], regions: frozenset[str]) -> list[Example]:
    """Labelled fund questions: right are the entries in force that cover a fact of an answerable question."""
    found = []
    for row in rows:
        day = date.fromisoformat(row["as_of"])
        facts = set(row["facts"]) if row["kind"] == "answerable" else set()
        gold = frozenset(e.key for e in index.entries if facts & set(e.facts) and e.in_force(day))
        plain = index.lexicon.corrected(row["text"])
        routed = screen(plain) is not None or route(plain, Kind.CONSULTATION) is not None
        held = holder(index, row["text"], regions, day)
        group = f"fact {row['facts'][0]}" if row["facts"] else row["id"]
        found.append(Example(row["text"], gold, group, weight=LABELLED_WEIGHT, held=held, routed=routed))
    return found


def holder(index: Index, text: str, regions: frozenset[str], day: date) -> Callable[[int], bool]:
    """Which entries hold for a question on a day: of the office's regions or of a place it names."""
    named = places(text) | regions

    def holds(at: int) -> bool:
        entry = index.entries[at]
        return entry.region in named and entry.in_force(day)

    return holds


def _day_of(entry: KnownEntry, day: date) -> date:
    if entry.in_force(day):
        return day
    return entry.valid_until if entry.valid_until and entry.valid_until < day else entry.valid_from or day


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
    whole = _fit_rank(seen, width, plan)
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
        fitted = _fit_rank([one for one in seen if fold_of(one.example.group) != fold], width, plan)
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


def _fit_rank(seen: Sequence[Seen], width: int, plan: Plan) -> Fitted:
    table = np.concatenate([one.measured.table for one in seen])
    starts = np.cumsum([0, *(len(one.hits) for one in seen)])
    rows = np.concatenate([one.measured.rows + start for one, start in zip(seen, starts, strict=False)])
    columns = np.concatenate([one.measured.columns for one in seen])
    weight = np.concatenate([np.full(len(one.hits), one.example.weight) for one in seen])
    labels = np.concatenate([one.right for one in seen])
    prior = plan.prior.fitted() if plan.prior else None
    return fit(table, labels, Sparse(rows.astype(np.int32), columns, width), weight, plan.stiffness, 40, prior)


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
