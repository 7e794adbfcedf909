"""What the board's pages and the API do alike for a citizen: count, find the own question, pick, promise."""

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot import codes, following, replies, wording
from bot.limits import Limit
from bot.receiving import Receipt
from bot.web import SERVICE, TooOftenError, client_address
from knowledge import clock
from knowledge.entries import KnownEntry
from knowledge.errors import BadInputError, NotFoundError
from knowledge.settings import Settings
from knowledge.tables import Question
from knowledge.vocabulary import Reason


@dataclass(frozen=True)
class Limits:
    """How often a client may post, search, and guess."""

    questions: Limit
    failures: Limit
    searches: Limit

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        """As the settings say."""
        return cls(
            Limit(settings.questions_per_minute, 60),
            Limit(settings.lookup_failures_per_hour, 3600),
            Limit(settings.searches_per_minute, 60),
        )


@dataclass(frozen=True)
class Reading:
    """An approved text that answers one of several questions, with its basis in force today."""

    entry: KnownEntry
    basis: list[dict[str, Any]]


LIMITS = web.AppKey("limits", Limits)


def count_question(request: web.Request) -> None:
    """Refuse a client that posts faster than a person could."""
    _count(request, request.app[LIMITS].questions)


def count_search(request: web.Request) -> None:
    """Refuse a client that searches faster than a person could type."""
    _count(request, request.app[LIMITS].searches)


def _count(request: web.Request, limit: Limit) -> None:
    client = client_address(request, request.app[SERVICE].settings.proxies)
    wait = limit.wait(client)
    if wait:
        raise TooOftenError(wording.TOO_OFTEN, wait)
    limit.note(client)


async def follow(request: web.Request, code: str, password: str) -> following.Followed:
    """Find by code and password; wrong ones are counted against client and code, and too many of them refused."""
    service, limit = request.app[SERVICE], request.app[LIMITS].failures
    keys = [client_address(request, service.settings.proxies), f"code:{codes.read_digits(code)}"]
    wait = max(limit.wait(key) for key in keys)
    if wait:
        raise TooOftenError(wording.TOO_MANY_FAILURES, wait)
    try:
        async with service.database.reading() as session:
            return await following.by_code(session, code, password, service.key)
    except NotFoundError:
        for key in keys:
            limit.note(key)
        raise


async def pick(request: web.Request, followed: following.Followed, choice: str | None) -> str:
    """Carry out a choice by its number (from 1), or hand over to a person (None); returns the key of what was picked."""
    service, question = request.app[SERVICE], followed.question
    entry = None
    if choice is not None:
        if not choice.isascii() or not choice.isdigit() or not 1 <= int(choice) <= len(question.choices):
            raise BadInputError("请从给出的几个选项里选一个。", "choice")
        entry = service.current.entries.get(question.choices[int(choice) - 1]["entry"])
    await replies.choose(service.database, question.id or 0, entry, address="", at=service.now())
    return entry.key if entry else ""


def reading(request: web.Request, followed: following.Followed, key: str) -> Reading | None:
    """What was picked to be read while a person answers the whole message."""
    service = request.app[SERVICE]
    today = clock.office_day(service.now())
    entry = following.to_read(followed.question, key, service.current.entries, today)
    return Reading(entry, [line.as_json() for line in entry.basis_on(today)]) if entry else None


def promised(request: web.Request, told: Receipt | Question, asked: str) -> str:
    """What is said where a person will answer: why, what to do meanwhile, and by when."""
    hotline = request.app[SERVICE].settings.hotline
    return wording.handed_over(
        Reason(told.reason), told.due, provisional=told.due_provisional, hotline=hotline, text=asked
    )


def page_number(request: web.Request) -> int:
    """The page asked for, from 1."""
    typed = request.query.get("page", "1")
    if not typed.isascii() or not typed.isdigit() or not 1 <= int(typed) <= 1_000_000:
        raise BadInputError("页码只能是数字。", "page")
    return int(typed)
