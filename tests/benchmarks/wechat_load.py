"""Messages a second in WeChat's safe mode: this service with its engine and its storage, beside echo bots of other projects.

`python -m tests.benchmarks.wechat_load [SECONDS]`, part of `make bench`. The peers neither search nor store; they are
installed from PyPI into `build/peers` the first time. Every push comes from a follower of its own kind of life: either
each text is different, or texts recur as in life (Zipf over 10,000). Rounds alternate, and medians are compared.
"""

import asyncio
import itertools
import os
import random
import statistics
import subprocess
import sys
import tempfile
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from knowledge.base import read_base
from tests.benchmarks.load import Measured, run
from tests.bot.wechat.conftest import APPID, KEY, TOKEN
from tests.ports import free_port, until_open
from tests.pushes import PATH, SETTINGS, signed, text
from tests.running import Running

ROOT = Path(__file__).parents[2]
PEERS = ROOT / "build" / "peers"
WANTED = ["werobot==1.13.1", "wechatpy==1.8.18", "flask==3.1.2", "gunicorn==23.0.0", "cryptography"]
SECONDS, ROUNDS, CONNECTIONS = 6, 3, 50
RECURRING, WARM_UP = 10_000, 12_000
FOLLOWERS = 50_000
TAILS = ("", "呢", "啊", "，请问一下", "，谢谢", "？急", "，我是威海的", "，想了解一下")


@dataclass(frozen=True)
class Rival:
    """Somebody who takes pushes at a port and a path."""

    name: str
    port: int
    path: str


def install_peers() -> Path:
    """The peers' own environment; returns its gunicorn."""
    gunicorn = PEERS / "bin" / "gunicorn"
    if not gunicorn.exists():
        subprocess.run([sys.executable, "-m", "venv", str(PEERS)], check=True)
        done = subprocess.run([str(PEERS / "bin" / "python"), "-m", "pip", "install", "--quiet", *WANTED], check=False)
        if done.returncode:
            sys.exit("The peers could not be installed from PyPI; this measurement needs them.")
    return gunicorn


def texts() -> list[str]:
    """Questions as followers type them: the kept ones with different tails, mixed; the same at every run."""
    base = read_base(ROOT / "knowledge" / "data")
    kept = [text for entry in base.entries for text in (entry.standard, *entry.similar)]
    asked = [text.rstrip("？?") + tail for text, tail in itertools.product(kept, TAILS)]
    random.Random(7).shuffle(asked)
    return asked


def different(asked: list[str]) -> Iterator[str]:
    """Never the same text twice: a full round of the texts, then with the days somebody has waited."""
    for round_number in itertools.count():
        for words in asked:
            yield f"{words}，等了{round_number}天" if round_number else words


def recurring(asked: list[str]) -> Iterator[str]:
    """As in life: the n-th of 10,000 texts comes with a weight of 1/n."""
    chosen = asked[:RECURRING]
    weights = list(itertools.accumulate(1 / rank for rank in range(1, len(chosen) + 1)))
    draw = random.Random(11)
    while True:
        yield from draw.choices(chosen, cum_weights=weights, k=1000)


def pushes(said: Iterator[str], path: str, count: int) -> Iterator[bytes]:
    """Prepared requests, as WeChat's servers send them; made before the clock starts."""
    followers = itertools.cycle(f"oBench{number:022}" for number in range(FOLLOWERS))
    made = [
        signed(text(content, who)).raw(path)
        for content, who in zip(itertools.islice(said, count), followers, strict=False)
    ]
    return iter(made)


@asynccontextmanager
async def peer(gunicorn: Path, module: str, *options: str) -> AsyncIterator[Rival]:
    """One of the echo bots, under gunicorn."""
    port = free_port()
    environment = os.environ | {"PEER_TOKEN": TOKEN, "PEER_KEY": KEY, "PEER_APPID": APPID}
    command = [str(gunicorn), "--bind", f"127.0.0.1:{port}", *options, f"{module}:app"]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=Path(__file__).parent / "peers", env=environment, stdout=DEVNULL, stderr=DEVNULL
    )
    try:
        await until_open(port)
        yield Rival(f"{module.removeprefix('by_')} {' '.join(options)}", port, "/wechat")
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def ours(data: Path) -> AsyncIterator[tuple[Rival, Running]]:
    """The service itself: starter base, SQLite, safe mode."""
    await asyncio.to_thread(_written, data / "zhengwen.toml", SETTINGS)
    limits = {"questions_per_minute": "1000000000", "provisional_answers": "true"}
    service = await Running(data, **limits).start("--demo")
    try:
        yield Rival("zhengwen", int(service.public.rsplit(":", 1)[1]), PATH), service
    finally:
        await service.stop()


def _written(file: Path, text: str) -> None:
    file.parent.mkdir()
    file.write_text(text, "utf-8")


async def _warm(rival: Rival, said: Iterator[str]) -> None:
    """A service that has run for some days has heard what recurs."""
    await run(rival.port, pushes(said, rival.path, WARM_UP), WARM_UP / 100, CONNECTIONS)


async def measure(seconds: float = SECONDS) -> None:
    """Print messages a second and times of single messages; ratios are to the faster peer."""
    gunicorn, asked = await asyncio.to_thread(install_peers), texts()
    threads = ("--workers", "1", "--threads", "8", "--keep-alive", "60")
    with tempfile.TemporaryDirectory() as data:
        async with (
            peer(gunicorn, "by_werobot", *threads) as robot,
            peer(gunicorn, "by_wechatpy", *threads) as pie,
            ours(Path(data) / "var") as (us, service),
        ):
            kinds = {"different": different(asked), "recurring": recurring(asked)}
            await _warm(us, kinds["recurring"])
            runs = [(robot, "different"), (pie, "different"), (us, "different"), (us, "recurring")]
            found: dict[tuple[str, str], list[Measured]] = {}
            for (rival, kind), _ in itertools.product(runs, range(ROUNDS)):
                requests = pushes(kinds[kind], rival.path, int(2500 * seconds))
                found.setdefault((rival.name, kind), []).append(await run(rival.port, requests, seconds, CONNECTIONS))
            memory = psutil.Process(service.process.pid).memory_info().rss / 2**20
    _table(found)
    print(f"memory of the service afterwards: {memory:.0f} MB")  # noqa: T201


def _table(found: dict[tuple[str, str], list[Measured]]) -> None:
    best = max(_rate(runs) for (name, _), runs in found.items() if name != "zhengwen")
    print(f"{'who':58} {'messages':10} {'/s':>7} {'ratio':>6} {'p50 ms':>7} {'p99 ms':>7} {'errors':>6}")  # noqa: T201
    for (name, kind), runs in found.items():
        p50, p99 = (statistics.median(getattr(one, which) for one in runs) for which in ("p50", "p99"))
        errors = sum(one.errors for one in runs)
        print(f"{name:58} {kind:10} {_rate(runs):7.0f} {_rate(runs) / best:6.2f} {p50:7.1f} {p99:7.1f} {errors:6}")  # noqa: T201


def _rate(runs: list[Measured]) -> float:
    return statistics.median(one.rate for one in runs)


if __name__ == "__main__":
    asyncio.run(measure(*map(float, sys.argv[1:2])))
