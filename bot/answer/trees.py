"""Trees: a sum of small decision trees, laid out in arrays so that all are walked at once."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

DEPTH = 3


@dataclass(frozen=True, eq=False)
class Trees:
    """Full trees of depth DEPTH: `features` and `edges` one row a tree, `leaves` their values, in log-odds."""

    features: NDArray[np.int32]
    edges: NDArray[np.float64]
    leaves: NDArray[np.float64]
    constant: float

    def score(self, row: NDArray[np.floating[Any]]) -> float:
        """Log-odds of one row: to the left where a value is at most the edge, as it was learned."""
        which = np.arange(len(self.features))
        place = np.zeros(len(self.features), np.int64)
        values = row.astype(np.float32)
        for _ in range(DEPTH):
            right = values[self.features[which, place]] > self.edges[which, place]
            place = 2 * place + 1 + right
        return float(self.leaves[which, place - self.edges.shape[1]].sum()) + self.constant

    def as_json(self) -> dict[str, Any]:
        """For keeping; an edge that is never passed is kept as null."""
        return {
            "features": self.features.tolist(),
            "edges": [[None if np.isinf(edge) else edge for edge in row] for row in self.edges.tolist()],
            "leaves": self.leaves.tolist(),
            "constant": self.constant,
        }

    @classmethod
    def of_json(cls, kept: dict[str, Any]) -> "Trees":
        """Read what `as_json` gave."""
        edges = np.array([[np.inf if edge is None else edge for edge in row] for row in kept["edges"]], float)
        return cls(np.array(kept["features"], np.int32), edges, np.array(kept["leaves"], float), kept["constant"])
