"""The disclosure ledger: one chain without gaps; whatever is changed afterwards is found and named."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge import ledger
from knowledge.db import Database, open_database
from knowledge.ledger import TABLE, Line, Verdict
from knowledge.settings import Settings
from knowledge.tables import Question, Reply
from knowledge.vocabulary import LedgerKind
from tests.knowledge.conftest import NOON

QUESTIONS = Question.__table__  # type: ignore[attr-defined]
REPLIES = Reply.__table__  # type: ignore[attr-defined]
COLUMNS = [column.name for column in TABLE.columns]


def line(number: int = 1, **more: Any) -> Line:
    return Line(at=NOON, kind=LedgerKind.SITE, title=f"第{number}条信息", by="office", **more)


async def append(database: Database, *lines: Line) -> list[int]:
    async with database.writing_core() as connection:
        return await ledger.record(connection, lines, NOON)


async def verdict(database: Database) -> Verdict:
    async with database.reader.connect() as connection:
        return await ledger.verify(connection)


async def answer(database: Database, number: int) -> None:
    """A question with its reply and its line, as the service writes them."""
    question = {"code": f"{number:012d}", "channel": "board", "received_at": NOON, "kind": "consultation", "text": "问"}
    question |= {"public": True, "state": "answered", "outcome": "answered", "reason": "exact", "choices": []}
    question |= {"explanation": {}, "base_version": 1, "due": date(2026, 11, 30), "due_provisional": False}
    reply = {
        "text": f"答复{number}",
        "basis": [],
        "by": "system",
        "author": "system",
        "entry_key": "",
        "entry_revision": 0,
    }
    async with database.writing_core() as connection:
        await connection.execute(insert(QUESTIONS).values(id=number, closing_note="", version=1, **question))
        await connection.execute(insert(REPLIES).values(id=number, question_id=number, sent_at=NOON, **reply))
        await ledger.record(connection, [line(number, question_id=number, content=f"答复{number}")], NOON)


@pytest.fixture
async def five(database: Database) -> Database:
    """A ledger of five lines; the last two are replies."""
    await append(
        database, line(1), line(2, quantity=58, source="年度报告"), line(3, content="正文", address="https://a")
    )
    await answer(database, 4)
    await answer(database, 5)
    return database


@pytest.fixture
async def trial(five: Database) -> AsyncIterator[AsyncConnection]:
    """A connection on that ledger whose changes are undone."""
    async with five.writer.connect() as connection:
        yield connection
        await connection.rollback()


async def test_empty_ledger_holds(database: Database) -> None:
    assert await verdict(database) == Verdict(0, None)
    assert await append(database) == []


async def test_lines_are_numbered_from_one_without_gaps(database: Database) -> None:
    assert await append(database, line(1)) == [1]
    assert await append(database, line(2), line(3)) == [2, 3]
    assert await append(database, line(4)) == [4]
    assert await verdict(database) == Verdict(4, None)


async def test_every_line_carries_the_hash_of_the_line_before(five: Database) -> None:
    async with five.reader.connect() as connection:
        rows = (await connection.execute(select(TABLE).order_by(TABLE.c.seq))).all()
    assert [row.previous for row in rows] == [ledger.FIRST_PREVIOUS, *(row.hash for row in rows[:-1])]
    assert len({row.hash for row in rows}) == 5
    assert await verdict(five) == Verdict(5, None)


async def test_undone_transaction_leaves_no_gap(database: Database) -> None:
    await append(database, line(1))
    async with database.writer.connect() as connection:
        assert await ledger.record(connection, [line(2)], NOON) == [2]
        await connection.rollback()
    assert await append(database, line(2)) == [2]
    assert await verdict(database) == Verdict(2, None)


async def test_line_joins_the_transaction_of_a_session(database: Database) -> None:
    async with database.writing() as session:
        await ledger.record(await session.connection(), [line(1)], NOON)
    assert await verdict(database) == Verdict(1, None)


async def test_moment_given_in_another_zone_is_the_same_moment(database: Database) -> None:
    local = datetime(2026, 1, 1, 7, 30, 0, 123_456, tzinfo=timezone(timedelta(hours=8)))
    await append(database, Line(at=local, kind=LedgerKind.PRESS, title="发布会", by="office"))
    assert await verdict(database) == Verdict(1, None)


async def test_correction_is_a_new_line_and_the_old_one_stays(five: Database) -> None:
    correction = line(2, corrects=2, reason="多数了一篇", quantity=57)
    assert await append(five, correction) == [6]
    assert await append(five, line(5, question_id=5, content="改正后的答复", corrects=5, reason="条号写错")) == [7]
    assert await verdict(five) == Verdict(7, None)
    async with five.reader.connect() as connection:
        rows = (await connection.execute(select(TABLE).where(TABLE.c.seq.in_([2, 6])).order_by(TABLE.c.seq))).all()
    assert [(row.quantity, row.corrects, row.reason) for row in rows] == [(58, None, ""), (57, 2, "多数了一篇")]


def another(value: Any) -> Any:
    if isinstance(value, datetime):
        return value + timedelta(microseconds=1)
    if isinstance(value, str):
        return ("0" if value[:1] != "0" else "1") + value[1:]
    return (value or 0) + 100


async def test_change_of_any_one_column_in_any_line_is_named_at_that_line(trial: AsyncConnection) -> None:
    before = {row["seq"]: row for row in (await trial.execute(select(TABLE))).mappings()}
    await trial.rollback()
    for seq, name in itertools.product(before, COLUMNS):
        changed = another(before[seq][name])
        await trial.execute(update(TABLE).where(TABLE.c.seq == seq).values({name: changed}))
        found = await ledger.verify(trial)
        await trial.rollback()
        assert found.fault, (name, seq)
        assert f"第 {seq} 行" in found.fault
        assert found.lines == seq - 1
        assert found.seq == seq or name == "seq"
    assert (await ledger.verify(trial)).fault is None


@pytest.mark.parametrize("seq", [1, 2, 3, 4])
async def test_deleted_line_is_named(seq: int, trial: AsyncConnection) -> None:
    await trial.execute(delete(TABLE).where(TABLE.c.seq == seq))
    assert await ledger.verify(trial) == Verdict(seq - 1, f"第 {seq} 行不见了，接下来是第 {seq + 1} 行", seq + 1)


async def test_deleted_last_reply_line_is_named_by_its_question(trial: AsyncConnection) -> None:
    await trial.execute(delete(TABLE).where(TABLE.c.seq == 5))
    assert await ledger.verify(trial) == Verdict(4, "留言 5 的回复不在台账里（台账末尾可能被删过）")


async def test_deleted_line_hidden_by_renumbering_is_found(trial: AsyncConnection) -> None:
    await trial.execute(delete(TABLE).where(TABLE.c.seq == 2))
    for seq in (3, 4, 5):
        await trial.execute(update(TABLE).where(TABLE.c.seq == seq).values(seq=seq - 1))
    assert await ledger.verify(trial) == Verdict(1, "第 2 行与前一行接不上", 2)


async def test_exchanged_lines_are_found(trial: AsyncConnection) -> None:
    for seq, new in ((2, 99), (3, 2), (99, 3)):
        await trial.execute(update(TABLE).where(TABLE.c.seq == seq).values(seq=new))
    assert (await ledger.verify(trial)).seq == 2


async def test_line_slipped_in_at_the_end_is_found(trial: AsyncConnection) -> None:
    row = (await trial.execute(select(TABLE).where(TABLE.c.seq == 5))).mappings().one()
    await trial.execute(insert(TABLE).values({**row, "seq": 6, "previous": row["hash"], "hash": "f" * 64}))
    assert (await ledger.verify(trial)).seq == 6


@pytest.mark.parametrize("number", [4, 5])
async def test_changed_reply_text_is_named_at_its_line(number: int, trial: AsyncConnection) -> None:
    await trial.execute(update(REPLIES).where(REPLIES.c.question_id == number).values(text="另一个答复"))
    assert await ledger.verify(trial) == Verdict(5, f"第 {number} 行登记的回复，正文与登记时不一致", number)


async def test_reply_without_a_line_is_named(trial: AsyncConnection) -> None:
    question = (await trial.execute(select(QUESTIONS).where(QUESTIONS.c.id == 5))).mappings().one()
    reply = (await trial.execute(select(REPLIES).where(REPLIES.c.id == 5))).mappings().one()
    await trial.execute(insert(QUESTIONS).values({**question, "id": 6, "code": "6" * 12}))
    await trial.execute(insert(REPLIES).values({**reply, "id": 6, "question_id": 6}))
    fault = (await ledger.verify(trial)).fault
    assert fault
    assert fault.startswith("留言 6 的回复不在台账里")


async def test_appends_at_once_from_many_connections_stay_one_chain(database: Database, chosen: Settings) -> None:
    second = open_database(chosen)

    async def write(number: int) -> list[int]:
        return await append((database, second)[number % 2], line(number), line(number))

    try:
        numbers = await asyncio.gather(*(write(number) for number in range(20)))
    finally:
        await second.close()
    assert sorted(seq for pair in numbers for seq in pair) == list(range(1, 41))
    assert all(two == one + 1 for one, two in numbers)
    assert await verdict(database) == Verdict(40, None)
    async with database.reader.connect() as connection:
        assert (await connection.execute(select(func.count()).select_from(TABLE))).scalar_one() == 40
