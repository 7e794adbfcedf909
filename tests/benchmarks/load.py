"""A small load generator: keep-alive connections that send prepared requests and time each answer."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass

CONNECTIONS = 32


@dataclass(frozen=True)
class Measured:
    """What a run showed: requests a second, and the times of single requests in milliseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float
    errors: int

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


def request(method: str, path: str, body: bytes = b"", media: str = "application/json") -> bytes:
    """One HTTP/1.1 request, ready to send."""
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n"
    if body:
        head += f"Content-Type: {media}\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


async def run(port: int, requests: Iterator[bytes], seconds: float, connections: int = CONNECTIONS) -> Measured:
    """Send on all connections at once, for a number of seconds or until there is nothing left to send."""
    times: list[float] = []
    failed = 0
    end = time.perf_counter() + seconds

    async def client() -> None:
        nonlocal failed
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < end:
            payload = next(requests, None)
            if payload is None:
                break
            begun = time.perf_counter()
            writer.write(payload)
            status = await _answer(reader)
            times.append(time.perf_counter() - begun)
            failed += status >= 400
        writer.close()

    begun = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(connections)))
    ordered = sorted(times)
    return Measured(
        len(times),
        time.perf_counter() - begun,
        1000 * ordered[len(ordered) // 2],
        1000 * ordered[int(len(ordered) * 0.99)],
        failed,
    )


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            length = int(line[15:])
    await reader.readexactly(length)
    return int(head[9:12])
