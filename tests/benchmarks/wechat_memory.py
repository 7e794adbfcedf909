"""Memory of the running service over many WeChat messages: `python -m tests.benchmarks.wechat_memory [MESSAGES]`."""

import asyncio
import sys
import tempfile
from pathlib import Path

import psutil
from rich.progress import track

from tests.benchmarks.load import run
from tests.benchmarks.wechat_load import CONNECTIONS, different, ours, pushes, texts

MESSAGES, STEPS = 200_000, 20


async def measure(messages: int = MESSAGES) -> None:
    """Every text different, so that nothing is answered from memory; prints MB after each twentieth of the messages."""
    said, used, errors = different(texts()), [], 0
    with tempfile.TemporaryDirectory() as data:
        async with ours(Path(data) / "var") as (us, service):
            process = psutil.Process(service.process.pid)
            for _ in track(range(STEPS), "messages"):
                measured = await run(us.port, pushes(said, us.path, messages // STEPS), 3600, CONNECTIONS)
                errors += measured.errors
                used.append(process.memory_info().rss / 2**20)
    print("MB:", *(f"{size:.0f}" for size in used), f"errors: {errors}")  # noqa: T201
    print(f"second half: {used[-1] - used[STEPS // 2 - 1]:+.1f} MB over {messages // 2} messages")  # noqa: T201


if __name__ == "__main__":
    asyncio.run(measure(*map(int, sys.argv[1:2])))
