"""Retrieve: the entries whose kept questions are most alike, of the places and times the question can be about."""

from datetime import date
from functools import lru_cache
from weakref import WeakKeyDictionary

import numpy as np

from bot.answer.decide import Allowed
from bot.answer.regions import places
from knowledge.index import Flags, Hit, Index, Query
from knowledge.segments import Part
from knowledge.validity import Validity

CONSIDERED = 8
# Where passages are kept, the right one is often further down.
CONSIDERED_LONG = 32
DAYS = 64
_READ: WeakKeyDictionary[Part, Validity] = WeakKeyDictionary()


class Wanted:
    """Which entries may be considered: of the office's regions or of a place named, and in force on the day."""

    def __init__(self, index: Index) -> None:
        # The settled entries of a large base are read once for all its indexes; those changed since are few.
        self._parts = [_validity(part) for part in (index.settled.part, index.delta)]
        self._of_day = lru_cache(DAYS)(self._of)

    def on(self, allowed: Allowed, named: frozenset[str]) -> Flags:
        """One flag an entry; remembered, for most questions are asked today and name no place."""
        return self._of_day(allowed.day, allowed.regions | named)

    def _of(self, day: date, regions: frozenset[str]) -> Flags:
        return np.concatenate([part.of(regions) & part.in_force(day) for part in self._parts])


def _validity(part: Part) -> Validity:
    found = _READ.get(part)
    if found is None:
        found = _READ[part] = Validity(part.entries)
    return found


def considered(index: Index) -> int:
    """How many entries are looked at closely."""
    return CONSIDERED_LONG if index.long else CONSIDERED


def retrieve(index: Index, wanted: Wanted, query: Query, allowed: Allowed, title: str = "") -> list[Hit]:
    """The most alike entries, best first."""
    return index.search(query, considered(index), wanted=wanted.on(allowed, places(query.terms.plain)), title=title)
