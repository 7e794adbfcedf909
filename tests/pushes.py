"""Pushes as WeChat's servers send them in safe mode, for tests and measurements that talk to a running service."""

import itertools
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass

from tests.bot.wechat.conftest import APPID, GH, KEY, TOKEN, seal, signature, xml

PATH = "/wechat/city"
SETTINGS = f'[[wechat]]\nname = "city"\nappid = "{APPID}"\ntoken = "{TOKEN}"\naes_key = "{KEY}"\n'
_ids = itertools.count(24_100_000_000_000_000)


@dataclass(frozen=True)
class Pushed:
    """One push, signed: what stands behind the `?`, and the body."""

    query: str
    body: bytes

    def raw(self, path: str = PATH) -> bytes:
        """As one HTTP/1.1 request."""
        head = f"POST {path}?{self.query} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\n"
        return f"{head}Content-Length: {len(self.body)}\r\n\r\n".encode() + self.body


def text(content: str, openid: str) -> dict[str, str | int]:
    """A new text message; sending the same one again is a retry."""
    return {
        "ToUserName": GH, "FromUserName": openid, "CreateTime": int(time.time()), "MsgType": "text",
        "Content": content, "MsgId": next(_ids),
    }  # fmt: skip


def signed(message: Mapping[str, str | int]) -> Pushed:
    """Encrypted and signed for this moment, with a nonce of its own."""
    stamp, nonce = str(int(time.time())), str(int.from_bytes(os.urandom(4), "big"))
    sealed = seal(xml(dict(message)))
    body = f"<xml><ToUserName>{GH}</ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
    inner = signature(TOKEN, stamp, nonce, sealed)
    outer = f"signature={signature(TOKEN, stamp, nonce)}&timestamp={stamp}&nonce={nonce}"
    return Pushed(f"{outer}&encrypt_type=aes&msg_signature={inner}", body.encode())
