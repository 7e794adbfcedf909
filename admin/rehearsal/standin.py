"""A stand-in for WeChat's servers: pushes in safe mode as WeChat does, and answers the calls the service makes.

Source: 微信官方文档 消息加解密说明, 被动回复用户消息, 客服消息, 自定义菜单. One follower, one account, everything in memory.
"""

import base64
import itertools
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from bot.channels.wechat_crypto import Envelope, ForgedError, signature
from bot.channels.wechat_menu import faults_of
from bot.channels.wechat_text import LIMIT, size
from bot.channels.wechat_xml import BadXmlError, Fields, parse, write

NAME = "demo"
ORIGINAL_ID = "gh_rehearsal0001"
TRIES, PATIENCE_SECONDS = 3, 5
WINDOW_SECONDS, PUSHES_MAX = 48 * 3600, 5
TOKEN_SECONDS = 7200
LINES_KEPT = 300
FAULT = "该公众号提供的服务出现故障，请稍后再试"
MENU: list[dict[str, Any]] = [
    {"type": "click", "name": "租房提取", "key": "RENT"},
    {"type": "click", "name": "贷款利率", "key": "RATE"},
    {"type": "click", "name": "大家常问", "key": "HOT"},
]
QUESTIONS = {"RENT": "威海无房职工租房提取住房公积金，一年最多能提多少？", "RATE": "现在公积金贷款利率是多少？"}
HOT = ("公积金账户里的存款利率是多少？", *QUESTIONS.values())


@dataclass(frozen=True)
class Line:
    """One line of the chat. `by`: me, office, or note (what a phone would not show)."""

    by: str
    text: str
    way: str = ""


@dataclass
class Follower:
    """The one who holds the phone."""

    openid: str = field(default_factory=lambda: "oRehearsal" + secrets.token_hex(9))
    follows: bool = True
    heard_at: float = float("-inf")
    left: int = 0


class StandIn:
    """WeChat's side. `webhook` is where pushes go, known once the service listens."""

    def __init__(self) -> None:
        self.token, self.appid, self.secret = secrets.token_hex(8), "wx" + secrets.token_hex(8), secrets.token_hex(16)
        self.aes_key = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        self.key = base64.b64decode(self.aes_key + "=")
        self.webhook = ""
        self.lines: list[Line] = []
        self.menu = list(MENU)
        self.follower = Follower()
        self._envelope = Envelope(self.token, self.appid, self.key)
        self._access_token = ""
        self._good_until = 0.0
        self._ids = itertools.count(time.time_ns() // 1000)

    def account(self, api_url: str) -> dict[str, Any]:
        """The account as it would stand in the settings file."""
        return {
            "name": NAME,
            "appid": self.appid,
            "token": self.token,
            "aes_key": self.aes_key,
            "secret": self.secret,
            "original_id": ORIGINAL_ID,
            "customer_messages": True,
            "api_url": api_url,
            "menu": QUESTIONS,
            "hot_questions": HOT,
        }

    def note(self, by: str, text: str, way: str = "") -> None:
        """Add a line to the chat; the oldest go."""
        self.lines = [*self.lines, Line(by, text, way)][-LINES_KEPT:]

    def new_follower(self) -> None:
        """Somebody else takes the phone."""
        self.follower, self.lines = Follower(), []

    async def message(self, kind: str, **fields: str | int) -> None:
        """The follower sends something; it opens the window of 48 hours and five messages."""
        self.follower.heard_at, self.follower.left = time.monotonic(), PUSHES_MAX
        await self._push({"MsgType": kind, "MsgId": next(self._ids), **fields})

    async def event(self, name: str, **fields: str | int) -> None:
        """Something happens: follows, unfollows, taps the menu."""
        self.follower.follows = name != "unsubscribe"
        await self._push({"MsgType": "event", "Event": name, **fields})

    async def _push(self, fields: dict[str, str | int]) -> None:
        created = int(time.time())
        head: dict[str, str | int] = {"ToUserName": ORIGINAL_ID, "FromUserName": self.follower.openid}
        document = write(head | {"CreateTime": created} | fields)
        for _ in range(TRIES):
            try:
                status, raw = await self._post(document)
            except (aiohttp.ClientError, TimeoutError, OSError):
                continue
            self._show(status, raw)
            return
        self.note("office", FAULT)

    async def _post(self, document: bytes) -> tuple[int, bytes]:
        stamp, nonce = str(int(time.time())), str(secrets.randbelow(10**9))
        sealed = self._envelope.seal(document, self.key, stamp, nonce)
        query = {
            "signature": signature(self.token, stamp, nonce),
            "timestamp": stamp,
            "nonce": nonce,
            "openid": self.follower.openid,
            "encrypt_type": "aes",
            "msg_signature": sealed.signature,
        }
        body = write({"ToUserName": ORIGINAL_ID, "Encrypt": sealed.encrypt})
        timeout = aiohttp.ClientTimeout(total=PATIENCE_SECONDS)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(self.webhook, params=query, data=body) as response,
        ):
            return response.status, await response.read()

    def _show(self, status: int, raw: bytes) -> None:
        """What a phone shows of the answer to a push."""
        if status != 200:
            self.note("note", f"服务拒绝了推送（HTTP {status}）")
        elif raw in (b"", b"success"):
            self.note("note", "（公众号没有回复）")
        else:
            try:
                self._show_reply(self._opened(raw))
            except (BadXmlError, ForgedError):
                self.note("office", FAULT)

    def _opened(self, raw: bytes) -> Fields:
        outer = {name: str(value) for name, value in parse(raw).items()}
        sealed = (outer.get(name, "") for name in ("Encrypt", "MsgSignature", "TimeStamp", "Nonce"))
        return parse(self._envelope.open(*sealed).message)

    def _show_reply(self, reply: Fields) -> None:
        if reply.get("MsgType") == "transfer_customer_service":
            self.note("note", "（已转给微信客服；演练里没有客服人员）")
        elif reply.get("MsgType") == "text" and reply.get("Content"):
            self.note("office", str(reply["Content"]))
        else:
            self.note("office", FAULT)

    async def call(self, request: web.Request) -> web.Response:
        """Any call of the service's; the refusals are WeChat's own numbers."""
        path = request.match_info["path"]
        try:
            body = json.loads(await request.read() or b"{}")
        except ValueError:
            return _no(47001, "data format error")
        if path == "stable_token":
            return self._fresh_token(body)
        if request.query.get("access_token") != self._access_token or time.monotonic() > self._good_until:
            return _no(40001, "invalid credential")
        calls: dict[str, Callable[[dict[str, Any]], web.Response]] = {
            "message/custom/send": self._send,
            "menu/get": self._get_menu,
            "menu/create": self._create_menu,
            "menu/delete": self._delete_menu,
            "getcallbackip": self._addresses,
        }
        return calls[path](body) if path in calls else _no(48001, "api unauthorized")

    def _fresh_token(self, body: dict[str, Any]) -> web.Response:
        if body.get("appid") != self.appid or body.get("secret") != self.secret:
            return _no(40125, "invalid appsecret")
        if not self._access_token or time.monotonic() > self._good_until or body.get("force_refresh"):
            self._access_token = secrets.token_urlsafe(64)
            self._good_until = time.monotonic() + TOKEN_SECONDS
        left = int(self._good_until - time.monotonic())
        return web.json_response({"access_token": self._access_token, "expires_in": left})

    def _send(self, body: dict[str, Any]) -> web.Response:
        text = str(body.get("text", {}).get("content", ""))
        refusals = {
            40003: body.get("touser") != self.follower.openid,
            40008: body.get("msgtype") != "text",
            44004: not text,
            45002: size(text) > LIMIT,
            43004: not self.follower.follows,
            45015: time.monotonic() - self.follower.heard_at > WINDOW_SECONDS,
            45047: self.follower.left <= 0,
        }
        if refused := next((code for code, holds in refusals.items() if holds), 0):
            return _no(refused, "refused")
        self.follower.left -= 1
        self.note("office", text, "客服消息")
        return _no(0, "ok")

    def _get_menu(self, _body: dict[str, Any]) -> web.Response:
        return web.json_response({"menu": {"button": self.menu}}) if self.menu else _no(46003, "menu no exist")

    def _delete_menu(self, _body: dict[str, Any]) -> web.Response:
        self.menu = []
        return _no(0, "ok")

    def _addresses(self, _body: dict[str, Any]) -> web.Response:
        return web.json_response({"ip_list": ["127.0.0.1"]})

    def _create_menu(self, body: dict[str, Any]) -> web.Response:
        if list(faults_of(body)):
            return _no(40018, "invalid button")
        self.menu = body["button"]
        return _no(0, "ok")


def _no(code: int, message: str) -> web.Response:
    return web.json_response({"errcode": code, "errmsg": message})
