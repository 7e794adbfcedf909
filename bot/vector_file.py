"""Vectors of kept questions on disk, so that a restart asks the endpoint for nothing it was asked before.

Two files in the data folder's `vectors`: a plain `.npy` table, and an index that names the model, the SHA-256 of each
text in the order of the rows, and the SHA-256 of the table. What does not fit together is ignored and made anew.
"""

import hashlib
import io
import json
import logging
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from bot.answer.near import Floats

TABLE, INDEX = "vectors.npy", "vectors.json"
# In all, in memory and on disk: 200 MB. 48,000 questions of 1,024 numbers; the rest goes without.
NUMBERS_MAX = 50_000_000
Vectors = dict[str, Floats]
log = logging.getLogger(__name__)


def digest(text: str) -> str:
    """The name of a text in the index."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def load(folder: Path, model: str) -> Vectors:
    """Unit vectors by the digest of their text; empty where there are none for this model, or none that are sound."""
    if not (folder / INDEX).exists():
        return {}
    try:
        index: Any = json.loads((folder / INDEX).read_text("utf-8"))
        if index["model"] != model:
            return {}
        if (folder / TABLE).stat().st_size > 4 * NUMBERS_MAX + 1024:
            raise ValueError("too large")
        content = (folder / TABLE).read_bytes()
        if hashlib.sha256(content).hexdigest() != index["sha256"]:
            raise ValueError("not the table of this index")
        if not content.startswith(b"\x93NUMPY"):
            raise ValueError("not a table")
        return _rows(index["texts"], np.load(io.BytesIO(content), allow_pickle=False))
    except (OSError, ValueError, TypeError, LookupError, RecursionError) as error:
        log.warning("vectors: kept ones ignored (%s)", type(error).__name__)
        return {}


def _rows(digests: list[str], table: Any) -> Vectors:
    if table.dtype != np.float32 or table.ndim != 2 or len(table) != len(digests) or not np.isfinite(table).all():
        raise ValueError("not a table of vectors")
    return {str(name): row for name, row in zip(digests, table, strict=True)}


def save(folder: Path, model: str, vectors: Vectors) -> None:
    """Replace what is kept. A full disk is a line in the log: the vectors are in memory all the same."""
    content = io.BytesIO()
    np.save(content, np.array(list(vectors.values()), np.float32), allow_pickle=False)
    index = {"model": model, "sha256": hashlib.sha256(content.getvalue()).hexdigest(), "texts": list(vectors)}
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _put(folder / TABLE, content.getvalue())
        _put(folder / INDEX, json.dumps(index).encode())
    except OSError as error:
        log.warning("vectors: not kept on disk (%s)", error.strerror)


def _put(path: Path, content: bytes) -> None:
    """A file is whole or not there; between the two files a crash leaves a pair that `load` ignores."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix="new-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
