"""Measuring the engine: on a foreign base with labelled questions, on the fund questions, and on the base by itself."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from admin.curve import coverage_svg, curve_lines, promise
from admin.keep_disk import whole_text
from admin.labelled import FundRow, KnownRow, QueryRow, TrainRow, read_rows
from admin.relearn import asked_text, learn_kb
from bot.answer.draft import Draft
from bot.answer.engine import STEPS, Engine
from bot.answer.lessons import School, Seen, own_examples
from knowledge.entries import KnownEntry, Snapshot
from knowledge.errors import BadInputError
from knowledge.vocabulary import Level, Outcome

Progress = Callable[[int, int], None]
ACTIONS = {Outcome.ANSWERED: "answer", Outcome.CLARIFY: "clarify", Outcome.HANDED_OVER: "handover"}
ANY_DAY = date(2026, 1, 1)
KB_TARGET = 0.95
# Longer passages say little more, and cost time.
PASSAGE_MAX = 3000
SHOWN = 10
TITLE_MAX = 30
NEITHER = "question 和 answer 至少要有一项"


@dataclass(frozen=True)
class Summary:
    """Lines of a measurement, each a name and a value, and the engine measured."""

    title: str
    lines: tuple[tuple[str, str], ...]
    engine: Engine
    confused: tuple[tuple[str, str, int], ...] = ()
    unreached: tuple[str, ...] = ()
    with_curve: bool = True

    def table(self) -> str:
        """As text for a terminal, no longer than a screen or two."""
        lines = (*self.lines, ("门槛", promise(self.engine)))
        parts = [self.title, *(f"  {name}：{value}" for name, value in lines)]
        parts += curve_lines(self.engine.model) if self.with_curve else []
        said = {entry.key: f"{entry.key}〔{entry.standard[:TITLE_MAX]}〕" for entry in self.engine.index.entries}
        confused = [f"  易混：问 {said[one]} 找到 {said[other]}，{times} 次" for one, other, times in self.confused]
        parts += _bounded(confused, "对易混的条目")
        parts += _bounded([f"  问不到：{said[key]}" for key in self.unreached], "条问不到的")
        return "\n".join(parts)

    def svg(self) -> str:
        """The model's coverage curve as a picture; BadInputError where the model was learned for another base."""
        if not self.with_curve:
            raise BadInputError("没有可画的曲线：别处的知识库要先用 --train 学习。")
        return coverage_svg(self.engine.model, self.engine.point, self.engine.target_precision)


def evaluate_kb(
    kb: Path,
    queries: Path,
    out: Path,
    train: Sequence[Path] = (),
    target_precision: float = KB_TARGET,
    progress: Progress | None = None,
) -> Summary:
    """Predict for the questions of a foreign base; learns from `train` only, and from the base's own similar questions."""
    entries = _entries(read_rows(kb, KnownRow, lambda row, _: "" if row.question or row.answer else NEITHER))
    known = Snapshot(1, tuple(entries), "")
    keys = {entry.key for entry in entries}
    asked = read_rows(queries, QueryRow, _Once())
    labelled = [row for path in train for row in read_rows(path, TrainRow, lambda row, _: _unknown(row, keys))]
    model = learn_kb(known, labelled, progress) if train else None
    # Screening, routing and splitting are made for a fund office; a foreign base is measured from retrieval on.
    engine = Engine(known, target_precision=target_precision, model=model, steps=STEPS[2:], splits=False)
    counts: Counter[str] = Counter()
    with whole_text(out) as file:
        for at, row in enumerate(asked):
            draft = engine.answer(asked_text(row), ANY_DAY)
            action = ACTIONS[draft.outcome]
            counts[action] += 1
            line = {"qid": row.qid, "action": action, "kids": _keys(draft), "score": round(draft.confidence, 5)}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            _report(progress, at + 1, len(asked))
    title = f"{kb.parent.name or kb.name}：{len(entries)} 条知识，{len(asked)} 个问题"
    return Summary(title, _action_lines(counts, len(asked)), engine, with_curve=bool(train))


def evaluate_fund(engine: Engine, questions: Path, out: Path, progress: Progress | None = None) -> Summary:
    """Predict for labelled fund questions on a base, each on the day it was asked."""
    asked = read_rows(questions, FundRow)
    finished_by_staff = 0
    counts: Counter[str] = Counter()
    with whole_text(out) as file:
        for at, row in enumerate(asked):
            draft = engine.answer(row.text, row.as_of)
            action = _action(draft)
            counts[action] += 1
            finished_by_staff += draft.outcome is Outcome.HANDED_OVER and action != ACTIONS[draft.outcome]
            facts = [list(entry.facts) for entry in _offered(draft)]
            if draft.entry:
                facts = [[fact for entry in draft.entries for fact in entry.facts]]
            line = {"id": row.id, "action": action, "facts": facts, "score": round(draft.confidence, 5)}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            _report(progress, at + 1, len(asked))
    lines = (
        *_action_lines(counts, len(asked)),
        ("选择中由人工答全的", _share(finished_by_staff, len(asked))),
    )
    return Summary(f"公积金问题集：{len(engine.index.entries)} 条知识，{len(asked)} 个问题", lines, engine)


def evaluate_base(engine: Engine, day: date, progress: Progress | None = None) -> Summary:
    """Ask a base its own questions, each as if it were not kept, on `day` or another on which its entry was or will be in
    force; says what is confused and what cannot be reached."""
    index = engine.index
    seen = School(index, own_examples(index, engine.regions, day)).look(progress)
    found: dict[str, int] = {}
    wrong: Counter[tuple[str, str]] = Counter()
    first = 0
    for one in seen:
        key, got = next(iter(one.example.gold)), _first(engine, one)
        first += key == got
        found[key] = found.get(key, 0) + any(one.right)
        if key != got:
            wrong[(key, got)] += 1
    lines = (
        ("相似问", str(len(seen))),
        ("首选正确", _share(first, len(seen))),
        ("候选里有", _share(sum(any(one.right) for one in seen), len(seen))),
        ("没有别的问法、无从自测的条目", str(len(index.entries) - len(found))),
    )
    unreached = tuple(key for key, times in found.items() if not times)
    confused = tuple((one, two, times) for (one, two), times in wrong.most_common() if times > 1)
    return Summary(f"知识库自测：{len(engine.index.entries)} 条", lines, engine, confused, unreached)


class _Once:
    """Each question of a file has a name of its own: predictions are told apart by it."""

    def __init__(self) -> None:
        self._places: dict[str, str] = {}

    def __call__(self, row: QueryRow, place: str) -> str:
        """What is wrong with a row, or nothing."""
        before = self._places.setdefault(row.qid, place)
        return "" if before == place else f"qid {row.qid} 与 {before} 重复"


def _unknown(row: TrainRow, keys: set[str]) -> str:
    unknown = [key for key in row.gold if key not in keys]
    return f"gold：知识库里没有 {'、'.join(unknown)}" if unknown else ""


def _bounded(lines: Sequence[str], what: str) -> list[str]:
    more = len(lines) - SHOWN
    return [*lines[:SHOWN], *([f"  （另有 {more} {what}没有列出）"] if more > 0 else [])]


def _entries(rows: Sequence[KnownRow]) -> list[KnownEntry]:
    by_key: dict[str, list[KnownRow]] = {}
    for row in rows:
        by_key.setdefault(row.kid, []).append(row)
    return [_entry(key, kept) for key, kept in by_key.items()]


def _entry(key: str, rows: Sequence[KnownRow]) -> KnownEntry:
    answer = next((row.answer for row in rows if row.answer), "")
    asked = list(dict.fromkeys(row.question for row in rows if row.question)) or [answer[:PASSAGE_MAX]]
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


def _action_lines(counts: Counter[str], total: int) -> tuple[tuple[str, str], ...]:
    return tuple((outcome.label, _share(counts[action], total)) for outcome, action in ACTIONS.items())


def _share(part: int, whole: int) -> str:
    return f"{part} / {whole}（{100 * part / max(whole, 1):.1f}%）"


def _report(progress: Progress | None, done: int, total: int) -> None:
    if progress:
        progress(done, total)
