"""The learned part of routing: a multinomial logistic regression over characters, pairs and triples of a message.

Grams are hashed into a table of weights, so a message costs a few array operations, and the file holds no text.
"""

import json
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.vocabulary import Reason

SHIPPED = Path(__file__).with_name("routes.json")
BUCKETS = 1 << 13
LENGTHS = (4, 8, 14, 24, 40, 70)
# Behind the hashed grams: whether the fund is named, and how long the message is.
FUND_NAMED = BUCKETS
LENGTH = BUCKETS + 2
WIDTH = LENGTH + len(LENGTHS) + 1
POLICY = "policy"
READ = 300
NAMED = 0.5
_ONE, _TWO, _THREE = np.uint32(2654435761), np.uint32(2246822519), np.uint32(3266489917)
_SHIFT = np.uint32(32 - 13)
Columns = NDArray[np.intp]


def columns_of(spoken: str, *, fund: bool) -> Columns:
    """The columns of a message without punctuation: its grams, each once, and what is told apart besides."""
    codes = np.frombuffer(spoken[:READ].encode("utf-32-le", "replace"), np.uint32)
    first = codes * _ONE
    pairs = (first[:-1] ^ codes[1:]) * _TWO
    triples = (pairs[:-1] ^ codes[2:]) * _THREE
    grams = np.concatenate([first, pairs, triples]) >> _SHIFT
    named = np.zeros(WIDTH, bool)
    named[grams.astype(np.intp)] = True
    named[FUND_NAMED + fund] = True
    named[LENGTH + bisect_left(LENGTHS, len(codes))] = True
    return named.nonzero()[0]


@dataclass(frozen=True)
class RouteModel:
    """Weights by class and column, and from which chance of being no policy question a message leaves the engine."""

    classes: tuple[str, ...]
    weights: NDArray[np.float32]
    constants: NDArray[np.float32]
    threshold: float
    learned_from: str

    def chances(self, columns: Columns) -> NDArray[np.float32]:
        """The chance of each class."""
        scores = np.add.reduce(self.weights.take(columns, 0), 0) / np.sqrt(len(columns)) + self.constants
        raised = np.exp(scores - np.maximum.reduce(scores))
        found: NDArray[np.float32] = raised / np.add.reduce(raised)
        return found

    def reason(self, spoken: str, *, fund: bool) -> Reason | None:
        """The likeliest reason to leave, if leaving is likely enough."""
        chances = self.chances(columns_of(spoken, fund=fund))
        return self.chosen(chances)

    def chosen(self, chances: NDArray[np.float32]) -> Reason | None:
        """The decision from the chances; the first class is the policy question.

        A wrong class would say a wrong sentence: where none stands out, the reason is only that it is no policy question.
        """
        away = 1 - chances[0]
        if away < self.threshold:
            return None
        best = 1 + int(chances[1:].argmax())
        return Reason(self.classes[best]) if chances[best] >= NAMED * away else Reason.NOT_POLICY

    def save(self, path: Path) -> None:
        """Write as JSON: for each class the columns that weigh something, in hundredths."""
        rounded = np.rint(self.weights * 100).astype(int)
        kept: dict[str, Any] = {
            "classes": list(self.classes),
            "constants": [round(float(one), 4) for one in self.constants],
            "threshold": self.threshold,
            "learned_from": self.learned_from,
            "columns": [np.flatnonzero(column).tolist() for column in rounded.T],
            "hundredths": [column[column != 0].tolist() for column in rounded.T],
        }
        path.write_text(json.dumps(kept, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")

    @classmethod
    def load(cls, path: Path) -> "RouteModel":
        """Read what `save` wrote."""
        kept: dict[str, Any] = json.loads(path.read_text("utf-8"))
        weights = np.zeros((WIDTH, len(kept["classes"])), np.float32)
        for at, (columns, values) in enumerate(zip(kept["columns"], kept["hundredths"], strict=True)):
            weights[columns, at] = np.array(values, np.float32) / 100
        constants = np.array(kept["constants"], np.float32)
        return cls(tuple(kept["classes"]), weights, constants, kept["threshold"], kept["learned_from"])


@lru_cache(maxsize=1)
def shipped() -> RouteModel:
    """The model that comes with the program."""
    return RouteModel.load(SHIPPED)
