"""What a citizen sends, taken in strictly: everything is hostile until it has passed here."""

import re
import unicodedata
from dataclasses import dataclass

from knowledge.errors import BadInputError
from knowledge.vocabulary import Channel, Kind

NAME_MAX = 40
PHONE = re.compile(r"^\+?[0-9][0-9 \-]{4,19}$")
EXTERNAL_ID_MAX = 200
_KINDS = {kind.value: kind for kind in Kind} | {kind.label: kind for kind in Kind}
_ZERO_WIDTH_JOINER = "\u200d"  # holds emoji together


@dataclass(frozen=True)
class Message:
    """One message, checked. `external_id` is the sender's own mark: the same mark twice is the same message.

    `topic` is what was spoken of just before in the same conversation, in words of ours or of the sender; it is not kept.
    `paused`: the channel's switch stands so that nothing may be answered automatically.
    """

    text: str
    channel: Channel
    kind: Kind = Kind.CONSULTATION
    name: str = ""
    phone: str = ""
    public: bool = False
    external_id: str | None = None
    topic: str = ""
    paused: bool = False


def checked(
    *,
    text: str,
    channel: Channel,
    max_chars: int,
    kind: str = "",
    name: str = "",
    phone: str = "",
    public: bool = False,
    external_id: str | None = None,
    topic: str = "",
    paused: bool = False,
) -> Message:
    """Check every field; BadInputError names the first field that cannot be taken, in Chinese."""
    return Message(
        text=_text(text, max_chars),
        channel=channel,
        kind=_kind(kind),
        name=_name(name),
        phone=_phone(phone),
        public=public,
        external_id=_external_id(external_id),
        topic=topic,
        paused=paused,
    )


def clean(value: str, field: str, label: str) -> str:
    """Line ends made one, invisible format marks dropped, ends stripped; control characters are refused."""
    value = value.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    kept = []
    for character in value:
        category = unicodedata.category(character)
        if category in ("Cc", "Cs") and character != "\n":
            raise BadInputError(f"{label}里有无法识别的控制字符，请删除后重新提交。", field)
        if category != "Cf" or character == _ZERO_WIDTH_JOINER:
            kept.append(character)
    return unicodedata.normalize("NFC", "".join(kept)).strip()


def _text(value: str, max_chars: int) -> str:
    if len(value) > max_chars:
        raise BadInputError(f"留言太长：最多 {max_chars} 个字，现在有 {len(value)} 个字。请写得简短一些。", "text")
    text = clean(value, "text", "留言")
    if not text:
        raise BadInputError("请写下您要咨询的问题。", "text")
    return text


def _kind(value: str) -> Kind:
    if not value:
        return Kind.CONSULTATION
    if value not in _KINDS:
        raise BadInputError(f"留言类别只能是：{'、'.join(kind.label for kind in Kind)}。", "kind")
    return _KINDS[value]


def _name(value: str) -> str:
    name = clean(value, "name", "姓名").replace("\n", " ")
    if len(name) > NAME_MAX:
        raise BadInputError(f"姓名最多 {NAME_MAX} 个字。", "name")
    return name


def _phone(value: str) -> str:
    phone = unicodedata.normalize("NFKC", clean(value, "phone", "电话"))
    if phone and not PHONE.match(phone):
        raise BadInputError("电话号码看起来不对：请只填数字，例如 13800000000 或 0631-5200000，也可以不填。", "phone")
    return phone


def _external_id(value: str | None) -> str | None:
    if value is None:
        return None
    if not value or len(value) > EXTERNAL_ID_MAX or not value.isascii() or not value.isprintable():
        raise BadInputError(f"标识只能用可见的英文字符，最多 {EXTERNAL_ID_MAX} 个。", "idempotency_key")
    return value
