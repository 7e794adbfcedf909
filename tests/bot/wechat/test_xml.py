"""XML in and out: hostile documents are refused, control characters removed, nothing breaks out of a text."""

import time
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wechat_xml import BODY_MAX, BadXmlError, parse, plain, write
from tests.bot.wechat.conftest import xml

BOMB = '<!DOCTYPE z [<!ENTITY a "' + "A" * 20_000 + '">]>'


def test_fields_are_read_nested_ones_too() -> None:
    found = parse(xml({"MsgType": "event", "ScanCodeInfo": {"ScanType": "qrcode", "ScanResult": "2"}, "CreateTime": 5}))
    assert found == {"MsgType": "event", "ScanCodeInfo": {"ScanType": "qrcode", "ScanResult": "2"}, "CreateTime": "5"}


def test_control_characters_of_phones_do_not_spoil_a_message() -> None:
    assert parse("<xml><Content><![CDATA[ \x1dc公积金\x08]]></Content></xml>".encode()) == {"Content": " c公积金"}


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"hello",
        b"{}",
        b"<xml>",
        b"<foo><a>1</a></foo>",
        b"<xml/>",
        b"<xml>text only</xml>",
        b"<xml><a>1</a><a>2</a></xml>",
        b"\xff\xfe<xml>",
        "<xml><a>问</a></xml>".encode("utf-16"),
        "<xml><a>问</a></xml>".encode("gbk"),
        (BOMB + "<xml><a>" + "&a;" * 400 + "</a></xml>").encode(),
        b'<!DOCTYPE z [<!ENTITY a SYSTEM "file:///etc/passwd">]><xml><a>&a;</a></xml>',
        b"<xml><a>&undefined;</a></xml>",
        b"<xml>" + b"<a>" * 20_000 + b"</a>" * 20_000 + b"</xml>",
        b"<xml>" + b"".join(b"<a%d/>" % number for number in range(1000)) + b"</xml>",
    ],
)
def test_what_wechat_would_never_send_is_refused_quickly(document: bytes) -> None:
    started = time.perf_counter()
    with pytest.raises(BadXmlError):
        parse(document)
    assert time.perf_counter() - started < 0.5


def test_lists_inside_a_field_are_no_repetition() -> None:
    document = b"<xml><SendPicsInfo><PicList><item><A>1</A></item><item><A>2</A></item></PicList></SendPicsInfo></xml>"
    assert parse(document) == {"SendPicsInfo": {"PicList": {"item": {"A": "1"}}}}


@given(st.text(max_size=200))
def test_any_text_comes_back_as_it_went_in(text: str) -> None:
    text = text.encode("utf-8", "replace").decode().replace("\r", "\n")
    document = write({"Content": text, "CreateTime": 5})
    root = ElementTree.fromstring(document)  # noqa: S314 our own document
    assert [child.tag for child in root] == ["Content", "CreateTime"]
    assert (root[0].text or "") == plain(text)
    assert parse(document) == {"Content": plain(text), "CreateTime": "5"}


@given(st.binary(max_size=400))
def test_no_bytes_make_anything_but_fields_or_a_refusal(document: bytes) -> None:
    for given_bytes in (document, b"<xml>" + document + b"</xml>"):
        try:
            assert parse(given_bytes)
        except BadXmlError:
            continue


def test_the_limit_has_room_for_the_longest_message_encrypted_and_doubled() -> None:
    assert BODY_MAX > 3 * 6000 * 2 * 4 / 3
