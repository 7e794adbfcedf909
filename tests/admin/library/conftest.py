"""The library as its people use it: forms are read from the page, changed, and sent back."""

import re
from collections.abc import Awaitable, Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from aiohttp import ClientResponse
from sqlmodel import select

from bot.service import Service
from knowledge.tables import Entry, Proposal
from tests.admin.conftest import Visitor

RATE = "rate.deposit"
RENT = "withdrawal.rent.limit.2026"
QUOTED = {
    "policy0": "tiaoli-2019",
    "article0": "第三条",
    "quote0": "属于职工个人所有",
    "policy1": "tiaoli-2026",
    "article1": "",
    "quote1": "",
}
NEW_ENTRY = {
    "key": "withdrawal.parking",
    "standard": "买车位能不能提取公积金？",
    "short": "车位提取",
    "topic": "提取",
    "region": "威海",
    "level": "B",
    "status": "approved",
    "answer": "不能。车位不是住房。",
    "similar": "车位可以提公积金吗\n买停车位能用公积金吗\n公积金能付车位钱吗\n地下车位提取公积金行吗\n想用公积金买个车位\n车库能提公积金不",
    "why": "补缺口",
    "reason": "依据没有引文，存文里没有这一条。",
    "version": "0",
    **QUOTED,
}


class _Form(HTMLParser):
    """The fields of the form with a given action, as a browser would send them."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action, self.inside, self.fields = action, False, {}  # type: ignore[var-annotated]
        self._text = self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.inside = given.get("action") == self.action
        if not self.inside:
            return
        name = given.get("name") or ""
        if tag == "input" and name and given.get("type") not in ("checkbox", "radio", "submit", "file"):
            self.fields[name] = given.get("value") or ""
        elif tag == "textarea":
            self._text, self.fields[name] = name, ""
        elif tag == "select":
            self._select, self.fields[name] = name, ""
        elif tag == "option" and self._select and "selected" in given:
            self.fields[self._select] = given.get("value")

    def handle_data(self, data: str) -> None:
        if self._text:
            self.fields[self._text] += data
        elif self._select and self.fields[self._select] is None:
            self.fields[self._select] = data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._text:
            self.fields[self._text] = self.fields[self._text].removeprefix("\n")
            self._text = ""
        elif tag == "select":
            self._select = ""
        elif tag == "form":
            self.inside = False


def form_of(page: str, action: str) -> dict[str, str]:
    """What a form on a page would send as it stands."""
    parser = _Form(action)
    parser.feed(page)
    assert parser.fields, action
    return {name: value or "" for name, value in parser.fields.items() if name != "csrf"}


def number_in(response: ClientResponse) -> int:
    """The number of the proposal a redirect leads to."""
    found = re.search(r"/library/proposals/(\d+)", response.headers.get("Location", ""))
    assert found, response.status
    return int(found.group(1))


Propose = Callable[..., Awaitable[int]]
Decide = Callable[..., Awaitable[ClientResponse]]


@pytest.fixture
def propose() -> Propose:
    """Somebody opens the editor of an entry, changes some fields and sends it; returns the proposal's number."""

    async def act(who: Visitor, key: str = RATE, **changed: str) -> int:
        path = f"/library/entries/{key}/edit"
        fields = form_of(await who.page(path), path) | {"why": "照文件改", "reason": "已核对"} | changed
        response = await who.post(path, None, **fields)
        assert response.status == 303, await response.text()
        return number_in(response)

    return act


@pytest.fixture
def decide() -> Decide:
    """Somebody opens a proposal and presses a button of it."""

    async def act(who: Visitor, number: int, button: str = "approve", **fields: Any) -> ClientResponse:
        page = await who.page(f"/library/proposals/{number}")
        version = re.search(r'name="version" value="(\d+)"', page)
        given = {"version": version.group(1) if version else "1", **fields}
        return await who.post(f"/library/proposals/{number}/{button}", None, **given)

    return act


async def entry_row(service: Service, key: str = RATE) -> Entry:
    async with service.database.reading() as session:
        return (await session.exec(select(Entry).where(Entry.key == key))).one()


async def proposal_row(service: Service, number: int) -> Proposal:
    async with service.database.reading() as session:
        return (await session.exec(select(Proposal).where(Proposal.id == number))).one()
