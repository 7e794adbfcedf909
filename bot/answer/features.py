"""Features: what is measured about a question beside one candidate, one row of numbers a candidate."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler, Postfix, Prefix

from bot.answer.signs import SIGNS, signs, unlike
from knowledge.index import KIND_WEIGHTS, Hit, Index, Query
from knowledge.text import KINDS, WORD

Table = NDArray[np.float32]
Numbers = NDArray[np.int32]
_KINDS = len(KINDS)
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
    """One row a hit, the columns are NAMES; and which terms stand only in the question or only in the hit.

    `only` names the difference sparsely: (row, column), where column is the number of a term asked but not kept, or that
    number plus the count of terms for one kept but not asked.
    """

    table: Table
    rows: Numbers
    columns: Numbers


def measure(index: Index, query: Query, hits: Sequence[Hit]) -> Measured:
    """Everything the model looks at for some hits of one question."""
    asked = np.zeros(len(index.rarity), bool)
    asked[query.known] = True
    lists = [index.terms_of(hit.row) for hit in hits]
    flat = np.concatenate(lists)
    row = np.repeat(np.arange(len(hits)), [len(one) for one in lists])
    found = asked[flat]
    return Measured(_table(index, query, hits, (flat, row, found)), *_differences(index, query, flat, row, found))


def _differences(
    index: Index, query: Query, flat: Numbers, row: Numbers, found: NDArray[np.bool_]
) -> tuple[Numbers, Numbers]:
    """Terms asked but not kept are those of the question less those found."""
    missing = np.ones((int(row[-1]) + 1, len(query.known)), bool)
    place = np.full(len(index.rarity), -1, np.int32)
    place[query.known] = np.arange(len(query.known))
    missing[row[found], place[flat[found]]] = False
    missing[:, ~index.telling[query.known]] = False
    asked_rows, asked_at = np.nonzero(missing)
    kept = ~found & index.telling[flat]
    rows = np.concatenate([asked_rows, row[kept]]).astype(np.int32)
    return rows, np.concatenate([query.known[asked_at], flat[kept] + len(index.rarity)]).astype(np.int32)


def _table(index: Index, query: Query, hits: Sequence[Hit], laid: tuple[Numbers, Numbers, NDArray[np.bool_]]) -> Table:
    matched, kept = _by_kind(index, len(hits), *laid)
    totals = query.totals[None, :]
    by_kind = np.concatenate(
        [matched / np.sqrt(totals * kept + 1e-6), matched / (totals + 1e-6), matched / (kept + 1e-6)], axis=1
    )
    weight = KIND_WEIGHTS
    share = [(matched @ weight) / (totals @ weight + 1e-6), (matched @ weight) / (kept @ weight + 1e-6)]
    texts = np.array([_text_features(index, query, hit) for hit in hits], np.float32)
    likeness = np.array([hit.likeness for hit in hits], np.float32)
    rows = [by_kind, likeness[:, None], np.stack(share, 1), texts[:, :6], _gaps(index, query, hits), texts[:, 6:9]]
    unknown = np.full((len(hits), 1), query.unknown, np.float32)
    listed = np.array([[hit.second, hit.counter, math.log1p(index.sizes[hit.entry])] for hit in hits], np.float32)
    return np.concatenate([*rows, unknown, listed, _among(likeness, texts[:, 0]), texts[:, 9:]], 1).astype(np.float32)


def _by_kind(index: Index, count: int, flat: Numbers, row: Numbers, found: NDArray[np.bool_]) -> tuple[Table, Table]:
    """Weight matched and weight kept, by kind of term, for all hits at once."""
    slot = row * _KINDS + index.kind[flat]
    weight = index.rarity[flat]
    kept = np.bincount(slot, weight, count * _KINDS).reshape(-1, _KINDS)
    matched = np.bincount(slot, weight * found, count * _KINDS).reshape(-1, _KINDS)
    return matched, kept


def _text_features(index: Index, query: Query, hit: Hit) -> list[float]:
    one, two = query.terms, index.asked[hit.row].terms
    a, b = one.text, two.text
    longest = max(len(a), len(b), 1)
    return [
        fuzz.ratio(a, b) / 100,
        fuzz.partial_ratio(a, b) / 100,
        fuzz.ratio(one.sound, two.sound) / 100,
        JaroWinkler.similarity(a, b),
        Prefix.similarity(a, b) / longest,
        Postfix.similarity(a, b) / longest,
        float(len(a)),
        float(len(b)),
        math.log((len(a) + 1) / (len(b) + 1)),
        *unlike(signs(a), signs(b)),
    ]


def _gaps(index: Index, query: Query, hits: Sequence[Hit]) -> Table:
    """How many words of one stand not in the other, and how telling the most telling of them is."""
    asked = dict.fromkeys(query.terms.words)
    table = []
    for hit in hits:
        kept = dict.fromkeys(index.asked[hit.row].terms.words)
        extra = [index.weight_of(WORD + word) for word in asked if word not in kept]
        missing = [index.weight_of(WORD + word) for word in kept if word not in asked]
        table.append((len(extra), len(missing), max(extra, default=0.0), max(missing, default=0.0)))
    return np.array(table, np.float32)


def _among(likeness: Table, ratio: Table) -> Table:
    """Where a hit stands among the others: its lead over the best other, its place, and how many are nearly as good."""
    return np.stack([_lead(likeness), _lead(ratio), np.arange(len(likeness)), _twins(likeness)], 1)


def _lead(values: Table) -> Table:
    if len(values) < 2:
        return values
    best, second = np.sort(values)[::-1][:2]
    return values - np.where(values == best, second, best)


def _twins(values: Table) -> Table:
    return (np.abs(values[:, None] - values[None, :]) < 0.05).sum(1) - 1
