"""Whole lives of cases, made up at random but never against the rules: what the register could really hold."""

from datetime import date, timedelta

from hypothesis import strategies as st

from knowledge.cases import rules
from knowledge.cases.course import Course, Event, course_of, possible
from knowledge.cases.words import ApplicantKind, DisputeKind, DisputeResult, Outcome, Step, Way
from knowledge.errors import BadInputError, ConflictError

FAR = date(2026, 12, 31)  # "today" while recording: all days are past
STEPS_MAX = 9
CHOICES: dict[Step, list[str]] = {
    Step.RECEIVED: [kind.value for kind in ApplicantKind],
    Step.ANSWERED: [outcome.value for outcome in Outcome],
    Step.DISPUTE_OPENED: [kind.value for kind in DisputeKind],
    Step.DISPUTE_CLOSED: [result.value for result in DisputeResult],
}


@st.composite
def lives(draw: st.DrawFn, first: date = date(2023, 6, 1), last: date = date(2025, 12, 1)) -> list[Event]:
    """All events ever recorded of one case, the undone ones among them."""
    day = draw(st.dates(first, last))
    events: list[Event] = []
    for _ in range(draw(st.integers(1, STEPS_MAX))):
        course = course_of(events)
        allowed = [Step.RECEIVED] if not events else list(possible(course))
        day = min(FAR, day + timedelta(days=draw(st.integers(0, 90) if events else st.just(0))))
        event = draw(of(draw(st.sampled_from(allowed)), day, course, len(events)))
        try:
            rules.check(course, event, FAR)
        except (BadInputError, ConflictError):
            continue
        events.append(event)
    return events or [received(day)]


def received(day: date, kind: ApplicantKind = ApplicantKind.NATURAL, seq: int = 1) -> Event:
    return Event(seq, Step.RECEIVED, day, kind.value, Way.IN_PERSON.value)


def of(step: Step, day: date, course: Course, seen: int) -> st.SearchStrategy[Event]:
    """One event of a step, filled in as a clerk would."""
    openings = [dispute.opened.seq for dispute in course.disputes if dispute.closed is None]
    about = st.sampled_from(openings) if step is Step.DISPUTE_CLOSED else st.none()
    if step is Step.UNDONE:
        about = st.just(course.events[-1].seq)
    return st.builds(
        Event,
        seq=st.just(seen + 1),
        step=st.just(step),
        day=st.just(day),
        choice=st.sampled_from(CHOICES.get(step, [""])),
        way=st.just(Way.SIGNED_POST.value if step is Step.RECEIVED else ""),
        until=st.just(day + timedelta(days=21)) if step is Step.CORRECTION_ASKED else st.none(),
        days=st.integers(1, 20) if step is Step.EXTENDED else st.just(0),
        about=about,
        amount=st.decimals(1, 1000, places=2) if step is Step.FEE_ASKED else st.none(),
        approved_by=st.just("赵主任" if step is Step.EXTENDED else ""),
        text=st.just("理由"),
    )
