"""Write: the approved answer with the basis that is in force that day; nothing is worded here."""

from dataclasses import replace
from datetime import date

from bot.answer.draft import Draft


def write(draft: Draft, day: date) -> Draft:
    """The draft with the legal basis of every text it gives, each line once."""
    lines = [line for entry in draft.entries for line in entry.basis_on(day)]
    if not lines:
        return draft
    return replace(draft, basis=tuple(dict.fromkeys(lines)))
