"""Measuring the engine: on a foreign base with labelled questions, on the fund questions, and on the base by itself."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from bot.answer.draft import Draft
from bot.answer.engine import STEPS, Engine
from bot.answer.lessons import LABELLED_WEIGHT, Example, School, Seen, counter_examples, fund_examples, own_examples
from bot.answer.model import Model, Point, shipped
from bot.answer.regions import own_regions
from bot.answer.training import Plan, train
from knowledge.entries import KnownEntry, Snapshot
from knowledge.index import Index
from knowledge.settings import Settings
from knowledge.text import Lexicon
from knowledge.vocabulary import Level, Outcome

Progress = Callable[[int, int], None]
ACTIONS = {Outcome.ANSWERED: "answer", Outcome.CLARIFY: "clarify", Outcome.HANDED_OVER: "handover"}
ANY_DAY = date(2026, 1, 1)
# The day on which the base's own questions are taken to be asked, unless their entry was or will be in force another day.
FUND_DAY = date(2026, 11, 23)
# Longer passages and details say little more, and cost time.
PASSAGE_MAX = 3000
DETAIL_MAX = 600
SHOWN = 10


@dataclass(frozen=True)
class Summary:
    """Lines of a measurement, each a name and a value."""

    title: str
    lines: tuple[tuple[str, str], ...]
    curve: tuple[Point, ...] = ()
    confused: tuple[tuple[str, str, int], ...] = ()
    unreached: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def table(self) -> str:
        """As text for a terminal."""
        wide = max((len(name) for name, _ in self.lines), default=0)
        parts = [self.title, *(f"  {name:<{wide}}  {value}" for name, value in self.lines)]
        if self.curve:
            parts += ["  把握 ≥   自动答复   答对   精确率   95%下限   覆盖率", *map(_curve_line, _thinned(self.curve))]
        parts += [f"  易混：{one} ← {other}（{times} 次）" for one, other, times in self.confused]
        parts += [f"  问不到：{key}" for key in self.unreached]
        return "\n".join([*parts, *self.notes])

    def svg(self) -> str:
        """The coverage curve as a small picture: coverage to the right, precision and its bound upwards."""
        return coverage_svg(self.curve)


def evaluate_kb(
    kb: Path,
    queries: Path,
    out: Path,
    train: Sequence[Path] = (),
    target_precision: float = 0.95,
    progress: Progress | None = None,
) -> Summary:
    """Predict for the questions of a foreign base; learns from `train` only, and from the base's own similar questions."""
    entries = _entries(_rows(kb))
    known = Snapshot(1, tuple(entries), "")
    model = learn_kb(known, [row for path in train for row in _rows(path)], progress) if train else None
    # Screening, routing and splitting are made for a fund office; a foreign base is measured from retrieval on.
    engine = Engine(known, target_precision=target_precision, model=model, steps=STEPS[2:], splits=False)
    asked = _rows(queries)
    counts: Counter[str] = Counter()
    with out.open("w", encoding="utf-8") as file:
        for at, row in enumerate(asked):
            draft = engine.answer(asked_text(row), ANY_DAY)
            action = ACTIONS[draft.outcome]
            counts[action] += 1
            line = {"qid": row["qid"], "action": action, "kids": _keys(draft), "score": round(draft.confidence, 5)}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            _report(progress, at + 1, len(asked))
    return Summary(
        f"{kb.parent.name or kb.name}：{len(entries)} 条知识，{len(asked)} 个问题",
        (*_action_lines(counts, len(asked)), ("门槛", _promise(engine))),
        engine.model.curve if train else (),
    )


def learn_kb(known: Snapshot, labelled: Sequence[dict[str, Any]], progress: Progress | None = None) -> Model:
    """Learn from labelled questions of a base, and from its own similar questions found without themselves."""
    index = Index(known.entries, Lexicon.parse(known.vocabulary))
    labels = [
        Example(
            asked_text(row),
            frozenset(row["gold"]),
            _group(row),
            weight=LABELLED_WEIGHT,
            counted=bool(row.get("mix", True)),
            near=str(row.get("near") or ""),
            title=_title(row),
        )
        for row in labelled
    ]
    school = School(index, [*own_examples(index), *labels])
    return train(school, school.look(progress), f"{len(labels)} labelled questions", Plan(prior=shipped().rank))


def _group(row: dict[str, Any]) -> str:
    return str((row["gold"] or [row.get("near") or row.get("intent") or row.get("cat") or row["qid"]])[0])


def learn_fund(
    snapshot: Snapshot,
    questions: Path,
    region: str,
    progress: Progress | None = None,
    held_back: frozenset[str] = frozenset(),
) -> Model:
    """Learn from labelled fund questions (less those held back) and from the base's own and counter-questions."""
    index, own = Index(snapshot.entries, Lexicon.parse(snapshot.vocabulary)), own_regions(region)
    labelled = [row for row in _rows(questions) if row["id"] not in held_back]
    lessons = [
        *own_examples(index, own, FUND_DAY),
        *counter_examples(index),
        *fund_examples(index, labelled, own),
    ]
    school = School(index, lessons)
    return train(school, school.look(progress), f"{len(labelled)} labelled questions", Plan(own=own))


def engine_of(snapshot: Snapshot, settings: Settings) -> Engine:
    """The engine as the service would make it."""
    return Engine(
        snapshot,
        region=settings.region,
        target_precision=settings.target_precision,
        provisional=settings.provisional_answers,
    )


def evaluate_fund(engine: Engine, questions: Path, out: Path, progress: Progress | None = None) -> Summary:
    """Predict for labelled fund questions on a base, each on the day it was asked."""
    asked = _rows(questions)
    finished_by_staff = 0
    counts: Counter[str] = Counter()
    with out.open("w", encoding="utf-8") as file:
        for at, row in enumerate(asked):
            draft = engine.answer(row["text"], date.fromisoformat(row["as_of"]))
            action = _action(draft)
            counts[action] += 1
            finished_by_staff += draft.outcome is Outcome.HANDED_OVER and action != ACTIONS[draft.outcome]
            facts = [list(entry.facts) for entry in _offered(draft)]
            if draft.entry:
                facts = [[fact for entry in draft.entries for fact in entry.facts]]
            line = {"id": row["id"], "action": action, "facts": facts, "score": round(draft.confidence, 5)}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            _report(progress, at + 1, len(asked))
    lines = (
        *_action_lines(counts, len(asked)),
        ("选择中由人工答全的", _share(finished_by_staff, len(asked))),
        ("门槛", _promise(engine)),
    )
    return Summary(f"公积金问题集：{len(engine.index.entries)} 条知识，{len(asked)} 个问题", lines)


def evaluate_base(engine: Engine, progress: Progress | None = None) -> Summary:
    """Ask a base its own questions, each as if it were not kept; says what is confused and what cannot be reached."""
    index = engine.index
    seen = School(index, own_examples(index, engine.regions, FUND_DAY)).look(progress)
    found: Counter[str] = Counter()
    wrong: Counter[tuple[str, str]] = Counter()
    first = 0
    for one in seen:
        key, got = next(iter(one.example.gold)), _first(engine, one)
        first += key == got
        found[key] += any(one.right)
        if key != got:
            wrong[(key, got)] += 1
    lines = (
        ("相似问", str(len(seen))),
        ("首选正确", _share(first, len(seen))),
        ("候选里有", _share(sum(any(one.right) for one in seen), len(seen))),
        ("门槛", _promise(engine)),
    )
    unreached = tuple(entry.key for entry in engine.index.entries if not found[entry.key])
    confused = tuple((one, two, times) for (one, two), times in wrong.most_common(SHOWN) if times > 1)
    return Summary(f"知识库自测：{len(engine.index.entries)} 条", lines, engine.model.curve, confused, unreached)


def coverage_svg(curve: Iterable[Point], width: int = 480, height: int = 300) -> str:
    """Coverage against precision (dark) and its lower bound (light)."""
    points = [point for point in curve if point.answered]

    def line(value: Callable[[Point], float], colour: str) -> str:
        spots = " ".join(
            f"{40 + (width - 60) * p.right / max(p.asked, 1):.1f},{height - 30 - (height - 50) * value(p):.1f}"
            for p in points
        )
        return f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{spots}"/>'

    frame = f'<path d="M40 20V{height - 30}H{width - 20}" fill="none" stroke="#555"/>'
    words = f'<text x="{width // 2}" y="{height - 8}" font-size="12">覆盖率</text><text x="4" y="14" font-size="12">精确率</text>'
    body = frame + line(lambda p: p.right / p.answered, "#1a5276") + line(lambda p: p.bound, "#7fb3d5") + words
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{body}</svg>'


def asked_text(row: dict[str, Any]) -> str:
    """Title and story of a message."""
    detail = str(row.get("detail") or "")[:DETAIL_MAX]
    return f"{row['text']}\n{detail}" if detail else str(row["text"])


def _title(row: dict[str, Any]) -> str:
    return str(row["text"]) if row.get("detail") else ""


def _entries(rows: Sequence[dict[str, Any]]) -> list[KnownEntry]:
    by_key: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_key.setdefault(row["kid"], []).append(row)
    return [_entry(key, kept) for key, kept in by_key.items()]


def _entry(key: str, rows: Sequence[dict[str, Any]]) -> KnownEntry:
    answer = str(rows[0].get("answer") or "")
    asked = list(dict.fromkeys(str(row["question"]) for row in rows if row.get("question"))) or [answer[:PASSAGE_MAX]]
    return KnownEntry(key, asked[0], "", "", "全国", Level.A, answer, tuple(asked[1:]))


def _first(engine: Engine, one: Seen) -> str:
    scores = engine.ranker.scores(one.measured, engine.index.query(one.terms))
    return one.keys[int(scores.argmax())]


def _action(draft: Draft) -> str:
    """What is offered to be read at once is an offer, also where a person finishes a message of several questions."""
    return ACTIONS[Outcome.CLARIFY] if draft.choices else ACTIONS[draft.outcome]


def _offered(draft: Draft) -> list[KnownEntry]:
    if draft.entry:
        return [draft.entry]
    return list(draft.choices) or [one.entry for one in draft.candidates]


def _keys(draft: Draft) -> list[str]:
    first = [entry.key for entry in _offered(draft)]
    return list(dict.fromkeys([*first, *(one.entry.key for one in draft.candidates)]))[:SHOWN]


def _promise(engine: Engine) -> str:
    if engine.point is None:
        return "没有达到目标精确率的门槛，只自动答复问法完全相同的问题"
    p = engine.point
    basis = (
        f"把握 ≥ {p.chance:.3f}；未参与学习的 {p.answered} 次中答对 {p.right} 次，精确率 95% 下限 {100 * p.bound:.1f}%"
    )
    return basis if engine.proven else f"{basis}（样本不足以证明目标 {100 * engine.target_precision:.0f}%，暂用）"


def _action_lines(counts: Counter[str], total: int) -> tuple[tuple[str, str], ...]:
    return tuple((outcome.label, _share(counts[action], total)) for outcome, action in ACTIONS.items())


def _share(part: int, whole: int) -> str:
    return f"{part} / {whole}（{100 * part / max(whole, 1):.1f}%）"


def _curve_line(point: Point) -> str:
    precision, coverage = 100 * point.right / point.answered, 100 * point.right / max(point.asked, 1)
    return f"  {point.chance:6.3f} {point.answered:9d} {point.right:8d} {precision:8.1f}% {100 * point.bound:8.1f}% {coverage:7.1f}%"


def _thinned(curve: Sequence[Point], lines: int = 12) -> list[Point]:
    return list(curve[:: max(1, len(curve) // lines)])


def _rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def _report(progress: Progress | None, done: int, total: int) -> None:
    if progress:
        progress(done, total)
