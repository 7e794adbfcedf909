"""The one door to an endpoint that makes vectors of texts: OpenAI's `POST /embeddings`, on the office's own network.

Source: OpenAI API reference, "Create embeddings"; served alike by vLLM, llama.cpp, TEI, Ollama, Xinference. Whatever the
endpoint does, the caller gets sound vectors or an EmbeddingsError. No text and no key is ever in an error or a log.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

import aiohttp
import numpy as np

from bot.answer.near import Floats
from knowledge.settings import Settings

ONE_BYTES, EACH_BYTES = 64 * 1024, 256 * 1024  # 8,192 numbers of 30 characters
LENGTH_MAX = 8192
AT_ONCE = 8
FAILURES = 3
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 5.0, 300.0
PROBE_EVERY_SECONDS = 5.0
REFUSALS = {400, 413, 422}
log = logging.getLogger(__name__)


class EmbeddingsError(Exception):
    """No vectors; the text says why in a few words of our own."""


class RefusedError(EmbeddingsError):
    """The endpoint does not take these texts (too long, for one); others it may take."""


class PausedError(EmbeddingsError):
    """Not even asked: it has failed several times in a row."""


class Breaker:
    """After several failures in a row nothing is asked for a while, each time longer; one success ends it."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._failures = 0
        self._until = 0.0

    def ask(self) -> None:
        """PausedError while pausing; after the pause one is let through at a time."""
        if self._failures < FAILURES:
            return
        if self._monotonic() < self._until:
            raise PausedError("paused")
        self._until = self._monotonic() + PROBE_EVERY_SECONDS

    def failed(self, why: str) -> None:
        """Count a failure."""
        self._failures += 1
        if self._failures < FAILURES:
            log.warning("vectors: %s", why)
            return
        pause = min(FIRST_PAUSE_SECONDS * 2.0 ** min(self._failures - FAILURES, 16), LONGEST_PAUSE_SECONDS)
        self._until = self._monotonic() + pause
        log.warning("vectors: %s; answering without them, asking again in %d s", why, pause)

    def worked(self) -> None:
        """All is well again."""
        if self._failures >= FAILURES:
            log.warning("vectors: the endpoint works again")
        self._failures = 0


class Embeddings:
    """Calls to the endpoint of the settings. Made within a running loop; close it when done."""

    def __init__(self, settings: Settings, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.model = settings.embeddings_model
        self._url = f"{settings.embeddings_url}/embeddings"
        # Accept-Encoding: a small answer that unpacks into a huge one is not asked for, and not unpacked.
        headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        if settings.embeddings_key:
            headers["Authorization"] = f"Bearer {settings.embeddings_key.get_secret_value()}"
        self._session = aiohttp.ClientSession(
            headers=headers,
            auto_decompress=False,
            trust_env=False,  # texts go to the address set here and through nobody's proxy
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        self._breaker = Breaker(monotonic)
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._session.close()

    async def vectors(self, texts: Sequence[str], seconds: float, length: int | None = None) -> Floats:
        """Unit vectors of the texts, one a row, within `seconds`; EmbeddingsError in every other case.

        `length`: how many numbers a vector must have, where that is known.
        """
        self._breaker.ask()
        try:
            async with asyncio.timeout(seconds), self._slots:
                body = await self._post(texts)
                found = await asyncio.to_thread(read_vectors, body, len(texts))
            if length not in (None, found.shape[1]):
                raise EmbeddingsError(f"vectors of {found.shape[1]} numbers where {length} were known: another model?")
        except EmbeddingsError as error:
            self._breaker.failed(str(error))
            raise
        except (aiohttp.ClientError, OSError, ValueError) as error:  # TimeoutError is an OSError
            self._breaker.failed(type(error).__name__)
            raise EmbeddingsError(type(error).__name__) from None
        self._breaker.worked()
        return found

    async def _post(self, texts: Sequence[str]) -> bytes:
        sent = {"model": self.model, "input": list(texts), "encoding_format": "float"}
        async with self._session.post(self._url, json=sent, allow_redirects=False) as response:
            if response.status in REFUSALS:
                raise RefusedError(f"status {response.status}")
            if response.status != 200:
                raise EmbeddingsError(f"status {response.status}")
            if response.headers.get("Content-Encoding", "identity") != "identity":
                raise EmbeddingsError("packed answer")
            return await _limited(response, ONE_BYTES + EACH_BYTES * len(texts))


async def _limited(response: aiohttp.ClientResponse, most: int) -> bytes:
    parts, size = [], 0
    async for part in response.content.iter_any():
        size += len(part)
        if size > most:
            raise EmbeddingsError(f"answer of more than {most} bytes")
        parts.append(part)
    return b"".join(parts)


def read_vectors(body: bytes, count: int) -> Floats:
    """The unit vectors of an answer, in the order asked; EmbeddingsError where it is not exactly what was asked for."""
    try:
        answer: Any = json.loads(body)
        items = {item["index"]: item["embedding"] for item in answer["data"]}
        if len(answer["data"]) != count or list(map(type, items)) != [int] * count or set(items) != set(range(count)):
            raise EmbeddingsError("not one vector for each text")
        rows = [items[at] for at in range(count)]
        return _unit(rows)
    except (ValueError, TypeError, KeyError, LookupError, OverflowError, RecursionError):
        raise EmbeddingsError("answer not understood") from None


def _unit(rows: list[Any]) -> Floats:
    lengths = {len(row) if isinstance(row, list) else 0 for row in rows}
    if len(lengths) != 1 or not 0 < max(lengths) <= LENGTH_MAX:
        raise EmbeddingsError("vectors of different or impossible lengths")
    if any(type(value) not in (int, float) for row in rows for value in row):
        raise EmbeddingsError("vectors of something else than numbers")
    table = np.array(rows, np.float64)
    size = np.abs(table).max(1, keepdims=True)
    if not np.isfinite(size).all() or not size.all():
        raise EmbeddingsError("vectors that are not finite, or nothing but zeros")
    table = table / size  # first by the largest number, so that no square overflows
    unit: Floats = (table / np.linalg.norm(table, axis=1, keepdims=True)).astype(np.float32)
    return unit
