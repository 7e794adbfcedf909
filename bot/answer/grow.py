"""Growing trees: acceptance learned by boosting, from scikit-learn into the plain arrays that `bot.answer.trees` reads."""

import numpy as np
from sklearn.ensemble import GradientBoostingClassifier

from bot.answer.learn import Vector
from bot.answer.trees import DEPTH, Trees

COUNT = 120
SEED = 7


def grow(rows: Vector, labels: Vector, importance: Vector) -> Trees:
    """Trees of depth DEPTH whose sum is the log-odds that a row is labelled right; the same rows give the same trees."""
    grown = GradientBoostingClassifier(
        n_estimators=COUNT,
        max_depth=DEPTH,
        learning_rate=0.06,
        subsample=0.7,
        max_features=0.2,
        min_samples_leaf=30,
        random_state=SEED,
    ).fit(rows.astype(np.float32), labels, sample_weight=importance)
    features = np.zeros((COUNT, 2**DEPTH - 1), np.int32)
    edges = np.full((COUNT, 2**DEPTH - 1), np.inf)
    leaves = np.zeros((COUNT, 2**DEPTH))
    for at, (one,) in enumerate(grown.estimators_):
        _lay(one.tree_, 0, 0, features[at], edges[at], leaves[at], grown.learning_rate)
    start = float(grown.decision_function(rows[:1].astype(np.float32))[0])
    laid = Trees(features, edges, leaves, 0.0)
    return Trees(features, edges.round(6), leaves.round(6), round(start - laid.score(rows[0]), 6))


def _lay(tree: "object", node: int, place: int, features: Vector, edges: Vector, leaves: Vector, rate: float) -> None:
    """One tree into a full one: a leaf that comes early is repeated in all places below it."""
    wide = len(features)
    if place >= wide:
        leaves[place - wide] = rate * tree.value[node][0][0]  # type: ignore[attr-defined]
        return
    left, right = tree.children_left[node], tree.children_right[node]  # type: ignore[attr-defined]
    if left < 0:
        left = right = node
    else:
        features[place], edges[place] = tree.feature[node], tree.threshold[node]  # type: ignore[attr-defined]
    _lay(tree, left, 2 * place + 1, features, edges, leaves, rate)
    _lay(tree, right, 2 * place + 2, features, edges, leaves, rate)
