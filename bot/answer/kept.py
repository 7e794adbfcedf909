"""Models kept outside the program: written with the layout they were learned in, and read only if every number fits this one."""

import hashlib
import json
import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from bot.answer.features import NAMES
from bot.answer.gaps import SWAPS
from bot.answer.model import ACCEPT_NAMES, ROW_NAMES, TYPE_NAMES, Linear, Model, Point
from bot.answer.trees import DEPTH, Trees

# Raised whenever a number of the same name comes to mean something else: older models are then learned again.
MEANING = 1
_LAID = json.dumps([MEANING, NAMES, ACCEPT_NAMES, ROW_NAMES, TYPE_NAMES, SWAPS, DEPTH])
LAYOUT = hashlib.sha256(_LAID.encode()).hexdigest()[:16]


class UnreadableModelError(ValueError):
    """A kept model that this program cannot use; the text says why."""


def written(model: Model) -> str:
    """As text, sorted: the same learning gives the same text."""
    return json.dumps({"layout": LAYOUT, "model": model.as_json()}, ensure_ascii=False, sort_keys=True)


def read(text: str) -> Model:
    """Read what `written` gave; UnreadableModelError where it was made for another layout or is not whole."""
    try:
        kept = json.loads(text)
        if kept["layout"] != LAYOUT:
            raise UnreadableModelError("learned by another version of the program")
        model = Model.of_json(kept["model"])
        faults = [*_faults(model)]
    except UnreadableModelError:
        raise
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise UnreadableModelError(f"not whole ({type(error).__name__})") from error
    if faults:
        raise UnreadableModelError(f"not sound ({', '.join(faults)})")
    return model


def _faults(model: Model) -> Iterable[str]:
    if not _fits(model.rank, NAMES):
        yield "rank"
    if not _fits(model.accept, ACCEPT_NAMES):
        yield "accept"
    swaps = {str(bucket) for bucket in range(SWAPS)}
    for name, known in (("asked_terms", None), ("kept_terms", None), ("swaps", swaps), ("type_swaps", set(TYPE_NAMES))):
        weights = getattr(model, name)
        if not _finite(weights.values()) or (known is not None and not weights.keys() <= known):
            yield name
    if model.trees and not _grown(model.trees):
        yield "trees"
    if not all(_counted(point) for point in model.curve):
        yield "curve"
    if not _finite([model.offer_at]):
        yield "offer_at"


def _fits(line: Linear, names: tuple[str, ...]) -> bool:
    vectors = (line.mean, line.spread, line.weights)
    whole = all(len(vector) == len(names) and _finite(vector) for vector in vectors)
    return line.names == tuple(names) and whole and _finite([line.constant])


def _grown(trees: Trees) -> bool:
    count, inner = len(trees.features), 2**DEPTH - 1
    shaped = trees.features.shape == trees.edges.shape == (count, inner) and trees.leaves.shape == (count, inner + 1)
    if not shaped or not _finite([trees.constant]):
        return False
    named = bool(((trees.features >= 0) & (trees.features < len(ROW_NAMES))).all())
    return named and not bool(np.isnan(trees.edges).any()) and bool(np.isfinite(trees.leaves).all())


def _counted(point: Point) -> bool:
    if not _finite([point.chance, point.bound]) or not all(
        type(count) is int for count in (point.answered, point.right, point.asked)
    ):
        return False
    return 0 <= point.chance <= 1 and 0 <= point.bound <= 1 and 0 <= point.right <= point.answered


def _finite(values: Iterable[Any]) -> bool:
    return all(type(value) in (int, float) and math.isfinite(value) for value in values)
