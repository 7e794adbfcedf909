"""The webhook of WeChat official accounts: parse, one call, respond. `/wechat/{account}` for each account.

Source: 微信官方文档 接入概述, 消息加解密说明, 被动回复用户消息. The mode comes from the settings alone: nothing a request says
can turn encryption off. A refusal never tells which check failed.
"""

import hashlib
import hmac
import logging
from datetime import datetime

from aiohttp import web

from bot.channels.wechat_accounts import Account
from bot.channels.wechat_crypto import ForgedError, Opened, signed
from bot.channels.wechat_push import BadPushError, Push, read_push
from bot.channels.wechat_work import WECHAT, WeChat
from bot.channels.wechat_xml import BODY_MAX, BadXmlError, parse, write
from bot.conversations import TRANSFER, Answered

WINDOW_SECONDS = 600
TIMESTAMP_DIGITS_MAX = 12
BROKEN_BODY = (ConnectionError, web.RequestPayloadError)
log = logging.getLogger(__name__)


async def verify(request: web.Request) -> web.Response:
    """WeChat asks whether the address is ours: the echo comes back as it was sent, for a right signature only."""
    wechat, account = _account(request)
    timestamp, nonce = request.query.get("timestamp", ""), request.query.get("nonce", "")
    right = signed(request.query.get("signature", ""), account.token, timestamp, nonce)
    if not right or not _recent(timestamp, wechat.service.now()):
        return _refused(wechat, account)
    return web.Response(text=request.query.get("echostr", ""), content_type="text/plain", charset="utf-8")


async def receive(request: web.Request) -> web.Response:
    """Take a message or an event, and answer within the five seconds WeChat waits."""
    wechat, account = _account(request)
    try:
        body = await _body(request)
        opened = await _opened(wechat, account, request, body)
        push = read_push(account, parse(opened.message))
    except ForgedError:
        return _refused(wechat, account)
    except (BadXmlError, BadPushError, *BROKEN_BODY) as error:
        log.info("push on %s not readable: %s", account.name, type(error).__name__)
        return web.Response(status=400, text="bad request")
    answer = await wechat.answer(push)
    if not answer.reply:
        return web.Response(text="success")
    return web.Response(body=_reply(wechat, push, answer, opened.key), content_type="text/xml", charset="utf-8")


def _account(request: web.Request) -> tuple[WeChat, Account]:
    wechat = request.app[WECHAT]
    account = wechat.accounts.get(request.match_info["account"])
    if account is None:
        raise web.HTTPNotFound
    return wechat, account


def _refused(wechat: WeChat, account: Account) -> web.Response:
    wechat.health.push_refused(account.name)
    log.warning("push on %s refused: signature, time or envelope is wrong", account.name)
    return web.Response(status=403, text="forbidden")


async def _body(request: web.Request) -> bytes:
    """The body as far as it may go; a longer one is not read to its end."""
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > BODY_MAX:
            raise web.HTTPRequestEntityTooLarge(BODY_MAX, len(body))
    return bytes(body)


async def _opened(wechat: WeChat, account: Account, request: web.Request, body: bytes) -> Opened:
    """The message inside: verified as the account's mode demands, never as the request suggests."""
    timestamp, nonce = request.query.get("timestamp", ""), request.query.get("nonce", "")
    now = wechat.service.now()
    if not _recent(timestamp, now):
        raise ForgedError
    if account.envelope:
        encrypt = parse(body).get("Encrypt")
        if not isinstance(encrypt, str):
            raise ForgedError
        return account.envelope.open(encrypt, request.query.get("msg_signature", ""), timestamp, nonce)
    if not signed(request.query.get("signature", ""), account.token, timestamp, nonce):
        raise ForgedError
    # Here the signature does not cover the body: whoever has seen one query could send any words with it.
    bound = wechat.conversations.digest("nonce", account.name, timestamp, nonce)
    if not await wechat.conversations.numbers.first_with({"key": bound}, body, now):
        raise ForgedError
    return Opened(body, b"")


def _recent(timestamp: str, now: datetime) -> bool:
    plausible = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= TIMESTAMP_DIGITS_MAX
    return plausible and abs(int(timestamp) - now.timestamp()) <= WINDOW_SECONDS


def _reply(wechat: WeChat, push: Push, answer: Answered, key: bytes) -> bytes:
    """The passive reply. A retry gets the same bytes: time, nonce and random part come from the answer itself."""
    created = int(answer.at.timestamp())
    said: dict[str, str | int] = {"MsgType": "text", "Content": answer.reply}
    if answer.reply.startswith(TRANSFER):
        said = {"MsgType": "transfer_customer_service"}
    head: dict[str, str | int] = {"ToUserName": push.openid, "FromUserName": push.original_id, "CreateTime": created}
    message = write(head | said)
    envelope = push.account.envelope
    if envelope is None:
        return message
    # A keyed digest of the whole message is as good as random, and differs wherever two messages differ.
    random = hmac.new(wechat.service.key, b"wechat-frame:" + message, hashlib.sha256).digest()
    sealed = envelope.seal(message, key, str(created), str(int.from_bytes(random[16:20], "big")), random[:16])
    return write(
        {
            "Encrypt": sealed.encrypt,
            "MsgSignature": sealed.signature,
            "TimeStamp": created,
            "Nonce": sealed.nonce,
        }
    )
