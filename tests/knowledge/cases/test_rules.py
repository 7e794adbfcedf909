"""What may be put on record, and when; whatever was refused changes nothing."""

from datetime import date

import pytest
from hypothesis import given

from knowledge.cases import rules
from knowledge.cases.course import Event, course_of, possible
from knowledge.cases.words import RULES, CaseState, Outcome, Step, Way
from knowledge.errors import BadInputError, ConflictError
from tests.made_up_cases import FAR, lives, received

START = date(2024, 3, 1)
ASKED = Event(2, Step.CORRECTION_ASKED, date(2024, 3, 6), until=date(2024, 3, 27), text="写明文号")
REFUSED = [
    ([], Event(2, Step.EXTENDED, date(2024, 3, 20), days=21, approved_by="赵", text="件多"), "days"),
    ([], Event(2, Step.EXTENDED, date(2024, 3, 20), days=5, text="件多"), "approved_by"),
    ([], Event(2, Step.EXTENDED, date(2024, 4, 10), days=5, approved_by="赵", text="件多"), "day"),
    ([], Event(2, Step.EXTENDED, date(2024, 3, 20), days=5, approved_by="赵"), "text"),
    ([], Event(2, Step.CORRECTION_ASKED, date(2024, 3, 6), until=date(2024, 3, 6), text="写明"), "until"),
    ([], Event(2, Step.CORRECTION_ASKED, date(2024, 3, 6), until=date(9999, 12, 31), text="写明"), "until"),
    ([], Event(2, Step.RECEIVED, date(224, 3, 1), "natural", Way.FAX, text="重登"), "day"),
    ([], Event(2, Step.RECEIVED, date(2024, 3, 1), "natural", Way.FAX), "text"),
    ([], Event(2, Step.ANSWERED, date(2024, 2, 29), choice="open"), "day"),
    ([], Event(2, Step.ANSWERED, date(2027, 1, 1), choice="open"), "day"),
    ([], Event(2, Step.ANSWERED, date(2024, 3, 5), choice="nonsense"), "choice"),
    ([], Event(2, Step.ANSWERED, date(2024, 3, 5), choice="other_no_correction"), "choice"),
    ([], Event(2, Step.ANSWERED, date(2024, 3, 5), choice="cannot_unclear_after_correction"), "choice"),
    ([], Event(2, Step.ANSWERED, date(2024, 3, 5), choice="other_no_fee"), "choice"),
    ([ASKED], Event(3, Step.ANSWERED, date(2024, 3, 27), choice="other_no_correction"), "day"),
    ([ASKED], Event(3, Step.CORRECTION_RECEIVED, date(2024, 3, 5)), "day"),
    ([ASKED], Event(3, Step.RECEIVED, date(2024, 3, 7), "natural", Way.FAX), "day"),
    ([], Event(2, Step.DISPUTE_OPENED, date(2024, 5, 5), choice="after_review"), "choice"),
    ([], Event(2, Step.FEE_ASKED, date(2024, 3, 5)), "amount"),
]


@pytest.mark.parametrize(("before", "event", "field"), REFUSED)
def test_what_the_law_or_the_calendar_forbids_is_refused_with_its_field(
    before: list[Event], event: Event, field: str
) -> None:
    with pytest.raises(BadInputError) as refused:
        rules.check(course_of([received(START), *before]), event, FAR)
    assert refused.value.field == field


def test_a_step_out_of_its_place_is_a_conflict() -> None:
    course = course_of([received(START)])
    for step in (Step.CORRECTION_RECEIVED, Step.OPINION_RECEIVED, Step.DELIVERED, Step.DISPUTE_CLOSED, Step.SUBMITTED):
        with pytest.raises(ConflictError):
            rules.check(course, Event(2, step, START), FAR)
    with pytest.raises(ConflictError):  # once only (条例第三十条)
        rules.check(course_of([received(START), ASKED]), Event(3, Step.CORRECTION_ASKED, START), FAR)


def test_every_outcome_has_its_rule() -> None:
    assert list(RULES) == list(Outcome)
    assert all(rule.basis and rule.group for rule in RULES.values())


@given(lives())
def test_undoing_everything_leads_back_to_a_case_that_does_not_count(events: list[Event]) -> None:
    while (course := course_of(events)).events:
        undo = Event(len(events) + 1, Step.UNDONE, FAR, about=course.events[-1].seq, text="登记有误")
        rules.check(course, undo, FAR)
        events = [*events, undo]
    assert course.state is CaseState.VOID
    assert possible(course) == (Step.RECEIVED,)


@given(lives())
def test_an_open_case_can_always_be_brought_to_an_end(events: list[Event]) -> None:
    course = course_of(events)
    if course.state in (CaseState.OPEN, CaseState.CORRECTING, CaseState.ASKING):
        rules.check(course, Event(len(events) + 1, Step.ANSWERED, FAR, choice="other_other"), FAR)
