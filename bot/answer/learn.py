"""Learning: logistic regression over measured features and over single terms, small enough to be retrained in seconds."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.floating[Any]]
Numbers = NDArray[np.integer[Any]]
MEMORY = 8
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Sparse:
    """Which terms stand in which rows; `width` terms in all."""

    rows: Numbers
    columns: Numbers
    width: int


NO_TERMS = Sparse(np.zeros(0, np.int32), np.zeros(0, np.int32), 0)


@dataclass(frozen=True)
class Fitted:
    """Weights for standardised features, for terms, and the constant."""

    mean: Vector
    spread: Vector
    features: Vector
    terms: Vector
    constant: float

    def scores(self, table: Matrix, sparse: Sparse = NO_TERMS) -> Vector:
        """Log-odds, one a row."""
        of_terms = np.bincount(sparse.rows, self.terms[sparse.columns], len(table)) if sparse.width else 0.0
        found: Vector = standard(table, self.mean, self.spread) @ self.features + of_terms + self.constant
        return found


def standard(table: Matrix, mean: Vector, spread: Vector) -> Vector:
    """Features in units of their own spread, outliers cut off."""
    cut: Vector = np.minimum(np.maximum((table - mean) / spread, -4.0), 4.0)
    return cut


def fit(
    table: Matrix,
    labels: Vector,
    sparse: Sparse = NO_TERMS,
    importance: Vector | None = None,
    stiffness: tuple[float, float] = (10.0, 10.0),
    steps: int = 80,
    prior: Fitted | None = None,
) -> Fitted:
    """Weights of least regularised log loss; `stiffness` holds those of features and of terms to the prior, or to zero."""
    mean, spread = (prior.mean, prior.spread) if prior else _scale(table)
    dense = standard(table, mean, spread)
    given = dense @ prior.features + prior.constant if prior else np.zeros(len(labels))
    count = np.ones(len(labels)) if importance is None else importance
    width = dense.shape[1]
    hold = np.concatenate([np.full(width, stiffness[0]), np.full(sparse.width, stiffness[1]), [0.0]])

    def loss(weights: Vector) -> tuple[float, Vector]:
        scores = given + dense @ weights[:width] + weights[-1]
        if sparse.width:
            scores += np.bincount(sparse.rows, weights[width:-1][sparse.columns], len(labels))
        chance = sigmoid(scores)
        error = (chance - labels) * count
        slopes: list[Vector] = [error @ dense]
        if sparse.width:
            slopes.append(np.bincount(sparse.columns, error[sparse.rows], sparse.width).astype(np.float64))
        value = float((count * (np.logaddexp(0, scores) - labels * scores)).sum() + 0.5 * (hold * weights**2).sum())
        return value, np.concatenate([*slopes, [error.sum()]]) + hold * weights

    best = minimise(loss, np.zeros(len(hold)), steps)
    features, constant = best[:width], float(best[-1])
    if prior:
        features, constant = features + prior.features, constant + prior.constant
    return Fitted(mean, spread, features, best[width:-1], constant)


def _scale(table: Matrix) -> tuple[Vector, Vector]:
    return table.mean(0).astype(np.float64), np.maximum(table.std(0).astype(np.float64), 1e-3)


def sigmoid(values: Vector) -> Vector:
    """Chance from log-odds."""
    chance: Vector = 1 / (1 + np.exp(-np.clip(values, -40, 40)))
    return chance


def chance_of(value: float) -> float:
    """The same of one plain number."""
    return 1 / (1 + math.exp(-max(min(value, 40.0), -40.0)))


def minimise(loss: Callable[[Vector], tuple[float, Vector]], start: Vector, steps: int) -> Vector:
    """L-BFGS with backtracking: few passes over the data, no random choice, so the same result every time."""
    at, (value, slope) = start, loss(start)
    past: list[tuple[Vector, Vector]] = []
    for _ in range(steps):
        way = -_bent(slope, past)
        size, (after, after_slope) = _walk(
            loss, at, way, value, slope, 1.0 if past else 1.0 / (1 + np.abs(slope).sum())
        )
        if size == 0.0 or value - after < 1e-6 * (abs(value) + 1):
            break
        step, turn = size * way, after_slope - slope
        if float(step @ turn) > 1e-12:
            past = [*past, (step, turn)][-MEMORY:]
        at, value, slope = at + step, after, after_slope
    return at


def _bent(slope: Vector, past: list[tuple[Vector, Vector]]) -> Vector:
    """The slope, bent by what the last steps taught about the curvature."""
    way: Vector = slope.copy()
    used: list[float] = []
    for step, turn in reversed(past):
        share = float(step @ way) / float(step @ turn)
        way -= share * turn
        used.append(share)
    if past:
        step, turn = past[-1]
        way *= float(step @ turn) / float(turn @ turn)
    for (step, turn), share in zip(past, reversed(used), strict=True):
        way += step * (share - float(turn @ way) / float(step @ turn))
    return way


def _walk(
    loss: Callable[[Vector], tuple[float, Vector]], at: Vector, way: Vector, value: float, slope: Vector, size: float
) -> tuple[float, tuple[float, Vector]]:
    downhill = float(slope @ way)
    for _ in range(30):
        found = loss(at + size * way)
        if found[0] <= value + 1e-4 * size * downhill:
            return size, found
        size *= 0.5
    return 0.0, (value, slope)


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
