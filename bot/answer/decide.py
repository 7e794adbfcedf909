"""Decide: answer, offer choices, or hand over, each with its reason."""

from dataclasses import dataclass
from datetime import date

from bot.answer.draft import CHOICES_MAX, CLEAR, Candidate, Draft
from bot.answer.features import NAMES
from bot.answer.model import Ranker, accept_row
from bot.answer.rank import Ranked, candidates_of
from knowledge.entries import KnownEntry
from knowledge.index import Index
from knowledge.vocabulary import Level, Outcome, Reason

# A long message tells a case of its own: a person reads it, or the citizen chooses.
LONGEST = 70
CHOICE_AT = 0.02
# A few words that are all in kept questions name a subject without asking anything yet.
BROAD_MAX = 10
BROAD_SHARE = 0.9
_ASKED = NAMES.index("asked")


@dataclass(frozen=True)
class Allowed:
    """What may be answered that day: approved and verified, in force, and of the office's own region."""

    day: date
    regions: frozenset[str]

    def objection(self, entry: KnownEntry) -> Reason | None:
        """Why an entry may not be given as an answer, or None."""
        if entry.region not in self.regions:
            return Reason.OTHER_REGION
        if not entry.in_force(self.day):
            return Reason.NOT_IN_FORCE
        return Reason.UNVERIFIED if entry.level is Level.C else None


def decide(ranked: Ranked | None, index: Index, ranker: Ranker, answer_at: float, allowed: Allowed) -> Draft:
    """The outcome for ranked hits."""
    if ranked is None:
        return Draft(Outcome.HANDED_OVER, Reason.NO_MATCH)
    candidates = candidates_of(ranked, index, ranker, allowed.regions)
    texts = [one.said for one in ranked.measured.laid.kept]
    _, row = accept_row(ranked.scores, ranked.measured, texts)
    chance = ranker.chance(row)
    top = candidates[0]
    objection = allowed.objection(top.entry)
    long = len(ranked.query.terms.text) > LONGEST
    if chance >= answer_at and not top.vetoes and not long and objection is None:
        return Draft(Outcome.ANSWERED, Reason.CONFIDENT, entry=top.entry, candidates=candidates, confidence=chance)
    offer_at = 0.0 if _broad(ranked) else ranker.model.offer_at
    return _unsure(candidates, chance, offer_at, allowed, objection)


def _broad(ranked: Ranked) -> bool:
    short = len(ranked.query.terms.text) <= BROAD_MAX
    return short and float(ranked.measured.table[list(ranked.order[:CHOICES_MAX]), _ASKED].max()) >= BROAD_SHARE


def _unsure(
    candidates: tuple[Candidate, ...], chance: float, offer_at: float, allowed: Allowed, objection: Reason | None
) -> Draft:
    """Choices where something allowed is likely enough to be meant, else a person."""
    free = [one for one in candidates if allowed.objection(one.entry) is None and one.score >= min(CHOICE_AT, offer_at)]
    if chance < offer_at:
        reason = Reason.MISMATCH if candidates[0].vetoes else Reason.NOT_SURE
        return Draft(Outcome.HANDED_OVER, objection or reason, candidates=candidates, confidence=chance)
    clearly_barred = objection is Reason.UNVERIFIED and chance >= CLEAR
    if not free or objection is Reason.OTHER_REGION or clearly_barred:
        return Draft(Outcome.HANDED_OVER, objection or Reason.NOT_SURE, candidates=candidates, confidence=chance)
    choices = tuple(one.entry for one in free[:CHOICES_MAX])
    return Draft(Outcome.CLARIFY, Reason.SEVERAL_FIT, choices=choices, candidates=candidates, confidence=chance)


def decide_exact(candidates: tuple[Candidate, ...], allowed: Allowed) -> Draft:
    """The outcome for entries that keep this very question."""
    free = tuple(one for one in candidates if allowed.objection(one.entry) is None)
    if len(free) == 1:
        return Draft(Outcome.ANSWERED, Reason.EXACT, entry=free[0].entry, candidates=candidates, confidence=1.0)
    if free:
        choices = tuple(one.entry for one in free[:CHOICES_MAX])
        return Draft(Outcome.CLARIFY, Reason.SEVERAL_FIT, choices=choices, candidates=candidates, confidence=1.0)
    reason = allowed.objection(candidates[0].entry) or Reason.NOT_SURE
    return Draft(Outcome.HANDED_OVER, reason, candidates=candidates, confidence=1.0)
