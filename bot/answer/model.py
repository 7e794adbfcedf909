"""The model: learned weights that rank candidates, tell how likely the first is right, and from which chance it may answer."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from rapidfuzz import fuzz

from bot.answer.features import NAMES, Measured
from bot.answer.gaps import SWAPS, swaps_of
from bot.answer.learn import Fitted, Vector, chance_of
from bot.answer.signs import ASKS, swapped_types
from bot.answer.stories import STORY_NAMES
from bot.answer.trees import Trees
from knowledge.index import Index, Query
from knowledge.rows import HELD

SHIPPED = Path(__file__).with_name("weights.json")
# What the linear acceptance looks at: few numbers, for few labels.
ACCEPT = (
    "likeness", "asked", "kept", "ratio", "partial", "sound", "tail", "worst_asked", "worst_kept", "words_asked", "words_kept",
    "length", "proportion", "unknown", "counter", "questions", "lead", "ratio_lead", "twins", "cos_b", "cos_w", "cos_u",
    "unlike_type_other", "unlike_type_same", "unlike_opposite", "unlike_negation", "unlike_numbers",
)  # fmt: skip
ENOUGH = 30
LOWEST = -12.0
_LENGTH = NAMES.index("length")
_OF_ALL = ("score", "lead_score", "lead_third", "rest", "log_length", "alike_others", "chance", "chances", "count")
# What acceptance looks at: the scores, the first candidate, and how the second differs from it.
_SHORT = len(NAMES) - len(STORY_NAMES)
ROW_NAMES = (*_OF_ALL, *NAMES[:_SHORT], *(f"second_{name}" for name in NAMES[:_SHORT]))
ACCEPT_NAMES = ("score", "lead_score", "lead_third", "rest", "log_length", *ACCEPT)
_ACCEPT = np.array([ROW_NAMES.index(name) for name in ACCEPT_NAMES])


@dataclass(frozen=True)
class Point:
    """One place on the coverage curve: answering from this chance on, so many were answered, so many rightly."""

    chance: float
    answered: int
    right: int
    asked: int
    bound: float


def _kept(values: Vector) -> tuple[float, ...]:
    return tuple(round(float(value), 5) for value in values)


@dataclass(frozen=True)
class Linear:
    """A fitted logistic regression as it is kept: weights by name."""

    names: tuple[str, ...]
    mean: tuple[float, ...]
    spread: tuple[float, ...]
    weights: tuple[float, ...]
    constant: float

    @classmethod
    def of(cls, fitted: Fitted, names: Sequence[str]) -> "Linear":
        """From a fit."""
        return cls(
            tuple(names), _kept(fitted.mean), _kept(fitted.spread), _kept(fitted.features), round(fitted.constant, 5)
        )

    def fitted(self) -> Fitted:
        """As arrays, without terms."""
        return Fitted(
            np.array(self.mean), np.maximum(self.spread, 1e-3), np.array(self.weights), np.zeros(0), self.constant
        )


@dataclass(frozen=True)
class Model:
    """Everything learned, and how it was measured."""

    rank: Linear
    asked_terms: dict[str, float]
    kept_terms: dict[str, float]
    swaps: dict[str, float]
    type_swaps: dict[str, float]
    accept: Linear
    trees: Trees | None
    curve: tuple[Point, ...]
    learned_from: str
    offer_at: float = 0.05
    notes: dict[str, float] = field(default_factory=dict)

    def threshold(self, target: float) -> Point | None:
        """The lowest chance whose bound of precision still meets the target, or None."""
        return min((point for point in self.curve if point.bound >= target), key=lambda p: p.chance, default=None)

    def provisional(self, target: float) -> Point | None:
        """Where there are too few judged questions for a bound: the lowest chance at which those answered met the target."""
        met = [p for p in self.curve if p.answered >= ENOUGH and p.right >= target * p.answered]
        return min(met, key=lambda p: p.chance, default=None)

    def as_json(self) -> dict[str, Any]:
        """Plain values, for `of_json`."""
        kept = {part.name: getattr(self, part.name) for part in fields(self)}
        kept |= {"rank": asdict(self.rank), "accept": asdict(self.accept), "curve": [asdict(p) for p in self.curve]}
        kept["trees"] = self.trees.as_json() if self.trees else None
        return kept

    def save(self, path: Path) -> None:
        """Write as JSON, sorted: the same learning gives the same file."""
        path.write_text(json.dumps(self.as_json(), ensure_ascii=False, sort_keys=True, indent=0) + "\n", "utf-8")

    @classmethod
    def load(cls, path: Path) -> "Model":
        """Read what `save` wrote."""
        return cls.of_json(json.loads(path.read_text("utf-8")))

    @classmethod
    def of_json(cls, given: dict[str, Any]) -> "Model":
        """Read what `as_json` gave."""
        kept = dict(given)
        for name in ("rank", "accept"):
            part = kept[name]
            kept[name] = Linear(
                tuple(part["names"]),
                tuple(part["mean"]),
                tuple(part["spread"]),
                tuple(part["weights"]),
                part["constant"],
            )
        kept["trees"] = Trees.of_json(kept["trees"]) if kept["trees"] else None
        kept["curve"] = tuple(Point(**point) for point in kept["curve"])
        return cls(**kept)


@lru_cache(maxsize=1)
def shipped() -> Model:
    """The model that comes with the program."""
    return Model.load(SHIPPED)


class Ranker:
    """A model laid out for one index, so that a question costs a few array operations."""

    def __init__(self, model: Model, index: Index) -> None:
        telling = index.telling.astype(np.float32)
        asked = index.numbered(model.asked_terms) * telling
        self._kept = index.numbered(model.kept_terms) * telling
        self._gone = np.stack([asked, asked + self._kept], 1)
        self._swaps = np.zeros(SWAPS, np.float32)
        for bucket, weight in model.swaps.items():
            self._swaps[int(bucket)] = weight
        self._type_swaps = [model.type_swaps.get(name, 0.0) for name in TYPE_NAMES]
        self._rank = model.rank.fitted()
        self._accept = model.accept.fitted()
        self.model = model
        self._index = index
        self._all_of = lru_cache(HELD)(self._all_kept)
        self._types = lru_cache(HELD)(self._swapped_types)

    def scores(self, measured: Measured, query: Query) -> Vector:
        """Log-odds that a hit asks the same, one a hit."""
        laid = measured.laid
        found: Vector = self._rank.scores(measured.table)
        # What was asked and is not kept, and what is kept and was not asked: all of both, less what is found.
        gone = self._gone.take(query.known, 0)
        found -= laid.found @ gone[:, 1]
        # Words no kept question has are missing everywhere: they order nothing, and make it less sure.
        strange = float(np.add.reduce(gone[:, 0]))
        if query.strange:
            strange += sum([self.model.asked_terms.get(term, 0.0) for term in query.strange])
        changed = zip(laid.kept, measured.gaps, swaps_of(measured.gaps, self._swaps), strict=True)
        return found + [
            strange + self._all_of(one.row) + self._types(gap.asked, gap.kept) + swaps for one, gap, swaps in changed
        ]

    def _all_kept(self, row: int) -> float:
        return float(self._kept.take(self._index.terms_of(row)).sum())

    def _swapped_types(self, asked: int, kept: int) -> float:
        return sum([self._type_swaps[number] for number in swapped_types(asked, kept)])

    def chance(self, row: Vector) -> float:
        """How likely the first candidate is the right answer, from its row of ROW_NAMES."""
        if self.model.trees:
            return chance_of(self.model.trees.score(row))
        return chance_of(float(self._accept.scores(row.take(_ACCEPT))))


TYPE_NAMES = tuple(f"{one}>{other}" for one in (*ASKS, "") for other in (*ASKS, ""))


def accept_columns(rows: Vector) -> Vector:
    """Of rows of ROW_NAMES, what linear acceptance looks at."""
    columns: Vector = rows[:, _ACCEPT]
    return columns


def accept_row(scores: Vector, measured: Measured, texts: Sequence[str]) -> tuple[int, Vector]:
    """The place of the best hit, and what acceptance looks at (ROW_NAMES)."""
    # Plain numbers: for eight of them Python is faster than arrays.
    values = scores.tolist()
    order = sorted(range(len(values)), key=lambda at: (-values[at], at))
    first, other = order[0], order[1] if len(order) > 1 else order[0]
    best, second, third = [*(values[at] for at in order[:3]), LOWEST, LOWEST][:3]
    rest = math.log(sum(math.exp(values[at]) for at in order[1:])) if len(values) > 1 else LOWEST
    length = math.log1p(float(measured.table[first, _LENGTH]))
    alike = max((fuzz.ratio(texts[first], texts[at]) / 100 for at in order[1:4]), default=0.0)
    chances = [chance_of(value) for value in values]
    of_all = (best, best - second, best - third, rest, length, alike, chances[first], sum(chances), len(values))
    row = measured.table[first, :_SHORT]
    return first, np.concatenate([of_all, row, measured.table[other, :_SHORT] - row])
