"""A running rehearsal, started as the command does it, and a client before its two sites."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from admin.rehearsal.run import Ports, rehearse

NEW_PASSWORD = "a quiet harbour at dawn"


@dataclass
class Rehearsal:
    """A running rehearsal, and the browser before it."""

    http: aiohttp.ClientSession
    said: list[str] = field(default_factory=list)

    def address(self, label: str) -> str:
        return next(found[1] for line in self.said if (found := re.match(rf"{label}\s+(http\S+?)/? ?(（|$)", line)))

    async def chat(self, path: str = "", **form: str) -> str:
        phone = self.address("微信演练")
        if path:
            async with self.http.post(phone + path, data=form) as done:
                assert done.status == 200, await done.text()
        async with self.http.get(phone + "/log") as shown:
            return await shown.text()

    async def until(self, words: str) -> str:
        for _ in range(150):
            if words in (text := await self.chat()):
                return text
            await asyncio.sleep(0.1)
        raise AssertionError(words)

    async def staff(self, path: str, **form: str) -> str:
        """A page of the staff site; with fields they are posted with the token of the page before."""
        site = self.address("工作人员网站")
        async with self.http.get(site + path) as shown:
            assert shown.status == 200
            return await shown.text()

    async def post(self, path: str, page: str, **form: str) -> str:
        found = re.search(r'name="csrf" value="(\w*)"', page)
        more = {"csrf": found[1]} if found else {}
        async with self.http.post(self.address("工作人员网站") + path, data={**more, **form}) as done:
            assert done.status == 200, await done.text()
            return await done.text()

    @property
    def password(self) -> str:
        return next(found[1] for line in self.said if (found := re.search(r"一次性密码 (\S+)", line)))

    async def sign_in(self) -> None:
        page = await self.post("/sign-in", "", username="admin", password=self.password)
        await self.post("/password", page, current=self.password, new=NEW_PASSWORD, again=NEW_PASSWORD)


@asynccontextmanager
async def rehearsing(data: Path) -> AsyncIterator[Rehearsal]:
    """The rehearsal, as long as the block lasts; ports are chosen by the system."""
    stop = asyncio.Event()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        running = Rehearsal(http)
        work = asyncio.create_task(rehearse(data, Ports(0, 0, 0), running.said.append, stop))
        while not any(line.startswith("微信演练") for line in running.said):
            await asyncio.sleep(0.05)
            if work.done():
                await work
        yield running
        stop.set()
        await work
