"""What the board's pages and the API do alike for a citizen: find the own question, pick, promise."""

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot import following, replies, wording
from bot.channels import closing, counting
from bot.receiving import Receipt
from bot.web import SERVICE
from knowledge import clock
from knowledge.entries import KnownEntry
from knowledge.errors import BadInputError
from knowledge.tables import Question
from knowledge.vocabulary import Reason


@dataclass(frozen=True)
class Reading:
    """An approved text that answers one of several questions, with its basis in force today."""

    entry: KnownEntry
    basis: list[dict[str, Any]]


async def follow(request: web.Request, code: str, password: str) -> following.Followed:
    """Find by code and password; wrong ones are counted against client and code, and too many of them refused."""
    service = request.app[SERVICE]

    async def find() -> following.Followed:
        async with service.database.reading() as session:
            return await following.by_code(session, code, password, service.key)

    return await counting.by_code(request, code, find)


async def pick(request: web.Request, followed: following.Followed, choice: str | None) -> str:
    """Carry out a choice by its number (from 1), or hand over to a person (None); returns the key of what was picked."""
    service, question = request.app[SERVICE], followed.question
    entry = None
    if choice is not None:
        if not choice.isascii() or not choice.isdigit() or not 1 <= int(choice) <= len(question.choices):
            raise BadInputError("请从给出的几个选项里选一个。", "choice")
        entry = service.current.entries.get(question.choices[int(choice) - 1]["entry"])
    paused = closing.switch_of(request).paused
    await replies.choose(service.database, question.id or 0, entry, address="", at=service.now(), paused=paused)
    return entry.key if entry else ""


def reading(request: web.Request, followed: following.Followed, key: str) -> Reading | None:
    """What was picked to be read while a person answers the whole message."""
    service = request.app[SERVICE]
    if closing.switch_of(request).paused:
        return None
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
