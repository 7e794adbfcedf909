"""Learning again: from a base's own questions and from labelled ones, with what proves nothing left out of the proof."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from admin.labelled import AskedKind, FundRow, QueryRow, TrainRow, content_of, rows_of
from bot.answer.lessons import (
    LABELLED_WEIGHT,
    Example,
    Labelled,
    School,
    Seen,
    counter_examples,
    fund_examples,
    near_copies,
    own_examples,
)
from bot.answer.model import Model, shipped
from bot.answer.regions import own_regions
from bot.answer.training import Plan, fold_of, train
from knowledge.entries import KnownEntry, Snapshot
from knowledge.errors import BadInputError
from knowledge.index import Index
from knowledge.text import Lexicon, bare

Progress = Callable[[int, int], None]
# With fewer judged questions there is nothing to tell sure from unsure by.
LEAST = 10
JUDGED_NAME = "judgements.jsonl"
# Longer details say little more, and cost time.
DETAIL_MAX = 600


@dataclass(frozen=True)
class Lessons:
    """Labelled questions, each once, and the files they came from with their digests."""

    questions: list[Labelled] = field(default_factory=list)
    files: list[dict[str, object]] = field(default_factory=list)
    repeated: int = 0


@dataclass(frozen=True)
class Taught:
    """A new model, from how many of the base's own questions and of labelled ones, and how many of these it had to judge."""

    model: Model
    own: int
    labelled: int
    judged: int


def read_lessons(entries: Sequence[KnownEntry], paths: Sequence[Path], judged: bytes = b"") -> Lessons:
    """Labelled fund questions from files, and from what staff judged (`judged`, in the form of such a file; empty: none). The
    same question with the same answer counts once, in however many files it stands: told twice it is no better proof.
    BadInputError names file, line and what is wrong."""
    check = _Checker({entry.key: entry for entry in entries})
    found: dict[object, Labelled] = {}
    files: list[dict[str, object]] = []
    count = 0
    sources = [(path, content_of(path)) for path in paths]
    for path, content in [*sources, *([(Path(JUDGED_NAME), judged)] if judged else [])]:
        rows = rows_of(path, content, FundRow, check)
        digest = hashlib.sha256(content).hexdigest()
        files.append({"name": path.name, "sha256": digest, "questions": len(rows)})
        count += len(rows)
        for row in rows:
            found.setdefault((_said(row), _answer(row)), check.labelled(row))
    return Lessons([*found.values()], files, count - len(found))


def learn_fund(
    index: Index, questions: Sequence[Labelled], region: str, day: date, progress: Progress | None = None
) -> Taught:
    """Learn from labelled questions and from the base's own and counter-questions, these as asked on `day`. The shipped
    weights are no part of it: they have seen questions that may be among these."""
    own = own_regions(region)
    kept = [*own_examples(index, own, day), *near_copies(index, own, day), *counter_examples(index)]
    school = School(index, [*kept, *fund_examples(index, questions, own)])
    seen = school.look(progress)
    judged = [one for one in seen if one.example.judged and not one.example.routed]
    _enough(judged)
    model = train(school, seen, f"{len(questions)} labelled questions", Plan(own=own))
    return Taught(model, len(kept), len(questions), len(judged))


def learn_kb(known: Snapshot, labelled: Sequence[TrainRow], progress: Progress | None = None) -> Model:
    """Learn from labelled questions of a base, and from its own similar questions found without themselves."""
    index = Index(known.entries, Lexicon.parse(known.vocabulary))
    labels = [
        Example(
            asked_text(row),
            frozenset(row.gold),
            (*row.gold, row.near or row.intent or row.cat or row.qid)[0],
            weight=LABELLED_WEIGHT,
            counted=row.mix,
            near=row.near,
            title=row.text if row.detail else "",
        )
        for row in labelled
    ]
    school = School(index, [*own_examples(index), *labels])
    seen = school.look(progress)
    if not any(one.example.judged for one in seen):
        raise BadInputError("用来学习的问题在知识库里都找不到相近的内容，学不到东西。")
    return train(school, seen, f"{len(labels)} labelled questions", Plan(prior=shipped().rank))


def asked_text(row: QueryRow) -> str:
    """Title and story of a message."""
    return f"{row.text}\n{row.detail[:DETAIL_MAX]}" if row.detail else row.text


def _enough(judged: Sequence[Seen]) -> None:
    if len(judged) < LEAST:
        raise BadInputError(
            f"带标注的问题里只有 {len(judged)} 个要由模型来判断，至少要 {LEAST} 个。"
            "按规则转人工的、与库里问法完全相同的、库里没有相近内容的都不算。"
        )
    if len({fold_of(one.example.group) for one in judged}) < 2:
        raise BadInputError("带标注的问题问的几乎是同一件事，无法分开检验。请补充问别的事的问题。")


class _Checker:
    """What the lines of all files must keep to together."""

    def __init__(self, entries: dict[str, KnownEntry]) -> None:
        self._entries = entries
        self._answers: dict[object, tuple[str, object]] = {}

    def __call__(self, row: FundRow, place: str) -> str:
        """What is wrong with a row, or nothing."""
        if row.facts and row.entries:
            return "facts 和 entries 只能写一样"
        if row.kind is AskedKind.ANSWERABLE and not row.facts and not row.entries:
            return "能答的问题（answerable）要写 facts 或 entries"
        unknown = [key for key in row.entries if key not in self._entries]
        if unknown:
            return f"知识库里没有正在使用的条目 {'、'.join(unknown)}"
        before, answer = self._answers.setdefault((_said(row), row.as_of), (place, _answer(row)))
        return "" if answer == _answer(row) else f"与 {before} 是同一天的同一个问题，标注却不同"

    def labelled(self, row: FundRow) -> Labelled:
        """A row as a lesson; its group keeps what is about the same out of both sides of a split."""
        facts = row.facts or tuple(fact for key in row.entries for fact in self._entries[key].facts)
        about = f"fact {facts[0]}" if facts else row.entries[0] if row.entries else row.id
        if row.kind is not AskedKind.ANSWERABLE:
            return Labelled(row.text, row.as_of, about)
        return Labelled(row.text, row.as_of, about, frozenset(row.facts), frozenset(row.entries))


def _said(row: FundRow) -> str:
    return bare(row.text) or row.text


def _answer(row: FundRow) -> tuple[frozenset[int], frozenset[str]]:
    right = row.kind is AskedKind.ANSWERABLE
    return (frozenset(row.facts), frozenset(row.entries)) if right else (frozenset(), frozenset())
