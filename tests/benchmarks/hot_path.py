"""The hot path (question in, decided, durably stored, answered) against a bare aiohttp handler in the same run."""

import asyncio
import itertools
import json
import multiprocessing
import tempfile
from collections.abc import Iterator
from pathlib import Path

import uvloop
from aiohttp import web

from bot.openapi import API
from tests.benchmarks.load import Measured, request, run
from tests.ports import free_port, until_open
from tests.running import Running

SECONDS = 8
SAME = "威海无房职工租房提取住房公积金，一年最多能提多少？"


def _bare(port: int) -> None:
    async def hello(_request: web.Request) -> web.Response:
        return web.json_response({"hello": "world"})

    app = web.Application()
    app.add_routes([web.get("/", hello)])

    async def serve() -> None:
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        await asyncio.Event().wait()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve())


async def _floor() -> Measured:
    port = free_port()
    process = multiprocessing.get_context("spawn").Process(target=_bare, args=(port,), daemon=True)
    process.start()
    try:
        await until_open(port)
        return await run(port, itertools.repeat(request("GET", "/")), SECONDS)
    finally:
        process.terminate()


def _question(text: str) -> bytes:
    return request("POST", f"{API}/questions", json.dumps({"text": text}, ensure_ascii=False).encode())


def _different() -> Iterator[bytes]:
    for number in itertools.count():
        yield _question(f"我在环翠区上班第{number}天了，租房子一年能取多少公积金")


async def measure() -> None:
    """Print the table; ratios are to the bare handler of the same run."""
    floor = await _floor()
    print(f"{'what':34} {'req/s':>8} {'ratio':>6} {'p50 ms':>7} {'p99 ms':>7} {'errors':>6}")  # noqa: T201
    _show("bare aiohttp handler", floor, floor)
    with tempfile.TemporaryDirectory() as data:
        service = await Running(Path(data) / "var", questions_per_minute="1000000000").start("--demo")
        port = int(service.public.rsplit(":", 1)[1])
        try:
            for name, requests in (
                ("POST question, the same (SQLite)", itertools.repeat(_question(SAME))),
                ("POST question, all different", _different()),
                ("GET home page", itertools.repeat(request("GET", "/"))),
                ("GET board as JSON", itertools.repeat(request("GET", f"{API}/board"))),
            ):
                _show(name, await run(port, requests, SECONDS), floor)
        finally:
            await service.stop()


def _show(name: str, measured: Measured, floor: Measured) -> None:
    print(  # noqa: T201
        f"{name:34} {measured.rate:8.0f} {measured.rate / floor.rate:6.2f} {measured.p50:7.1f} {measured.p99:7.1f}"
        f" {measured.errors:6}"
    )


if __name__ == "__main__":
    asyncio.run(measure())
