"""Features: what is measured about a question beside some candidates, one row of numbers a candidate."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import filterfalse, product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance.JaroWinkler import similarity as winkler
from rapidfuzz.distance.Postfix import similarity as tail
from rapidfuzz.distance.Prefix import similarity as head
from rapidfuzz.fuzz import partial_ratio, ratio

from bot.answer.laid import KIND_COUNT, Laid
from bot.answer.signs import ASKS, SIGNS, UNLIKE_COUNTS, Signs, kept_signs, signs, swapped_types, unlike
from bot.answer.stories import STORY_NAMES, story
from knowledge.index import KIND_WEIGHTS, Hit, Index, Kept, Query
from knowledge.text import KINDS, Terms

Numbers = NDArray[np.integer[Any]]
Floats = NDArray[np.float32]
SWAPS = 1 << 16
TYPE_SWAPS = (len(ASKS) + 1) ** 2
# A long story has hundreds of words more than a question; the first ones are enough.
SWAPPED_MAX = 16
_NONE = (0.0, 0)
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


@dataclass(frozen=True, slots=True)
class Measured:
    """One row a hit, the columns of `table` are NAMES; with it what tells how words and types differ.

    `changes` are, for each hit, numbers below SWAPS + TYPE_SWAPS: a bucket of a word swapped for another, or past those a
    type of question swapped for another. `columns` lays all of it out sparsely, for learning.
    """

    table: Floats
    laid: Laid
    changes: list[list[int]]

    def columns(self, index: Index, query: Query) -> tuple[Numbers, Numbers]:
        """Rows and columns: the number of a term asked but not kept; or, past all those, of a term kept but not asked; or,
        past those too, of a change."""
        wide = len(index.rarity)
        asked_rows, asked_at = np.nonzero((self.laid.found == 0) & index.telling[query.known])
        lone = self.laid.lone & index.telling[self.laid.flat]
        changed = np.array([number for numbers in self.changes for number in numbers], np.int64)
        of = np.repeat(np.arange(self.laid.count), [*map(len, self.changes)])
        rows = np.concatenate([asked_rows, self.laid.row[lone], of])
        columns = [query.known[asked_at], self.laid.flat[lone] + wide, changed + 2 * wide]
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
    shown = [kept_signs(one.terms.text) for one in kept]
    table = np.zeros((len(hits), len(NAMES)), np.float32)
    _weights(query, laid, index.kind[query.known], np.array([one.rarities for one in kept]), table)
    gaps, changes = _words(index, query, kept)
    numbers = [
        (hit.likeness, hit.second, hit.counter, one.questions, query.unknown, *letters, *gap, *unlike(asked, other))
        for hit, one, letters, gap, other in zip(hits, kept, _letters(query.terms, kept), gaps, shown, strict=True)
    ]
    counted = np.array(numbers, np.float32)
    table[:, _AT["hits"] : _AT["among"]] = counted[:, :-UNLIKE_COUNTS]
    table[:, _AT["unlike"] : _SHOWN] = counted[:, -UNLIKE_COUNTS:]
    np.subtract(asked.shown, np.array([other.shown for other in shown]), out=table[:, _SHOWN : _AT["story"]])
    _among(table)
    if index.long:
        table[:, _AT["story"] :] = story(index, query, laid, title)
    for swapped, other in zip(changes, shown, strict=True):
        swapped += [SWAPS + number for number in swapped_types(asked.types, other.types)]
    return Measured(table, laid, changes)


def liken(measured: Measured) -> None:
    """Put down how alike hits are that no search has found: as `Index.search` tells it, from both shares of weight."""
    table = measured.table
    np.sqrt(table[:, _ASKED] * table[:, _KEPT], out=table[:, _LIKENESS])


def _weights(query: Query, laid: Laid, kind: Numbers, kept: Floats, table: Floats) -> None:
    """Weight matched of what was asked and of what is kept, by kind of term and together; and what all questions of an
    entry, and its answer, have of what was asked. `kind` are those of the known terms, `kept` what the candidates weigh."""
    wide, count = len(kind), laid.count
    weights = np.zeros((wide, KIND_COUNT + 1), np.float32)
    weights[np.arange(wide), kind] = query.weights
    np.multiply(query.weights, KIND_WEIGHTS[kind], out=weights[:, KIND_COUNT])
    # Tables of hit by known term, weighed all at once: found, missing; in any question, in how many; told, told and missing.
    tables = np.empty((6, count, wide), np.float32)
    tables[0] = laid.found
    np.subtract(1, laid.found, out=tables[1])
    often = laid.counts >> 1
    np.minimum(often, 1, out=tables[2])
    np.log1p(often, out=tables[3])
    np.bitwise_and(laid.counts, 1, out=tables[4], casting="unsafe")
    np.multiply(tables[4], tables[1], out=tables[5])
    found = (tables.reshape(6 * count, wide) @ weights).reshape(6, count, KIND_COUNT + 1)
    matched, together = found[0, :, :KIND_COUNT], found[:, :, KIND_COUNT]
    totals, total = query.totals, float(query.totals @ KIND_WEIGHTS) + 1e-6
    table[:, 0:KIND_COUNT] = matched / np.sqrt(totals * kept + 1e-6)
    table[:, KIND_COUNT : 2 * KIND_COUNT] = matched / (totals + 1e-6)
    table[:, 2 * KIND_COUNT : 3 * KIND_COUNT] = matched / (kept + 1e-6)
    at = _AT["shares"]
    shares = together / total
    shares[1] = together[0] / ((kept * KIND_WEIGHTS).sum(1) + 1e-6)
    shares[5] = together[5] / (together[1] + 1e-6)
    table[:, at : at + 6] = shares.T


def _letters(one: Terms, kept: Sequence[Kept]) -> list[tuple[float, ...]]:
    """How alike the letters and sounds of a question and of kept questions are."""
    a, heard = one.text[:LONGEST_COMPARED], one.sound[: 4 * LONGEST_COMPARED]
    length = len(one.text)
    rows: list[tuple[float, ...]] = []
    for terms in [one.terms for one in kept]:
        b, other = terms.text[:LONGEST_COMPARED], len(terms.text)
        longest = max(len(a), len(b), 1)
        rows.append(
            (
                ratio(a, b) / 100,
                partial_ratio(a, b) / 100,
                ratio(heard, terms.sound[: 4 * LONGEST_COMPARED]) / 100,
                winkler(a, b),
                head(a, b) / longest,
                tail(a, b) / longest,
                length,
                other,
                math.log((length + 1) / (other + 1)),
            )
        )
    return rows


def _words(index: Index, query: Query, kept: Sequence[Kept]) -> tuple[list[tuple[float, ...]], list[list[int]]]:
    """How many words of one stand not in the other, and how telling the most telling of them is; and each word asked but not
    kept beside each word kept but not asked, as one of SWAPS buckets: 原因 for 症状."""
    asked = {word: index.word_of(word) for word in query.terms.words}
    gaps: list[tuple[float, ...]] = []
    changes: list[list[int]] = []
    for words in [one.words for one in kept]:
        gone = [*map(asked.__getitem__, filterfalse(words.__contains__, asked))]
        come = [*map(words.__getitem__, filterfalse(asked.__contains__, words))]
        gaps.append((len(gone), len(come), max(gone, default=_NONE)[0], max(come, default=_NONE)[0]))
        pairs = product(gone[:SWAPPED_MAX] or (_NONE,), come[:SWAPPED_MAX] or (_NONE,)) if gone or come else ()
        changes.append([(a * 31 + b) % SWAPS for (_, a), (_, b) in pairs])
    return gaps, changes


def _among(table: Floats) -> None:
    """Where a hit stands among the others: its leads over the best other, its place, and how many are nearly as good."""
    at, likeness = _AT["among"], table[:, _AT["shares"]]
    values = table.take(_LEADING, 1)
    if len(values) > 1:
        ordered = np.sort(values, 0)
        values = values - np.where(values == ordered[-1], ordered[-2], ordered[-1])
    table[:, at : at + 4] = values
    table[:, at + 4] = np.arange(len(table))
    table[:, at + 5] = (np.abs(likeness[:, None] - likeness) < 0.05).sum(1) - 1.0


_LEADING = np.array([NAMES.index(name) for name in ("likeness", "ratio", "union", "repeated")])
_SHOWN = _AT["unlike"] + UNLIKE_COUNTS
_LIKENESS, _ASKED, _KEPT = (NAMES.index(name) for name in ("likeness", "asked", "kept"))
