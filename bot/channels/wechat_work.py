"""WeChat at work in one process: pushes under way, those that took too long, the doors, and the outbox being emptied.

WeChat asks again after five seconds, up to three times, and the tries may overlap: all of them await the same work.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial

import aiohttp
from aiohttp import web
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot import codes, wording
from bot.channels.wechat_accounts import Account, accounts_of
from bot.channels.wechat_api import TIMEOUT, WeChatApi
from bot.channels.wechat_health import Health
from bot.channels.wechat_hot import HotQuestions
from bot.channels.wechat_messages import Listener, counted_as, stranger
from bot.channels.wechat_push import Push
from bot.channels.wechat_questions import Said, WeChatQuestions
from bot.channels.wechat_text import LIMIT
from bot.conversations import TRANSFER, Answered, Conversations, Kept, Waiting
from bot.deliver import Deliverer
from bot.sending import Outcome, Sender
from bot.service import Service
from knowledge.errors import StorageError, ZhengwenError

PATIENCE_SECONDS = 4.2
TURNS = 3
STORAGE_TROUBLE = (ZhengwenError, DBAPIError, PoolTimeoutError, OSError)
log = logging.getLogger(__name__)


class WeChat:
    """What the webhook is given."""

    def __init__(self, service: Service, patience: float = PATIENCE_SECONDS) -> None:
        self.service = service
        self.accounts = accounts_of(service.settings)
        self.conversations = Conversations(service.database, service.key)
        self.health = Health(service.database, service.now)
        self._patience = patience
        self._questions = WeChatQuestions(service)
        self._listener = Listener(service, self.conversations, self._questions, HotQuestions(service))
        self._under_way: dict[str, asyncio.Task[Answered]] = {}
        self._late: dict[asyncio.Task[Answered], asyncio.Task[None]] = {}

    async def answer(self, push: Push) -> Answered:
        """The answer to a push, the same for each of its tries; a word of patience if it is not ready in time."""
        mark = self.conversations.digest(*push.identity)
        work = self._under_way.get(mark)
        if work is None:
            work = asyncio.create_task(self._work(push, mark), name="wechat-push")
            self._under_way[mark] = work
            work.add_done_callback(lambda _: self._under_way.pop(mark, None))
        await asyncio.wait({work}, timeout=self._patience)
        now = self.service.now()
        if not work.done():
            self._send_later(work, push)
            return Answered(now, wording.WECHAT_SLOW)
        try:
            return work.result()
        except STORAGE_TROUBLE as error:
            # Not kept, so a retry of WeChat's would be heard anew; but it asks again only where nothing was answered.
            log.error("storage failed on a push of %s: %s", push.account.name, type(error).__name__)
            return Answered(now, wording.STORAGE_AWAY)

    def senders(self, session: aiohttp.ClientSession) -> dict[str, Sender]:
        """The ways out: one for each account that may send customer-service messages."""
        can = [account for account in self.accounts.values() if account.can_push]
        return {a.name: _CustomerMessages(self._api(a, session), self._questions) for a in can}

    def _api(self, account: Account, session: aiohttp.ClientSession) -> WeChatApi:
        return WeChatApi(account.settings, session, fetched=partial(self.health.token_fetched, account.name))

    async def finish(self) -> None:
        """Wait for what is under way."""
        await asyncio.gather(*self._under_way.values(), *self._late.values(), return_exceptions=True)

    async def _work(self, push: Push, mark: str) -> Answered:
        """Hear and keep. Where another process or an earlier try was faster, its answer is the one."""
        user_key = self._user_key(push)
        for turn in range(TURNS):
            known = await self.conversations.look(mark, user_key)
            if known.earlier:
                return self._shown(known.earlier)
            said = await self._listener.hear(push, mark, user_key, replace(known, again=turn > 0))
            kept = self._kept(push, mark, user_key, said)
            if await self._keep(said, kept):
                self.service.metrics.pushes.labels(kept.account, kept.kind).inc()
                return self._shown(kept.answer)
        raise StorageError("留言暂时存不进去，请稍后再试。")

    def _kept(self, push: Push, mark: str, user_key: str, said: Said) -> Kept:
        return Kept(
            mark=mark,
            account=push.account.name,
            kind=counted_as(push.kind),
            stranger=stranger(push.kind),
            answer=Answered(self.service.now(), TRANSFER * said.transfer + said.text, said.code),
            user_key=user_key,
            openid=push.openid if said.heard or said.follows or said.asked else "",
            heard=said.heard,
            asked=said.asked,
            choosing=said.choosing,
            given=said.given,
        )

    async def _keep(self, said: Said, kept: Kept) -> bool:
        """In one transaction: a push with the question it asked, or alone."""
        if said.decided:
            return await self.service.receiver.store(said.decided, kept)
        return await self.conversations.keep(kept)

    def _user_key(self, push: Push) -> str:
        return self.conversations.digest("user", push.account.name, push.openid)

    def _shown(self, answer: Answered) -> Answered:
        """With the query password in its place; it is derived, never stored."""
        if not answer.code:
            return answer
        password = codes.password_for(answer.code, self.service.key)
        return Answered(answer.at, answer.reply.replace(wording.QUERY_DIGITS_HERE, password), answer.code)

    def _send_later(self, work: asyncio.Task[Answered], push: Push) -> None:
        """Once for each work, however many tries ran out of time."""
        if work not in self._late:
            self._late[work] = asyncio.create_task(self._later(work, push), name="wechat-late")
            self._late[work].add_done_callback(lambda _: self._late.pop(work, None))

    async def _later(self, work: asyncio.Task[Answered], push: Push) -> None:
        try:
            answer = await work
            if answer.reply:
                said = answer.reply.removeprefix(TRANSFER)  # too late to be passed on: the words are sent
                await self.conversations.send_later(self._user_key(push), said, self.service.now())
        except STORAGE_TROUBLE as error:
            log.error("a late answer on %s was lost: %s", push.account.name, type(error).__name__)


class _CustomerMessages:
    """Sends as a customer-service message, saying which question the text answers."""

    def __init__(self, api: WeChatApi, questions: WeChatQuestions) -> None:
        self._api = api
        self._questions = questions

    async def send(self, to: str, text: str, code: str) -> Outcome:
        """Try once."""
        return await self._api.send_text(to, self._questions.waiting_text(Waiting(0, text, code, again=False), LIMIT))


WECHAT = web.AppKey("wechat", WeChat)


async def running(app: web.Application) -> AsyncIterator[None]:
    """Start with the site, stop with it. Without an account nothing runs."""
    wechat = app[WECHAT]
    if not wechat.accounts:
        yield
        return
    service = wechat.service
    wechat.conversations.start()
    wechat.health.start()
    async with aiohttp.ClientSession(timeout=TIMEOUT, trust_env=True) as session:
        deliverer = Deliverer(service.database, wechat.senders(session), service.now)
        deliverer.start()
        yield
        await wechat.finish()
        await deliverer.stop()
    await wechat.health.stop()
    await wechat.conversations.stop()
