"""Who sends in the soak: citizens over the API and followers in WeChat. Each repeats a message until it is acknowledged."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Protocol

import aiohttp

from bot import wording
from bot.openapi import API
from tests.bot.wechat.conftest import fields_of, unseal
from tests.pushes import PATH, signed, text

TEXTS = ("租房提取一年最多能提多少钱", "公积金怎么提取", "大厅门口的石狮子是谁捐的呢", "二套房公积金贷款首付多少")
PATIENCE = aiohttp.ClientTimeout(total=20)
LAST_TRIES_SECONDS = 60
AGAIN_EVERY = 50
AWAY = 503  # in WeChat a sentence says so: another status would be a fault notice under the office's name


class Asked(Protocol):
    """Somewhere with a public address that may change."""

    def address(self, number: int) -> str:
        """The address of one of its processes."""


@dataclass
class Seen:
    """What the run has seen so far. `made`: messages that were tried at all; `changed`: answers that differed when repeated."""

    sent: int = 0
    made: int = 0
    acknowledged: int = 0
    changed: int = 0
    broken: int = 0
    refused: Counter[int] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)
    memory: list[float] = field(default_factory=list)


@dataclass
class _Sender(ABC):
    town: Asked
    seen: Seen
    number: int
    turn: int = 0

    async def send_until(self, end: float) -> None:
        """One message after the other; the last may still be repeated for a while."""
        async with aiohttp.ClientSession(timeout=PATIENCE) as session:
            while time.monotonic() < end:
                self.turn += 1
                self.seen.made += 1
                words = f"{TEXTS[self.turn % len(TEXTS)]}（{type(self).__name__}{self.number}之{self.turn}）"
                await self._until_taken(session, words, end + LAST_TRIES_SECONDS)

    async def _until_taken(self, session: aiohttp.ClientSession, words: str, end: float) -> None:
        message = self._message(words)
        tries = 0
        while time.monotonic() < end:
            tries += 1
            self.seen.sent += 1
            try:
                answer = await self._send(session, message, self.number + self.turn + tries)
            except (aiohttp.ClientError, TimeoutError, OSError):
                self.seen.broken += 1
                await asyncio.sleep(0.2)
                continue
            if answer is not None:
                self.seen.acknowledged += 1
                self._keep(message, answer)
                return
            await asyncio.sleep(0.2)

    @abstractmethod
    def _message(self, words: str) -> Any:
        """What is sent, the same at every try."""

    @abstractmethod
    async def _send(self, session: aiohttp.ClientSession, message: Any, which: int) -> Any:
        """One try at one of the processes; the answer, or None where it was not taken."""

    @abstractmethod
    def _keep(self, message: Any, answer: Any) -> None:
        """Remember what is asked for again in the end."""


@dataclass
class Citizens(_Sender):
    """Over the JSON API, with an idempotency key."""

    receipts: list[tuple[str, str]] = field(default_factory=list)

    def _message(self, words: str) -> Any:
        return {"text": words}, f"soak-{self.number}-{self.turn}"

    async def _send(self, session: aiohttp.ClientSession, message: Any, which: int) -> Any:
        body, key = message
        address = f"{self.town.address(which)}{API}/questions"
        async with session.post(address, json=body, headers={"Idempotency-Key": key}) as response:
            if response.status == 201:
                return await response.json()
            self.seen.refused[response.status] += 1
            return None

    def _keep(self, message: Any, answer: Any) -> None:
        self.receipts.append((answer["code"], answer["password"]))

    async def lost(self) -> int:
        """Receipts that open nothing any more."""
        lost = 0
        async with aiohttp.ClientSession(timeout=PATIENCE) as session:
            for code, password in self.receipts:
                address = f"{self.town.address(0)}{API}/questions/{code}"
                async with session.get(address, headers={"X-Question-Password": password}) as response:
                    lost += response.status != 200
        return lost


@dataclass
class Followers(_Sender):
    """In WeChat; its server signs every try anew."""

    heard: list[tuple[Any, bytes]] = field(default_factory=list)

    def _message(self, words: str) -> Any:
        return text(words, f"oSoak{self.number:024}")

    async def _send(self, session: aiohttp.ClientSession, message: Any, which: int) -> Any:
        pushed = signed(message)
        async with session.post(f"{self.town.address(which)}{PATH}?{pushed.query}", data=pushed.body) as response:
            answer = await response.read()
            taken = response.status == 200 and b"<Encrypt>" in answer
            if taken and wording.STORAGE_AWAY not in unseal(fields_of(answer)["Encrypt"]).decode():
                return answer
            self.seen.refused[AWAY if taken else response.status] += 1
            return None

    def _keep(self, message: Any, answer: Any) -> None:
        if self.turn % AGAIN_EVERY == 0:
            self.heard.append((message, answer))

    async def lost(self) -> int:
        """Messages that are answered with other bytes when they come again."""
        before = self.seen.changed
        async with aiohttp.ClientSession(timeout=PATIENCE) as session:
            for message, answer in self.heard:
                self.seen.changed += await self._send(session, message, 0) != answer
        return self.seen.changed - before
