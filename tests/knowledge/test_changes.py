"""The base read again: the same as reading all of it, and what did not change is not read."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from knowledge import importing
from knowledge.base import Base
from knowledge.changes import BaseReader
from knowledge.db import Database
from knowledge.entries import Snapshot, snapshot
from knowledge.format import EntryText
from knowledge.vocabulary import EntryStatus
from tests.knowledge.conftest import NOON

CHANGED = "rate.deposit"


async def carry_out(database: Database, base: Base, after: int = 0) -> None:
    async with database.writing() as session:
        await importing.carry_out(session, base, "by", NOON + timedelta(hours=after))


async def read(database: Database, reader: BaseReader) -> Snapshot:
    async with database.reading() as session:
        return await reader.read(session)


async def whole(database: Database) -> Snapshot:
    async with database.reading() as session:
        return await snapshot(session)


def with_entry(base: Base, key: str, **values: Any) -> Base:
    rows = tuple(EntryText.model_validate({**e.model_dump(), **values}) if e.key == key else e for e in base.entries)
    return replace(base, entries=rows)


@pytest.fixture
async def reader(database: Database, small_base: Base) -> BaseReader:
    """A reader that has read the small base."""
    await carry_out(database, small_base)
    found = BaseReader()
    await read(database, found)
    return found


@pytest.mark.parametrize("after", [0, 1, -1], ids=["in the same moment", "later", "by a clock put back"])
async def test_a_changed_entry_is_read_and_the_others_stay(
    database: Database, reader: BaseReader, small_base: Base, after: int
) -> None:
    before = await read(database, reader)
    await carry_out(database, with_entry(small_base, CHANGED, answer="改过的答复。"), after)
    found = await read(database, reader)
    assert found == await whole(database)
    assert [entry.key for entry in found.entries if entry not in before.entries] == [CHANGED]
    if after >= 0:
        assert sum(one is two for one, two in zip(before.entries, found.entries, strict=True)) == len(found.entries) - 1


async def test_a_withdrawn_and_a_restored_and_a_new_entry_are_seen(
    database: Database, reader: BaseReader, small_base: Base
) -> None:
    await carry_out(database, with_entry(small_base, CHANGED, status=EntryStatus.DRAFT), 1)
    withdrawn = await read(database, reader)
    assert withdrawn == await whole(database)
    assert CHANGED not in {entry.key for entry in withdrawn.entries}
    await carry_out(database, with_entry(small_base, CHANGED, answer="又有效。"), 2)
    assert await read(database, reader) == await whole(database)
    first = small_base.entries[0]
    new = EntryText.model_validate(
        {
            **first.model_dump(),
            "key": "zz.new",
            "standard": "新的问题怎么办",
            "similar": [f"新问法{n}" for n in range(6)],
        }
    )
    await carry_out(database, replace(small_base, entries=(*small_base.entries, new)), 3)
    found = await read(database, reader)
    assert found == await whole(database)
    assert found.entries[-1].key == "zz.new"


async def test_a_changed_policy_reaches_every_entry_that_rests_on_it(
    database: Database, reader: BaseReader, small_base: Base
) -> None:
    policies = tuple(policy.model_copy(update={"title": policy.title + "（修订）"}) for policy in small_base.policies)
    await carry_out(database, replace(small_base, policies=policies), 1)
    found = await read(database, reader)
    assert found == await whole(database)
    assert all(line.title.endswith("（修订）") for entry in found.entries for line in entry.basis)


async def test_questions_of_unchanged_entries_are_not_read(
    database: Database, reader: BaseReader, small_base: Base
) -> None:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    await carry_out(database, with_entry(small_base, CHANGED, answer="改过的答复。"), 1)
    event.listen(database.reader.sync_engine, "before_cursor_execute", note)
    await read(database, reader)
    event.remove(database.reader.sync_engine, "before_cursor_execute", note)
    assert asked
    assert all("WHERE entry_question.entry_id IN" in text for text in asked if "FROM entry_question" in text)
    assert not [text for text in asked if "FROM policy_article" in text]
