"""Retrieve: the entries whose kept questions are most alike, of the places and times the question can be about."""

from bot.answer.decide import Allowed
from bot.answer.regions import places
from knowledge.index import Hit, Index, Query

CONSIDERED = 8
WIDE = 3 * CONSIDERED
FOLLOW_UP = 12


def readable(text: str, topic: str) -> str:
    """A short follow-up is read with the last topic of its conversation."""
    return f"{topic} {text}" if topic and len(text) <= FOLLOW_UP else text


def retrieve(index: Index, query: Query, plain: str, allowed: Allowed) -> list[Hit]:
    """The most alike entries, best first.

    Entries of other places only where the question names the place; entries not in force only where nothing in force is
    nearly as alike, so that the reason can be told.
    """
    named = places(plain)
    hits = [
        hit
        for hit in index.search(query, WIDE)
        if index.entries[hit.entry].region in allowed.regions or index.entries[hit.entry].region in named
    ]
    live = [hit for hit in hits if index.entries[hit.entry].in_force(allowed.day)]
    return (live or hits)[:CONSIDERED]
