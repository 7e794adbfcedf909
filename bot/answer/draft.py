"""What the engine hands back: an outcome with its reason, and everything staff need to see why."""

from dataclasses import dataclass
from typing import Any

from knowledge.entries import Basis, KnownEntry
from knowledge.vocabulary import Outcome, Reason

CHOICES_MAX = 3


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
class Draft:
    """The engine's decision about one question.

    `entry` is set where the outcome is ANSWERED; `choices` (at most three) where it is CLARIFY; `candidates` holds the
    best entries considered, best first, whatever the outcome. `confidence` is the score the decision rests on, 0..1.
    """

    outcome: Outcome
    reason: Reason
    entry: KnownEntry | None = None
    choices: tuple[KnownEntry, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    basis: tuple[Basis, ...] = ()
    confidence: float = 0.0

    @property
    def text(self) -> str:
        """The approved text that would be sent; empty unless the outcome is ANSWERED."""
        return self.entry.answer if self.entry else ""

    def explanation(self) -> dict[str, Any]:
        """What staff are shown, as kept with the question."""
        return {
            "reason": self.reason.value,
            "reason_label": self.reason.label,
            "confidence": round(self.confidence, 4),
            "candidates": [candidate.as_json() for candidate in self.candidates],
        }
