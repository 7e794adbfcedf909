"""Write: the approved answer with the basis that is in force that day; nothing is worded here."""

from dataclasses import replace
from datetime import date

from bot.answer.draft import Draft


def write(draft: Draft, day: date) -> Draft:
    """The draft with the legal basis beside its answer."""
    return replace(draft, basis=draft.entry.basis_on(day)) if draft.entry else draft
