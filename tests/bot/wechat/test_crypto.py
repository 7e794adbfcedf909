"""The envelope against published vectors, against wechatpy, and against anything hypothesis can think of."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from wechatpy.crypto import WeChatCrypto

from bot.channels.wechat_crypto import Envelope, ForgedError, signature, signed
from knowledge.channel_settings import decoded_key
from tests.bot.wechat.conftest import APPID, KEY, OLD_KEY, TOKEN, seal
from tests.bot.wechat.conftest import signature as theirs

# 微信官方文档 开放平台 消息加解密说明, with its worked example (2024).
OFFICIAL = ("AAAAA", "A" * 43, "wxba5fad812f8e6fb9")
OFFICIAL_PUSH = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR"
    "8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32"
    "IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04="
)
OFFICIAL_PLAIN = (
    '{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1714112445,'
    '"MsgType":"event","Event":"debug_demo","debug_str":"hello world"}'
)
# The sample that came with Tencent's cryptoDemo (2014).
SAMPLE = ("spamtest", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wx2c2769f8efd9abc2")
SAMPLE_PUSH = (
    "hyzAe4OzmOMbd6TvGdIOO6uBmdJoD0Fk53REIHvxYtJlE2B655HuD0m8KUePWB3+LrPXo87wzQ1QLvbeUgmBM4x6F8PGHQHFVAFmOD2LdJF9FrXpbU"
    "Ah0B5GIItb52sn896wVsMSHGuPE328HnRGBcrS7C41IzDWyWNlZkyyXwon8T332jisa+h6tEDYsVticbSnyU8dKOIbgU6ux5VTjg3yt+WGzjlpKn6N"
    "PhRjpA912xMezR4kw6KWwMrCVKSVCZciVGCgavjIQ6X8tCOp3yZbGpy0VxpAe+77TszTfRd5RJSVO/HTnifJpXgCSUdUue1v6h0EIBYYI1BD1DlD+C"
    "0CR8e6OewpusjZ4uBl9FyJvnhvQl+q5rv1ixrcpCumEPo5MJSgM9ehVsNPfUM669WuMyVWQLCzpu9GhglF2PE="
)


def envelope(token: str = TOKEN, key: str = KEY, appid: str = APPID, previous: str = "") -> Envelope:
    old = decoded_key(SecretStr(previous)) if previous else None
    return Envelope(token, appid, decoded_key(SecretStr(key)), old)


@pytest.mark.parametrize(
    ("token", "timestamp", "nonce", "expected"),
    [
        ("AAAAA", "1714036504", "1514711492", "f464b24fc39322e44b38aa78f5edd27bd1441696"),
        ("AAAAA", "1714037059", "486452656", "899cf89e464efb63f54ddac96b0a0a235f53aa78"),
        ("AAAAA", "1714112445", "415670741", "6c5c811b55cc85e0e1b54100749188c20beb3f5d"),
        ("test", "1410685589", "test", "f21891de399b4e33a1a93c9a7b8a8fffb5a443ff"),
    ],
)
def test_published_signatures(token: str, timestamp: str, nonce: str, expected: str) -> None:
    assert signature(token, timestamp, nonce) == expected
    assert signed(expected, token, timestamp, nonce)


@pytest.mark.parametrize("claimed", ["", "0" * 40, "签" * 40, "\ud800", "F464B24FC39322E44B38AA78F5EDD27BD1441696"])
def test_anything_may_be_claimed_and_only_the_right_signature_passes(claimed: str) -> None:
    assert not signed(claimed, "AAAAA", "1714036504", "1514711492")


def test_published_push_is_opened() -> None:
    opened = envelope(*OFFICIAL).open(
        OFFICIAL_PUSH, "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3", "1714112445", "415670741"
    )
    assert opened.message.decode() == OFFICIAL_PLAIN


def test_sample_push_of_2014_is_opened() -> None:
    opened = envelope(*SAMPLE).open(SAMPLE_PUSH, "5d197aaffba7e9b25a30732f161a50dee96bd5fa", "1409735669", "1320562132")
    assert "<Content><![CDATA[abcdteT]]></Content>" in opened.message.decode()


def test_published_reply_is_sealed_to_the_same_letters() -> None:
    key = decoded_key(SecretStr(OFFICIAL[1]))
    sealed = envelope(*OFFICIAL).seal(b'{"demo_resp":"good luck"}', key, "1713424427", "415670741", b"707722b803182950")
    assert sealed.encrypt == "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="
    assert sealed.signature == "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1"


def test_fresh_random_makes_every_envelope_different() -> None:
    key = decoded_key(SecretStr(KEY))
    assert envelope().seal(b"x", key, "1", "2").encrypt != envelope().seal(b"x", key, "1", "2").encrypt


def test_the_previous_key_still_opens_and_is_named_for_the_answer() -> None:
    sealed = seal(b"<xml/>", OLD_KEY)
    opened = envelope(previous=OLD_KEY).open(sealed, theirs(TOKEN, "1", "2", sealed), "1", "2")
    assert (opened.message, opened.key) == (b"<xml/>", decoded_key(SecretStr(OLD_KEY)))
    with pytest.raises(ForgedError):
        envelope().open(sealed, theirs(TOKEN, "1", "2", sealed), "1", "2")


def test_the_signature_is_checked_before_anything_is_decrypted() -> None:
    with pytest.raises(ForgedError):
        envelope().open(seal(b"<xml/>"), "0" * 40, "1", "2")


SPOILED = {
    "empty": "",
    "no base64": "!!!!",
    "three bytes": "QUFB",
    "one block": base64.b64encode(b"X" * 16).decode(),
    "33 bytes": base64.b64encode(b"X" * 33).decode(),
    "another appid": seal(b"<xml/>", appid="wxffffffffffffffff"),
    "appid with a suffix": seal(b"<xml/>", appid=APPID + "x"),
    "no appid": seal(b"<xml/>", appid=""),
    "padding 0": seal(b"<xml/>", padding=0),
    "padding 200": seal(b"<xml/>", padding=200),
    "another key": seal(b"<xml/>", key="B" * 43),
}


@pytest.mark.parametrize("spoiled", SPOILED)
def test_spoiled_envelopes_are_refused_alike(spoiled: str) -> None:
    sealed = SPOILED[spoiled]
    with pytest.raises(ForgedError) as refused:
        envelope().open(sealed, theirs(TOKEN, "1", "2", sealed), "1", "2")
    assert str(refused.value) == ""


@given(
    message=st.text(max_size=300),
    letters=st.text("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789", min_size=43, max_size=43),
)
def test_what_we_seal_wechatpy_opens_and_the_other_way_round(message: str, letters: str) -> None:
    message = message.encode("utf-8", "replace").decode()
    ours, other = envelope(key=letters), WeChatCrypto(TOKEN, letters, APPID)
    sealed = ours.seal(message.encode(), decoded_key(SecretStr(letters)), "1714112445", "42")
    assert other.decrypt_message({"Encrypt": sealed.encrypt}, sealed.signature, "1714112445", "42") == message
    encrypted = other.encrypt_message(message, "42", "1714112445")
    start, end = (encrypted.index(tag) + len(tag) for tag in ("<Encrypt><![CDATA[", "<MsgSignature><![CDATA["))
    theirs_sealed, claimed = encrypted[start:].split("]]>")[0], encrypted[end:].split("]]>")[0]
    assert ours.open(theirs_sealed, claimed, "1714112445", "42").message.decode() == message


@given(st.binary(max_size=200), st.binary(max_size=40))
def test_no_bytes_make_anything_but_a_refusal(sealed: bytes, claimed: bytes) -> None:
    encoded = base64.b64encode(sealed).decode()
    with pytest.raises(ForgedError):
        envelope().open(encoded, theirs(TOKEN, "1", "2", encoded), "1", "2")
    with pytest.raises(ForgedError):
        envelope().open(sealed.decode("latin-1"), claimed.decode("latin-1"), "1", "2")
