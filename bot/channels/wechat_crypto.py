"""Signatures and the safe-mode envelope of WeChat's message push.

Source: 微信官方文档 开放平台 消息加解密说明 (dev/push/encryption), with its worked example in the tests.
AES-256-CBC, IV = the key's first 16 bytes, PKCS#7 to 32; frame = random16 ‖ uint32be(length) ‖ message ‖ appid.
"""

import base64
import binascii
import hashlib
import hmac
import os
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

KEY_BYTES = 32
PAD_TO = 32
BLOCK = 16
RANDOM_BYTES = 16
HEAD = RANDOM_BYTES + 4


class ForgedError(Exception):
    """Not from WeChat, or not for this account. It never says which check failed."""


@dataclass(frozen=True)
class Opened:
    """A decrypted message, and the key that opened it: the answer is sealed with the same one."""

    message: bytes
    key: bytes


@dataclass(frozen=True)
class SealedReply:
    """The four parts of an encrypted reply."""

    encrypt: str
    signature: str
    timestamp: str
    nonce: str


def signature(token: str, *parts: str) -> str:
    """SHA-1 over token and parts, sorted as strings and joined (WeChat's own choice of hash)."""
    joined = "".join(sorted((token, *parts))).encode("utf-8", "surrogatepass")  # a raw query may hold what is no UTF-8
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()


def signed(claimed: str, token: str, *parts: str) -> bool:
    """Whether the claimed signature is right, compared in constant time; anything may be claimed."""
    return hmac.compare_digest(claimed.encode("utf-8", "replace"), signature(token, *parts).encode())


class Envelope:
    """Opens and seals messages of one account. The previous key is still accepted while keys are being changed."""

    def __init__(self, token: str, appid: str, key: bytes, previous: bytes | None = None) -> None:
        self._token = token
        self._appid = appid.encode()
        self._keys = [key, previous] if previous else [key]
        if any(len(known) != KEY_BYTES for known in self._keys):
            raise ValueError("an AES key has 32 bytes")

    def open(self, encrypt: str, claimed: str, timestamp: str, nonce: str) -> Opened:
        """Verify the signature first, then decrypt: without it, padding would tell an attacker something."""
        if not signed(claimed, self._token, timestamp, nonce, encrypt):
            raise ForgedError
        try:
            sealed = base64.b64decode(encrypt, validate=True)
        except (binascii.Error, ValueError):
            raise ForgedError from None
        if not sealed or len(sealed) % BLOCK:
            raise ForgedError
        for key in self._keys:
            message = self._message(_decrypted(key, sealed))
            if message is not None:
                return Opened(message, key)
        raise ForgedError

    def seal(self, message: bytes, key: bytes, timestamp: str, nonce: str, random: bytes | None = None) -> SealedReply:
        """Encrypt and sign a reply. `random` must never be the same for two different messages; none given: fresh."""
        random = os.urandom(RANDOM_BYTES) if random is None else random
        frame = random + struct.pack(">I", len(message)) + message + self._appid
        encrypt = base64.b64encode(_encrypted(key, _padded(frame))).decode()
        return SealedReply(encrypt, signature(self._token, timestamp, nonce, encrypt), timestamp, nonce)

    def _message(self, padded: bytes) -> bytes | None:
        """The message of a frame that is whole and addressed to this account, else None."""
        frame = _unpadded(padded)
        if frame is None or len(frame) < HEAD:
            return None
        (length,) = struct.unpack(">I", frame[RANDOM_BYTES:HEAD])
        message, appid = frame[HEAD : HEAD + length], frame[HEAD + length :]
        if len(message) != length or not hmac.compare_digest(appid, self._appid):
            return None
        return message


def _padded(frame: bytes) -> bytes:
    count = PAD_TO - len(frame) % PAD_TO
    return frame + bytes([count]) * count


def _unpadded(padded: bytes) -> bytes | None:
    count = padded[-1]
    if not 1 <= count <= PAD_TO or padded[-count:] != bytes([count]) * count:
        return None
    return padded[:-count]


def _encrypted(key: bytes, data: bytes) -> bytes:
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:BLOCK])).encryptor()
    return encryptor.update(data) + encryptor.finalize()


def _decrypted(key: bytes, data: bytes) -> bytes:
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:BLOCK])).decryptor()
    return decryptor.update(data) + decryptor.finalize()
