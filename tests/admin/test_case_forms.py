"""The small forms of a case read anything a browser or a script may send, and either make an event or say what is wrong."""

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st

from admin import case_forms
from bot import applying
from knowledge.cases.course import Course, Event, course_of
from knowledge.cases.life import Applied
from knowledge.cases.rules import check
from knowledge.cases.words import Step
from knowledge.errors import BadInputError, ConflictError
from tests.made_up_cases import received

TODAY = date(2026, 11, 23)
NUMBERS = st.sampled_from(
    ["0", "20", "-1", "1e5", "1E-999999", "NaN", "sNaN", "Infinity", "９", "9" * 40, "1.005", " 7 "]
)
DAYS = st.sampled_from(["2026-11-20", "0001-01-01", "9999-12-31", "2026-02-30", "20261120", "2026-W40-1", ""])
VALUES = st.one_of(st.text(max_size=40), NUMBERS, DAYS, st.sampled_from([step.value for step in Step]))
NAMES = ("step", "day", "until", "days", "choice", "way", "approved_by", "amount", "about", "text", "version")
FORMS = st.dictionaries(st.sampled_from(NAMES), VALUES)
APPLICATIONS = st.dictionaries(st.sampled_from(applying.FIELDS), VALUES)


Result = TypeVar("Result")


def tried(action: Callable[[], Result]) -> Result | BadInputError | ConflictError:
    """What came of it: a result, or the refusal a person would read."""
    try:
        return action()
    except (BadInputError, ConflictError) as error:
        return error


@given(FORMS, st.sampled_from([step for step in Step if step is not Step.SUBMITTED]))
def test_any_form_is_an_event_or_a_sentence(form: dict[str, str], step: Step) -> None:
    event = tried(lambda: case_forms.event_of(form, step, TODAY))
    if not isinstance(event, Event):
        assert str(event).endswith("。")
        return
    assert event.step is step
    assert event.amount is None or event.amount == round(event.amount, 2)
    assert event.text == event.text.strip()
    for course in (Course(()), course_of([received(date(2026, 11, 2))])):
        refusal = tried(lambda now=course: check(now, event, TODAY))  # type: ignore[misc]
        assert refusal is None or str(refusal).endswith("。")


@given(FORMS)
def test_any_step_word_is_a_step_or_refused(form: dict[str, str]) -> None:
    step = tried(lambda: case_forms.step_of(form, case_forms.DECIDING))
    assert step in case_forms.DECIDING or (isinstance(step, BadInputError) and step.field == "step")
    assert all(label and value for label, value in case_forms.labels_of(form))


@given(APPLICATIONS, st.booleans())
def test_any_application_is_complete_or_refused_with_its_field(form: dict[str, str], complete: bool) -> None:
    found = tried(lambda: applying.applied(form, applying.Limits(3000, complete)))
    if isinstance(found, Applied):
        assert found.name
        assert found.asked
        assert not complete or (found.identity and (found.phone or found.address or found.email))
    else:
        assert isinstance(found, BadInputError)
        assert found.field in applying.FIELDS
