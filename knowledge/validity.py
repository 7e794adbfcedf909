"""Which entries are in force on a day and hold in a region, for all entries at once."""

from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from knowledge.entries import KnownEntry

Flags = NDArray[np.bool_]


class Validity:
    """The days and regions of some entries as arrays; says the same as `KnownEntry.in_force` of each."""

    def __init__(self, entries: Sequence[KnownEntry]) -> None:
        basis = [line for entry in entries for line in entry.basis]
        counts = np.fromiter((len(entry.basis) for entry in entries), np.int32, len(entries))
        self._own = _days((entry.valid_from, entry.valid_until) for entry in entries)
        self._basis = _days((line.valid_from, line.valid_until) for line in basis)
        self._rests_on = np.repeat(np.arange(len(entries), dtype=np.int32), counts)
        self._without = counts == 0
        self._names: dict[str, int] = {}
        names = self._names
        regions = (names.setdefault(entry.region, len(names)) for entry in entries)
        self._region = np.fromiter(regions, np.int32, len(entries))

    def in_force(self, day: date) -> Flags:
        """By entry: whether it, and at least one policy it rests on, is in force that day."""
        at = day.toordinal()
        held: Flags = self._without.copy()
        held[self._rests_on[_within(self._basis, at)]] = True
        return np.logical_and(held, _within(self._own, at), out=held)

    def of(self, regions: Iterable[str]) -> Flags:
        """By entry: whether its region is one of these."""
        wanted = [self._names[name] for name in regions if name in self._names]
        found: Flags = np.isin(self._region, wanted)
        return found


def _days(ranges: Iterable[tuple[date | None, date | None]]) -> NDArray[np.int32]:
    """First and last days as ordinals; an open end is the first or the last day there is."""
    pairs = ((one or date.min, two or date.max) for one, two in ranges)
    return np.array([(one.toordinal(), two.toordinal()) for one, two in pairs], np.int32).reshape(-1, 2)


def _within(days: NDArray[np.int32], at: int) -> Flags:
    found: Flags = (days[:, 0] <= at) & (at <= days[:, 1])
    return found
