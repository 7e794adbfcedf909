"""What is asked or said for each kind of message and event. One table; what is not in it is answered with silence.

Source: 微信官方文档 接收普通消息, 接收事件推送, 被动回复用户消息.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from bot import wording
from bot.channels.wechat_hot import HotQuestions
from bot.channels.wechat_push import Push
from bot.channels.wechat_questions import Said, WeChatQuestions
from bot.channels.wechat_text import BETWEEN
from bot.conversations import Conversations, Known
from bot.service import Service

UNKNOWN = "unknown"
KIND_MAX = 60
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Listener:
    """Everything an answer may need."""

    service: Service
    conversations: Conversations
    questions: WeChatQuestions
    hot: HotQuestions

    async def hear(self, push: Push, mark: str, user_key: str, known: Known) -> Said:
        """The answer to a push that was not heard before; empty text is WeChat's "success"."""
        answer = _ANSWERS.get(push.kind)
        if answer is None:
            log.warning("unknown kind of push on %s: %r", push.account.name, push.kind[:40])
            return Said()
        said = await answer(self, _Heard(push, mark, user_key, known))
        return self.questions.with_waiting(said, known.waiting) if said.text else said


def counted_as(kind: str) -> str:
    """The kind a push is counted under: strangers are one kind, so that nobody can make up kinds without end."""
    return kind if kind in _ANSWERS else UNKNOWN


def stranger(kind: str) -> str:
    """What an unknown kind calls itself, for the operator; empty for the known ones."""
    return "" if kind in _ANSWERS else kind[:KIND_MAX]


@dataclass(frozen=True)
class _Heard:
    push: Push
    mark: str
    user_key: str
    known: Known


_Answer = Callable[[Listener, _Heard], Awaitable[Said]]


async def _text(listener: Listener, heard: _Heard) -> Said:
    return await _asked(listener, heard, heard.push.text("Content"), heard.push.text("bizmsgmenuid"))


async def _voice(listener: Listener, heard: _Heard) -> Said:
    """Recognition was switched off by WeChat in 2023: it comes empty or not at all; where it comes, it is the words."""
    recognised = heard.push.text("Recognition").strip()
    if recognised:
        return await _asked(listener, heard, recognised)
    return Said(listener.questions.closed(heard.push.account) or wording.WECHAT_VOICE, heard=True)


async def _click(listener: Listener, heard: _Heard) -> Said:
    """A menu button asks the question it stands for; one that stands for none shows what can be asked.

    What goes to a person from here stays here: events are never handed to WeChat's customer service.
    """
    key = heard.push.text("EventKey")
    entry = listener.service.current.entries.get(key)
    question = heard.push.account.settings.menu.get(key) or (entry.standard if entry else "")
    if question:
        said = await _asked(listener, heard, question)
        return replace(said, heard=False, transfer=False)
    closed = listener.questions.closed(heard.push.account)
    return Said(closed or await listener.hot.shown(heard.push.account, wording.WECHAT_BUTTON))


async def _asked(listener: Listener, heard: _Heard, words: str, menu_mark: str = "") -> Said:
    said = await listener.questions.hear(heard.push.account, heard.mark, heard.user_key, heard.known, words, menu_mark)
    return replace(said, heard=True)


async def _welcome(listener: Listener, heard: _Heard) -> Said:
    greeting = wording.WECHAT_WELCOME.format(office=listener.service.settings.office_name)
    if closed := listener.questions.closed(heard.push.account):
        return Said(greeting + BETWEEN + closed, follows=True)
    return Said(await listener.hot.shown(heard.push.account, greeting + wording.WECHAT_PRIVACY), follows=True)


async def _farewell(listener: Listener, heard: _Heard) -> Said:
    """No reply is possible; what is personal goes (接收事件推送, 关注/取消关注事件)."""
    await listener.conversations.forget(heard.user_key)
    return Said()


async def _silence(_listener: Listener, _heard: _Heard) -> Said:
    return Said()


async def _taken_over(_listener: Listener, _heard: _Heard) -> Said:
    """A person talks to the user now: choices offered before mean nothing any more."""
    return Said(follows=True)


def _always(sentence: str) -> _Answer:
    async def answer(listener: Listener, heard: _Heard) -> Said:
        said = sentence.format(hotline=listener.service.settings.hotline)
        return Said(listener.questions.closed(heard.push.account) or said, heard=True)

    return answer


_ANSWERS: dict[str, _Answer] = {
    "text": _text,
    "voice": _voice,
    "image": _always(wording.WECHAT_MEDIA),
    "video": _always(wording.WECHAT_MEDIA),
    "shortvideo": _always(wording.WECHAT_MEDIA),
    "file": _always(wording.WECHAT_MEDIA),
    "music": _always(wording.WECHAT_MEDIA),
    "location": _always(wording.WECHAT_LOCATION),
    "link": _always(wording.WECHAT_LINK),
    "event.subscribe": _welcome,
    "event.unsubscribe": _farewell,
    "event.scan": _welcome,
    "event.click": _click,
    "event.scancode_waitmsg": _always(wording.WECHAT_BUTTON),
    "event.kf_create_session": _taken_over,
    **dict.fromkeys(
        (
            "event.view",
            "event.view_miniprogram",
            "event.location",
            "event.scancode_push",
            "event.pic_sysphoto",
            "event.pic_photo_or_album",
            "event.pic_weixin",
            "event.location_select",
            "event.templatesendjobfinish",
            "event.masssendjobfinish",
            "event.subscribe_msg_popup_event",
            "event.subscribe_msg_change_event",
            "event.subscribe_msg_sent_event",
            "event.kf_close_session",
            "event.kf_switch_session",
        ),
        _silence,
    ),
}
