"""Screen: what must never be missed goes to a person at once, and what cannot be a question at all stops here."""

import re

from bot.answer.alarms import alarm
from knowledge.text import bare_of
from knowledge.vocabulary import Reason

SHORTEST = 2
_HAN = re.compile(r"[\u3400-\u9fff]")


def screen(plain: str) -> Reason | None:
    """Why a normalised message goes no further, or None."""
    raised = alarm(plain)
    if raised is not None:
        return raised
    said = bare_of(plain)
    if len(said) < SHORTEST or not (_HAN.search(said) or "gjj" in said or said.startswith("gong")):
        return Reason.TOO_SHORT
    return None
