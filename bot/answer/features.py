"""Features: what is measured about a question beside some candidates, one row of numbers a candidate."""

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler, Postfix, Prefix

from bot.answer.laid import KIND_COUNT, Laid
from bot.answer.signs import ASKS, SIGNS, Signs, kept_signs, signs, swapped_types, unlike
from bot.answer.stories import STORY_NAMES, story
from knowledge.index import KIND_WEIGHTS, Hit, Index, Query
from knowledge.text import KINDS, Terms

Numbers = NDArray[np.integer[Any]]
Floats = NDArray[np.float32]
SWAPS = 1 << 16
TYPE_SWAPS = (len(ASKS) + 1) ** 2
# A long story has hundreds of words more than a question; the first ones are enough.
SWAPPED_MAX = 16
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
    laid = Laid.out(index, query, hits, without)
    others = [index.kept_terms(hit.row) for hit in hits]
    asked = asked or signs(query.terms.text)
    kept = [kept_signs(other.text) for other in others]
    table = np.zeros((len(hits), len(NAMES)), np.float32)
    _weights(index, query, laid, hits, table)
    _letters(query.terms, others, table)
    changes = _words(index, query, others, table)
    _among(table)
    table[:, _AT["unlike"] : _AT["story"]] = unlike(asked, kept)
    if index.long:
        table[:, _AT["story"] :] = story(index, query, laid, title)
    for numbers, one in zip(changes, kept, strict=True):
        numbers += [SWAPS + number for number in swapped_types(asked.types, one.types)]
    return Measured(table, laid, changes)


def _weights(index: Index, query: Query, laid: Laid, hits: Sequence[Hit], table: Floats) -> None:
    """Weight matched of what was asked and of what is kept, by kind of term and together; and what all questions of an
    entry, and its answer, have of what was asked."""
    slot = laid.row * KIND_COUNT + laid.kind
    kept = np.bincount(slot, index.rarity[laid.flat], laid.count * KIND_COUNT).reshape(-1, KIND_COUNT)
    kind = index.kind[query.known]
    weights = np.zeros((len(kind), KIND_COUNT + 1), np.float32)
    weights[np.arange(len(kind)), kind] = query.weights
    weights[:, KIND_COUNT] = query.weights * KIND_WEIGHTS[kind]
    missing = 1 - laid.found
    tables = (laid.found, np.minimum(laid.often, 1), np.log1p(laid.often), laid.told, laid.told * missing, missing)
    found = (np.concatenate(tables) @ weights).reshape(len(tables), laid.count, KIND_COUNT + 1)
    matched, together = found[0, :, :KIND_COUNT], found[:, :, KIND_COUNT]
    totals, total = query.totals, float(query.totals @ KIND_WEIGHTS) + 1e-6
    table[:, 0:KIND_COUNT] = matched / np.sqrt(totals * kept + 1e-6)
    table[:, KIND_COUNT : 2 * KIND_COUNT] = matched / (totals + 1e-6)
    table[:, 2 * KIND_COUNT : 3 * KIND_COUNT] = matched / (kept + 1e-6)
    at = _AT["shares"]
    table[:, at] = together[0] / total
    table[:, at + 1] = together[0] / (kept @ KIND_WEIGHTS + 1e-6)
    table[:, at + 2 : at + 5] = together[1:4].T / total
    table[:, at + 5] = together[4] / (together[5] + 1e-6)
    table[:, _AT["hits"] : _AT["letters"]] = [
        (hit.likeness, hit.second, hit.counter, math.log1p(index.sizes[hit.entry]), query.unknown) for hit in hits
    ]


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


def _words(index: Index, query: Query, others: Sequence[Terms], table: Floats) -> list[list[int]]:
    """How many words of one stand not in the other, and how telling the most telling of them is; and each word asked but not
    kept beside each word kept but not asked, as one of SWAPS buckets: 原因 for 症状."""
    asked = dict.fromkeys(query.terms.words)
    worth = index.worth_of
    gaps = []
    changes: list[list[int]] = []
    for other in others:
        kept = dict.fromkeys(other.words)
        gone = [word for word in asked if word not in kept]
        come = [word for word in kept if word not in asked]
        worst = max([worth(word) for word in gone], default=0.0), max([worth(word) for word in come], default=0.0)
        gaps.append((len(gone), len(come), *worst))
        changes.append(_swaps(gone, come))
    table[:, _AT["gaps"] : _AT["among"]] = gaps
    return changes


def _swaps(gone: Sequence[str], come: Sequence[str]) -> list[int]:
    """A bucket for each word that went beside each that came."""
    if not gone and not come:
        return []
    first, second = [_mark(w) for w in gone[:SWAPPED_MAX]] or (0,), [_mark(w) for w in come[:SWAPPED_MAX]] or (0,)
    return [(a * 31 + b) % SWAPS for a in first for b in second]


@lru_cache(maxsize=65_536)
def _mark(word: str) -> int:
    return zlib.crc32(word.encode())


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
