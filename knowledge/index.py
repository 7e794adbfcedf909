"""The index: which kept questions share which terms with a question, candidates only, most alike first."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from knowledge.asked import Asked
from knowledge.entries import KnownEntry
from knowledge.rows import HELD, Kept, Query, Rows, Word
from knowledge.segments import Flags, Floats, Longs, Numbers, Part, Reader, questions_of, spread
from knowledge.settled import KIND_WEIGHTS, Growing, Settled
from knowledge.text import Lexicon, Terms, bare

__all__ = ["KIND_WEIGHTS", "Asked", "Flags", "Floats", "Hit", "Index", "Kept", "Numbers", "Query", "Word"]
# Up to so many questions all are compared: exact, and quicker there than choosing first.
DENSE_ROWS = 30_000
# So many rows are looked at for each entry asked for, before the best are told by all their terms.
ROWS_EACH = 16
# Every question is compared with each changed one; with more than so many the index is to be settled anew.
DELTA_ROWS = 2000


class Hit(NamedTuple):
    """An entry found: its most alike question (a row of the index), and how alike its others are."""

    entry: int
    row: int
    likeness: float
    counter: float = 0.0
    second: float = 0.0


class Index(Rows):
    """All questions of a base by their terms. Built once, then only read: safe in any number of threads.

    A large base that changes a little shares the settled segment of the index before: changed entries stand past it, and
    those they replace are dead, though they keep their places in `entries`. Rarities stay as settled until `settled_anew`.
    """

    def __init__(
        self,
        entries: Sequence[KnownEntry],
        lexicon: Lexicon,
        before: "Index | None" = None,
        *,
        dense: int = DENSE_ROWS,
    ) -> None:
        known = before.analysed() if before is not None and before.lexicon is lexicon else {}
        held: list[Terms] | None = [] if sum(len(questions_of(entry)) for entry in entries) <= HELD else None
        numbers = Growing()
        part = Part.read(entries, Reader(lexicon, known, held), numbers)
        self._begin(Settled.of(part, numbers, lean=part.rows > dense), lexicon, dense)
        names = self.names()
        for row, terms in enumerate(held or ()):
            # Each term once in memory, not once a question.
            same = tuple([names[number] for number in self.terms_of(row).tolist()])
            self._held[row] = Terms(terms.plain, terms.text, terms.words, terms.sound, same)

    @classmethod
    def of(cls, settled: Settled, lexicon: Lexicon, dense: int = DENSE_ROWS) -> "Index":
        """An index on a segment that is laid out already."""
        index = cls.__new__(cls)
        index._begin(settled, lexicon, dense)
        return index

    def renewed(self, entries: Sequence[KnownEntry]) -> "Index":
        """The index of a changed base; only questions of entries that are not settled as they are get analysed."""
        if len(self.asked) <= self.dense:
            return Index(entries, self.lexicon, self, dense=self.dense)
        part = self.settled.part
        places = {entry.key: at for at, entry in enumerate(part.entries)}
        dead = np.ones(len(part.entries), bool)
        changed = []
        for entry in entries:
            at = places.get(entry.key, -1)
            if at >= 0 and (part.entries[at] is entry or part.entries[at] == entry):
                dead[at] = False
            else:
                changed.append(entry)
        return self._with(changed, dead if dead.any() else None)

    def beside(self, entries: Sequence[KnownEntry]) -> "Index":
        """This index with other entries laid past it, to be measured with and not to be searched; rarities stay."""
        return self._with(entries, None)

    def _with(self, changed: Sequence[KnownEntry], dead: Flags | None) -> "Index":
        index = Index.__new__(Index)
        index.lexicon, index.dense, index._held = self.lexicon, self.dense, dict(self._held)
        more = Growing(self.settled.numbers)
        delta = Part.read(changed, Reader(self.lexicon, {}, None), more)
        index._arrange(self.settled, delta, more, dead)
        return index

    @property
    def unsettled(self) -> bool:
        """Whether so much has changed that the index should be settled anew."""
        gone = 0 if self.dead is None else int(self.dead.sum())
        return self.delta.rows > DELTA_ROWS or gone > max(DELTA_ROWS, len(self.settled.part.entries) // 10)

    def settled_anew(self, entries: Sequence[KnownEntry]) -> "Index":
        """The same entries in one segment in the given order, rarities counted again; nothing is analysed."""
        whole = self.settled.part.joined(self.delta)
        places = {entry.key: at for at, entry in enumerate(self.entries) if not self._is_dead(at)}
        part = whole.taken(np.array([places[entry.key] for entry in entries], np.int64))
        used = np.zeros(len(self.kind), bool)
        used[part.flat] = True
        place = (np.cumsum(used) - 1).astype(np.int32)
        part = part.numbered_anew(place)
        numbers = {name: number for name, number, kept in zip(self.names(), place.tolist(), used, strict=True) if kept}
        return Index.of(Settled.of(part, numbers, lean=part.rows > self.dense), self.lexicon, self.dense)

    def analysed(self) -> dict[str, Terms]:
        """The questions that are held analysed, if all are."""
        return {self.asked[row].text: terms for row, terms in self._held.items()}

    def exact(self, text: str) -> list[Asked]:
        """The questions that say the same letter by letter, punctuation apart."""
        return self.said(bare(text))

    def said(self, said: str) -> list[Asked]:
        """The questions whose bare text is this."""
        before = self.settled.part.rows
        rows = self.settled.exact.find(said) + [before + row for row in self._changed.find(said)]
        found = [self.asked[row] for row in rows]
        return [one for one in found if not self._is_dead(one.entry) and bare(one.text) == said]

    def search(
        self, query: Query, limit: int = 30, without: int = -1, wanted: Flags | None = None, title: str = ""
    ) -> list[Hit]:
        """The entries most alike, best first, each at its most alike question; `without` leaves one row out.

        Only entries that are `wanted`, unless an unwanted one is more than twice as alike: then all, so that the reason
        why it is unwanted can be told. Among passages the words of a message's `title` count twice.
        """
        weights, total = self._worth(query, title if self.long else "")
        if not total or not len(query.known):
            return []
        if len(self.asked) <= self.dense:
            entries = self._every
            likeness = self.settled.dots(query.known, weights / np.float32(total))
            likeness *= self.settled.inverse
        else:
            entries = self._candidates(query, limit, wanted)
            likeness = self._compared(query, weights, entries) / np.float32(total)
        if without >= 0:
            firsts = self._firsts[entries]
            _leave_out(likeness, firsts, self._firsts[entries + 1] - firsts, without)
        return self._best(likeness, entries, limit, wanted)

    def likeness(self, query: Query, row: int) -> float:
        """How alike one kept question is, as `search` tells it of those it finds."""
        numbers = self.terms_of(row)
        weights = self._weight[numbers]
        shared = float(weights[np.isin(numbers, query.known)].sum())
        return shared / (math.sqrt(float(weights.sum())) * self._worth(query, "")[1] + 1e-9) if shared else 0.0

    def _worth(self, query: Query, title: str) -> tuple[Floats, float]:
        """What each known term of a question counts, and the root of what all of it counts."""
        weights = self._weight[query.known]
        if not self.long:
            return weights, math.sqrt(float(query.totals @ KIND_WEIGHTS))
        if title:
            titled = np.isin(query.known, self.query(self.lexicon.terms(title)).known)
            weights = np.where(titled, 2 * weights, weights)
        return weights, math.sqrt(float(weights.sum()))

    def _candidates(self, query: Query, limit: int, wanted: Flags | None) -> Longs:
        """The entries worth comparing in full, ascending, all changed ones among them."""
        known = query.known[query.known < len(self.settled.kind)]
        before = len(self.settled.part.entries)
        of_them = None if wanted is None else wanted[:before]
        found = self.settled.candidates(known, max(limit, 4) * ROWS_EACH, self._inverse, of_them)
        return np.concatenate((found, np.arange(before, len(self.entries))))

    def _compared(self, query: Query, weights: Floats, entries: Longs) -> Floats:
        """The likeness of all rows of some entries but for the question's own length, side by side."""
        values = self._scratch.zeros("values", len(self.kind))
        values[query.known] = weights
        before = len(self.settled.part.entries)
        found = []
        for part, norm, own in (
            (self.settled.part, self._norms[0], entries[entries < before]),
            (self.delta, self._norms[1], entries[entries >= before] - before),
        ):
            rows = spread(part.firsts[own], part.firsts[own + 1] - part.firsts[own])
            found.append(part.sums(rows, values) / (norm[rows] + np.float32(1e-9)))
        values[query.known] = 0
        return np.concatenate(found)

    def _best(self, likeness: Floats, entries: Longs, limit: int, wanted: Flags | None) -> list[Hit]:
        """The hits of entries whose likenesses lie side by side."""
        if not len(entries):
            return []
        whole = entries is self._every
        layout = self._layout if whole else self._lay_out(entries)
        best = layout.best(likeness)
        if wanted is not None:
            close = best * (wanted if whole else wanted[entries])
            best = close if np.maximum.reduce(close) * 2 >= np.maximum.reduce(best) else best
        wide = min(limit, len(best))
        less = -best
        top = np.argpartition(less, wide - 1)[:wide]
        order = sorted(zip(less.take(top).tolist(), top.tolist(), strict=True))
        places = [at for value, at in order if value < 0]
        found = entries.take(places)
        firsts = self._firsts.take(found).tolist()
        return [
            _hit(entry, first, *layout.of(likeness, at))
            for entry, first, at in zip(found.tolist(), firsts, places, strict=True)
        ]


def _hit(entry: int, first: int, own: list[float], counters: list[float]) -> Hit:
    # Plain numbers: for the few questions of one entry Python is faster than arrays.
    best = max(own)
    at = own.index(best)
    own[at] = 0.0
    return Hit(entry, first + at, best, max(counters) if counters else 0.0, max(own))


def _leave_out(likeness: Floats, firsts: Longs, lengths: Longs, row: int) -> None:
    at = int(np.searchsorted(firsts, row, "right")) - 1
    if at >= 0 and row < firsts[at] + lengths[at]:
        likeness[int(lengths[:at].sum()) + row - int(firsts[at])] = 0
