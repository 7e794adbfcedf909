"""The rows of an index: what can be looked up of kept questions, terms and entries, however they are laid out."""

import math
import zlib
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from knowledge.asked import AskedRows
from knowledge.segments import Exact, Flags, Floats, Longs, Numbers, Part, all_sums, edges
from knowledge.settled import KIND_WEIGHTS, LONG_POWER, Growing, Scratch, Settled, kinds_of
from knowledge.text import KINDS, SOUND, WORD, Lexicon, Terms

# Up to so many questions all are held analysed; of more, those compared last.
HELD = 8192
# Of an answer so much is read to see what it tells.
TOLD_MAX = 400
# Needed again only while an entry's questions are left out one by one.
TOLD_HELD = 64
# As large as a table of all entries by all terms may be; memory is taken only for entries that are looked at.
TABLED_BYTES = 16_000_000


@dataclass(frozen=True, slots=True)
class Query:
    """A question in the terms of one index: the numbers of those it knows, and what all of them weigh by kind."""

    terms: Terms
    known: Numbers
    weights: Floats
    totals: Floats
    unknown: float
    strange: tuple[str, ...] = ()


class Kept(NamedTuple):
    """A kept question as it is measured: as written, analysed, the numbers of its terms, its words (each once) as `word_of` tells them, how
    rare its terms are together, by kind, and how many questions its entry has, as a logarithm."""

    text: str
    terms: Terms
    numbers: Numbers
    words: dict[str, tuple[float, int]]
    rarities: Floats
    questions: float


class _Tabled:
    """What `Rows.around` tells, as a table of entry by term, filled entry by entry as they are asked for: a few numbers looked
    up at once are quicker than all terms of an entry walked. Filling twice is harmless, so threads need not wait."""

    def __init__(self, entries: int, terms: int) -> None:
        self.counts = np.zeros((entries, terms), np.uint8)
        self.filled: set[int] = set()

    @classmethod
    def of(cls, entries: int, terms: int, most: int) -> "_Tabled | None":
        """A table, unless it would be too large, or an entry has more questions than a byte can count."""
        return cls(entries, terms) if entries * terms <= TABLED_BYTES and most < 128 else None

    def fill(self, entry: int, numbers: Numbers, counts: Numbers) -> None:
        """Put down what is around one entry."""
        self.counts[entry] = np.bincount(numbers, counts, self.counts.shape[1])
        self.filled.add(entry)


class Rows:
    """Everything of an index that is looked up by row, term or entry; `knowledge.index` searches it."""

    def _begin(self, settled: Settled, lexicon: Lexicon, dense: int) -> None:
        self.lexicon = lexicon
        self.dense = dense
        self._held: dict[int, Terms] = {}
        self._arrange(settled, Part.nothing(), Growing(), None)

    def _arrange(self, settled: Settled, delta: Part, more: Growing, dead: Flags | None) -> None:
        """Everything that is looked up by term, entry or row, over the settled segment and the changes."""
        part = settled.part
        self.settled, self.delta, self.dead, self._more = settled, delta, dead, more
        self.entries = part.entries + delta.entries
        self.asked = AskedRows(self, part.rows + delta.rows)
        self.sizes = np.concatenate((part.own, delta.own))
        self.unseen = math.log(1 + part.rows)
        new = kinds_of(more)
        self.kind = np.concatenate((settled.kind, new))
        self.telling = self.kind < KINDS.index(SOUND)
        self.rarity = np.concatenate((settled.rarity, np.full(len(new), self.unseen, np.float32)))
        rare = self.rarity[len(settled.rarity) :]
        self._weight = np.concatenate((settled.weight, rare * KIND_WEIGHTS[new])).astype(np.float32)
        self._firsts = np.concatenate((part.firsts[:-1], delta.firsts + part.rows))
        self._norms = (settled.norm, np.sqrt(all_sums(delta, self._weight)))
        self._inverse = settled.inverse
        if dead is not None:
            self._inverse = np.where(dead[part.entry_of], np.float32(0), settled.inverse)
        self._every = np.arange(len(self.entries))
        self._layout = self._lay_out(self._every)
        self._changed = Exact.of(delta)
        self._scratch = Scratch()
        self.long = settled.long
        self.steep = self.rarity**LONG_POWER if self.long else self.rarity
        self._read = lru_cache(HELD)(self._analysed)
        self.kept = lru_cache(HELD)(self._kept)
        self.word_of = lru_cache(HELD)(self._word)
        self._told_by = lru_cache(TOLD_HELD)(self._told)
        self._of_entry = lru_cache(HELD)(self._around)
        self._tabled = _Tabled.of(len(self.entries), len(self.kind), int(self.sizes.max(initial=0)))

    def place(self, row: int) -> tuple[Part, int, int]:
        """The part a row lies in, its row there, and how many entries stand before that part."""
        part = self.settled.part
        if row < part.rows:
            return part, row, 0
        return self.delta, row - part.rows, len(part.entries)

    def kept_terms(self, row: int) -> Terms:
        """A kept question analysed."""
        return self._held.get(row) or self._read(row)

    def _analysed(self, row: int) -> Terms:
        return self.lexicon.terms(self.asked[row].text)

    def terms_of(self, row: int) -> Numbers:
        """The numbers of the terms of one kept question."""
        part, at, _ = self.place(row)
        return part.flat[part.starts[at] : part.starts[at + 1]]

    def _kept(self, row: int) -> Kept:
        terms, numbers = self.kept_terms(row), self.terms_of(row)
        words = {word: self.word_of(word) for word in terms.words}
        rarities = np.bincount(self.kind[numbers], self.rarity[numbers], len(KINDS)).astype(np.float32)
        part, at, before = self.place(row)
        return Kept(
            part.text(at), terms, numbers, words, rarities, math.log1p(int(self.sizes[part.entry_of[at] + before]))
        )

    def _told(self, entry: int) -> Numbers:
        """The numbers of the terms of an entry's answer and of the titles it rests on, each once."""
        known = self.entries[entry]
        text = known.answer[:TOLD_MAX] + " ".join(dict.fromkeys(line.title for line in known.basis))
        numbers = {self._number(term) for term in self.lexicon.terms(text).terms} - {-1}
        return np.array(sorted(numbers), np.int32)

    def beside_all(self, entries: list[int], known: Numbers, without: int = -1) -> NDArray[np.int32] | None:
        """By entry and known term what `around` tells, at once; None where the base is too large for a table of it."""
        table = self._tabled
        if table is None or without >= 0:
            return None
        for entry in entries:
            if entry not in table.filled:
                table.fill(entry, *self._around(entry))
        found: NDArray[np.int32] = table.counts[np.array(entries)[:, None], known].astype(np.int32)
        return found

    def around(self, entry: int, without: int = -1) -> tuple[Numbers, Numbers]:
        """The terms of the own questions of an entry, but for one of them, each with twice the number of questions it stands in;
        and after those the terms of its answer, each with one. A term of both stands twice: its numbers are to be added."""
        if without >= 0:
            first = int(self._firsts[entry])
            if first <= without < first + int(self.sizes[entry]):
                return self._around(entry, without)
        return self._of_entry(entry)

    def _around(self, entry: int, without: int = -1) -> tuple[Numbers, Numbers]:
        asked, often = self._shared(entry, without)
        told = self._told_by(entry)
        return np.concatenate((asked, told)), np.concatenate((2 * often, np.ones(len(told), np.int32)))

    def _shared(self, entry: int, without: int = -1) -> tuple[Numbers, Numbers]:
        first = int(self._firsts[entry])
        rows = [row for row in range(first, first + int(self.sizes[entry])) if row != without]
        whole = np.concatenate([np.zeros(0, np.int32), *(self.terms_of(row) for row in rows)])
        numbers, counts = np.unique(whole, return_counts=True)
        return numbers, counts.astype(np.int32)

    def numbered(self, weights: dict[str, float]) -> Floats:
        """Weights kept by term, laid out by the numbers of this index; terms without one weigh nothing."""
        laid = np.zeros(len(self.kind), np.float32)
        for term, weight in weights.items():
            number = self._number(term)
            if number >= 0:
                laid[number] = weight
        return laid

    def _number(self, term: str, otherwise: int = -1) -> int:
        return self.settled.numbers.get(term, self._more.get(term, otherwise))

    def _word(self, word: str) -> tuple[float, int]:
        """How rare a word is among the kept questions, and a number told by its letters alone."""
        number = self._number(WORD + word)
        return float(self.rarity[number]) if number >= 0 else self.unseen, zlib.crc32(word.encode())

    def names(self) -> list[str]:
        """The terms by their numbers."""
        return [*self.settled.numbers, *self._more]

    def query(self, terms: Terms) -> Query:
        """A question in the terms of this index."""
        known_number = self._number if self._more else self.settled.numbers.get
        found = [*map(known_number, terms.terms, repeat(-1))]
        strange: list[str] = []
        count = len(found)
        if min(found, default=0) < 0:
            strange = [term for term, number in zip(terms.terms, found, strict=True) if number < 0]
            found = [number for number in found if number >= 0]
        known = np.array(found, np.int32)
        weights = self.rarity[known]
        totals = np.bincount(self.kind[known], weights, len(KINDS)).astype(np.float32)
        for term in strange:
            totals[KINDS.index(term[0])] += self.unseen
        return Query(terms, known, weights, totals, len(strange) / max(count, 1), tuple(strange))

    def _is_dead(self, entry: int) -> bool:
        return self.dead is not None and entry < len(self.dead) and bool(self.dead[entry])

    def place_of(self, key: str) -> int:
        """Where the entry of a key stands as it is now; -1 where there is none."""
        return next((at for at, one in enumerate(self.entries) if one.key == key and not self._is_dead(at)), -1)

    def own_rows(self, entry: int) -> range:
        """The rows of the own questions of an entry, the standard one first."""
        first = int(self._firsts[entry])
        return range(first, first + int(self.sizes[entry]))

    def counters_of(self, entry: int) -> range:
        """The rows of the counter-questions of an entry."""
        return range(int(self._firsts[entry]) + int(self.sizes[entry]), int(self._firsts[entry + 1]))

    def _lay_out(self, entries: Longs) -> tuple[Numbers, Longs, Longs]:
        """How many own and counter-questions some entries have, and where each begins when all stand side by side."""
        own = self.sizes[entries]
        counters = self._firsts[entries + 1] - self._firsts[entries] - own
        return own, counters, edges(np.stack([own, counters], 1).ravel())[:-1]
