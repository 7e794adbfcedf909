"""Features: what is measured about a question beside one candidate, one row of numbers a candidate."""

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler, Postfix, Prefix

from bot.answer.signs import SIGNS, kept_signs, signs, unlike
from knowledge.index import KIND_WEIGHTS, Hit, Index, Query
from knowledge.text import KINDS, WORD, Terms

Table = NDArray[np.floating[Any]]
Numbers = NDArray[np.integer[Any]]
Flags = NDArray[np.bool_]
SWAPS = 1 << 16
# A long story has hundreds of words more than a question; the first ones are enough.
SWAPPED_MAX = 16
# Letter by letter only so far: comparing grows with the square of the length.
LONGEST_COMPARED = 160
_KINDS = len(KINDS)
_WORD = KINDS.index(WORD)
_NAMES_BY_KIND = [f"{what}_{kind}" for what in ("cos", "asked", "kept") for kind in KINDS]
NAMES = (
    *_NAMES_BY_KIND,
    "likeness", "asked", "kept", "ratio", "partial", "sound", "winkler", "head", "tail",
    "words_asked", "words_kept", "worst_asked", "worst_kept",
    "length", "kept_length", "proportion", "unknown",
    "second", "counter", "questions", "lead", "ratio_lead", "place", "twins",
    *(f"unlike_{sign}" for sign in SIGNS),
)  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """One row a hit, the columns of `table` are NAMES; `rows` and `columns` say sparsely how the words differ.

    A column is the number of a term asked but not kept; or, past all those, of a term kept but not asked; or, past those
    too, a bucket of a word swapped for another.
    """

    table: Table
    rows: Numbers
    columns: Numbers


@dataclass(frozen=True)
class Laid:
    """The terms of all hits in one row of numbers: which term, of which hit, and whether it was asked."""

    flat: Numbers
    row: Numbers
    found: Flags
    missing: Flags

    @classmethod
    def out(cls, index: Index, query: Query, hits: Sequence[Hit]) -> "Laid":
        """Lay the terms of the hits beside those of the question; `missing` is hit by known term of the question."""
        place = np.full(len(index.rarity), -1, np.int32)
        place[query.known] = np.arange(len(query.known))
        lists = [index.terms_of(hit.row) for hit in hits]
        flat = np.concatenate(lists)
        row = np.repeat(np.arange(len(hits)), [len(one) for one in lists])
        at = place[flat]
        found: Flags = at >= 0
        missing = np.ones((len(hits), len(query.known)), bool)
        missing[row[found], at[found]] = False
        return cls(flat, row, found, missing)


def measure(index: Index, query: Query, hits: Sequence[Hit]) -> Measured:
    """Everything the model looks at for some hits of one question."""
    laid = Laid.out(index, query, hits)
    asked_rows, asked_at = np.nonzero(laid.missing & index.telling[query.known])
    kept = ~laid.found & index.telling[laid.flat]
    swapped_rows, swapped = _swaps(index, query, laid, len(hits))
    width = len(index.rarity)
    rows = np.concatenate([asked_rows, laid.row[kept], swapped_rows])
    columns = np.concatenate([query.known[asked_at], laid.flat[kept] + width, swapped + 2 * width])
    return Measured(_table(index, query, hits, laid), rows.astype(np.int32), columns.astype(np.int32))


def _swaps(index: Index, query: Query, laid: Laid, count: int) -> tuple[Numbers, Numbers]:
    """Each word asked but not kept beside each word kept but not asked, as one of SWAPS buckets: 原因 for 症状."""
    words = index.kind[query.known] == _WORD
    marks = index.mark[query.known[words]]
    others = np.array([zlib.crc32(term.encode()) for term in query.strange if term[0] == WORD], np.int64)
    lone = ~laid.found & (index.kind[laid.flat] == _WORD)
    rows: list[Numbers] = []
    buckets: list[Numbers] = []
    lone_rows, lone_marks = laid.row[lone], index.mark[laid.flat[lone]]
    for at in range(count):
        asked = np.concatenate([marks[laid.missing[at, words]], others])[:SWAPPED_MAX]
        kept = lone_marks[lone_rows == at][:SWAPPED_MAX]
        both = len(asked) and len(kept)
        pairs = (asked[:, None] * 31 + kept).ravel() if both else np.concatenate([asked * 31, kept])
        buckets.append(pairs % SWAPS)
        rows.append(np.full(len(pairs), at))
    return np.concatenate(rows), np.concatenate(buckets)


def _table(index: Index, query: Query, hits: Sequence[Hit], laid: Laid) -> Table:
    matched, kept = _by_kind(index, len(hits), laid)
    totals = query.totals[None, :]
    by_kind = [matched / np.sqrt(totals * kept + 1e-6), matched / (totals + 1e-6), matched / (kept + 1e-6)]
    share = [
        matched @ KIND_WEIGHTS / (totals @ KIND_WEIGHTS + 1e-6),
        matched @ KIND_WEIGHTS / (kept @ KIND_WEIGHTS + 1e-6),
    ]
    one, others = query.terms, [index.asked[hit.row].terms for hit in hits]
    texts = np.array([_text_features(one, other) for other in others], np.float32)
    listed = [(h.likeness, h.second, h.counter, math.log1p(index.sizes[h.entry]), query.unknown) for h in hits]
    own = np.array(listed, np.float32)
    return np.concatenate(
        [
            *by_kind,
            own[:, :1],
            np.stack(share, 1),
            texts[:, :6],
            _gaps(index, query, laid),
            texts[:, 6:],
            own[:, 4:],
            own[:, 1:4],
            _among(own[:, 0], texts[:, 0]),
            unlike(signs(one.text), [kept_signs(other.text) for other in others]),
        ],
        axis=1,
    ).astype(np.float32)


def _by_kind(index: Index, count: int, laid: Laid) -> tuple[Table, Table]:
    """Weight matched and weight kept, by kind of term, for all hits at once."""
    slot = laid.row * _KINDS + index.kind[laid.flat]
    weight = index.rarity[laid.flat]
    kept: Table = np.bincount(slot, weight, count * _KINDS).astype(np.float32)
    matched: Table = np.bincount(slot, weight * laid.found, count * _KINDS).astype(np.float32)
    return matched.reshape(-1, _KINDS), kept.reshape(-1, _KINDS)


def _text_features(one: Terms, two: Terms) -> list[float]:
    a, b = one.text[:LONGEST_COMPARED], two.text[:LONGEST_COMPARED]
    longest = max(len(a), len(b), 1)
    return [
        fuzz.ratio(a, b) / 100,
        fuzz.partial_ratio(a, b) / 100,
        fuzz.ratio(one.sound[: 4 * LONGEST_COMPARED], two.sound[: 4 * LONGEST_COMPARED]) / 100,
        JaroWinkler.similarity(a, b),
        Prefix.similarity(a, b) / longest,
        Postfix.similarity(a, b) / longest,
        float(len(one.text)),
        float(len(two.text)),
        math.log((len(one.text) + 1) / (len(two.text) + 1)),
    ]


def _gaps(index: Index, query: Query, laid: Laid) -> Table:
    """How many words of one stand not in the other, and how telling the most telling of them is."""
    words = index.kind[query.known] == _WORD
    missing = laid.missing & words
    strange = sum(term[0] == WORD for term in query.strange)
    extra = missing.sum(1) + strange
    worst_extra = (missing * query.weights).max(1, initial=index.unseen if strange else 0.0)
    lone = ~laid.found & (index.kind[laid.flat] == _WORD)
    weight = index.rarity[laid.flat] * lone
    starts = np.searchsorted(laid.row, np.arange(len(missing)))
    return np.stack(
        [extra, np.add.reduceat(lone, starts, dtype=np.int64), worst_extra, np.maximum.reduceat(weight, starts)], 1
    )


def _among(likeness: Table, ratio: Table) -> Table:
    """Where a hit stands among the others: its lead over the best other, its place, and how many are nearly as good."""
    return np.stack([_lead(likeness), _lead(ratio), np.arange(len(likeness)), _twins(likeness)], 1)


def _lead(values: Table) -> Table:
    if len(values) < 2:
        return values
    best, second = np.sort(values)[::-1][:2]
    lead: Table = values - np.where(values == best, second, best)
    return lead


def _twins(values: Table) -> Table:
    near: Table = (np.abs(values[:, None] - values[None, :]) < 0.05).sum(1) - 1.0
    return near
