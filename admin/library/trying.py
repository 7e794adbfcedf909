"""Trying out: what the engine would do with a question, on a day, with the base as it is or with a proposal in it."""

import asyncio
from dataclasses import dataclass
from datetime import date

from sqlmodel import select

from admin.curve import promise
from admin.library import proposals
from admin.library.changeset import ChangeSet
from bot.answer.draft import Draft
from bot.answer.engine import Engine
from bot.message import clean
from bot.service import Service
from knowledge.entries import known_entries, stored_base
from knowledge.errors import BadInputError
from knowledge.tables import Entry


@dataclass(frozen=True)
class Tried:
    """What would be done, and what is proven of answers by chance; with a proposal also what is done without it."""

    draft: Draft
    promise: str
    before: Draft | None = None


async def ask(service: Service, text: str, day: date, proposal: int | None) -> Tried:
    """Ask; nothing is kept. BadInputError where there is nothing to ask."""
    text = clean(text, "q", "问题")
    if not text:
        raise BadInputError("请写下要试的问题。", "q")
    if len(text) > service.settings.max_question_chars:
        raise BadInputError(f"问题最多 {service.settings.max_question_chars} 个字。", "q")
    now = service.current.engine
    engine = await changed(service, proposal) if proposal is not None else now
    draft = await asyncio.to_thread(engine.answer, text, day)
    before = await asyncio.to_thread(now.answer, text, day) if engine is not now else None
    return Tried(draft, promise(engine), before)


async def changed(service: Service, number: int) -> Engine:
    """The engine as it would be once a proposal is approved."""
    async with service.database.reading() as session:
        row = await proposals.get(session, number)
        base = await stored_base(session)
        revisions = dict((await session.exec(select(Entry.key, Entry.revision))).all())
    after = ChangeSet.of_json(row.change).applied(base)
    return await asyncio.to_thread(service.current.as_if, known_entries(after, revisions))
