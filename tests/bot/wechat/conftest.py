"""An official account in a test: WeChat's side of the protocol, written a second time, and a stand-in engine."""

import base64
import hashlib
import itertools
import json
import os
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from xml.etree import ElementTree

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from bot import current
from bot.answer.draft import Draft
from bot.answer.route import by_rule, spoken_of
from bot.answer.screen import screen
from bot.channels.wechat_work import WECHAT, WeChat
from bot.service import Service
from knowledge.entries import KnownEntry, Snapshot
from knowledge.index import Index
from knowledge.text import Lexicon, normalise
from knowledge.vocabulary import Kind, Level, Outcome, Reason
from tests.bot.conftest import Begin, Served
from tests.conftest import BACKENDS, KIT, Clock

collect_ignore = [] if KIT.is_dir() else ["test_kit.py"]

TOKEN = "AToken123"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OLD_KEY = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR"
APPID = "wx2c2769f8efd9abc2"
GH = "gh_c0ffee000001"
OPENID = "oKnownUser0000000000000000001"
ANSWERABLE = "公积金账户里的存款利率是多少？"
UNANSWERABLE = "我家楼下的信箱钥匙丢了该找谁"
_ids = itertools.count(24_000_000_000_000_000)


class StandIn:
    """In the engine's place: a standard question is answered, a text with 选项 gets choices, all else is routed by the rules
    or goes to a person."""

    def __init__(self, known: Snapshot, **_more: object) -> None:
        self.version = known.version
        self._entries = known.entries
        self.index = Index(known.entries, Lexicon.parse(known.vocabulary))

    def answer(
        self, text: str, day: date, kind: Kind = Kind.CONSULTATION, topic: str = "", near: object = None
    ) -> Draft:
        live = [entry for entry in self._entries if entry.in_force(day)]
        for entry in live:
            if text == entry.standard and entry.level is not Level.C:
                return Draft(Outcome.ANSWERED, Reason.EXACT, entry=entry, basis=entry.basis_on(day), confidence=1.0)
        if "选项" in text:
            return Draft(Outcome.CLARIFY, Reason.SEVERAL_FIT, choices=tuple(live[:2]))
        plain = normalise(text)
        routed = screen(plain) or by_rule(plain, spoken_of(plain))
        return Draft(Outcome.HANDED_OVER, routed or Reason.NOT_SURE, confidence=0.41)


def signature(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def seal(xml: bytes, key: str = KEY, appid: str = APPID, padding: int | None = None) -> str:
    """WeChat's side of the envelope, in the tests' own words."""
    return base64.b64encode(encrypted(framed(xml, appid, padding), key)).decode()


def framed(xml: bytes, appid: str = APPID, padding: int | None = None, chance: bytes = b"") -> bytes:
    frame = (chance or os.urandom(16)) + struct.pack(">I", len(xml)) + xml + appid.encode()
    count = 32 - len(frame) % 32
    return frame + bytes([count if padding is None else padding]) * count


def encrypted(frame: bytes, key: str = KEY) -> bytes:
    raw = base64.b64decode(key + "=")
    encryptor = Cipher(algorithms.AES(raw), modes.CBC(raw[:16])).encryptor()
    return encryptor.update(frame) + encryptor.finalize()


def unseal(sealed: str, key: str = KEY) -> bytes:
    raw = base64.b64decode(key + "=")
    decryptor = Cipher(algorithms.AES(raw), modes.CBC(raw[:16])).decryptor()
    frame = decryptor.update(base64.b64decode(sealed)) + decryptor.finalize()
    frame = frame[: -frame[-1]]
    (length,) = struct.unpack(">I", frame[16:20])
    assert frame[20 + length :].decode() == APPID
    return frame[20 : 20 + length]


def xml(fields: dict[str, Any]) -> bytes:
    def part(value: Any) -> str:
        if isinstance(value, dict):
            return "".join(f"<{name}>{part(inner)}</{name}>" for name, inner in value.items())
        return str(value) if isinstance(value, int) else f"<![CDATA[{value}]]>"

    return f"<xml>{part(fields)}</xml>".encode()


def fields_of(document: bytes) -> dict[str, str]:
    return {child.tag: child.text or "" for child in ElementTree.fromstring(document)}  # noqa: S314 our own answer


@dataclass
class Answer:
    """What came back: the status, the bytes, and the decrypted passive reply if there is one."""

    status: int
    raw: bytes
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return self.fields.get("Content", "")

    @property
    def acknowledged(self) -> bool:
        return self.status == 200 and self.raw in (b"", b"success")


@dataclass
class FakeWeChat:
    """WeChat's server, pushing to one account."""

    http: TestClient[web.Request, web.Application]
    clock: Clock
    mode: str = "safe"
    path: str = "/wechat/city"
    key: str = KEY

    @property
    def runtime(self) -> WeChat:
        """What works behind the webhook."""
        return self.http.app[WECHAT]

    def query(self, **more: str) -> dict[str, str]:
        stamp, nonce = str(int(self.clock().timestamp())), str(int.from_bytes(os.urandom(4), "big"))
        return {"signature": signature(TOKEN, stamp, nonce), "timestamp": stamp, "nonce": nonce, **more}

    def packed(self, document: bytes, sealed: str = "") -> tuple[dict[str, str], bytes]:
        query = self.query()
        if self.mode == "plain":
            return query, document
        sealed = sealed or seal(document, self.key)
        query |= {"encrypt_type": "aes"}
        query["msg_signature"] = signature(TOKEN, query["timestamp"], query["nonce"], sealed)
        outside = document[:-6] if self.mode == "compatible" else f"<xml><ToUserName>{GH}</ToUserName>".encode()
        return query, outside + f"<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()

    async def post(self, query: dict[str, str], body: bytes) -> Answer:
        response: ClientResponse = await self.http.post(self.path, params=query, data=body)
        raw = await response.read()
        answer = Answer(response.status, raw)
        if response.status == 200 and raw.startswith(b"<xml>"):
            outer = fields_of(raw)
            if "Encrypt" in outer:
                assert outer["MsgSignature"] == signature(TOKEN, outer["TimeStamp"], outer["Nonce"], outer["Encrypt"])
                outer = fields_of(unseal(outer["Encrypt"], self.key))
            answer.fields = outer
        return answer

    async def push(self, fields: dict[str, Any]) -> Answer:
        return await self.post(*self.packed(xml(fields)))

    async def say(self, content: str, openid: str = OPENID, **more: Any) -> Answer:
        return await self.push(self.message("text", openid, Content=content, **more))

    async def event(self, name: str, openid: str = OPENID, **more: Any) -> Answer:
        return await self.push({**self._base("event", openid), "Event": name, **more})

    def message(self, kind: str, openid: str = OPENID, **more: Any) -> dict[str, Any]:
        return {**self._base(kind, openid), "MsgId": next(_ids), **more}

    def _base(self, kind: str, openid: str) -> dict[str, Any]:
        created = int(self.clock().timestamp())
        return {"ToUserName": GH, "FromUserName": openid, "CreateTime": created, "MsgType": kind}


@dataclass
class FakeServer:
    """A stand-in for WeChat's own servers: remembers every call; what it shall answer next can be laid out."""

    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    plan: dict[str, list[Any]] = field(default_factory=dict)
    valid: str = "TOKEN-1"
    url: str = ""

    def to(self, path: str) -> list[dict[str, Any]]:
        return [body for called, body in self.calls if called.endswith(path)]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        assert b"\\u" not in raw
        self.calls.append((request.path, json.loads(raw) if raw else {}))
        planned = self.plan.get(request.path.rsplit("/", 1)[1])
        if planned:
            step = planned.pop(0)
            if callable(step):
                return await step(request)  # type: ignore[no-any-return]
            return web.json_response(step)
        if request.path.endswith("stable_token"):
            return web.json_response({"access_token": self.valid, "expires_in": 7200})
        if request.query.get("access_token") != self.valid:
            return web.json_response({"errcode": 40001, "errmsg": "invalid credential rid: 6-a-b"})
        return web.json_response({"errcode": 0, "errmsg": "ok"})


@pytest.fixture
async def api() -> AsyncIterator[FakeServer]:
    """WeChat's servers."""
    fake = FakeServer()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", fake.handle)
    async with TestServer(app) as server:
        fake.url = str(server.make_url("")).rstrip("/")
        yield fake


def account(**more: Any) -> dict[str, Any]:
    """An account as it stands in the settings file."""
    return {"name": "city", "appid": APPID, "token": TOKEN, "aes_key": KEY, **more}


Start = Callable[..., Awaitable[Service]]
Connect = Callable[..., Awaitable[FakeWeChat]]
on_both = pytest.mark.parametrize("backend", BACKENDS)


@pytest.fixture
def backend() -> str:
    """One database is enough for the protocol; the modules that test storage ask for both."""
    return "sqlite"


@pytest.fixture
def start(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Starts services with these accounts, each with the stand-in engine."""
    monkeypatch.setattr(current, "Engine", StandIn)

    async def with_accounts(*accounts: dict[str, Any], **more: Any) -> Service:
        return await begin(wechat=list(accounts or (account(),)), **more)

    return with_accounts


@pytest.fixture
def connect(clock: Clock, served: Served) -> Connect:
    """Puts WeChat in front of a service."""

    async def make(service: Service, **more: Any) -> FakeWeChat:
        return FakeWeChat(await served(service), clock, **more)

    return make


@pytest.fixture
async def service(start: Start) -> Service:
    """One account in safe mode, without customer messages."""
    return await start()


@pytest.fixture
async def wechat(service: Service, connect: Connect) -> FakeWeChat:
    """WeChat before that service."""
    return await connect(service)


def entry_of(service: Service, standard: str) -> KnownEntry:
    return next(entry for entry in service.current.entries.values() if entry.standard == standard)
