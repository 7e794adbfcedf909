"""An app of the office in a test: its side of the signatures, written a second time, and its server for callbacks."""

import asyncio
import hashlib
import hmac
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.service import Service
from tests.bot.conftest import Begin, Served
from tests.conftest import BACKENDS, Clock

SECRET = "0123456789abcdef0123456789abcdef"
OLD_SECRET = "fedcba9876543210fedcba9876543210"
RENT = "威海无房职工租房提取住房公积金，一年最多能提多少？"
UNKNOWN = "大厅门口的石狮子是谁捐的呢"
SEVERAL = "租房提取"
on_both = pytest.mark.parametrize("backend", BACKENDS)


def signature(direction: str, timestamp: str, nonce: str, body: bytes, secret: str = SECRET) -> str:
    """The app's side, as docs/app.md says it."""
    message = b"\n".join([direction.encode(), timestamp.encode(), nonce.encode(), body])
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


@dataclass
class Answer:
    """What came back."""

    status: int
    raw: bytes
    kind: str

    @property
    def json(self) -> Any:
        return json.loads(self.raw)


@dataclass
class App:
    """One app, asking."""

    http: TestClient[web.Request, web.Application]
    clock: Clock
    name: str = "mobile"
    secret: str = SECRET

    def signed(self, body: bytes, **changed: str) -> dict[str, str]:
        timestamp = changed.get("timestamp", str(int(self.clock().timestamp())))
        nonce = changed.get("nonce", secrets.token_hex(16))
        made = signature(changed.get("direction", "request"), timestamp, nonce, body, self.secret)
        return {
            "Content-Type": "application/json",
            "X-Zhengwen-Timestamp": timestamp,
            "X-Zhengwen-Nonce": nonce,
            "X-Zhengwen-Signature": changed.get("signature", made),
        }

    async def post(self, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        response = await self.http.post(f"/app/{self.name}{path}", data=body, headers=headers)
        return Answer(response.status, await response.read(), response.content_type)

    async def send(self, path: str, **fields: Any) -> Answer:
        body = json.dumps(fields, ensure_ascii=False).encode()
        return await self.post(path, body, self.signed(body))

    async def ask(self, text: str = RENT, number: str = "m-1", **more: Any) -> Answer:
        return await self.send("", id=number, text=text, **more)

    async def state(self, code: str) -> Answer:
        return await self.send("/state", code=code)


@dataclass
class AppServer:
    """The app's own server: remembers every callback, and answers as laid out."""

    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    plan: list[int] = field(default_factory=list)
    hangs: bool = False
    url: str = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.calls.append((dict(request.headers), await request.read()))
        if self.hangs:
            await asyncio.sleep(3600)
        status = self.plan.pop(0) if self.plan else 200
        return web.Response(status=status, headers={"Location": "/elsewhere"} if status == 302 else {})


Start = Callable[..., Awaitable[Service]]
Connect = Callable[..., Awaitable[App]]


def account(**more: Any) -> dict[str, Any]:
    """An app as it stands in the settings file."""
    return {"name": "mobile", "secret": SECRET, **more}


@pytest.fixture
def backend() -> str:
    """One database is enough for the protocol; what stores asks for both."""
    return "sqlite"


@pytest.fixture
def start(begin: Begin) -> Start:
    """Starts services with these apps."""

    async def with_apps(*accounts: dict[str, Any], **more: Any) -> Service:
        return await begin(app=list(accounts or (account(),)), **more)

    return with_apps


@pytest.fixture
def connect(clock: Clock, served: Served) -> Connect:
    """Puts an app in front of a service."""

    async def make(service: Service, **more: Any) -> App:
        return App(await served(service), clock, **more)

    return make


@pytest.fixture
async def service(start: Start) -> Service:
    """One app without callbacks."""
    return await start()


@pytest.fixture
async def app(service: Service, connect: Connect) -> App:
    """The app before that service."""
    return await connect(service)


@pytest.fixture
async def theirs() -> AsyncIterator[AppServer]:
    """The app's own server."""
    fake = AppServer()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", fake.handle)
    async with TestServer(application) as running:
        fake.url = str(running.make_url("/answered"))
        yield fake
