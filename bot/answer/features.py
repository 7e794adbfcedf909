"""Features: what is measured about a question beside some candidates, one row of numbers a candidate."""

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance.JaroWinkler import similarity as winkler
from rapidfuzz.distance.Postfix import similarity as tail
from rapidfuzz.distance.Prefix import similarity as head
from rapidfuzz.fuzz import partial_ratio, ratio

from bot.answer.gaps import SWAPS, TYPE_SWAPS, Gap, gaps_of
from bot.answer.laid import KIND_COUNT, Laid
from bot.answer.signs import SIGNS, UNLIKE_COUNTS, Signs, kept_signs, signs, unlike
from bot.answer.stories import STORY_NAMES, story
from knowledge.index import KIND_WEIGHTS, Hit, Index, Kept, Query
from knowledge.text import KINDS, Terms

Numbers = NDArray[np.integer[Any]]
Floats = NDArray[np.float32]
# By kind of term: a column for each kind, and one of what the kind counts together with the others.
_OF_KIND = np.column_stack([np.eye(KIND_COUNT, dtype=np.float32), KIND_WEIGHTS])
_LEAST, _ONE = np.array(1e-6, np.float32), np.array(1, np.float32)
# So near in the share of what was asked, two hits are as good as each other.
_TWIN = 0.05
# Letter by letter only so far: comparing grows with the square of the length.
LONGEST_COMPARED = 160
_BY_KIND = tuple(f"{what}_{kind}" for what in ("cos", "asked", "kept") for kind in KINDS)
_SHARES = ("asked", "kept")
_LETTERS = ("ratio", "partial", "sound", "winkler", "head", "tail", "length", "kept_length", "proportion")
_GAPS = ("words_asked", "words_kept", "worst_asked", "worst_kept")
_HITS = ("likeness", "second", "counter", "questions", "unknown")
_ENTRY = ("union", "repeated", "told", "told_missing")
_AMONG = ("lead", "ratio_lead", "union_lead", "repeated_lead", "place", "twins")
_UNLIKE = tuple(f"unlike_{sign}" for sign in SIGNS)
NAMES = (*_BY_KIND, *_SHARES, *_ENTRY, *_HITS, *_LETTERS, *_GAPS, *_AMONG, *_UNLIKE, *STORY_NAMES)
_AT = dict(
    zip(
        ("kind", "shares", "entry", "hits", "letters", "gaps", "among", "unlike", "story"),
        np.cumsum([0, *map(len, (_BY_KIND, _SHARES, _ENTRY, _HITS, _LETTERS, _GAPS, _AMONG, _UNLIKE))]).tolist(),
        strict=True,
    )
)


@dataclass(slots=True)
class Measured:
    """One row a hit, the columns of `table` are NAMES; with it what tells how words and types differ.

    `columns` lays all of it out sparsely, for learning.
    """

    table: Floats
    laid: Laid
    gaps: list[Gap]

    def columns(self, index: Index, query: Query) -> tuple[Numbers, Numbers]:
        """Rows and columns: the number of a term asked but not kept; or, past all those, of a term kept but not asked; or,
        past those too, of a change."""
        wide, flat = len(index.rarity), self.laid.flat
        asked_rows, asked_at = np.nonzero((self.laid.found == 0) & index.telling[query.known])
        lone = ~np.isin(flat, query.known) & index.telling[flat]
        changes = [gap.changes() for gap in self.gaps]
        changed = np.array([number for numbers in changes for number in numbers], np.int64)
        of = np.repeat(np.arange(self.laid.count), [*map(len, changes)])
        rows = np.concatenate([asked_rows, self.laid.row[lone], of])
        columns = [query.known[asked_at], flat[lone] + wide, changed + 2 * wide]
        return rows.astype(np.int32), np.concatenate(columns).astype(np.int32)


def width(index: Index) -> int:
    """How many sparse columns there are for an index."""
    return 2 * len(index.rarity) + SWAPS + TYPE_SWAPS


def measure(
    index: Index, query: Query, hits: Sequence[Hit], asked: Signs | None = None, title: str = "", without: int = -1
) -> Measured:
    """Everything the model looks at for some hits of one question; `asked` are its signs where they are known already, and
    `without` is a row that is taken not to be kept."""
    kept = [index.kept(hit.row) for hit in hits]
    laid = Laid.out(index, query, hits, kept, without)
    asked = asked or signs(query.terms.text)
    shown = [kept_signs(one.said) for one in kept]
    gaps = gaps_of(index, query, kept, asked.types, [other.types for other in shown])
    table = np.zeros((len(hits), len(NAMES)), np.float32)
    _weights(index, query, laid, table)
    # One flat row of plain numbers becomes an array several times as fast as a list of rows.
    numbers: list[float] = []
    for hit, one, gap, other, letters in zip(hits, kept, gaps, shown, _letters(query.terms, kept), strict=True):
        numbers += (hit.likeness, hit.second, hit.counter, one.questions, query.unknown)
        numbers += letters
        numbers += gap.counted()
        numbers += unlike(asked, other)
    counted = np.frombuffer(array("f", numbers), np.float32).reshape(len(hits), -1)
    table[:, _AT["hits"] : _AT["among"]] = counted[:, :-UNLIKE_COUNTS]
    table[:, _AT["unlike"] : _SHOWN] = counted[:, -UNLIKE_COUNTS:]
    others = np.concatenate([other.shown for other in shown]).reshape(len(hits), -1)
    np.subtract(asked.shown, others, out=table[:, _SHOWN : _AT["story"]])
    _among(table)
    if index.long:
        table[:, _AT["story"] :] = story(index, query, laid, title)
    return Measured(table, laid, gaps)


def liken(measured: Measured) -> None:
    """Put down how alike hits are that no search has found: as `Index.search` tells it, from both shares of weight."""
    table = measured.table
    np.sqrt(table[:, _ASKED] * table[:, _KEPT], out=table[:, _LIKENESS])


def _weights(index: Index, query: Query, laid: Laid, table: Floats) -> None:
    """Weight matched of what was asked and of what is kept, by kind of term and together; and what all questions of an
    entry, and its answer, have of what was asked."""
    wide, count = len(query.known), laid.count
    weights = _OF_KIND.take(index.kind.take(query.known), 0) * query.weights[:, None]
    # Tables of hit by known term, weighed all at once: found, missing; in any question, in how many; told, told and missing.
    tables = np.empty((6, count, wide), np.float32)
    tables[0] = laid.found
    np.subtract(_ONE, laid.found, out=tables[1])
    index.counted.take(laid.counts, 1, out=tables[2:5], mode="clip")
    np.multiply(tables[4], tables[1], out=tables[5])
    found = (tables.reshape(6 * count, wide) @ weights).reshape(6, count, KIND_COUNT + 1)
    matched, together = found[0, :, :KIND_COUNT], found[:, :, KIND_COUNT]
    whole = np.concatenate([one.rarities for one in laid.kept]).reshape(count, -1)
    kept, totals = whole[:, :KIND_COUNT], query.totals
    asked = totals + _LEAST
    np.divide(matched, np.sqrt(totals * kept + _LEAST), out=table[:, 0:KIND_COUNT])
    np.divide(matched, asked, out=table[:, KIND_COUNT : 2 * KIND_COUNT])
    np.divide(matched, kept + _LEAST, out=table[:, 2 * KIND_COUNT : 3 * KIND_COUNT])
    at = _AT["shares"]
    shares = table[:, at : at + 6].T
    np.multiply(together, np.float32(1 / (float(totals @ KIND_WEIGHTS) + 1e-6)), out=shares)
    np.divide(together[0], whole[:, KIND_COUNT] + _LEAST, out=shares[1])
    np.divide(together[5], together[1] + _LEAST, out=shares[5])


def _letters(one: Terms, kept: Sequence[Kept]) -> list[tuple[float, ...]]:
    """How alike the letters and sounds of a question and of kept questions are."""
    a, heard = one.text[:LONGEST_COMPARED], one.sound[: 4 * LONGEST_COMPARED]
    length = len(one.text)
    rows: list[tuple[float, ...]] = []
    for other in kept:
        b, kept_length = other.said[:LONGEST_COMPARED], len(other.said)
        longest = max(len(a), len(b), 1)
        rows.append(
            (
                ratio(a, b) / 100,
                partial_ratio(a, b) / 100,
                ratio(heard, other.sound[: 4 * LONGEST_COMPARED]) / 100,
                winkler(a, b),
                head(a, b) / longest,
                tail(a, b) / longest,
                length,
                kept_length,
                math.log((length + 1) / (kept_length + 1)),
            )
        )
    return rows


def _among(table: Floats) -> None:
    """Where a hit stands among the others: its leads over the best other, its place, and how many are nearly as good."""
    at, likeness = _AT["among"], table[:, _AT["shares"]]
    values = table.T.take(_LEADING, 0)
    if values.shape[1] > 1:
        ordered = np.sort(values)
        most, second = ordered[:, -1:], ordered[:, -2:-1]
        values -= np.where(values == most, second, most)
    table[:, at : at + 4] = values.T
    table[:, at + 4] = np.arange(len(table))
    near = np.abs(likeness[:, None] - likeness) < _TWIN
    np.subtract(np.add.reduce(near, 1, np.float32), _ONE, out=table[:, at + 5])


_LEADING = np.array([NAMES.index(name) for name in ("likeness", "ratio", "union", "repeated")])
_SHOWN = _AT["unlike"] + UNLIKE_COUNTS
_LIKENESS, _ASKED, _KEPT = (NAMES.index(name) for name in ("likeness", "asked", "kept"))
