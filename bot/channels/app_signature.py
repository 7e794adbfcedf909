"""Signatures between this service and an app: HMAC-SHA256 over direction, time, number and body.

Time and number hold no line break, so that the parts cannot be shifted against each other; the direction keeps a
callback of ours from being sent back to us as a request. Nothing in here reads a clock.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

TIMESTAMP, NONCE, SIGNATURE = "X-Zhengwen-Timestamp", "X-Zhengwen-Nonce", "X-Zhengwen-Signature"
REQUEST, CALLBACK = "request", "callback"
WINDOW_SECONDS = 300
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")
_SIGNATURE = re.compile(r"[0-9a-f]{64}")


class BadSignatureError(Exception):
    """Not signed by the app; the text is a Chinese sentence, and tells nothing that a stranger does not know."""


@dataclass(frozen=True)
class Signed:
    """What a signed request says of itself."""

    timestamp: str
    nonce: str
    signature: str

    def headers(self) -> dict[str, str]:
        """As they are sent."""
        return {TIMESTAMP: self.timestamp, NONCE: self.nonce, SIGNATURE: self.signature}


def sign(secret: str, direction: str, timestamp: str, nonce: str, body: bytes) -> Signed:
    """Sign a body."""
    message = f"{direction}\n{timestamp}\n{nonce}\n".encode() + body
    return Signed(timestamp, nonce, hmac.new(secret.encode(), message, hashlib.sha256).hexdigest())


def read_headers(headers: Mapping[str, str]) -> Signed:
    """The three headers, each in its form; otherwise BadSignatureError."""
    values = []
    for name, form in ((TIMESTAMP, _TIMESTAMP), (NONCE, _NONCE), (SIGNATURE, _SIGNATURE)):
        value = headers.get(name, "")
        if not form.fullmatch(value):
            raise BadSignatureError(f"缺少请求头 {name}，或写法不对，请看接口说明。")
        values.append(value)
    return Signed(*values)


def check(signed: Signed, secrets: tuple[str, ...], body: bytes, now: float) -> None:
    """BadSignatureError unless one of the secrets made the signature, within the window; compared in constant time."""
    if abs(int(signed.timestamp) - now) > WINDOW_SECONDS:
        raise BadSignatureError(f"请求的时间与服务器相差超过 {WINDOW_SECONDS // 60} 分钟，请校准时间后重新签名。")
    made = [sign(secret, REQUEST, signed.timestamp, signed.nonce, body).signature for secret in secrets]
    right = [hmac.compare_digest(signed.signature, each) for each in made]  # all, so that time tells nothing
    if not any(right):
        raise BadSignatureError("签名不对，请核对密钥和签名的算法。")
