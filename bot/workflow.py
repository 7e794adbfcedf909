"""How a reply goes through the office, as data: which act leads from which step to which, and how many hands it needs."""

import re
from dataclasses import dataclass

from knowledge.vocabulary import Act, Kind, Reason, Step

SENT = "sent"
LEVELS = (1, 2, 3)
WRITABLE = (Step.WRITING, Step.RETURNED)

# (step, act, hands a reply needs) → the step after it, or SENT. What does not stand here cannot be done.
TABLE: dict[tuple[Step, Act, int], Step | str] = (
    {(step, Act.SENT, 1): SENT for step in WRITABLE}
    | {(step, Act.SAVED, level): step for step in WRITABLE for level in LEVELS}
    | {(step, Act.SUBMITTED, level): Step.REVIEW for step in WRITABLE for level in (2, 3)}
    | {(step, Act.BYPASSED, level): SENT for step in Step for level in (2, 3)}
    | {(Step.REVIEW, Act.PASSED, 1): SENT, (Step.REVIEW, Act.PASSED, 2): SENT, (Step.REVIEW, Act.PASSED, 3): Step.SIGN}
    | {(Step.SIGN, Act.PASSED, level): SENT for level in LEVELS}
    | {(step, Act.RETURNED, level): Step.RETURNED for step in (Step.REVIEW, Step.SIGN) for level in LEVELS}
    | {(step, Act.RECALLED, level): Step.WRITING for step in (Step.REVIEW, Step.SIGN) for level in LEVELS}
)


@dataclass(frozen=True)
class Tier:
    """A kind of risk; a question of that kind needs the larger number of hands."""

    name: str
    kinds: tuple[Kind, ...] = ()
    reasons: tuple[Reason, ...] = ()
    words: str = ""

    def fits(self, kind: str, reason: str, text: str) -> bool:
        """Whether a question, with what is written in answer to it, is of this kind."""
        return kind in self.kinds or reason in self.reasons or bool(self.words and re.search(self.words, text))


TIERS = (
    Tier("情况紧急", reasons=(Reason.URGENT, Reason.THREAT)),
    Tier("投诉举报", kinds=(Kind.COMPLAINT, Kind.REPORT), reasons=(Reason.COMPLAINT,)),
    Tier("政府信息公开", reasons=(Reason.DISCLOSURE,)),
    Tier("涉及法律", words="起诉|诉讼|律师|仲裁|行政复议|上访|信访|赔偿|违法|处罚|强制执行"),
    Tier("涉及较大金额", words=r"\d{2,}(?:\.\d+)?\s*万元?|\d{6,}\s*元"),
)


@dataclass(frozen=True)
class Depth:
    """How many hands replies need: usually, and where there is a risk."""

    usual: int = 1
    risky: int = 1

    def of(self, kind: str, reason: str, text: str) -> int:
        """For one question with the text of its reply."""
        return max(self.usual, self.risky) if tier_of(kind, reason, text) else self.usual


def depth(usual: int, risky: int | None) -> Depth:
    """From the settings: where nothing is said of risks, one more hand, unless an office has chosen one hand for all."""
    return Depth(usual, risky if risky is not None else usual if usual == 1 else min(usual + 1, LEVELS[-1]))


def tier_of(kind: str, reason: str, text: str) -> Tier | None:
    """The first kind of risk that fits."""
    return next((tier for tier in TIERS if tier.fits(kind, reason, text)), None)


def after(step: str, act: Act, levels: int) -> Step | str | None:
    """The step an act leads to, SENT, or None where it cannot be done."""
    return TABLE.get((Step(step), act, levels))
