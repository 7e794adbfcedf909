"""Lessons: questions with known answers, from the base itself, from labels and from pairs of labelled questions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from bot.answer.features import NAMES, Measured, Numbers, liken, measure
from bot.answer.learn import Vector
from bot.answer.regions import places
from bot.answer.retrieve import considered
from bot.answer.route import route
from bot.answer.screen import screen
from knowledge.entries import KnownEntry
from knowledge.index import Hit, Index
from knowledge.text import Terms
from knowledge.vocabulary import Kind, Level

# Own questions are many and were written to differ from one another; a citizen's question weighs ten of them.
OWN_WEIGHT = 0.3
# Nearly the same as a kept question: so easy to tell that a third of the weight is enough.
COPY_WEIGHT = 0.1
LABELLED_WEIGHT = 3.0
PAIR_WEIGHT = 2.0
# Of one entry so many labelled questions are paired with one another.
PAIRED_MAX = 8
# Measured among other candidates; a pair has none, and is given what candidates have on average.
AMONG = (
    "second", "counter", "questions", "union", "repeated", "told", "told_missing",
    "lead", "ratio_lead", "union_lead", "repeated_lead", "place", "twins",
)  # fmt: skip
_AMONG = [NAMES.index(name) for name in AMONG]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Example:
    """A question with the keys of the entries that answer it (none: it must not be answered).

    `group` keeps questions together that must not be on both sides of a split; `row` is left out of the index (a kept
    question asked of its own base); `shunned` are entries that are neither right nor wrong; `near` is an entry that the
    question is known to resemble without being answered by it; `title` is the first line of a message that has a story.
    """

    text: str
    gold: frozenset[str]
    group: str
    row: int = -1
    weight: float = 1.0
    shunned: frozenset[str] = frozenset()
    held: Callable[[int], bool] | None = None
    judged: bool = True
    counted: bool = True
    routed: bool = False
    near: str = ""
    title: str = ""


@dataclass(frozen=True)
class Seen:
    """An example after retrieval and measuring; `keys` are those of its candidates, `texts` what they were compared by,
    `rows` and `columns` what `Measured.columns` gives."""

    example: Example
    terms: Terms
    keys: tuple[str, ...]
    texts: tuple[str, ...]
    measured: Measured
    rows: Numbers
    columns: Numbers
    right: Vector


def own_examples(index: Index, regions: frozenset[str] = frozenset(), day: date | None = None) -> list[Example]:
    """Every kept question of a base, to be found again without itself."""
    facts = [frozenset(entry.facts) for entry in index.entries]
    found = []
    for row, asked in enumerate(index.asked):
        if asked.counter or index.sizes[asked.entry] < 2:
            continue
        own = index.entries[asked.entry]
        shunned = frozenset(e.key for at, e in enumerate(index.entries) if facts[at] & facts[asked.entry]) - {own.key}
        held = holder(index, asked.text, regions, _day_of(own, day)) if day else None
        gold = frozenset({own.key})
        found.append(Example(asked.text, gold, own.key, row, OWN_WEIGHT, shunned=shunned, held=held, judged=False))
    return found


def near_copies(index: Index, regions: frozenset[str], day: date) -> list[Example]:
    """Every kept question as somebody types it who means just that: a word of courtesy more, a character less or two turned
    round, its own row kept. Found only without themselves, the base's questions would teach that likeness means little."""
    found = []
    for at, own in enumerate(own_examples(index, regions, day)):
        text = _typed(own.text, at)
        held = holder(index, text, regions, _day_of(index.entries[index.asked[own.row].entry], day))
        found.append(replace(own, text=text, row=-1, held=held, weight=COPY_WEIGHT))
    return found


def _typed(text: str, at: int) -> str:
    middle = len(text) // 2
    ways = (
        f"{text}呢",
        f"请问{text}",
        text[:middle] + text[middle + 1 :],
        text[: middle - 1] + text[middle : middle + 1] + text[middle - 1 : middle] + text[middle + 1 :],
    )
    return ways[at % len(ways)] if middle else text


def counter_examples(index: Index) -> list[Example]:
    """Every counter-question beside its own entry only, which it must not be answered with."""
    keys = frozenset(entry.key for entry in index.entries)
    found = []
    for row, asked in enumerate(index.asked):
        if asked.counter:
            own = index.entries[asked.entry].key
            found.append(Example(asked.text, frozenset(), own, row, OWN_WEIGHT, shunned=keys - {own}, judged=False))
    return found


@dataclass(frozen=True)
class Labelled:
    """A judged question: right are `entries`, or the entries that cover one of `facts`, in force that day; neither where no
    entry may answer it. `group` is what it is about."""

    text: str
    day: date
    group: str
    facts: frozenset[int] = frozenset()
    entries: frozenset[str] = frozenset()


def fund_examples(index: Index, questions: Sequence[Labelled], regions: frozenset[str]) -> list[Example]:
    """Labelled fund questions. What screening or routing stops, or is kept letter by letter, never meets the model: it
    teaches what the words mean, and proves nothing."""
    found = []
    for one in questions:
        gold = frozenset(
            e.key for e in index.entries if (one.facts & set(e.facts) or e.key in one.entries) and e.in_force(one.day)
        )
        plain = index.lexicon.corrected(one.text)
        routed = screen(plain) is not None or route(plain, Kind.CONSULTATION) is not None or bool(index.exact(plain))
        held = holder(index, one.text, regions, one.day)
        found.append(Example(one.text, gold, one.group, weight=LABELLED_WEIGHT, held=held, routed=routed))
    return found


def holder(index: Index, text: str, regions: frozenset[str], day: date) -> Callable[[int], bool]:
    """Which entries hold for a question on a day: of the office's regions or of a place it names."""
    named = places(text) | regions

    def holds(at: int) -> bool:
        entry = index.entries[at]
        return entry.region in named and entry.in_force(day)

    return holds


def _day_of(entry: KnownEntry, day: date) -> date:
    if entry.in_force(day):
        return day
    return entry.valid_until if entry.valid_until and entry.valid_until < day else entry.valid_from or day


class School:
    """A base with the questions that teach beside it: their words have numbers, and they can be paired with one another."""

    def __init__(self, index: Index, examples: Sequence[Example]) -> None:
        self.index = index
        self.examples = tuple(examples)
        texts = dict.fromkeys(one.text for one in examples if one.judged)
        self._hidden = {text: len(index.entries) + at for at, text in enumerate(texts)}
        self.wide = index.beside([_hidden(text) for text in texts])

    def look(self, progress: Progress | None = None) -> list[Seen]:
        """Retrieve and measure; examples that find nothing are left out."""
        found = []
        for at, example in enumerate(self.examples):
            if progress:
                progress(at, len(self.examples))
            seen = self._look(example)
            if seen:
                found.append(seen)
        return found

    def _look(self, example: Example) -> Seen | None:
        index = self.index
        terms = index.lexicon.terms(example.text)
        query = index.query(terms)
        count = considered(index)
        hits = [
            hit
            for hit in index.search(query, count * 3, example.row, title=example.title)
            if index.entries[hit.entry].key not in example.shunned and (example.held is None or example.held(hit.entry))
        ][:count]
        return self._seen(example, terms, hits, query.unknown) if hits else None

    def _seen(self, example: Example, terms: Terms, hits: Sequence[Hit], unknown: float) -> Seen:
        query = self.wide.query(terms)._replace(unknown=unknown)
        keys = tuple(self.wide.entries[hit.entry].key for hit in hits)
        texts = tuple(self.wide.kept_terms(hit.row).text for hit in hits)
        right = np.array([float(key in example.gold) for key in keys])
        measured = measure(self.wide, query, hits, None, example.title, example.row)
        return Seen(example, terms, keys, texts, measured, *measured.columns(self.wide, query), right)

    def pairs(self, seen: Sequence[Seen]) -> list[Seen]:
        """Labelled questions of one entry ask the same; those known to be near it ask something else."""
        same: dict[str, list[Example]] = {}
        near: dict[str, list[Example]] = {}
        for one in self.examples:
            for key in sorted(one.gold) if one.judged else ():
                same.setdefault(key, []).append(one)
            if one.judged and one.near:
                near.setdefault(one.near, []).append(one)
        usual = np.concatenate([one.measured.table for one in seen])[:, _AMONG].mean(0)
        found: list[Seen] = []
        for key, group in same.items():
            alike, other = group[:PAIRED_MAX], near.get(key, [])[:PAIRED_MAX]
            for asked in alike:
                beside = [one for one in alike if one.text != asked.text]
                found += self._pair(asked, key, beside, other)
            for asked in other:
                found += self._pair(asked, key, [], alike)
        for pair in found:
            pair.measured.table[:, _AMONG] = usual
        return found

    def _pair(self, asked: Example, group: str, same: Sequence[Example], other: Sequence[Example]) -> list[Seen]:
        if not same and not other:
            return []
        terms = self.wide.lexicon.terms(asked.text)
        hits = [self._hit(one.text) for one in (*same, *other)]
        gold = frozenset(one.text for one in same)
        lesson = Example(asked.text, gold, group, weight=PAIR_WEIGHT, judged=False)
        found = self._seen(lesson, terms, hits, self.index.query(terms).unknown)
        liken(found.measured)
        return [found]

    def _hit(self, text: str) -> Hit:
        entry = self._hidden[text]
        return Hit(entry, len(self.index.asked) + entry - len(self.index.entries), 0.0)


def without_terms(seen: Seen) -> Seen:
    """The same, but how single words and types differ is not told."""
    return replace(seen, rows=seen.rows[:0], columns=seen.columns[:0])


def _hidden(text: str) -> KnownEntry:
    return KnownEntry(text, text, "", "", "", Level.C, "")
