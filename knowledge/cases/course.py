"""The course of a case, read from its events: what stands, where the case is, what may happen next. Pure functions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from knowledge.cases.words import ApplicantKind, CaseState, DisputeKind, DisputeResult, Outcome, Step, Way


@dataclass(frozen=True)
class Event:
    """One step on its day. `choice` is the applicant's kind, the outcome, or a dispute's kind or result, by the step."""

    seq: int
    step: Step
    day: date
    choice: str = ""
    way: str = ""
    until: date | None = None
    days: int = 0
    about: int | None = None
    amount: Decimal | None = None
    approved_by: str = ""
    text: str = ""


@dataclass(frozen=True)
class Opinion:
    """A third party or another agency was asked; `answered` is None while its opinion is awaited."""

    asked: Event
    answered: Event | None


@dataclass(frozen=True)
class Dispute:
    """A review or a lawsuit over the case, and how it ended."""

    opened: Event
    closed: Event | None

    @property
    def kind(self) -> DisputeKind:
        """Its group of table four."""
        return DisputeKind(self.opened.choice)

    @property
    def result(self) -> DisputeResult | None:
        """Its result of table four, once there is one."""
        return DisputeResult(self.closed.choice) if self.closed else None


@dataclass(frozen=True)
class Course:
    """A case as its standing events tell it."""

    events: tuple[Event, ...]

    def last(self, *steps: Step) -> Event | None:
        """The latest of the events of these steps."""
        return next((event for event in reversed(self.events) if event.step in steps), None)

    @cached_property
    def received(self) -> Event | None:
        """The receipt; a corrected registration stands in place of the first."""
        return self.last(Step.RECEIVED)

    @cached_property
    def kind(self) -> ApplicantKind:
        """Who applies, as the office put it down, else as the applicant said."""
        event = self.last(Step.RECEIVED) or self.last(Step.SUBMITTED)
        return ApplicantKind(event.choice) if event else ApplicantKind.OTHER

    @property
    def way(self) -> Way | None:
        """How it came in."""
        event = self.last(Step.RECEIVED) or self.last(Step.SUBMITTED)
        return Way(event.way) if event else None

    @cached_property
    def answered(self) -> Event | None:
        """The result."""
        return self.last(Step.ANSWERED)

    @property
    def outcome(self) -> Outcome | None:
        """The result's row of table three."""
        return Outcome(self.answered.choice) if self.answered else None

    @cached_property
    def opinions(self) -> tuple[Opinion, ...]:
        """Every time somebody was asked for an opinion, with the answer that came next."""
        found: list[Opinion] = []
        for event in self.events:
            if event.step is Step.OPINION_ASKED:
                found.append(Opinion(event, None))
            elif event.step is Step.OPINION_RECEIVED and found:
                found[-1] = Opinion(found[-1].asked, event)
        return tuple(found)

    @cached_property
    def disputes(self) -> tuple[Dispute, ...]:
        """Every review and lawsuit."""
        ends = {event.about: event for event in self.events if event.step is Step.DISPUTE_CLOSED}
        return tuple(Dispute(one, ends.get(one.seq)) for one in self.events if one.step is Step.DISPUTE_OPENED)

    @cached_property
    def state(self) -> CaseState:
        """Where the case stands."""
        if self.received is None:
            return CaseState.UNCONFIRMED if self.last(Step.SUBMITTED) else CaseState.VOID
        if self.last(Step.DELIVERED):
            return CaseState.DELIVERED
        if self.answered:
            return CaseState.ANSWERED
        if self.waits_for_correction:
            return CaseState.CORRECTING
        return CaseState.ASKING if self.waits_for_opinion else CaseState.OPEN

    @property
    def waits_for_correction(self) -> bool:
        """Whether the applicant was asked to complete the application and has not yet done so."""
        return bool(self.last(Step.CORRECTION_ASKED)) and not self.last(Step.CORRECTION_RECEIVED)

    @property
    def waits_for_opinion(self) -> bool:
        """Whether an opinion is awaited."""
        return bool(self.opinions) and self.opinions[-1].answered is None

    @property
    def waits_for_fee(self) -> bool:
        """Whether a fee was asked for and not yet paid."""
        return bool(self.last(Step.FEE_ASKED)) and not self.last(Step.FEE_PAID)


def course_of(events: Iterable[Event]) -> Course:
    """What stands of all events ever recorded: an undoing event takes away the one it names, and itself."""
    ordered = sorted(events, key=lambda event: event.seq)
    undone = {event.about for event in ordered if event.step is Step.UNDONE}
    return Course(tuple(e for e in ordered if e.step is not Step.UNDONE and e.seq not in undone))


def possible(course: Course) -> tuple[Step, ...]:
    """The steps that may be recorded now, in the order they are offered."""
    return tuple(step for step in Step if _allowed(step, course))


def _allowed(step: Step, course: Course) -> bool:
    if step is Step.SUBMITTED:
        return False
    if step is Step.RECEIVED:
        return True
    if step is Step.UNDONE:
        return bool(course.events)
    if course.received is None:
        return False
    if step is Step.DISPUTE_OPENED:
        return True
    if step is Step.DISPUTE_CLOSED:
        return any(dispute.closed is None for dispute in course.disputes)
    if step is Step.DELIVERED:
        return course.state is CaseState.ANSWERED
    return course.answered is None and _while_open(step, course)


def _while_open(step: Step, course: Course) -> bool:
    """Notices go out once; what was asked for can come in; an extension is granted once (条例第三十条、第三十三条)."""
    allowed = {
        Step.CORRECTION_ASKED: course.last(Step.CORRECTION_ASKED) is None,
        Step.CORRECTION_RECEIVED: course.waits_for_correction,
        Step.OPINION_ASKED: not course.waits_for_opinion and not course.waits_for_correction,
        Step.OPINION_RECEIVED: course.waits_for_opinion,
        Step.EXTENDED: course.last(Step.EXTENDED) is None and not course.waits_for_correction,
        Step.FEE_ASKED: course.last(Step.FEE_ASKED) is None,
        Step.FEE_PAID: course.waits_for_fee,
        Step.ANSWERED: True,
    }
    return allowed[step]


def open_disputes(course: Course) -> Sequence[Dispute]:
    """What is not closed yet."""
    return [dispute for dispute in course.disputes if dispute.closed is None]
