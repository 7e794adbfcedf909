"""The settled segment: everything the index held when it was last laid out whole; never changed after."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from knowledge.segments import Exact, Flags, Floats, Longs, Numbers, Part, Places, Postings, all_sums
from knowledge.text import CHAR, KINDS, SOUND

# How much one kind of term counts against the others when candidates are looked for, in the order of KINDS.
KIND_WEIGHTS = np.array([1.0, 1.0, 0.7, 0.7, 0.5], np.float32)
# Among many rows, how many places of terms are added up for one question: this many, and a share of the rows.
BUDGET = 50_000
BUDGET_SHARE = 0.75
# So many rows share a stripe when the best are looked for.
STRIPE = 64
# Single characters and sounds say again what pairs and words have said; terms of more rows than this share tell little.
COMMON_SHARE = 0.1
# A character of more rows than this share and number chooses nothing: its pairs and words do.
COMMON_CHAR, COMMON_CHAR_ROWS = 0.02, 1000
# From so many terms a row on a base keeps passages rather than questions.
LONG_TERMS = 250
LONG_POWER = 1.5
# Terms that more rows than this share have are kept as whole rows of numbers, as far as these bytes go.
WHOLE_SHARE = 0.03
WHOLE_BYTES = 6_000_000
_SPARE = np.array([kind in (CHAR, SOUND) for kind in KINDS])


class Growing(dict[str, int]):
    """Numbers of terms; one that is asked for the first time gets the next number. `before` has the first numbers."""

    def __init__(self, before: dict[str, int] | None = None) -> None:
        super().__init__()
        self._before = before or {}

    def __missing__(self, term: str) -> int:
        """The number from before, else a new one."""
        number = self._before.get(term)
        if number is None:
            number = self[term] = len(self._before) + len(self)
        return number


class Scratch(threading.local):
    """Arrays that a search fills and clears again, one set a thread: new ones each time cost more than the search."""

    def __init__(self) -> None:
        self._kept: dict[str, Floats] = {}

    def zeros(self, name: str, size: int) -> Floats:
        """An array of this name, as its last user left it; all zeros at first."""
        kept = self._kept.get(name)
        if kept is None or len(kept) < size:
            kept = self._kept[name] = np.zeros(size, np.float32)
        return kept[:size]


def kinds_of(names: Iterable[str]) -> NDArray[np.int8]:
    """The kind of each term, as its place in KINDS."""
    place = {kind: at for at, kind in enumerate(KINDS)}
    return np.fromiter((place[name[0]] for name in names), np.int8)


@dataclass(frozen=True, eq=False)
class Settled:
    """A part with its postings, and what each of its terms is worth."""

    part: Part
    postings: Postings
    exact: Exact
    numbers: dict[str, int]
    kind: NDArray[np.int8]
    seen: Numbers
    scratch: Scratch = field(default_factory=Scratch)

    @classmethod
    def of(cls, part: Part, numbers: dict[str, int], *, lean: bool) -> "Settled":
        """Lay out what searching needs; `lean` without the rows of common characters, for choosing candidates only."""
        seen = np.bincount(part.flat, minlength=len(numbers)).astype(np.int32)
        kind = kinds_of(numbers)
        listed: Flags = np.ones(len(numbers), bool)
        if lean:
            listed = (kind != KINDS.index(CHAR)) | (seen <= max(COMMON_CHAR_ROWS, COMMON_CHAR * part.rows))
        postings = Postings.of(part, listed)
        return cls(part, postings, Exact.of(part), numbers, kind, seen)

    @cached_property
    def names(self) -> list[str]:
        """The terms by their numbers."""
        return [*self.numbers]

    @cached_property
    def rarity(self) -> Floats:
        """By term: the logarithm of how few rows have it."""
        return np.log(1 + self.part.rows / np.maximum(self.seen, 1)).astype(np.float32)

    @cached_property
    def long(self) -> bool:
        """Whether the rows are passages rather than questions: in those rare terms count for more, common ones stand anywhere."""
        return self.part.rows > 0 and len(self.part.flat) / self.part.rows >= LONG_TERMS

    @cached_property
    def weight(self) -> Floats:
        """By term: what it counts in likeness."""
        rarity = self.rarity**LONG_POWER if self.long else self.rarity
        return (rarity * KIND_WEIGHTS[self.kind]).astype(np.float32)

    @cached_property
    def norm(self) -> Floats:
        """By row: the root of the weights of its terms."""
        return np.sqrt(all_sums(self.part, self.weight))

    @cached_property
    def inverse(self) -> Floats:
        """By row: one over its norm."""
        return (1 / (self.norm + np.float32(1e-9))).astype(np.float32)

    @cached_property
    def _common(self) -> tuple[Places, Floats]:
        """The place of each term that very many rows have (-1: not one of those), and its rows as ones and zeros.

        A whole row of numbers is added up faster than the same rows one by one.
        """
        often = np.flatnonzero(self.seen > max(self.part.rows * WHOLE_SHARE, 1))
        often = often[np.argsort(-self.seen[often], kind="stable")][: WHOLE_BYTES // (4 * max(self.part.rows, 1))]
        place = np.full(len(self.seen), -1, np.intp)
        place[often] = np.arange(len(often))
        whole = np.zeros((len(often), self.part.rows), np.float32)
        for at, term in enumerate(often.tolist()):
            whole[at, self.postings.rows[self.postings.starts[term] : self.postings.starts[term + 1]]] = 1
        return place, whole

    def dots(self, known: Places, weights: Floats) -> Floats:
        """By row: the weight of what it shares with a question; exact, over all rows."""
        places, whole = self._common
        place = places.take(known)
        common = place >= 0
        found: Floats = weights[common] @ whole.take(place[common], 0)
        self.postings.add_up(known[~common], weights[~common], found)
        return found

    def candidates(self, known: Places, need: int, inverse: Floats, wanted: Flags | None) -> Numbers:
        """The entries that can be most alike, ascending: by the terms that tell most within the budget.

        Those of the best `need` rows of wanted entries, and of the best rows of all.
        """
        known = self._affordable(known)
        if not len(known):
            return np.zeros(0, np.int32)
        sums, alike = self.scratch.zeros("sums", self.part.rows), self.scratch.zeros("alike", self.part.rows)
        self.postings.add_up(known, self.weight[known], sums)
        np.multiply(sums, inverse, out=alike)
        sums.fill(0)
        rows = self._best_rows(alike, need, wanted)
        # Not np.unique: its first call loads a part of numpy that nothing else needs.
        entries: Numbers = np.sort(self.part.entry_of[rows])
        first: Flags = np.ones(len(entries), bool)
        np.not_equal(entries[1:], entries[:-1], out=first[1:])
        return np.compress(first, entries)

    def _affordable(self, known: Places) -> Places:
        counts = self.postings.starts[known + 1] - self.postings.starts[known]
        late = _SPARE[self.kind[known]] | (counts > COMMON_SHARE * self.part.rows)
        order = np.lexsort((counts, late))
        cost = np.cumsum(counts[order])
        within = max(1, int(np.searchsorted(cost, BUDGET + BUDGET_SHARE * self.part.rows, "right")))
        return np.sort(known[order[:within]])

    def _best_rows(self, alike: Floats, need: int, wanted: Flags | None) -> Longs:
        """The best `need` rows of wanted entries, and the best of all."""
        rows = _largest(alike, need)
        if wanted is None:
            return rows
        good, wider = rows[wanted[self.part.entry_of[rows]]], need
        while len(good) < need // 2 and wider < len(alike):
            wider *= 8
            more = _largest(alike, wider)
            good = more[wanted[self.part.entry_of[more]]][:need]
        return np.concatenate((rows, good))


def _largest(values: Floats, most: int) -> Longs:
    """The places of the largest positive values, largest first.

    Cut into stripes, as many stripes as wanted reach the value of the stripe that is so-manieth: that leaves few to sort.
    """
    stripes = values[: len(values) // STRIPE * STRIPE].reshape(STRIPE, -1).max(0, initial=0.0)
    least = float(np.partition(stripes, -most)[-most]) if len(stripes) > most else 0.0
    places = np.flatnonzero(values >= least) if least > 0 else np.flatnonzero(values > 0)
    if len(places) > 4 * most:
        places = np.sort(places[np.argpartition(-values[places], most - 1)[:most]])
    return places[np.argsort(-values[places], kind="stable")][:most]
