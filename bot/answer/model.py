"""The model: learned weights that rank candidates, tell how likely the first is right, and from which chance it may answer."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answer.features import NAMES, SWAPS, Measured
from bot.answer.learn import Fitted, Vector, sigmoid
from knowledge.index import Index
from knowledge.text import Terms

SHIPPED = Path(__file__).with_name("weights.json")
PAIR = (
    "likeness", "asked", "kept", "ratio", "partial", "sound", "tail", "worst_asked", "worst_kept", "words_asked", "words_kept",
    "length", "proportion", "unknown", "counter", "questions", "lead", "ratio_lead", "twins", "cos_b", "cos_w", "cos_u",
    "unlike_type_other", "unlike_type_same", "unlike_opposite", "unlike_negation", "unlike_numbers",
)  # fmt: skip
ENOUGH = 30
LOWEST = -12.0
_LENGTH = NAMES.index("length")
_PAIR = [NAMES.index(name) for name in PAIR]
ACCEPT_NAMES = ("score", "lead_score", "lead_third", "rest", "log_length", *PAIR)


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
    accept: Linear
    accept_words: dict[str, float]
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

    def save(self, path: Path) -> None:
        """Write as JSON, sorted: the same learning gives the same file."""
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, indent=0) + "\n", "utf-8")

    @classmethod
    def load(cls, path: Path) -> "Model":
        """Read what `save` wrote."""
        kept: dict[str, Any] = json.loads(path.read_text("utf-8"))
        for name in ("rank", "accept"):
            part = kept[name]
            kept[name] = Linear(
                tuple(part["names"]),
                tuple(part["mean"]),
                tuple(part["spread"]),
                tuple(part["weights"]),
                part["constant"],
            )
        kept["curve"] = tuple(Point(**point) for point in kept["curve"])
        return cls(**kept)


@lru_cache(maxsize=1)
def shipped() -> Model:
    """The model that comes with the program."""
    return Model.load(SHIPPED)


class Ranker:
    """A model laid out for one index, so that a question costs a few array operations."""

    def __init__(self, model: Model, index: Index) -> None:
        swaps = np.zeros(SWAPS, np.float32)
        for bucket, weight in model.swaps.items():
            swaps[int(bucket)] = weight
        weights = np.concatenate([index.numbered(model.asked_terms), index.numbered(model.kept_terms), swaps])
        self._terms: NDArray[np.float64] = weights.astype(np.float64)
        self._rank = model.rank.fitted()
        self._accept = model.accept.fitted()
        self.model = model

    def scores(self, measured: Measured) -> Vector:
        """Log-odds that a hit asks the same, one a hit."""
        found: Vector = self._rank.scores(measured.table)
        if len(measured.rows):
            found = found + np.bincount(measured.rows, self._terms[measured.columns], len(found))
        return found

    def chance(self, row: Vector, terms: Terms) -> float:
        """How likely the first candidate is the right answer, from its row of ACCEPT_NAMES."""
        score = self._accept.scores(row[None, :])
        words = self.model.accept_words
        return float(sigmoid(score + sum(words.get(word, 0.0) for word in dict.fromkeys(terms.words)))[0])


def accept_row(scores: Vector, measured: Measured) -> tuple[int, Vector]:
    """The place of the best hit, and what acceptance looks at (ACCEPT_NAMES)."""
    # Plain numbers: for eight of them Python is faster than arrays.
    values = scores.tolist()
    order = sorted(range(len(values)), key=lambda at: (-values[at], at))
    first = order[0]
    best, second, third = [*(values[at] for at in order[:3]), LOWEST, LOWEST][:3]
    rest = math.log(sum(math.exp(values[at]) for at in order[1:])) if len(values) > 1 else LOWEST
    length = math.log1p(float(measured.table[first, _LENGTH]))
    return first, np.concatenate([(best, best - second, best - third, rest, length), measured.table[first, _PAIR]])
