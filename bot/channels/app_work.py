"""The office's apps at work in one process: their settings, limits and used numbers, and their ways out."""

from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web

from bot.apps import APP_WAY
from bot.channels.app_callback import Callback
from bot.deliver import Deliverer
from bot.limits import Limit
from bot.sending import Sender
from bot.service import Service
from bot.used_numbers import UsedNumbers
from knowledge.channel_settings import AppAccount
from knowledge.tables import AppNonce

MINUTE = 60


class Apps:
    """What the handlers of the app channel are given."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.accounts = {account.name: account for account in service.settings.app}
        self.numbers = UsedNumbers(service.database, AppNonce.__table__)  # type: ignore[attr-defined]
        self.users = Limit(service.settings.questions_per_minute, MINUTE)
        self.requests = {name: Limit(a.requests_per_minute, MINUTE) for name, a in self.accounts.items()}

    def senders(self, session: aiohttp.ClientSession) -> dict[str, Sender]:
        """The ways out: one for each app with an address for callbacks."""
        can = [account for account in self.accounts.values() if account.callback_url]
        return {APP_WAY + a.name: Callback(self.service, a, session, self.service.now) for a in can}


def secrets_of(account: AppAccount) -> tuple[str, ...]:
    """What a request may be signed with: the secret, and the one before while it is being changed."""
    known = (account.secret, account.previous_secret)
    return tuple(secret.get_secret_value() for secret in known if secret)


APPS = web.AppKey("apps", Apps)


async def running(app: web.Application) -> AsyncIterator[None]:
    """Start with the site, stop with it. Without an app nothing runs."""
    work = app[APPS]
    if not work.accounts:
        yield
        return
    service = work.service
    work.numbers.start()
    # Answers to citizens go to the address set here and through nobody's proxy.
    async with aiohttp.ClientSession(trust_env=False, cookie_jar=aiohttp.DummyCookieJar()) as session:
        deliverer = Deliverer(service.database, work.senders(session), service.now, to_apps=True)
        deliverer.start()
        yield
        await deliverer.stop()
    await work.numbers.stop()
