"""An endpoint of the tests' own: vectors from character hashes, and every way such an endpoint can fail."""

import asyncio
import hashlib
import json
import math
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

LENGTH = 32
KEY = "sk-test-0123456789abcdef"
HUGE = 32 * 1024 * 1024


def vector(text: str) -> list[float]:
    """The same text always gets the same numbers; texts that share characters get like ones."""
    made = [0.0] * LENGTH
    for char in text:
        digest = hashlib.sha256(char.encode()).digest()
        for at in range(LENGTH):
            made[at] += digest[at] - 127.5
    return made


class EmbeddingsServer:
    """`mode` says how it behaves now; `texts` are all it was ever sent. `means` gives a text the vector of another."""

    def __init__(self) -> None:
        self.mode = "on"
        self.url = ""
        self.stop: Callable[[], Awaitable[None]]
        self.means: dict[str, str] = {}
        self.poison = ""
        self.texts: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.calls = 0
        self.elsewhere = 0
        self.let_go = asyncio.Event()
        self.app = web.Application()
        self.app.add_routes([web.post("/v1/embeddings", self._embed), web.post("/elsewhere", self._elsewhere)])

    async def _elsewhere(self, request: web.Request) -> web.Response:
        self.elsewhere += 1
        return web.json_response(self._answer((await request.json())["input"]))

    async def _embed(self, request: web.Request) -> web.StreamResponse:
        self.calls += 1
        asked = await request.json()
        assert asked["encoding_format"] == "float"
        self.texts += asked["input"]
        self.headers.append(dict(request.headers))
        if self.poison and self.poison in asked["input"]:
            return web.json_response({"error": {"message": "too long"}}, status=400)
        return await self._behave(asked["input"])

    async def _behave(self, texts: list[str]) -> web.StreamResponse:
        if self.mode == "slow":
            await self.let_go.wait()
        if self.mode == "redirect":
            raise web.HTTPTemporaryRedirect("/elsewhere")
        if self.mode.isdigit():
            return web.json_response({"error": {"message": f"{texts} {KEY}"}}, status=int(self.mode))
        if self.mode in RAW:
            return web.Response(body=RAW[self.mode], content_type="application/json")
        body = self._answer(texts)
        if self.mode in SPOILT:
            SPOILT[self.mode](body["data"])
        answer = web.Response(text=json.dumps(body), content_type="application/json")
        if self.mode == "packed":
            answer.enable_compression(web.ContentCoding.gzip)
        return answer

    def _answer(self, texts: list[str]) -> dict[str, Any]:
        found = [vector(self.means.get(text, text)) for text in texts]
        return {"data": [{"index": at, "embedding": one} for at, one in enumerate(found)], "model": "m"}


RAW: dict[str, bytes] = {
    "garbage": b"<html>hello",
    "not UTF-8": b'{"data": "\xff\xfe"}',
    "a list": b"[]",
    "deep": b"[" * 100_000,
    "huge": b" " * HUGE,
    "null": b'{"data": null}',
    "empty": b"",
}


def _set(value: Any) -> Callable[[list[dict[str, Any]]], None]:
    def spoil(data: list[dict[str, Any]]) -> None:
        data[0]["embedding"][3] = value

    return spoil


def _longer(data: list[dict[str, Any]]) -> None:
    for one in data:
        one["embedding"] += [1.0]


SPOILT: dict[str, Callable[[list[dict[str, Any]]], object]] = {
    "one too many": lambda data: data.append({"index": len(data), "embedding": data[0]["embedding"]}),
    "one too few": lambda data: data.pop(),
    "index twice": lambda data: data.append(data[0]),
    "wrong index": lambda data: data[0].update(index=7),
    "index is true": lambda data: data[0].update(index=False),
    "no index": lambda data: data[0].pop("index"),
    "another length": _longer,
    "no numbers": lambda data: data[0].update(embedding=[]),
    "base64": lambda data: data[0].update(embedding="AAAA"),
    "NaN": _set(math.nan),
    "infinity": _set(math.inf),
    "beyond floats": _set(10**400),
    "text": _set("1"),
    "true": _set(True),
    "zeros": lambda data: data[0].update(embedding=[0.0] * LENGTH),
}
WRONG = ("500", "401", "404", "429", "400", "204", "redirect", "packed", *RAW, *SPOILT)
