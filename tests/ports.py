"""Ports of this machine."""

import asyncio
import socket


def free_port() -> int:
    """One that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def until_open(port: int, seconds: float = 20) -> None:
    """Wait until somebody listens; TimeoutError if nobody does."""
    for _ in range(int(seconds * 10)):
        try:
            (await asyncio.open_connection("127.0.0.1", port))[1].close()
        except OSError:
            await asyncio.sleep(0.1)
        else:
            return
    raise TimeoutError(f"nobody listens on port {port}")
