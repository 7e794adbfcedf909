"""How often a client may write to the public site, and how often it may guess a code."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from aiohttp import web

from bot import codes, wording
from bot.limits import Limit
from bot.web import SERVICE, TooOftenError, client_address
from knowledge.errors import NotFoundError
from knowledge.settings import Settings

APPLICATIONS_PER_HOUR = 10  # with uploads, of one client; far more than anybody needs, far less than a flood
Found = TypeVar("Found")


@dataclass(frozen=True)
class Limits:
    """How often a client may post, and how often it may guess."""

    questions: Limit
    failures: Limit
    applications: Limit

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        """As the settings say."""
        return cls(
            Limit(settings.questions_per_minute, 60),
            Limit(settings.lookup_failures_per_hour, 3600),
            Limit(APPLICATIONS_PER_HOUR, 3600),
        )


LIMITS = web.AppKey("limits", Limits)


def count_question(request: web.Request) -> None:
    """Refuse a client that posts faster than a person could."""
    _count(request, request.app[LIMITS].questions)


def count_application(request: web.Request) -> None:
    """Refuse a client that applies or uploads more than anybody would."""
    _count(request, request.app[LIMITS].applications)


async def by_code(request: web.Request, code: str, find: Callable[[], Awaitable[Found]]) -> Found:
    """Look something up by its code; what is not found counts against client and code, and too many are refused."""
    limit = request.app[LIMITS].failures
    keys = [_client(request), f"code:{codes.read_digits(code)}"]
    wait = max(limit.wait(key) for key in keys)
    if wait:
        raise TooOftenError(wording.TOO_MANY_FAILURES, wait)
    try:
        return await find()
    except NotFoundError:
        for key in keys:
            limit.note(key)
        raise


def _count(request: web.Request, limit: Limit) -> None:
    wait = limit.wait(_client(request))
    if wait:
        raise TooOftenError(wording.TOO_OFTEN, wait)
    limit.note(_client(request))


def _client(request: web.Request) -> str:
    return client_address(request, request.app[SERVICE].settings.proxies)
