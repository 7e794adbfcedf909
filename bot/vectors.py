"""Vectors of the base's questions, kept up with the base in the background, and what is near a question.

Optional: without it, and whenever it fails, questions are answered as if it had never been there.
"""

import asyncio
import itertools
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from bot import vector_file
from bot.answer.near import Floats, Near, Space
from bot.embeddings import Embeddings, EmbeddingsError, RefusedError
from bot.vector_file import NUMBERS_MAX, digest
from knowledge.entries import KnownEntry
from knowledge.settings import Settings

BATCH = 64
BATCH_SECONDS = 30.0
BATCHES_A_PASS = 32
LOOK_EVERY_SECONDS = 0.5
# A longer message is a story; models read a few hundred characters, and some servers refuse more.
LONGEST_SENT = 500
REMEMBERED = 1024
Known = Mapping[str, KnownEntry]
log = logging.getLogger(__name__)


class Vectors:
    """Start it after the first engine is built, stop it after the receiver. `entries` gives those in use now."""

    def __init__(
        self, settings: Settings, entries: Callable[[], Known], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = Embeddings(settings, monotonic)
        self._folder: Path = settings.data / "vectors"
        self._seconds = settings.embeddings_timeout_ms / 1000
        self._entries = entries
        self._seen: Known | None = None
        self._missing: dict[str, str] = {}
        self._alone: dict[str, str] = {}
        self._refused: set[str] = set()
        self._kept: vector_file.Vectors = {}
        self._asked: OrderedDict[str, Floats] = OrderedDict()
        self._space = Space((), {})
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to fetch what is missing; nobody waits for it."""
        self._task = asyncio.create_task(self._watch(), name="vectors")

    async def stop(self) -> None:
        """End it; what was fetched is on disk up to the last batches."""
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self._client.close()

    async def near(self, masked: str) -> Near | None:
        """What is near a question, from its masked text; None where that is not known in time. Never an error."""
        length = self._space.length
        if not length:
            return None
        sent = masked[:LONGEST_SENT]
        name = digest(sent)
        if (vector := self._asked.get(name)) is None:
            try:
                vector = (await self._client.vectors([sent], self._seconds, length))[0]
            except EmbeddingsError:
                return None
            self._asked[name] = vector
            if len(self._asked) > REMEMBERED:
                self._asked.popitem(last=False)
        return await asyncio.to_thread(self._space.near, vector)

    def _length(self) -> int | None:
        return next((len(vector) for vector in self._kept.values()), None)

    async def _watch(self) -> None:
        self._kept = await asyncio.to_thread(vector_file.load, self._folder, self._client.model)
        while True:
            try:
                await self._catch_up()
            except EmbeddingsError:
                pass  # the client has said so, and lets the next try through when it is time
            except Exception as error:  # whatever it is, the vectors must not stay as they are for ever
                log.warning("vectors: %s", type(error).__name__)
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def _catch_up(self) -> None:
        """Take up a changed base, then fetch some of what is missing and put it to use; EmbeddingsError breaks it off."""
        if (entries := self._entries()) is not self._seen:
            await self._take_up(entries)
        if not self._missing and not self._alone:
            return
        before = len(self._kept)
        try:
            for _ in range(BATCHES_A_PASS):
                if self._entries() is not self._seen or not (batch := self._next()):
                    break
                await self._fetch(batch)
        finally:
            if len(self._kept) > before:
                await self._arrange()
                await asyncio.to_thread(vector_file.save, self._folder, self._client.model, dict(self._kept))

    async def _take_up(self, entries: Known) -> None:
        texts = await asyncio.to_thread(_named, tuple(entries.values()))
        self._kept = {name: self._kept[name] for name in texts if name in self._kept}
        self._missing = {n: text for n, text in texts.items() if n not in self._kept and n not in self._refused}
        self._alone = {}
        self._seen = entries
        await self._arrange()

    async def _arrange(self) -> None:
        entries = tuple((self._seen or {}).values())
        self._space = await asyncio.to_thread(_space, entries, dict(self._kept))

    def _next(self) -> dict[str, str]:
        """The next texts to be fetched: many at once, then those one by one whose batch was refused."""
        if (len(self._kept) + BATCH) * (self._length() or 0) > NUMBERS_MAX:
            log.warning("vectors: the base is too large, %d questions go without", len(self._missing))
            self._missing, self._alone = {}, {}
        return dict(itertools.islice(self._missing.items(), BATCH)) or dict(itertools.islice(self._alone.items(), 1))

    async def _fetch(self, batch: dict[str, str]) -> None:
        try:
            found = await self._client.vectors(list(batch.values()), BATCH_SECONDS, self._length())
        except RefusedError:
            self._set_aside(batch)
            raise
        self._kept.update(zip(batch, found, strict=True))
        self._done(batch)

    def _set_aside(self, batch: dict[str, str]) -> None:
        """One text that is not taken must not keep out those beside it."""
        self._done(batch)
        if len(batch) > 1:
            self._alone |= batch
        else:
            self._refused |= set(batch)

    def _done(self, names: Iterable[str]) -> None:
        for name in names:
            self._missing.pop(name, None)
            self._alone.pop(name, None)


def _named(entries: Iterable[KnownEntry]) -> dict[str, str]:
    """The questions of the base by their digests."""
    return {digest(text): text for entry in entries for text in (entry.standard, *entry.similar)}


def _space(entries: tuple[KnownEntry, ...], kept: vector_file.Vectors) -> Space:
    return Space(entries, {text: kept[name] for name, text in _named(entries).items() if name in kept})
