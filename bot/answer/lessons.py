"""Lessons: the questions a model is taught with, from a base itself and from labelled questions."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from bot.answer.regions import places
from bot.answer.route import route
from bot.answer.screen import screen
from bot.answer.training import Example
from knowledge.entries import KnownEntry
from knowledge.index import Index
from knowledge.vocabulary import Kind

# Own questions are many and were written to differ from one another; a citizen's question weighs ten of them.
OWN_WEIGHT = 0.3
LABELLED_WEIGHT = 3.0


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
        found.append(
            Example(
                asked.text, frozenset({own.key}), own.key, row, OWN_WEIGHT, shunned=shunned, held=held, judged=False
            )
        )
    return found


def counter_examples(index: Index) -> list[Example]:
    """Every counter-question beside its own entry only, which it must not be answered with."""
    keys = frozenset(entry.key for entry in index.entries)
    found = []
    for row, asked in enumerate(index.asked):
        if asked.counter:
            own = index.entries[asked.entry].key
            found.append(Example(asked.text, frozenset(), own, row, OWN_WEIGHT, shunned=keys - {own}, judged=False))
    return found


def fund_examples(index: Index, rows: Sequence[dict[str, Any]], regions: frozenset[str]) -> list[Example]:
    """Labelled fund questions: right are the entries in force that cover a fact of an answerable question."""
    found = []
    for row in rows:
        day = date.fromisoformat(row["as_of"])
        facts = set(row["facts"]) if row["kind"] == "answerable" else set()
        gold = frozenset(e.key for e in index.entries if facts & set(e.facts) and e.in_force(day))
        plain = index.lexicon.corrected(row["text"])
        routed = screen(plain) is not None or route(plain, Kind.CONSULTATION) is not None
        held = holder(index, row["text"], regions, day)
        group = f"fact {row['facts'][0]}" if row["facts"] else row["id"]
        found.append(Example(row["text"], gold, group, weight=LABELLED_WEIGHT, held=held, routed=routed))
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
