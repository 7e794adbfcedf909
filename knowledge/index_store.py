"""The analysed index on disk: a large base starts without cutting its questions into words again.

A folder of plain arrays with their check sums. Its name says what it was made from; whatever does not fit is not read, and what cannot
be written is left: the index is then made from the entries, as always.
"""

import hashlib
import logging
import os
import shutil
import tempfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.entries import KnownEntry
from knowledge.index import DENSE_ROWS, Index
from knowledge.segments import Exact, Part, Postings, questions_of
from knowledge.settled import Settled
from knowledge.text import Lexicon

# Raised whenever the terms of a text or the layout change.
FORMAT = 2
FOLDER = "index"
NAMES, SUMS, MAKING = "names.txt", "sums.txt", "making-"
ARRAYS = (
    "flat",
    "starts",
    "marks",
    "posting_rows",
    "posting_starts",
    "exact_marks",
    "exact_rows",
    "kind",
    "seen",
)
log = logging.getLogger(__name__)


def digest_of(entries: Sequence[KnownEntry], lexicon: Lexicon) -> str:
    """What an index is made from: every question in its order, the lexicon, and how both are read."""
    found = hashlib.sha256(f"{FORMAT} {lexicon.digest}".encode())
    for entry in entries:
        # Lengths first: no text can be mistaken for two.
        texts = questions_of(entry)
        found.update(f"\n{len(entry.similar)} {' '.join(str(len(text)) for text in texts)} {''.join(texts)}".encode())
    return found.hexdigest()


def load(
    folder: Path, entries: Sequence[KnownEntry], lexicon: Lexicon, version: int, dense: int = DENSE_ROWS
) -> Index | None:
    """The index as stored for just these entries, read from disk as it is needed; None if there is none that fits."""
    place = folder / FOLDER / f"{version}-{digest_of(entries, lexicon)}"
    try:
        arrays = {name: np.load(place / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in ARRAYS}
        named = (place / NAMES).read_bytes()
        sums = [f"{name} {_sum(array)}" for name, array in arrays.items()]
        whole = (place / SUMS).read_text("utf-8") == "\n".join([*sums, f"names {zlib.crc32(named)}"])
    except (OSError, ValueError, EOFError):
        return None
    if not whole:
        log.warning("stored index %s is damaged; it is made anew", place.name)
        return None
    flat, starts, marks, rows, row_starts, exact_marks, exact_rows, kind, seen = arrays.values()
    numbers = {name: number for number, name in enumerate(named.decode().split("\n"))}
    part = Part.of(entries, flat, starts, marks)
    settled = Settled(part, Postings(rows, row_starts), Exact(exact_marks, exact_rows), numbers, kind, seen)
    return Index.of(settled, lexicon, dense)


def save(folder: Path, index: Index, version: int) -> bool:
    """Store a large index without changes in it, and drop what was stored before; False if it cannot be written."""
    if index.delta.rows or index.dead is not None or len(index.asked) <= index.dense:
        return False
    place = folder / FOLDER / f"{version}-{digest_of(index.entries, index.lexicon)}"
    if place.exists():
        return True
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(prefix=MAKING, dir=place.parent))
    except OSError as error:
        log.info("index not stored: %s", type(error).__name__)
        return False
    try:
        _write(making, index.settled)
        # A folder appears under its name only when it is whole; another process may have been first.
        making.rename(place)
    except OSError as error:
        log.info("index not stored: %s", type(error).__name__)
        return False
    finally:
        shutil.rmtree(making, ignore_errors=True)
    _forget_others(place)
    return True


def _write(making: Path, settled: Settled) -> None:
    sums = []
    for name, array in _arrays_of(settled).items():
        np.save(making / f"{name}.npy", array, allow_pickle=False)
        sums.append(f"{name} {_sum(array)}")
    names = "\n".join(settled.numbers).encode()
    (making / NAMES).write_bytes(names)
    (making / SUMS).write_text("\n".join([*sums, f"names {zlib.crc32(names)}"]), "utf-8")
    for path in making.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())


def _arrays_of(settled: Settled) -> dict[str, NDArray[Any]]:
    part, postings, exact = settled.part, settled.postings, settled.exact
    arrays = (part.flat, part.starts, part.marks, postings.rows, postings.starts, exact.marks, exact.rows)
    return dict(zip(ARRAYS, (*arrays, settled.kind, settled.seen), strict=True))


def _sum(array: NDArray[Any]) -> int:
    return zlib.crc32(np.ascontiguousarray(array).view(np.uint8).data)


def _forget_others(place: Path) -> None:
    """What is still read by another process stays there for it until it ends."""
    for other in place.parent.iterdir():
        if other != place and not other.name.startswith(MAKING):
            shutil.rmtree(other, ignore_errors=True)
