"""The real service as a process of its own, for tests that kill it or measure it."""

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from pathlib import Path

START_SECONDS = 60


class Running:
    """`zhengwen serve` in a data folder; ports are chosen by the system."""

    def __init__(self, data: Path, database_url: str | None = None, **settings: str) -> None:
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("ZHENGWEN_")}
        self.environment |= {"ZHENGWEN_DATA": str(data), "PYTHONUNBUFFERED": "1", "ZHENGWEN_FORM_SECONDS_MIN": "0"}
        self.environment |= {f"ZHENGWEN_{name.upper()}": value for name, value in settings.items()}
        if database_url:
            self.environment["ZHENGWEN_DATABASE_URL"] = database_url
        self.process: Process
        self.public = self.office = self.password = ""
        self.said: list[str] = []

    async def start(self, *options: str) -> "Running":
        """Start and wait until both sites are announced."""
        self.public = self.office = ""
        command = [sys.executable, "-m", "admin", "serve", "--public-port", "0", "--staff-port", "0", *options]
        self.process = await asyncio.create_subprocess_exec(*command, env=self.environment, stdout=PIPE, stderr=STDOUT)
        try:
            await asyncio.wait_for(self._read_announcement(), START_SECONDS)
        except BaseException:
            self.kill()
            raise
        self._rest = asyncio.create_task(self._read_rest())
        return self

    async def stop(self) -> int:
        """SIGTERM, and wait for the end."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        await self._rest
        return await self.process.wait()

    def kill(self) -> None:
        """SIGKILL: what a power cut does to a process."""
        if self.process.returncode is None:
            self.process.kill()

    async def ended(self) -> None:
        """Wait for the end after a kill."""
        await self._rest
        await self.process.wait()

    async def command(self, *words: str) -> tuple[int, str]:
        """Run another `zhengwen` command on the same data; returns exit code and all it printed."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "admin", *words, env=self.environment, stdout=PIPE, stderr=STDOUT
        )
        output, _ = await process.communicate()
        return process.returncode or 0, output.decode()

    async def _read_announcement(self) -> None:
        while not (self.public and self.office):
            line = await self._line()
            if found := re.search(r"^公众网站\s+(\S+)", line):
                self.public = found[1].rstrip("/")
            if found := re.search(r"^工作人员网站\s+(\S+)", line):
                self.office = found[1].rstrip("/")
        # The one-time password, where there is one, is announced right behind the addresses.
        try:
            line = await asyncio.wait_for(self._line(), 0.5)
            if found := re.search(r"一次性密码 (\S+)", line):
                self.password = found[1]
        except TimeoutError:
            pass

    async def _line(self) -> str:
        assert self.process.stdout
        raw = await self.process.stdout.readline()
        if not raw:
            raise AssertionError("the service ended:\n" + "".join(self.said))
        self.said.append(raw.decode())
        return self.said[-1]

    async def _read_rest(self) -> None:
        assert self.process.stdout
        async for raw in self.process.stdout:
            self.said.append(raw.decode())
