"""What the engine hands back: an outcome with its reason, and everything staff need to see why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from knowledge.entries import Basis, KnownEntry
from knowledge.vocabulary import Outcome, Reason

CHOICES_MAX = 3
# From this chance on the first candidate is what was meant; where it may not be given, others would mislead.
CLEAR = 0.5
NUMERALS = "一二三四五"


def labels_of(entries: Sequence[KnownEntry]) -> list[str]:
    """What tells entries apart that are offered together: their short labels, or else their standard questions."""
    short = [entry.short.strip() for entry in entries]
    distinct = all(short) and len(set(short)) == len(short)
    return short if distinct else [entry.standard for entry in entries]


@dataclass(frozen=True)
class Candidate:
    """An entry that was considered; `score` is 0..1, `vetoes` say in Chinese why it does not ask the same thing."""

    entry: KnownEntry
    score: float
    question: str
    words: tuple[str, ...] = ()
    vetoes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For the explanation kept with a question."""
        return {
            "entry": self.entry.key,
            "standard": self.entry.standard,
            "score": round(self.score, 4),
            "question": self.question,
            "words": list(self.words),
            "vetoes": list(self.vetoes),
        }


@dataclass(frozen=True)
class Part:
    """One question of a message that asks several, as it was read, with the decision about it alone."""

    asked: str
    draft: "Draft"

    @property
    def best(self) -> KnownEntry | None:
        """The answer, or the entry most alike."""
        return self.draft.entry or (self.draft.candidates[0].entry if self.draft.candidates else None)

    def covered_by(self, key: str) -> bool:
        """Whether an entry is what this part asks for: its answer, or clearly what it is most like."""
        return self.best is not None and self.best.key == key and self.draft.confidence >= CLEAR

    def as_json(self) -> dict[str, Any]:
        """For the explanation kept with a question."""
        draft, best = self.draft, self.best
        return {
            "asked": self.asked,
            "outcome": draft.outcome.value,
            "reason": draft.reason.value,
            "confidence": round(draft.confidence, 4),
            "standard": best.standard if best else "",
            "covered_by": best.key if best and self.covered_by(best.key) else "",
        }


@dataclass(frozen=True)
class Draft:
    """The engine's decision about one message.

    `entry` is set where the outcome is ANSWERED; `choices` (at most three) where it is CLARIFY, or where a message of
    several questions goes to a person and some of them can be read at once; `candidates` holds the best entries
    considered, best first, whatever the outcome. `confidence` is the score the decision rests on, 0..1. `parts` are
    the questions of a message that asks more than one.
    """

    outcome: Outcome
    reason: Reason
    entry: KnownEntry | None = None
    choices: tuple[KnownEntry, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    basis: tuple[Basis, ...] = ()
    confidence: float = 0.0
    parts: tuple[Part, ...] = ()

    @property
    def entries(self) -> tuple[KnownEntry, ...]:
        """The entries whose texts are sent, each once; empty unless the outcome is ANSWERED."""
        if self.entry is None:
            return ()
        given = [self.entry, *(entry for part in self.parts if (entry := part.draft.entry))]
        return tuple({entry.key: entry for entry in given}.values())

    @property
    def text(self) -> str:
        """The approved text that would be sent; several under their approved questions. Empty unless ANSWERED."""
        entries = self.entries
        if len(entries) < 2:
            return "".join(entry.answer for entry in entries)
        headed = zip(NUMERALS, entries, strict=False)
        return "\n\n".join(f"{numeral}、关于“{entry.standard}”：\n\n{entry.answer}" for numeral, entry in headed)

    def explanation(self) -> dict[str, Any]:
        """What staff are shown, as kept with the question."""
        return {
            "reason": self.reason.value,
            "reason_label": self.reason.label,
            "confidence": round(self.confidence, 4),
            "candidates": [candidate.as_json() for candidate in self.candidates],
            **({"parts": [part.as_json() for part in self.parts]} if self.parts else {}),
        }
