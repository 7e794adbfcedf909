"""Learning to route: from made-up messages, labelled questions and the base's own questions to the weights of `route_model.py`.

Every figure comes from weights that had not seen the message, nor another of its entry or fact.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from bot.agencies import agency_of, names_fund
from bot.answer.learn import Vector, minimise
from bot.answer.route import by_rule, spoken_of
from bot.answer.route_model import POLICY, SHIPPED, WIDTH, Columns, RouteModel, columns_of
from bot.answer.screen import screen
from bot.answer.training import FOLDS, fold_of
from knowledge.entries import KnownEntry
from knowledge.text import Lexicon
from knowledge.vocabulary import Reason

MADE_UP = Path(__file__).with_name("routes.yaml")
# The base asks thousands of questions, all of one class; a labelled question is what citizens really ask.
BASE_WEIGHT, MADE_UP_WEIGHT, LABELLED_WEIGHT = 0.3, 1.0, 2.0
STIFFNESS = 0.2
STEPS = 40
# Smaller weights are left out: they are half of the file and decide nothing.
KEPT = 0.06
BASE, MADE = "base", "made-up"
# At most so large a share of the policy questions of an origin may be routed away. One to be clarified loses its choices only.
FALSE_ALARMS = {"answerable": 0.01, "needs-clarification": 0.05, BASE: 0.003}
_COMPLAINT_TOPIC = "维权投诉"


@dataclass(frozen=True)
class Lesson:
    """A message with its class, where it is from, and what the rules say of it."""

    text: str
    name: str
    origin: str
    group: str
    weight: float
    ruled: Reason | None
    columns: Columns


def lessons_of(entries: Sequence[KnownEntry], rows: Iterable[dict[str, Any]], lexicon: Lexicon) -> list[Lesson]:
    """All that teaches, in one order."""
    made: dict[str, list[str]] = yaml.safe_load(MADE_UP.read_text("utf-8"))
    base = [
        _lesson(text, POLICY, BASE, entry.key, BASE_WEIGHT, lexicon)
        for entry in entries
        for text in dict.fromkeys((entry.standard, *entry.similar))
    ]
    written = [
        _lesson(text, Reason(name).value, MADE, text, MADE_UP_WEIGHT, lexicon)
        for name, texts in made.items()
        for text in texts
    ]
    return [*base, *written, *(_labelled(row, lexicon) for row in rows)]


def _lesson(text: str, name: str, origin: str, group: str, weight: float, lexicon: Lexicon) -> Lesson:
    plain = lexicon.corrected(text)
    spoken = spoken_of(plain)
    columns = columns_of(spoken, fund=names_fund(plain))
    return Lesson(text, name, origin, group, weight, screen(plain) or by_rule(plain, spoken), columns)


def _labelled(row: dict[str, Any], lexicon: Lexicon) -> Lesson:
    """A labelled question: what answers it, or why it has no answer here."""
    kind, plain = row["kind"], lexicon.corrected(row["text"])
    group = f"fact {row['facts'][0]}" if row["facts"] else row["id"]
    if kind in ("answerable", "needs-clarification"):
        name = POLICY
    else:
        found = screen(plain) or by_rule(plain, spoken_of(plain))
        name = (found or _reason(kind, row["topic"], plain)).value
    return _lesson(row["text"], name, kind, group, LABELLED_WEIGHT, lexicon)


def _reason(kind: str, topic: str, plain: str) -> Reason:
    if kind == "out-of-scope":
        return Reason.OTHER_AGENCY if agency_of(plain) else Reason.OFF_TOPIC
    return Reason.COMPLAINT if topic == _COMPLAINT_TOPIC else Reason.OWN_ACCOUNT


def learn_routes(
    entries: Sequence[KnownEntry], rows: Sequence[dict[str, Any]], lexicon: Lexicon, path: Path | None = SHIPPED
) -> RouteModel:
    """Learn, choose the threshold on messages not seen, and write the model; the same lessons give the same file."""
    lessons = lessons_of(entries, rows, lexicon)
    names = class_names(lessons)
    threshold = threshold_of(lessons, away_of(unseen_chances(lessons, names)))
    weights, constants = fit_classes(lessons, names)
    model = RouteModel(names, weights, constants, threshold, f"{len(rows)} labelled questions")
    if path:
        model.save(path)
    return model


def class_names(lessons: Sequence[Lesson]) -> tuple[str, ...]:
    """The classes, the policy question first."""
    return (POLICY, *sorted({lesson.name for lesson in lessons} - {POLICY, Reason.TOO_SHORT.value}))


def fit_classes(lessons: Sequence[Lesson], names: Sequence[str]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights of least regularised log loss over the classes: one row a column, one column a class; and constants."""
    used = [lesson for lesson in lessons if lesson.name in names]
    rows = np.repeat(np.arange(len(used)), [len(one.columns) for one in used])
    columns = np.concatenate([one.columns for one in used])
    share = np.repeat([len(one.columns) ** -0.5 for one in used], [len(one.columns) for one in used])
    truth = np.eye(len(names))[[names.index(one.name) for one in used]]
    weight = np.array([one.weight for one in used])[:, None]
    size, classes = WIDTH * len(names), len(names)

    def loss(flat: Vector) -> tuple[float, Vector]:
        table = flat[:size].reshape(classes, WIDTH)
        scores = np.stack([np.bincount(rows, one[columns] * share, len(used)) for one in table], 1) + flat[size:]
        top = scores.max(1, keepdims=True)
        logs = scores - top - np.log(np.exp(scores - top).sum(1, keepdims=True))
        error = (np.exp(logs) - truth) * weight
        slopes = [np.bincount(columns, error[rows, at] * share, WIDTH) for at in range(classes)]
        held = np.concatenate([STIFFNESS * flat[:size], np.zeros(classes)])
        value = float(-(weight * truth * logs).sum() + 0.5 * STIFFNESS * (flat[:size] ** 2).sum())
        return value, np.concatenate([*slopes, error.sum(0)]) + held

    best = minimise(loss, np.zeros(size + classes), STEPS)
    weights = np.round(best[:size].reshape(classes, WIDTH).T, 2)
    weights[np.abs(weights) < KEPT] = 0.0
    return weights.astype(np.float32), np.round(best[size:], 4).astype(np.float32)


def unseen_chances(lessons: Sequence[Lesson], names: Sequence[str]) -> NDArray[np.float32]:
    """The chances of each lesson from weights learned without its group."""
    folds = np.array([fold_of(lesson.group) for lesson in lessons])
    found = np.zeros((len(lessons), len(names)), np.float32)
    for fold in range(FOLDS):
        weights, constants = fit_classes([one for one, at in zip(lessons, folds, strict=True) if at != fold], names)
        model = RouteModel(tuple(names), weights, constants, 1.0, "")
        for at in np.flatnonzero(folds == fold).tolist():
            found[at] = model.chances(lessons[at].columns)
    return found


def away_of(chances: NDArray[np.float32]) -> Vector:
    """The chance of being no policy question."""
    found: Vector = 1.0 - chances[:, 0].astype(np.float64)
    return found


def threshold_of(lessons: Sequence[Lesson], away: Vector) -> float:
    """The lowest threshold that keeps every bound on false alarms, rounded up to hundredths."""
    highest = max(_alarms(lessons, away, origin, share) for origin, share in FALSE_ALARMS.items())
    return min(float(np.ceil(max(highest, 0.5) * 100 + 1e-6) / 100), 1.0)


def _alarms(lessons: Sequence[Lesson], away: Vector, origin: str, share: float) -> float:
    """The chance above which no more than this share of the policy questions of an origin lie, rules counted."""
    ours = [at for at, one in enumerate(lessons) if one.name == POLICY and one.origin == origin]
    chances = sorted((1.0 if lessons[at].ruled else float(away[at]) for at in ours), reverse=True)
    allowed = int(share * len(ours))
    return chances[allowed] if allowed < len(chances) else 0.0


def counted(lessons: Sequence[Lesson], chances: NDArray[np.float32], model: RouteModel) -> Counter[tuple[str, str]]:
    """How often each origin went each way: by a rule, by what was learned, or on to the next step."""
    ways: Counter[tuple[str, str]] = Counter()
    for lesson, row in zip(lessons, chances, strict=True):
        learned = model.chosen(row)
        way = "rule" if lesson.ruled else "learned" if learned else "on"
        ways[(lesson.origin, way)] += 1
    return ways
