"""Segments of the index: the kept questions of some entries as flat arrays of term numbers, and where each term occurs."""

import hashlib
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.entries import KnownEntry
from knowledge.text import Lexicon, Terms, bare_of, normalise

Floats = NDArray[np.float32]
Numbers = NDArray[np.int32]
# Indexes of the machine's own width: numpy looks those up several times as fast as shorter ones.
Places = NDArray[np.intp]
Longs = NDArray[np.int64]
Marks = NDArray[np.uint64]
Flags = NDArray[np.bool_]
# So many questions are laid out at a time: what is needed beside the result stays small however large the base is.
BLOCK = 1 << 15
# Fewer rows than this are picked one by one; of more, whole ranges are copied.
FEW_PLACES = 4096


def questions_of(entry: KnownEntry) -> tuple[str, ...]:
    """The rows of an entry in their order: its own questions, then its counter-questions."""
    return (entry.standard, *entry.similar, *entry.counter)


def mark_of(said: str) -> int:
    """64 bits of a bare text; equal texts have equal marks, and others almost never."""
    return int.from_bytes(hashlib.blake2b(said.encode(), digest_size=8).digest(), "little")


def spread(starts: NDArray[Any], lengths: NDArray[Any]) -> Longs:
    """The places of several ranges, one range after the other."""
    ends = np.cumsum(lengths, dtype=np.int64)
    places: Longs = (starts - ends + lengths).astype(np.int64, copy=False).repeat(lengths)
    places += np.arange(len(places))
    return places


def edges(lengths: Iterable[int] | NDArray[Any]) -> Longs:
    """Where each of several things laid side by side starts, and where the last ends."""
    counts = np.fromiter(lengths, np.int64)
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(counts)))


class Reader:
    """Analyses questions for a part: what is known is not analysed again, and what is to be held is put by."""

    def __init__(self, lexicon: Lexicon, known: dict[str, Terms], held: list[Terms] | None) -> None:
        self._lexicon, self._known, self._held = lexicon, known, held

    def __call__(self, text: str) -> tuple[Iterable[str], str]:
        """The terms of a question, and what it says without punctuation."""
        normal = normalise(text)
        terms = self._known.get(text) or self._lexicon.read(normal)
        if self._held is not None:
            self._held.append(terms)
        return terms.terms, bare_of(normal)


@dataclass(frozen=True, eq=False)
class Part:
    """Entries with their questions laid out: a question is a row, and the rows of an entry lie side by side.

    `firsts` are the first rows of the entries (and the end), `own` how many of each entry's rows are not counter-questions.
    The terms of a row are `flat[starts[row]:starts[row + 1]]`. `marks` tell the bare texts of the rows, in order of rows.
    """

    entries: tuple[KnownEntry, ...]
    own: Numbers
    firsts: Longs
    entry_of: Numbers
    flat: Numbers
    starts: Longs
    marks: Marks

    @classmethod
    def of(cls, entries: Sequence[KnownEntry], flat: Numbers, starts: Longs, marks: Marks) -> "Part":
        """Lay out the rows of entries whose questions are analysed."""
        own = np.fromiter((1 + len(entry.similar) for entry in entries), np.int32, len(entries))
        counters = np.fromiter((len(entry.counter) for entry in entries), np.int32, len(entries))
        entry_of = np.repeat(np.arange(len(entries), dtype=np.int32), own + counters)
        return cls(tuple(entries), own, edges(own + counters), entry_of, flat, starts, marks)

    @classmethod
    def read(
        cls, entries: Sequence[KnownEntry], analyse: Callable[[str], tuple[Iterable[str], str]], numbers: dict[str, int]
    ) -> "Part":
        """Analyse all questions; `numbers` gives every new term its number by itself."""
        flat, lengths, marks = array("i"), array("q"), array("Q")
        for entry in entries:
            for text in questions_of(entry):
                terms, said = analyse(text)
                before = len(flat)
                flat.extend(map(numbers.__getitem__, terms))
                lengths.append(len(flat) - before)
                marks.append(mark_of(said))
        return cls.of(entries, np.array(flat, np.int32), edges(lengths), np.array(marks, np.uint64))

    @property
    def rows(self) -> int:
        """How many questions there are."""
        return len(self.marks)

    def text(self, row: int) -> str:
        """The question of a row."""
        at = int(self.entry_of[row])
        return questions_of(self.entries[at])[row - int(self.firsts[at])]

    def counter(self, row: int) -> bool:
        """Whether a row is a counter-question."""
        at = int(self.entry_of[row])
        return row - int(self.firsts[at]) >= int(self.own[at])

    @classmethod
    def nothing(cls) -> "Part":
        """No entries."""
        return cls.of((), np.zeros(0, np.int32), np.zeros(1, np.int64), np.zeros(0, np.uint64))

    def taken(self, places: Longs) -> "Part":
        """Some of the entries."""
        counts = self.firsts[places + 1] - self.firsts[places]
        rows = spread(self.firsts[places], counts)
        lengths = self.starts[rows + 1] - self.starts[rows]
        flat = self.flat[spread(self.starts[rows], lengths)]
        return Part.of([self.entries[at] for at in places.tolist()], flat, edges(lengths), self.marks[rows])

    def numbered_anew(self, numbers: Numbers) -> "Part":
        """The same with other numbers for its terms."""
        return replace(self, flat=numbers[self.flat])

    def joined(self, other: "Part") -> "Part":
        """Both parts, one after the other."""
        return Part.of(
            (*self.entries, *other.entries),
            np.concatenate((self.flat, other.flat)),
            np.concatenate((self.starts, other.starts[1:] + len(self.flat))),
            np.concatenate((self.marks, other.marks)),
        )

    def sums(self, rows: NDArray[Any], values: Floats) -> Floats:
        """For each row the sum of a value by term over its terms."""
        starts, lengths = self.starts[rows], self.starts[rows + 1] - self.starts[rows]
        found = values[self.flat[spread(starts, lengths)]]
        # A question without terms has nothing to add up; one zero more keeps its place inside the array.
        sums = np.add.reduceat(np.append(found, np.float32(0)), np.cumsum(lengths) - lengths)
        return np.where(lengths > 0, sums, np.float32(0)).astype(np.float32)


def all_sums(part: Part, values: Floats) -> Floats:
    """`Part.sums` of every row, a block at a time."""
    found = np.zeros(part.rows, np.float32)
    for start in range(0, part.rows, BLOCK):
        rows = np.arange(start, min(start + BLOCK, part.rows))
        found[rows] = part.sums(rows, values)
    return found


@dataclass(frozen=True, eq=False)
class Postings:
    """The rows in which each term stands: `rows[starts[term]:starts[term + 1]]`, ascending."""

    rows: Numbers
    starts: Longs

    @classmethod
    def of(cls, part: Part, listed: Flags) -> "Postings":
        """Turn the rows of a part around, a block at a time; terms that are not `listed` get no rows."""
        terms = len(listed)
        starts = edges(np.where(listed, np.bincount(part.flat, minlength=terms), 0)) if terms else edges(())
        free = starts[:-1].copy()
        rows = np.zeros(int(starts[-1]), np.int32)
        for start in range(0, part.rows, BLOCK):
            end = min(start + BLOCK, part.rows)
            flat = part.flat[part.starts[start] : part.starts[end]]
            row_of = np.repeat(np.arange(start, end, dtype=np.int32), np.diff(part.starts[start : end + 1]))
            kept = listed[flat]
            flat, row_of = flat[kept], row_of[kept]
            order = np.argsort(flat, kind="stable")
            ordered = flat[order]
            counts = np.bincount(ordered, minlength=terms)
            rows[free[ordered] + np.arange(len(ordered)) - (np.cumsum(counts) - counts)[ordered]] = row_of[order]
            free += counts
        return cls(rows, starts)

    def add_up(self, known: Places, weights: Floats, into: Floats) -> None:
        """Add the weight of each term to all rows in which it stands."""
        if len(known):
            starts, ends = self.starts.take(known), self.starts.take(known + 1)
            lengths = ends - starts
            if int(lengths.sum()) < FEW_PLACES:
                rows = self.rows.take(spread(starts, lengths))
            else:
                rows = np.concatenate([self.rows[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)])
            np.add.at(into, rows, weights.repeat(lengths))


@dataclass(frozen=True, eq=False)
class Exact:
    """The rows by the marks of their bare texts, counter-questions left out."""

    marks: Marks
    rows: Numbers

    @classmethod
    def of(cls, part: Part) -> "Exact":
        """Sort the marks of a part."""
        counter = np.arange(part.rows) - part.firsts[part.entry_of] >= part.own[part.entry_of]
        rows = np.flatnonzero(~counter).astype(np.int32)
        order = np.argsort(part.marks[rows], kind="stable")
        return cls(part.marks[rows][order], rows[order])

    def find(self, said: str) -> list[int]:
        """The rows that have the mark of a bare text, ascending; whether they say the same is still to be looked at."""
        if not len(self.marks):
            return []
        mark = np.uint64(mark_of(said))
        start = self.marks.searchsorted(mark)
        if start == len(self.marks) or self.marks[start] != mark:
            return []
        return [int(row) for row in self.rows[start : self.marks.searchsorted(mark, "right")]]
