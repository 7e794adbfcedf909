"""Telling an app that a person has answered: one signed POST to the address in the settings, and what came of it.

The address comes from the settings alone, redirects are not followed, and nobody's proxy is used. A refusal is tried
again; an outcome nobody knows is not: the app comes and asks.
"""

import secrets
from collections.abc import Callable
from datetime import datetime

import aiohttp

from bot import following, wording
from bot.apps import message_id_of
from bot.channels.app_shapes import AppQuestionOut
from bot.channels.app_signature import CALLBACK, sign
from bot.channels.schemas import ReadingOut, question_out
from bot.sending import Outcome, Refused, Sent, Uncertain, Unreachable, WhatToDo
from bot.service import Service
from knowledge.channel_settings import AppAccount
from knowledge.errors import NotFoundError
from knowledge.tables import Question
from knowledge.vocabulary import Reason

TIMEOUT = aiohttp.ClientTimeout(total=10, connect=5)
NOT_NOW = (429, 500, 502, 503)
NOBODY_KNOWS = (408, 504)


def app_question_out(service: Service, followed: following.Followed, read: ReadingOut | None = None) -> AppQuestionOut:
    """A question as JSON for its app."""
    question = followed.question
    shown = question_out(followed, _promise(service, question), read)
    return AppQuestionOut(id=message_id_of(question), **dict(shown))


def _promise(service: Service, question: Question) -> str:
    return wording.handed_over(
        Reason(question.reason),
        question.due,
        provisional=question.due_provisional,
        hotline=service.settings.hotline,
        text=question.text,
    )


class Callback:
    """The way out to one app. The session belongs to the caller."""

    def __init__(
        self,
        service: Service,
        account: AppAccount,
        session: aiohttp.ClientSession,
        now: Callable[[], datetime],
    ) -> None:
        self._service = service
        self._account = account
        self._session = session
        self._now = now

    async def send(self, to: str, text: str, code: str) -> Outcome:
        """Try once; what is told is the question as it stands now, the text of the reply within."""
        try:
            async with self._service.database.reading() as session:
                followed = await following.by_app(session, code, to)
        except NotFoundError:
            return Refused(WhatToDo.GIVE_UP, 0, "没有这条留言")
        body = app_question_out(self._service, followed).model_dump_json(exclude_none=True).encode()
        secret = self._account.secret.get_secret_value()
        signed = sign(secret, CALLBACK, str(int(self._now().timestamp())), secrets.token_hex(16), body)
        return await self._post(body, {"Content-Type": "application/json; charset=utf-8", **signed.headers()})

    async def _post(self, body: bytes, headers: dict[str, str]) -> Outcome:
        url = self._account.callback_url
        try:
            async with self._session.post(
                url, data=body, headers=headers, allow_redirects=False, timeout=TIMEOUT
            ) as response:
                return outcome_of(response.status)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            return Unreachable(type(error).__name__)
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            return Uncertain(type(error).__name__)


def outcome_of(status: int) -> Outcome:
    """What an app's answer means; its words are not read."""
    if 200 <= status < 300:
        return Sent()
    if status in NOBODY_KNOWS:
        return Uncertain(f"HTTP {status}")
    what = WhatToDo.RETRY_SOON if status in NOT_NOW else WhatToDo.RETRY_LATER
    return Refused(what, status, f"应用的地址回答 HTTP {status}")
