"""The index: which kept questions share which terms with a question, candidates only, most alike first."""

import math
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.entries import KnownEntry
from knowledge.text import KINDS, SOUND, Lexicon, Terms, bare

# How much one kind of term counts against the others when candidates are looked for, in the order of KINDS.
KIND_WEIGHTS = np.array([1.0, 1.0, 0.7, 0.7, 0.5], np.float32)
Floats = NDArray[np.float32]
Numbers = NDArray[np.int32]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Asked:
    """One kept question: a standard or similar question, or a counter-question, of the entry at `entry`."""

    entry: int
    text: str
    terms: Terms
    counter: bool = False


@dataclass(frozen=True)
class Hit:
    """An entry found: its most alike question (a row of the index), and how alike its others are."""

    entry: int
    row: int
    likeness: float
    counter: float = 0.0
    second: float = 0.0


@dataclass(frozen=True)
class Query:
    """A question in the terms of one index: the numbers of those it knows, and what all of them weigh by kind."""

    terms: Terms
    known: Numbers
    weights: Floats
    totals: Floats
    unknown: float
    strange: tuple[str, ...] = ()


class Index:
    """All questions of a base by their terms. Built once, then only read: safe in any number of threads."""

    def __init__(self, entries: Sequence[KnownEntry], lexicon: Lexicon, before: "Index | None" = None) -> None:
        self.entries = tuple(entries)
        self.lexicon = lexicon
        known = before.analysed if before is not None and before.lexicon is lexicon else {}
        self.analysed: dict[str, Terms] = {}
        self.asked = tuple(self._questions(known))
        self._exact: dict[str, list[int]] = {}
        for at, asked in enumerate(self.asked):
            if not asked.counter:
                self._exact.setdefault(bare(asked.text), []).append(at)
        self._arrange()

    def _questions(self, known: dict[str, Terms]) -> Iterable[Asked]:
        for at, entry in enumerate(self.entries):
            for counter, texts in ((False, (entry.standard, *entry.similar)), (True, entry.counter)):
                for text in texts:
                    terms = known.get(text) or self.lexicon.terms(text)
                    self.analysed[text] = terms
                    yield Asked(at, text, terms, counter)

    def _arrange(self) -> None:
        """Number the terms and lay rows and postings out in flat arrays."""
        self._numbers: dict[str, int] = {}
        rows = [[self._numbers.setdefault(term, len(self._numbers)) for term in a.terms.terms] for a in self.asked]
        self.starts = np.cumsum([0, *map(len, rows)], dtype=np.int64)
        self.flat = np.array([number for row in rows for number in row], np.int32)
        count = len(self._numbers)
        self.kind = np.array([KINDS.index(term[0]) for term in self._numbers], np.int8)
        self.telling = self.kind < KINDS.index(SOUND)
        self.mark = np.array([zlib.crc32(term.encode()) for term in self._numbers], np.int64)
        seen = np.bincount(self.flat, minlength=count) if count else np.zeros(0, np.int64)
        self.rarity = np.log(1 + len(rows) / np.maximum(seen, 1)).astype(np.float32)
        self.unseen = math.log(1 + len(rows))
        row_of = np.repeat(np.arange(len(rows), dtype=np.int32), np.diff(self.starts))
        order = np.argsort(self.flat, kind="stable")
        self._rows_by_term = row_of[order]
        self._term_starts = np.concatenate(([0], np.cumsum(seen))).astype(np.int64)
        self._weight = self.rarity * KIND_WEIGHTS[self.kind]
        self._norm = np.sqrt(np.bincount(row_of, self._weight[self.flat], len(rows))).astype(np.float32)
        own = np.array([1 + len(entry.similar) for entry in self.entries], np.int64)
        counters = np.array([len(entry.counter) for entry in self.entries], np.int64)
        self._edges = np.concatenate(([0], np.cumsum(np.stack([own, counters], 1).ravel())))[:-1]
        self._countered = counters > 0
        self.sizes = own

    def numbered(self, weights: dict[str, float]) -> Floats:
        """Weights kept by term, laid out by the numbers of this index; terms without one weigh nothing."""
        return np.array([weights.get(term, 0.0) for term in self._numbers], np.float32)

    def names(self) -> list[str]:
        """The terms by their numbers."""
        return list(self._numbers)

    def exact(self, text: str) -> list[Asked]:
        """The questions that say the same letter by letter, punctuation apart."""
        return [self.asked[at] for at in self._exact.get(bare(text), ())]

    def query(self, terms: Terms) -> Query:
        """A question in the terms of this index."""
        found = [self._numbers.get(term, -1) for term in terms.terms]
        strange = [term for term, number in zip(terms.terms, found, strict=True) if number < 0]
        known = np.array([number for number in found if number >= 0], np.int32)
        weights = self.rarity[known]
        totals = np.bincount(self.kind[known], weights, len(KINDS)).astype(np.float32)
        for term in strange:
            totals[KINDS.index(term[0])] += self.unseen
        return Query(terms, known, weights, totals, len(strange) / max(len(found), 1), tuple(strange))

    def search(self, query: Query, limit: int = 30, without: int = -1, wanted: Flags | None = None) -> list[Hit]:
        """The entries most alike, best first, each at its most alike question; `without` leaves one row out.

        Only entries that are `wanted`, unless an unwanted one is more than twice as alike: then all, so that the reason
        why it is unwanted can be told.
        """
        total = math.sqrt(float(query.totals @ KIND_WEIGHTS))
        if not total or not len(query.known):
            return []
        likeness = self._dots(query) / (self._norm * total + 1e-9)
        if without >= 0:
            likeness[without] = 0
        return self._best(likeness, limit, wanted)

    def _dots(self, query: Query) -> Floats:
        starts, ends = self._term_starts[query.known], self._term_starts[query.known + 1]
        rows = np.concatenate([self._rows_by_term[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)])
        weights = np.repeat(self._weight[query.known], ends - starts)
        return np.bincount(rows, weights, len(self.asked)).astype(np.float32)

    def _best(self, likeness: Floats, limit: int, wanted: Flags | None) -> list[Hit]:
        """Rows of one entry lie side by side, its counter-questions last: two reductions tell the best of both."""
        both = np.maximum.reduceat(np.append(likeness, np.float32(0)), self._edges)
        best, counter = both[0::2], np.where(self._countered, both[1::2], np.float32(0))
        if wanted is not None:
            close = np.where(wanted, best, np.float32(0))
            best = close if close.max() * 2 >= best.max() else best
        wide = min(limit, len(best))
        top = np.argpartition(-best, wide - 1)[:wide]
        order = top[np.lexsort((top, -best[top]))]
        return [self._hit(entry, likeness, float(counter[entry])) for entry in order.tolist() if best[entry] > 0]

    def _hit(self, entry: int, likeness: Floats, counter: float) -> Hit:
        start, end = int(self._edges[2 * entry]), int(self._edges[2 * entry + 1])
        own = likeness[start:end]
        at = int(own.argmax())
        value = float(own[at])
        second = float(max(own[:at].max(initial=0.0), own[at + 1 :].max(initial=0.0)))
        return Hit(entry, start + at, value, counter, second)

    def terms_of(self, row: int) -> Numbers:
        """The numbers of the terms of one kept question."""
        return self.flat[self.starts[row] : self.starts[row + 1]]
