"""What is fuzzed at the doors: WeChat, the apps, the board and the JSON API; each with sound samples and its own errors.

A target may only raise the errors that its parser documents; an AssertionError says that something forged was taken.
"""

import base64
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from hypothesis import strategies as st

from bot import codes
from bot.channels import api, app_signature
from bot.channels.app_shapes import AppChoiceIn, AppQuestionIn, AppStateIn
from bot.channels.app_signature import BadSignatureError
from bot.channels.schemas import ChoiceIn, QuestionIn
from bot.channels.wechat_accounts import Account
from bot.channels.wechat_crypto import Envelope, ForgedError, signature
from bot.channels.wechat_push import BadPushError, read_push
from bot.channels.wechat_xml import BadXmlError, parse, plain, write
from bot.message import checked
from bot.web import form_fields
from knowledge.channel_settings import WeChatAccount, decoded_key
from knowledge.errors import BadInputError
from knowledge.masking import mask
from knowledge.text import normalise
from knowledge.vocabulary import Channel
from tests.bot.wechat.conftest import APPID, GH, KEY, OPENID, TOKEN, encrypted, framed, xml

SECRET = "0123456789abcdef0123456789abcdef"
AT, NONCE = "1795406400", "1234567890abcdef"
ANYTHING = st.binary(max_size=200)
TEXTS = st.text(max_size=80)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@dataclass(frozen=True)
class Target:
    """A parser with samples it takes, what hypothesis makes for it, and its share of a thousand cases."""

    name: str
    run: Callable[[bytes], object]
    allowed: tuple[type[Exception], ...]
    share: int
    samples: tuple[bytes, ...]
    made: st.SearchStrategy[bytes] = field(default=ANYTHING)


def of_fields(names: tuple[str, ...], values: st.SearchStrategy[Any] = VALUES) -> st.SearchStrategy[bytes]:
    """JSON objects with some of the names, and values that may be right or anything."""
    objects = st.fixed_dictionaries({}, optional=dict.fromkeys((*names, "text2"), values | TEXTS))
    return objects.map(lambda found: json.dumps(found).encode())


_PUSHES: tuple[dict[str, Any], ...] = (
    {"MsgType": "text", "Content": "公积金怎么提取", "MsgId": 24_000_000_000_000_000},
    {"MsgType": "text", "Content": "以上都不是", "MsgId": 1, "bizmsgmenuid": "123456789012-4"},
    {"MsgType": "voice", "MediaId": "x", "Format": "amr", "Recognition": "怎么提取", "MsgId": 2},
    {"MsgType": "location", "Location_X": "37.5", "Location_Y": "122.1", "Scale": 20, "Label": "威海", "MsgId": 3},
    {"MsgType": "event", "Event": "subscribe", "EventKey": "qrscene_1", "Ticket": "T"},
    {"MsgType": "event", "Event": "scancode_push", "EventKey": "1", "ScanCodeInfo": {"ScanType": "q", "ScanResult": "r"}},
)  # fmt: skip
PUSHES = tuple(xml({"ToUserName": GH, "FromUserName": OPENID, "CreateTime": int(AT), **one}) for one in _PUSHES)
_CHOSEN = WeChatAccount.model_validate({"name": "city", "appid": APPID, "token": TOKEN, "aes_key": KEY})
ENVELOPE = Envelope(TOKEN, APPID, decoded_key(_CHOSEN.aes_key)) if _CHOSEN.aes_key else None
ACCOUNT = Account(_CHOSEN, ENVELOPE)
_TAGS = st.sampled_from(["xml", "Content", "MsgType", "Event", "CreateTime", "FromUserName", "a:b", "a", "é", "1", ""])
_XML = st.recursive(
    st.text(max_size=30),
    lambda inner: st.lists(st.builds("<{0}>{1}</{0}>".format, _TAGS, inner), max_size=5).map("".join),
    max_leaves=10,
).map(lambda inside: f"<xml>{inside}</xml>".encode("utf-8", "surrogatepass"))


def _xml(data: bytes) -> None:
    for value in parse(data).values():
        if isinstance(value, str):  # what we say back must come out as it went in, line ends apart
            read = parse(write({"Content": value}))["Content"]
            assert read == plain(value).replace("\r\n", "\n").replace("\r", "\n"), "a text broke out of its element"


def _push(data: bytes) -> object:
    push = read_push(ACCOUNT, parse(data))
    return push.identity, push.is_event, push.text("Content"), push.text("ScanCodeInfo")


def _hostile(data: bytes) -> str:
    """Bytes as a web server hands them on: what is no UTF-8 becomes halves of surrogate pairs."""
    return data.decode("utf-8", "surrogateescape")


def _query(message: bytes) -> bytes:
    sealed = _sealed(_framed(message))
    return "\n".join((signature(TOKEN, AT, NONCE, sealed), AT, NONCE, sealed)).encode()


def _framed(message: bytes) -> bytes:
    return framed(message, chance=b"sixteen bytes...")


def _sealed(frame: bytes) -> str:
    return base64.b64encode(encrypted(frame)).decode()


def _envelope(data: bytes) -> None:
    claimed, timestamp, nonce, sealed = (*_hostile(data).split("\n", 3), "", "", "")[:4]
    assert ENVELOPE
    opened = ENVELOPE.open(sealed, claimed, timestamp, nonce)
    assert opened.message in PUSHES, "a forged envelope was opened"


def _ciphertext(data: bytes) -> None:
    """Whoever knows the token but not the key: can spoil a message (CBC has no seal of its own), never more than that."""
    for sealed in (base64.b64encode(data).decode(), _hostile(data)):
        assert ENVELOPE
        with suppress(ForgedError):
            opened = ENVELOPE.open(sealed, signature(TOKEN, AT, NONCE, sealed), AT, NONCE)
            with suppress(BadXmlError, BadPushError):
                _push(opened.message)


def _frame(data: bytes) -> object:
    """Whoever knows token and key: wrong padding, wrong lengths, the wrong account."""
    sealed = _sealed(data + bytes(-len(data) % 16))
    assert ENVELOPE
    return _push(ENVELOPE.open(sealed, signature(TOKEN, AT, NONCE, sealed), AT, NONCE).message)


_ASKED = json.dumps({"id": "m-1", "text": "租房提取", "kind": "help", "user": "u-1"}, ensure_ascii=False).encode()
_SIGNED = app_signature.sign(SECRET, app_signature.REQUEST, AT, NONCE, _ASKED)
_REQUEST = "\n".join(_SIGNED.headers().values()).encode() + b"\n" + _ASKED


def _app_request(data: bytes) -> None:
    stamp, nonce, made, body = (*data.split(b"\n", 3), b"", b"", b"")[:4]
    names = (app_signature.TIMESTAMP, app_signature.NONCE, app_signature.SIGNATURE)
    signed = app_signature.read_headers(dict(zip(names, map(_hostile, (stamp, nonce, made)), strict=True)))
    app_signature.check(signed, (SECRET,), body, float(AT))
    assert (signed, body) == (_SIGNED, _ASKED), "a forged request was taken"


def _taken(channel: Channel, **given: Any) -> object:
    message = checked(channel=channel, max_chars=3000, **given)
    return mask(message.text), normalise(message.text)


def _app_body(data: bytes) -> None:
    for shape in (AppChoiceIn, AppStateIn):
        with suppress(BadInputError):
            api.parsed(data, shape)
    asked = api.parsed(data, AppQuestionIn)
    _taken(Channel.APP, external_id=f"mobile:{asked.id}", **asked.model_dump(exclude={"id", "user", "after"}))


def _api_body(data: bytes) -> None:
    with suppress(BadInputError):
        api.parsed(data, ChoiceIn)
    _taken(Channel.API, external_id=_hostile(data[:40]), **api.parsed(data, QuestionIn).model_dump())


def _form(data: bytes) -> object:
    form = form_fields(data)
    given = {name: form.get(name, "") for name in ("text", "kind", "name", "phone")}
    return _taken(Channel.BOARD, public=form.get("public") == "yes", **given)


def _lookup(data: bytes) -> None:
    code, password = (*_hostile(data).split("\n", 1), "")[:2]
    right = codes.password_ok(codes.read_digits(code), password, SECRET.encode())
    wanted = codes.password_for(codes.read_digits(code), SECRET.encode())
    assert not right or codes.read_digits(password) == wanted, "a wrong password was taken"


_FORM = {"text": "手机13812345678，怎么提取\r\n谢谢", "kind": "help", "name": "王小明", "phone": "0631-5200000", "public": "yes"}  # fmt: skip
_FORMS = st.dictionaries(st.sampled_from([*_FORM, "token", "after"]), TEXTS, max_size=6).map(
    lambda fields: urlencode(fields, errors="replace").encode()
)
_PASSWORD = codes.password_for("123456789012", SECRET.encode())

DOORS: tuple[Target, ...] = (
    Target("wechat xml", _xml, (BadXmlError,), 150, PUSHES, _XML),
    Target("wechat push", _push, (BadXmlError, BadPushError), 150, PUSHES, _XML),
    Target("wechat signed query", _envelope, (ForgedError,), 90, tuple(map(_query, PUSHES))),
    Target(
        "wechat ciphertext", _ciphertext, (ForgedError,), 80, tuple(encrypted(_framed(one)) for one in PUSHES)
    ),
    Target("wechat frame", _frame, (ForgedError, BadXmlError, BadPushError), 90, tuple(map(_framed, PUSHES))),
    Target("app request", _app_request, (BadSignatureError,), 90, (_REQUEST,)),
    Target(
        "app body", _app_body, (BadInputError,), 100,
        (_ASKED, b'{"code": "123456789012", "choice": 2}', b'{"code": "123456789012"}'),
        of_fields(("id", "text", "kind", "name", "phone", "public", "user", "after", "code", "choice")),
    ),
    Target(
        "api body", _api_body, (BadInputError,), 100,
        (json.dumps({**_FORM, "public": True}).encode(), b'{"password": "123456", "choice": null}'),
        of_fields(("text", "kind", "name", "phone", "public", "password", "choice")),
    ),
    Target("board form", _form, (BadInputError,), 90, (urlencode(_FORM).encode(),), _FORMS),
    Target("code and password", _lookup, (), 30, (f"1234 5678 9012\n{_PASSWORD}".encode(),)),
)  # fmt: skip
