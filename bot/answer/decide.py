"""Decide: answer, offer choices, or hand over, each with its reason."""

from dataclasses import dataclass
from datetime import date

from bot.answer.draft import CHOICES_MAX, Candidate, Draft
from knowledge.entries import KnownEntry
from knowledge.vocabulary import Level, Outcome, Reason

ANSWER_AT = 0.72
MARGIN = 0.12
OFFER_AT = 0.42


@dataclass(frozen=True)
class Allowed:
    """What may be answered that day: approved and verified, in force, and of the office's own region."""

    day: date
    regions: frozenset[str]

    def objection(self, entry: KnownEntry) -> Reason | None:
        """Why an entry may not be given as an answer, or None."""
        if entry.region not in self.regions:
            return Reason.OTHER_REGION
        if entry.level is Level.C:
            return Reason.UNVERIFIED
        if not entry.in_force(self.day):
            return Reason.NOT_IN_FORCE
        return None


def decide(candidates: tuple[Candidate, ...], allowed: Allowed) -> Draft:
    """The outcome for candidates that are sorted best first."""
    live = [one for one in candidates if one.entry.in_force(allowed.day)] or list(candidates)
    top = live[0] if live else None
    if top is None or top.score < OFFER_AT:
        return _handed_over(Reason.NO_MATCH, candidates)
    objection = allowed.objection(top.entry)
    free = [one for one in live if allowed.objection(one.entry) is None and not one.vetoes]
    if objection is not None:
        return _handed_over(objection, candidates)
    second = next((one.score for one in live[1:] if one.entry.key != top.entry.key), 0.0)
    if not top.vetoes and top.score >= ANSWER_AT and top.score - second >= MARGIN:
        return _answered(top, candidates, Reason.CONFIDENT)
    choices = tuple(one.entry for one in free if one.score >= OFFER_AT)[:CHOICES_MAX]
    if choices:
        return Draft(Outcome.CLARIFY, Reason.SEVERAL_FIT, choices=choices, candidates=candidates, confidence=top.score)
    return _handed_over(Reason.MISMATCH if top.vetoes else Reason.NOT_SURE, candidates)


def decide_exact(candidates: tuple[Candidate, ...], allowed: Allowed) -> Draft:
    """The outcome for entries that keep this very question."""
    free = [one for one in candidates if allowed.objection(one.entry) is None]
    if len(free) == 1:
        return _answered(free[0], candidates, Reason.EXACT)
    if free:
        choices = tuple(one.entry for one in free)[:CHOICES_MAX]
        return Draft(Outcome.CLARIFY, Reason.SEVERAL_FIT, choices=choices, candidates=candidates, confidence=1.0)
    return _handed_over(allowed.objection(candidates[0].entry) or Reason.NOT_SURE, candidates)


def _answered(top: Candidate, candidates: tuple[Candidate, ...], reason: Reason) -> Draft:
    return Draft(Outcome.ANSWERED, reason, entry=top.entry, candidates=candidates, confidence=top.score)


def _handed_over(reason: Reason, candidates: tuple[Candidate, ...]) -> Draft:
    score = candidates[0].score if candidates else 0.0
    return Draft(Outcome.HANDED_OVER, reason, candidates=candidates, confidence=score)
