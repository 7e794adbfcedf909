"""Looks at an account from all sides, step by step, and says in plain words what to do where something is missing.

Source: 微信官方文档 获取稳定版接口调用凭据, 获取微信服务器IP地址, 查询API调用额度, 接入概述.
"""

import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp

from bot.channels.wechat_accounts import Account
from bot.channels.wechat_api import TIMEOUT, WeChatApi
from bot.channels.wechat_codes import ApiError, UncertainError, UnreachableError
from bot.channels.wechat_crypto import signature
from knowledge.vocabulary import WeChatMode

SEND_PATH = "/cgi-bin/message/custom/send"


@dataclass(frozen=True)
class Step:
    """One thing looked at: right, wrong, or (None) worth a look."""

    right: bool | None
    sentence: str


async def look(account: Account, public_url: str, session: aiohttp.ClientSession) -> AsyncIterator[Step]:
    """Every step in order; what cannot be looked at without the one before is left out."""
    yield _mode(account)
    yield await _address(account, public_url, session)
    if account.settings.secret is None:
        yield Step(None, "没有填 secret（AppSecret）：只能被动回复，不能发客服消息，也不能改菜单。")
        return
    api = WeChatApi(account.settings, session)
    token = await _token(api)
    yield token
    if token.right:
        yield await _pushes_from(api)
        yield await _quota(api, can_push=account.can_push)


def _mode(account: Account) -> Step:
    mode = account.settings.mode
    if mode is WeChatMode.SAFE:
        return Step(True, "消息加解密方式：安全模式。")
    return Step(None, f"消息加解密方式：{mode.label}。建议在公众号后台和设置里都改为安全模式（safe）。")


async def _address(account: Account, public_url: str, session: aiohttp.ClientSession) -> Step:
    """Do what WeChat does when the address is entered in its console."""
    address = f"{public_url}/wechat/{account.name}"
    stamp, nonce, echo = str(int(time.time())), str(secrets.randbelow(10**9)), secrets.token_hex(8)
    query = {"signature": signature(account.token, stamp, nonce), "timestamp": stamp, "nonce": nonce, "echostr": echo}
    try:
        async with session.get(address, params=query, timeout=TIMEOUT, allow_redirects=False) as response:
            if response.status == 200 and await response.text() == echo:
                return Step(True, f"回调地址 {address} 从本机访问正常，签名正确。")
            return Step(False, f"回调地址 {address} 返回 {response.status}：请检查反向代理是否把 /wechat/ 转给本服务。")
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        return Step(
            False,
            f"回调地址 {address} 访问不到（{type(error).__name__}）：请检查 public_url、域名、端口 80/443 和证书。",
        )


async def _token(api: WeChatApi) -> Step:
    try:
        await api.token()
    except ApiError as error:
        return Step(False, f"access_token 取不到（{error}）：{error.advice}")
    except (UnreachableError, UncertainError) as error:
        return Step(False, f"连不上微信接口（{error}）：请检查本机能否访问外网，或代理设置。")
    return Step(True, "access_token 取到了：AppID、AppSecret 正确，本机 IP 在白名单里。")


async def _pushes_from(api: WeChatApi) -> Step:
    try:
        addresses = await api.callback_addresses()
    except (ApiError, UnreachableError, UncertainError) as error:
        return Step(None, f"微信服务器的 IP 地址查不到（{error}）。")
    return Step(True, f"微信服务器的 IP 地址共 {len(addresses)} 个；防火墙要放行它们访问回调地址。")


async def _quota(api: WeChatApi, *, can_push: bool) -> Step:
    if not can_push:
        return Step(None, "customer_messages 是 false：工作人员的答复等群众下次来信时给出。已认证的账号可以改为 true。")
    try:
        found = (await api.call("POST", "/cgi-bin/openapi/quota/get", {"cgi_path": SEND_PATH})).get("quota", {})
    except ApiError as error:
        return Step(False, f"客服消息的额度查不到（{error}）：{error.advice}")
    except (UnreachableError, UncertainError) as error:
        return Step(None, f"客服消息的额度查不到（{error}）。")
    return Step(
        True, f"客服消息当日额度 {found.get('daily_limit')}，已用 {found.get('used')}，剩 {found.get('remain')}。"
    )
