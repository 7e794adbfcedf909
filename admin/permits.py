"""Who may do what at the desk, in one place; the state machine itself is `bot.workflow`."""

from admin.pages_frame import Person
from knowledge.vocabulary import Act, Role

CHECKERS = (Role.REVIEWER, Role.ADMINISTRATOR)
# What is not named here anybody at the desk may do.
ONLY = {
    Act.PASSED: CHECKERS,
    Act.RETURNED: CHECKERS,
    Act.BYPASSED: CHECKERS,
    Act.CORRECTED: CHECKERS,
    Act.WITHDRAWN: CHECKERS,
    Act.REOPENED: CHECKERS,
}


def may(person: Person, act: Act) -> bool:
    """Whether the person's role allows the act; four eyes are looked after by the transition itself."""
    return person.role in ONLY.get(act, tuple(Role))
