"""The one door to WeChat's servers: token, customer messages, menu. Every refusal says what to do about it.

Source: 微信官方文档 获取稳定版接口调用凭据 (stable_token), 客服消息, 自定义菜单, 全局返回码. stable_token gives every process the
same token while it is valid, so that processes need no lock; it is fetched again once when a call says it is bad.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable
from typing import Any

import aiohttp

from bot.channels.wechat_codes import BAD_TOKEN, ApiError, UncertainError, UnreachableError
from bot.sending import Outcome, Refused, Sent, Uncertain, Unreachable
from knowledge.channel_settings import WeChatAccount

TIMEOUT = aiohttp.ClientTimeout(total=10, connect=5)
EARLY_SECONDS = 240  # the new token and the old one both work in the last five minutes
FORCE_EVERY_SECONDS = 60
EXPIRES_MAX = 7200
log = logging.getLogger(__name__)


class WeChatApi:
    """Calls in one account's name. The session belongs to the caller."""

    def __init__(
        self,
        account: WeChatAccount,
        session: aiohttp.ClientSession,
        monotonic: Callable[[], float] = time.monotonic,
        fetched: Callable[[int], None] | None = None,
    ) -> None:
        self._account = account
        self._monotonic = monotonic
        self._fetched = fetched
        self._session = session
        self._token = ""
        self._good_until = 0.0
        self._forced_at = float("-inf")
        self._fetching = asyncio.Lock()

    @property
    def can_push(self) -> bool:
        """Whether the account may send customer-service messages."""
        return self._account.customer_messages

    async def send_text(self, openid: str, text: str) -> Outcome:
        """A customer-service message; the outcome as the outbox understands it. Never tried twice in here."""
        body = {"touser": openid, "msgtype": "text", "text": {"content": text}}
        try:
            await self.call("POST", "/cgi-bin/message/custom/send", body)
        except ApiError as error:
            return Refused(error.what_to_do, error.code, error.advice)
        except UnreachableError as error:
            return Unreachable(str(error))
        except UncertainError as error:
            return Uncertain(str(error))
        return Sent()

    async def menu(self) -> dict[str, Any]:
        """The menu as it stands."""
        return await self.call("GET", "/cgi-bin/menu/get")

    async def create_menu(self, menu: dict[str, Any]) -> None:
        """Replace the menu; users see it within a day."""
        await self.call("POST", "/cgi-bin/menu/create", menu)

    async def delete_menu(self) -> None:
        """Take the menu away."""
        await self.call("GET", "/cgi-bin/menu/delete")

    async def callback_addresses(self) -> list[str]:
        """The addresses WeChat's pushes come from (getcallbackip)."""
        found = await self.call("GET", "/cgi-bin/getcallbackip")
        return [str(address) for address in found.get("ip_list", [])]

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """One call with the token; a token that is bad is fetched anew once, and the call repeated once."""
        token = await self.token()
        try:
            return await self._request(method, path, {"access_token": token}, body)
        except ApiError as error:
            if error.code not in BAD_TOKEN:
                raise
            log.warning("token of %s refused (%s), fetching it again", self._account.name, error.code)
        return await self._request(method, path, {"access_token": await self.token(instead_of=token)}, body)

    async def token(self, instead_of: str = "") -> str:
        """The token, from memory while it is good; many callers at once make one fetch."""
        async with self._fetching:
            if self._token and self._token != instead_of and self._monotonic() < self._good_until:
                return self._token
            await self._fetch(force=False)
            # The server thinks the refused one is still good: force it, rarely (20 a day, 30 s apart are allowed).
            if self._token == instead_of and self._monotonic() - self._forced_at > FORCE_EVERY_SECONDS:
                self._forced_at = self._monotonic()
                await self._fetch(force=True)
            return self._token

    async def _fetch(self, *, force: bool) -> None:
        secret = self._account.secret
        body = {
            "grant_type": "client_credential",
            "appid": self._account.appid,
            "secret": secret.get_secret_value() if secret else "",
            "force_refresh": force,
        }
        try:
            found = await self._request("POST", "/cgi-bin/stable_token", {}, body)
        except UncertainError as error:
            raise UnreachableError(str(error)) from None  # nothing was sent to a user yet
        self._token = str(found.get("access_token", ""))
        lasts = min(int(found.get("expires_in", 0)), EXPIRES_MAX)
        self._good_until = self._monotonic() + max(lasts - EARLY_SECONDS, 10)
        if self._fetched:
            self._fetched(lasts)

    async def _request(
        self, method: str, path: str, query: dict[str, str], body: dict[str, Any] | None
    ) -> dict[str, Any]:
        # Real UTF-8, not \\u escapes: the menu and message pages demand it.
        data = json.dumps(body, ensure_ascii=False).encode() if body is not None else None
        try:
            async with self._session.request(
                method,
                self._account.api_url + path,
                params=query,
                data=data,
                headers={"Content-Type": "application/json; charset=utf-8"},
                allow_redirects=False,
                timeout=TIMEOUT,
            ) as response:
                return _read(response.status, await response.read())
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise UnreachableError(type(error).__name__) from None
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            raise UncertainError(type(error).__name__) from None


def _read(status: int, raw: bytes) -> dict[str, Any]:
    """The answer; anything but a JSON object with status 200 leaves open whether the call was carried out."""
    if status != 200:
        raise UncertainError(f"HTTP {status}")
    try:
        answer = json.loads(raw)
    except ValueError:
        raise UncertainError("no JSON") from None
    if not isinstance(answer, dict):
        raise UncertainError("no JSON object")
    code = answer.get("errcode", 0)
    if code:
        raise ApiError(int(code), str(answer.get("errmsg", "")))
    return answer
