"""The rows of an index: what can be looked up of kept questions, terms and entries, however they are laid out."""

import math
import zlib
from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from knowledge.asked import AskedRows
from knowledge.layout import Layout
from knowledge.segments import Exact, Flags, Floats, Longs, Numbers, Part, Places, all_sums
from knowledge.settled import KIND_WEIGHTS, LONG_POWER, Growing, Scratch, Settled, kinds_of
from knowledge.text import KINDS, SOUND, WORD, Lexicon, Terms

Word = tuple[float, int]
# Up to so many questions all are held analysed; of more, those compared last.
HELD = 8192
# Words are told apart by so many bits of their letters.
LETTERS = (1 << 16) - 1
# Of an answer so much is read to see what it tells.
TOLD_MAX = 400
# Needed again only while an entry's questions are left out one by one.
TOLD_HELD = 64
# As large as a table of all entries by all terms may be; memory is taken only for entries that are looked at.
TABLED_BYTES = 16_000_000


class Query(NamedTuple):
    """A question in the terms of one index: the numbers of those it knows, and what all of them weigh by kind."""

    terms: Terms
    known: Places
    weights: Floats
    totals: Floats
    unknown: float
    strange: tuple[str, ...] = ()


class Kept(NamedTuple):
    """A kept question as it is measured: its row, as written, as said and heard (`Terms.text` and `Terms.sound`), the numbers
    of its terms, its words (each once) as `word_of` tells them, how rare its terms are together, by kind and then weighed,
    and how many questions its entry has, as a logarithm."""

    row: int
    text: str
    said: str
    sound: str
    numbers: Places
    words: dict[str, Word]
    rarities: Floats
    questions: float


class _Tabled:
    """What `Rows.around` tells, counted, as a table of entry by term, filled entry by entry as they are asked for: a few numbers looked
    up at once are quicker than all terms of an entry walked. Filling twice is harmless, so threads need not wait."""

    def __init__(self, entries: int, terms: int) -> None:
        self.counts = np.zeros((entries, terms), np.uint8)
        self.flat = self.counts.reshape(-1)
        self.filled: set[int] = set()

    @classmethod
    def of(cls, entries: int, terms: int, most: int) -> "_Tabled | None":
        """A table, unless it would be too large, or an entry has more questions than a byte can count."""
        return cls(entries, terms) if entries * terms <= TABLED_BYTES and most < 128 else None

    def fill(self, entry: int, asked: Numbers, told: Numbers) -> None:
        """Put down what is around one entry: twice how many of its questions have a term, and one if its answer has it."""
        counts = 2 * np.bincount(asked, minlength=self.counts.shape[1])
        counts[told] += 1
        self.counts[entry] = counts
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
        self._new_names = [*more]
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
        self._changed = Exact.of(delta)
        self._scratch = Scratch()
        self.long = settled.long
        self.steep = self.rarity**LONG_POWER if self.long else self.rarity
        self._read = lru_cache(HELD)(self._analysed)
        self.kept = lru_cache(HELD)(self._kept)
        self.word_of = lru_cache(HELD)(self._word)
        self._told_by = lru_cache(TOLD_HELD)(self._told)
        self._of_entry = lru_cache(HELD)(self._around)
        counted = np.arange(2 * int(self.sizes.max(initial=0)) + 2)
        # By number that stands with a term: whether any question has it, how many as a logarithm, whether the answer has it.
        self.counted = np.stack([counted > 1, np.log1p(counted >> 1), counted & 1]).astype(np.float32)
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
        part, at, before = self.place(row)
        text, numbers = part.text(at), part.flat[part.starts[at] : part.starts[at + 1]].astype(np.intp)
        held = self._held.get(row)
        # Its words are cut already: only what is said and heard has to be read again.
        said, sound = (held.text, held.sound) if held else self.lexicon.spoken(text)
        kinds = self.kind.take(numbers)
        of_kind = np.bincount(kinds, self.rarity.take(numbers), len(KINDS)).astype(np.float32)
        rarities = np.append(of_kind, of_kind @ KIND_WEIGHTS)
        words = [self._name(number)[len(WORD) :] for number in numbers[kinds == KINDS.index(WORD)].tolist()]
        questions = math.log1p(int(self.sizes[part.entry_of[at] + before]))
        return Kept(row, text, said, sound, numbers, {word: self.word_of(word) for word in words}, rarities, questions)

    def _told(self, entry: int) -> Numbers:
        """The numbers of the terms of an entry's answer and of the titles it rests on, each once."""
        known = self.entries[entry]
        text = known.answer[:TOLD_MAX] + " ".join(dict.fromkeys(line.title for line in known.basis))
        found = map(self._look_up, self.lexicon.terms(text).terms)
        return np.array([number for number in found if number is not None], np.int32)

    def beside_all(self, entries: list[int], known: Places, without: int = -1) -> NDArray[np.uint8] | None:
        """By entry and known term twice how many of its questions have it, and one more if its answer has it; None where the base is too large for a table of it."""
        table = self._tabled
        if table is None or without >= 0:
            return None
        for entry in set(entries) - table.filled:
            table.fill(entry, *self._around(entry))
        starts = np.array(entries) * table.counts.shape[1]
        found: NDArray[np.uint8] = table.flat.take(starts[:, None] + known)
        return found

    def around(self, entry: int, without: int = -1) -> tuple[Numbers, Numbers]:
        """The terms of the own questions of an entry, but for one of them, one question after the other; and the terms of its
        answer, each once."""
        first = int(self._firsts[entry])
        if first <= without < first + int(self.sizes[entry]):
            return self._asked(entry, without), self._told_by(entry)
        return self._of_entry(entry)

    def _around(self, entry: int) -> tuple[Numbers, Numbers]:
        return self._asked(entry), self._told_by(entry)

    def _asked(self, entry: int, without: int = -1) -> Numbers:
        """The terms of the own questions of an entry; they lie side by side."""
        first = int(self._firsts[entry])
        part, at, _ = self.place(first)
        end = at + int(self.sizes[entry])
        if without < 0:
            return part.flat[part.starts[at] : part.starts[end]]
        left_out = at + without - first
        before = part.flat[part.starts[at] : part.starts[left_out]]
        return np.concatenate((before, part.flat[part.starts[left_out + 1] : part.starts[end]]))

    def numbered(self, weights: dict[str, float]) -> Floats:
        """Weights kept by term, laid out by the numbers of this index; terms without one weigh nothing."""
        laid = np.zeros(len(self.kind), np.float32)
        for term, weight in weights.items():
            number = self._number(term)
            if number >= 0:
                laid[number] = weight
        return laid

    @property
    def _look_up(self) -> Callable[[str], int | None]:
        """The number of a term, if it has one."""
        return self._either_number if self._more else self.settled.numbers.get

    def _either_number(self, term: str) -> int | None:
        return self.settled.numbers.get(term, self._more.get(term))

    def _number(self, term: str) -> int:
        return self.settled.numbers.get(term, self._more.get(term, -1))

    def _name(self, number: int) -> str:
        before = len(self.settled.names)
        return self.settled.names[number] if number < before else self._new_names[number - before]

    def _word(self, word: str) -> Word:
        """How rare a word is among the kept questions, and a number told by its letters alone."""
        number = self._number(WORD + word)
        return float(self.rarity[number]) if number >= 0 else self.unseen, zlib.crc32(word.encode()) & LETTERS

    def names(self) -> list[str]:
        """The terms by their numbers."""
        return [*self.settled.names, *self._new_names]

    def query(self, terms: Terms) -> Query:
        """A question in the terms of this index."""
        found = [*map(self._look_up, terms.terms)]
        strange: list[str] = []
        count = len(found)
        if None in found:
            strange = [term for term, number in zip(terms.terms, found, strict=True) if number is None]
            found = [number for number in found if number is not None]
        known = np.array(found, np.intp)
        weights = self.rarity.take(known)
        totals = np.bincount(self.kind.take(known), weights, len(KINDS)).astype(np.float32)
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

    def _lay_out(self, entries: Longs) -> Layout:
        own = self.sizes[entries]
        return Layout(own, self._firsts[entries + 1] - self._firsts[entries] - own)

    @cached_property
    def _layout(self) -> Layout:
        return self._lay_out(self._every)
