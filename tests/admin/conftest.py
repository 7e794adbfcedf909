"""The cast at the staff site: a clerk, a reviewer, an administrator, and a stranger; and citizens who write."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from sqlmodel import SQLModel, select

from admin import auth, sessions, staff
from admin.account_events import Acting
from admin.site import staff_app
from admin.text_checks import CODES
from bot.answer.draft import Candidate, Draft
from bot.answer.model import shipped
from bot.message import checked
from bot.service import Service
from knowledge.entries import KnownEntry
from knowledge.index import Index
from knowledge.tables import Question, Staff
from knowledge.vocabulary import Channel, Kind, Level, Outcome, Reason, Role
from tests.conftest import BACKENDS

PASSWORD = "正确的马电池订书钉"
HASH = staff.HASHER.hash(staff.normal(PASSWORD))
NAMES = {
    Role.CLERK: "小王",
    Role.REVIEWER: "老李",
    Role.PUBLISHER: "孙科长",
    Role.EDITOR: "小周",
    Role.STATISTICIAN: "小吴",
    Role.AUDITOR: "老郑",
    Role.ADMINISTRATOR: "赵主任",
}
TICKS = {f"tick-{code}": "1" for code in CODES}
UNANSWERABLE = "我家楼下的信箱钥匙丢了该找谁"
ANSWERABLE = "公积金账户里的存款利率是多少？"


@dataclass
class Visitor:
    """A browser at the staff site: follows no redirect, keeps its cookies, puts the CSRF token into its forms."""

    http: TestClient[web.Request, web.Application]
    username: str = ""
    csrf: str = ""
    ticks: bool = True  # ticks whatever the checks of a text may say; they have tests of their own

    async def get(self, path: str) -> ClientResponse:
        return await self.http.get(path, allow_redirects=False)

    async def post(self, path: str, headers: dict[str, str] | None = None, **fields: object) -> ClientResponse:
        form = {"csrf": self.csrf, **{name: str(value) for name, value in fields.items()}}
        if path.endswith(("/publish", "/submit", "/bypass")) and self.ticks:
            form = TICKS | form
        return await self.http.post(path, data=form, headers=headers, allow_redirects=False)

    async def page(self, path: str) -> str:
        response = await self.get(path)
        assert response.status == 200, path
        return await response.text()

    @property
    def token(self) -> str:
        return self.http.session.cookie_jar.filter_cookies(self.http.make_url("/"))[auth.COOKIE].value


class StandIn:
    """In the engine's place, so that these tests stand still while the engine learns.

    A standard question is answered, a text with 选项 gets two choices, all else goes to a person.
    """

    def __init__(self, version: int, entries: dict[str, KnownEntry], index: Index) -> None:
        self.version = version
        self.index = index
        self.model = shipped()
        self.point = self.proven = None
        self.target_precision = 0.98
        self._entries = entries

    def answer(
        self, text: str, day: date, kind: Kind = Kind.CONSULTATION, topic: str = "", near: object = None
    ) -> Draft:
        live = [entry for entry in self._entries.values() if entry.in_force(day)]
        for entry in live:
            if text == entry.standard and entry.level is not Level.C:
                return Draft(Outcome.ANSWERED, Reason.EXACT, entry=entry, basis=entry.basis_on(day), confidence=1.0)
        if "不想活" in text:
            return Draft(Outcome.HANDED_OVER, Reason.URGENT)
        if "选项" in text:
            return Draft(Outcome.CLARIFY, Reason.SEVERAL_FIT, choices=tuple(live[:2]))
        return Draft(Outcome.HANDED_OVER, Reason.NOT_SURE, candidates=self._candidates(live), confidence=0.41)

    def similar(self, text: str, day: date, limit: int = 5) -> list[Candidate]:
        return list(self._candidates([entry for entry in self._entries.values() if entry.in_force(day)]))[:limit]

    @staticmethod
    def _candidates(entries: list[KnownEntry]) -> tuple[Candidate, ...]:
        return tuple(
            Candidate(entry, 0.41, entry.similar[0], ("公积金",), ("问的是另一座城市",)) for entry in entries[:3]
        )


Browser = Callable[[], Awaitable[Visitor]]
Ask = Callable[..., Awaitable[Question]]
Row = TypeVar("Row", bound=SQLModel)
# What differs between the databases is writing at the same moment, and the queries with joins and counts.
on_both = pytest.mark.parametrize("backend", BACKENDS)
SignedIn = Callable[[Role], Awaitable[Visitor]]


@pytest.fixture
def backend() -> str:
    """One database is enough for pages; the modules that test storage ask for both."""
    return "sqlite"


@pytest.fixture
async def server_of_staff(service: Service) -> AsyncIterator[TestServer]:
    """The staff site, listening, with one account for each role."""
    # Many tests move the clock by hours and mean the same visitor; idleness has tests of its own.
    service.settings = service.settings.model_copy(update={"idle_minutes": 0})
    current = service.current
    current.engine = StandIn(current.engine.version, current.entries, current.engine.index)  # type: ignore[assignment]
    async with service.database.writing() as session:
        for role, name in NAMES.items():
            session.add(
                Staff(
                    username=role.value,
                    name=name,
                    role=role,
                    password_hash=HASH,
                    must_change=False,
                    created_at=service.now(),
                )
            )
    server = TestServer(staff_app(service))
    async with server:
        yield server


@pytest.fixture
async def browser(server_of_staff: TestServer) -> AsyncIterator[Browser]:
    """Opens browsers without a session."""
    opened: list[TestClient[web.Request, web.Application]] = []

    async def make() -> Visitor:
        client: TestClient[web.Request, web.Application] = TestClient(server_of_staff)
        opened.append(client)
        return Visitor(client)

    yield make
    for client in opened:
        await client.session.close()


@pytest.fixture
def signed_in(service: Service, browser: Browser) -> SignedIn:
    """Opens browsers with a session; signing in by the form has tests of its own."""

    async def make(role: Role) -> Visitor:
        visitor = await browser()
        async with service.database.reading() as session:
            row = (await session.exec(select(Staff).where(Staff.username == role.value))).one()
        acting = Acting(role.value, service.now(), "127.0.0.1")
        token = await sessions.begin(service.database, row, acting, service.settings.session_hours, "Firefox（Linux）")
        visitor.http.session.cookie_jar.update_cookies({auth.COOKIE: token}, visitor.http.make_url("/"))
        visitor.username, visitor.csrf = role.value, auth.csrf_token(token, service.key)
        return visitor

    return make


@pytest.fixture
async def stranger(browser: Browser) -> Visitor:
    """Somebody without an account."""
    return await browser()


@pytest.fixture
async def clerk(signed_in: SignedIn) -> Visitor:
    """小王."""
    return await signed_in(Role.CLERK)


@pytest.fixture
async def reviewer(signed_in: SignedIn) -> Visitor:
    """老李."""
    return await signed_in(Role.REVIEWER)


@pytest.fixture
async def administrator(signed_in: SignedIn) -> Visitor:
    """赵主任."""
    return await signed_in(Role.ADMINISTRATOR)


@pytest.fixture
def ask(service: Service, server_of_staff: TestServer) -> Ask:
    """A citizen writes; returns the question as stored."""

    async def send(text: str = UNANSWERABLE, **more: object) -> Question:
        given: dict[str, object] = {"public": True, **more}
        limit = service.settings.max_question_chars
        message = checked(text=text, channel=Channel.BOARD, max_chars=limit, **given)  # type: ignore[arg-type]
        receipt = await service.receiver.receive(message)
        async with service.database.reading() as session:
            return (await session.exec(select(Question).where(Question.code == receipt.code))).one()

    return send


def hidden(page: str, name: str) -> str:
    """The value of a hidden field of a page."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found.group(1)


async def rows(service: Service, table: type[Row]) -> Sequence[Row]:
    async with service.database.reading() as session:
        return (await session.exec(select(table))).all()


async def stored(service: Service, question: Question) -> Question:
    async with service.database.reading() as session:
        return (await session.exec(select(Question).where(Question.id == question.id))).one()
