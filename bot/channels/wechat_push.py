"""One message or event as WeChat pushes it, and by what it is recognised when it comes again.

Source: 微信官方文档 接收普通消息, 接收事件推送, 自定义菜单事件推送. MsgId alone collides between users, and FromUserName with
CreateTime alone drops a second event of the same second; so both are taken with everything else that tells them apart.
"""

import hashlib
from dataclasses import dataclass

from bot.channels.wechat_accounts import Account
from bot.channels.wechat_xml import Fields

NAME_MAX = 128


class BadPushError(Exception):
    """Well-formed, but no message of WeChat's: what every push has is missing."""


@dataclass(frozen=True)
class Push:
    """A push with its fields; `kind` is the type of a message, or `event.` and the name of an event, lower-case."""

    account: Account
    openid: str
    original_id: str
    kind: str
    fields: Fields

    def text(self, name: str) -> str:
        """A field as text; empty where it is missing or holds other fields."""
        value = self.fields.get(name, "")
        return value if isinstance(value, str) else ""

    @property
    def is_event(self) -> bool:
        """Events carry no MsgId and are never handed to customer service."""
        return self.kind.startswith("event.")

    @property
    def identity(self) -> tuple[str, ...]:
        """The same for every retry, different for everything else."""
        parts = [self.account.name, self.openid, self.kind]
        if self.text("MsgId") and not self.is_event:
            return (*parts, self.text("MsgId"))
        told_apart = [self.text(name) for name in ("CreateTime", "EventKey", "Ticket", "MsgID", "MsgId", "MenuId")]
        return (*parts, *told_apart, "" if self.is_event else _digest(self.text("Content")))


def read_push(account: Account, fields: Fields) -> Push:
    """What the fields say, checked: sender, receiver, time, kind."""
    push = Push(account, _name(fields, "FromUserName"), _name(fields, "ToUserName"), _kind(fields), fields)
    created = push.text("CreateTime")
    if not (created.isascii() and created.isdigit()):
        raise BadPushError("CreateTime is no number")
    wanted = account.settings.original_id
    if wanted and push.original_id != wanted:
        raise BadPushError("meant for another account")
    return push


def _kind(fields: Fields) -> str:
    kind = _name(fields, "MsgType").lower()
    return f"event.{_name(fields, 'Event').lower()}" if kind == "event" else kind


def _name(fields: Fields, name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value or len(value) > NAME_MAX or not value.isprintable():
        raise BadPushError(f"{name} is missing or wrong")
    return value


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
