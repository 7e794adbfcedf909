"""Features: what is measured about a question beside some candidates, one row of numbers a candidate."""

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler, Postfix, Prefix

from bot.answer.laid import KIND_COUNT, WORDS, Laid
from bot.answer.signs import ASKS, SIGNS, Signs, kept_signs, signs, swapped_types, unlike
from bot.answer.stories import STORY_NAMES, story
from knowledge.index import KIND_WEIGHTS, Hit, Index, Query
from knowledge.text import KINDS, WORD, Terms

Table = NDArray[np.floating[Any]]
Numbers = NDArray[np.integer[Any]]
Floats = NDArray[np.float32]
SWAPS = 1 << 16
TYPE_SWAPS = (len(ASKS) + 1) ** 2
# A long story has hundreds of words more than a question; the first ones are enough.
SWAPPED_MAX = 16
# Letter by letter only so far: comparing grows with the square of the length.
LONGEST_COMPARED = 160
_BY_KIND = tuple(f"{what}_{kind}" for what in ("cos", "asked", "kept") for kind in KINDS)
_SHARES = ("likeness", "asked", "kept")
_LETTERS = ("ratio", "partial", "sound", "winkler", "head", "tail", "length", "kept_length", "proportion")
_GAPS = ("words_asked", "words_kept", "worst_asked", "worst_kept")
_ENTRY = ("second", "counter", "questions", "unknown", "union", "repeated", "told", "told_missing")
_AMONG = ("lead", "ratio_lead", "union_lead", "repeated_lead", "place", "twins")
_UNLIKE = tuple(f"unlike_{sign}" for sign in SIGNS)
NAMES = (*_BY_KIND, *_SHARES, *_LETTERS, *_GAPS, *_ENTRY, *_AMONG, *_UNLIKE, *STORY_NAMES)
_AT = dict(
    zip(
        ("kind", "shares", "letters", "gaps", "entry", "among", "unlike", "story"),
        np.cumsum([0, *map(len, (_BY_KIND, _SHARES, _LETTERS, _GAPS, _ENTRY, _AMONG, _UNLIKE))]).tolist(),
        strict=True,
    )
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One row a hit, the columns of `table` are NAMES; `rows` and `columns` say sparsely how words and types differ.

    A column is the number of a term asked but not kept; or, past all those, of a term kept but not asked; or, past those
    too, a bucket of a word swapped for another; or, last, a type of question swapped for another.
    """

    table: Table
    rows: Numbers
    columns: Numbers


def width(index: Index) -> int:
    """How many sparse columns there are for an index."""
    return 2 * len(index.rarity) + SWAPS + TYPE_SWAPS


def measure(index: Index, query: Query, hits: Sequence[Hit], title: str = "", without: int = -1) -> Measured:
    """Everything the model looks at for some hits of one question; `without` is a row that is taken not to be kept."""
    laid = Laid.out(index, query, hits, without)
    others = [index.kept_terms(hit.row) for hit in hits]
    asked, kept = signs(query.terms.text), [kept_signs(other.text) for other in others]
    table = np.zeros((len(hits), len(NAMES)), np.float32)
    _by_kind(index, query, laid, hits, table)
    _letters(query.terms, others, table)
    _gaps(index, query, laid, table)
    _entry(query, laid, index, hits, table)
    _among(table)
    table[:, _AT["unlike"] : _AT["story"]] = unlike(asked, kept)
    if index.long:
        table[:, _AT["story"] :] = story(index, query, laid, title)
    return Measured(table, *_columns(index, query, laid, asked, kept))


def _columns(index: Index, query: Query, laid: Laid, asked: Signs, kept: Sequence[Signs]) -> tuple[Numbers, Numbers]:
    asked_rows, asked_at = np.nonzero(laid.missing & index.telling[query.known])
    lone = laid.lone & index.telling[laid.flat]
    wide = len(index.rarity)
    rows, columns = _swaps(index, query, laid, 2 * wide)
    for at, one in enumerate(kept):
        swapped = swapped_types(asked.types, one.types)
        rows += [at] * len(swapped)
        columns += [2 * wide + SWAPS + number for number in swapped]
    return (
        np.concatenate([asked_rows, laid.row[lone], np.array(rows, np.int64)]),
        np.concatenate([query.known[asked_at], laid.flat[lone] + wide, np.array(columns, np.int64)]),
    )


def _swaps(index: Index, query: Query, laid: Laid, base: int) -> tuple[list[int], list[int]]:
    """Each word asked but not kept beside each word kept but not asked, as one of SWAPS buckets: 原因 for 症状."""
    others = [zlib.crc32(term.encode()) for term in query.strange if term[0] == WORD]
    asked: list[list[int]] = [[] for _ in range(laid.count)]
    kept: list[list[int]] = [[] for _ in range(laid.count)]
    rows_at, known_at = np.nonzero(laid.missing & laid.words)
    for row, mark in zip(rows_at.tolist(), index.mark[query.known[known_at]].tolist(), strict=True):
        asked[row].append(mark)
    lone = laid.lone & (index.kind[laid.flat] == WORDS)
    for row, mark in zip(laid.row[lone].tolist(), index.mark[laid.flat[lone]].tolist(), strict=True):
        kept[row].append(mark)
    rows: list[int] = []
    columns: list[int] = []
    for row, (one, other) in enumerate(zip(asked, kept, strict=True)):
        gone, come = (one + others)[:SWAPPED_MAX], other[:SWAPPED_MAX]
        if gone or come:
            found = [base + (a * 31 + b) % SWAPS for a in gone or (0,) for b in come or (0,)]
            rows += [row] * len(found)
            columns += found
    return rows, columns


def _by_kind(index: Index, query: Query, laid: Laid, hits: Sequence[Hit], table: Floats) -> None:
    """Weight matched of what was asked and of what is kept, by kind of term and together."""
    slot = laid.row * KIND_COUNT + index.kind[laid.flat]
    kept = np.bincount(slot, index.rarity[laid.flat], laid.count * KIND_COUNT).reshape(-1, KIND_COUNT)
    by_kind = np.zeros((len(query.known), KIND_COUNT), np.float32)
    by_kind[np.arange(len(query.known)), index.kind[query.known]] = query.weights
    matched = laid.found @ by_kind
    totals = query.totals[None, :]
    table[:, 0:KIND_COUNT] = matched / np.sqrt(totals * kept + 1e-6)
    table[:, KIND_COUNT : 2 * KIND_COUNT] = matched / (totals + 1e-6)
    table[:, 2 * KIND_COUNT : 3 * KIND_COUNT] = matched / (kept + 1e-6)
    at = _AT["shares"]
    together = matched @ KIND_WEIGHTS
    table[:, at] = [hit.likeness for hit in hits]
    table[:, at + 1] = together / (totals[0] @ KIND_WEIGHTS + 1e-6)
    table[:, at + 2] = together / (kept @ KIND_WEIGHTS + 1e-6)


def _letters(one: Terms, others: Sequence[Terms], table: Floats) -> None:
    a, heard = one.text[:LONGEST_COMPARED], one.sound[: 4 * LONGEST_COMPARED]
    length = len(one.text)
    rows = []
    for two in others:
        b = two.text[:LONGEST_COMPARED]
        longest = max(len(a), len(b), 1)
        rows.append(
            (
                fuzz.ratio(a, b) / 100,
                fuzz.partial_ratio(a, b) / 100,
                fuzz.ratio(heard, two.sound[: 4 * LONGEST_COMPARED]) / 100,
                JaroWinkler.similarity(a, b),
                Prefix.similarity(a, b) / longest,
                Postfix.similarity(a, b) / longest,
                length,
                len(two.text),
                math.log((length + 1) / (len(two.text) + 1)),
            )
        )
    table[:, _AT["letters"] : _AT["gaps"]] = rows


def _gaps(index: Index, query: Query, laid: Laid, table: Floats) -> None:
    """How many words of one stand not in the other, and how telling the most telling of them is."""
    at = _AT["gaps"]
    missing = laid.missing & laid.words
    strange = sum(term[0] == WORD for term in query.strange)
    lone = laid.lone & (index.kind[laid.flat] == WORDS)
    table[:, at] = missing.sum(1) + strange
    table[:, at + 1] = np.bincount(laid.row[lone], minlength=laid.count)
    table[:, at + 2] = (missing * query.weights).max(1, initial=index.unseen if strange else 0.0)
    table[:, at + 3] = np.maximum.reduceat(np.append(index.rarity[laid.flat] * lone, 0), laid.starts)


def _entry(query: Query, laid: Laid, index: Index, hits: Sequence[Hit], table: Floats) -> None:
    """What all questions of an entry, and its answer, have of what was asked."""
    at = _AT["entry"]
    weight = query.weights * KIND_WEIGHTS[index.kind[query.known]]
    total = float(query.totals @ KIND_WEIGHTS) + 1e-6
    table[:, at : at + 4] = [
        (hit.second, hit.counter, math.log1p(index.sizes[hit.entry]), query.unknown) for hit in hits
    ]
    table[:, at + 4] = (laid.often > 0) @ weight / total
    table[:, at + 5] = np.log1p(laid.often) @ weight / total
    table[:, at + 6] = laid.told @ weight / total
    table[:, at + 7] = (laid.told & laid.missing) @ weight / (laid.missing @ weight + 1e-6)


def _among(table: Floats) -> None:
    """Where a hit stands among the others: its leads over the best other, its place, and how many are nearly as good."""
    at, likeness = _AT["among"], table[:, _AT["shares"]]
    values = table[:, _LEADING]
    if len(values) > 1:
        ordered = np.sort(values, 0)
        values = values - np.where(values == ordered[-1], ordered[-2], ordered[-1])
    table[:, at : at + 4] = values
    table[:, at + 4] = np.arange(len(table))
    table[:, at + 5] = (np.abs(likeness[:, None] - likeness) < 0.05).sum(1) - 1.0


_LEADING = [NAMES.index(name) for name in ("likeness", "ratio", "union", "repeated")]
