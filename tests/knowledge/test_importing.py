"""Importing: first a plan that writes nothing, then one transaction; the files and the database say the same."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from knowledge import importing
from knowledge.base import Base, write_base
from knowledge.db import Database
from knowledge.entries import Snapshot, base_version, snapshot, stored_base
from knowledge.format import BasisText, EntryText
from knowledge.importing import Plan
from knowledge.vocabulary import EntryStatus
from tests.knowledge.conftest import DATA, NOON

LATER = NOON + timedelta(days=1)
CHANGED = "rate.deposit"


async def carry_out(database: Database, base: Base, by: str = "first") -> Plan:
    async with database.writing() as session:
        return await importing.carry_out(session, base, by, NOON if by == "first" else LATER)


async def everything(database: Database) -> dict[str, Sequence[Any]]:
    """Every row of every table."""
    async with database.reader.connect() as connection:
        return {
            table.name: [tuple(row) for row in await connection.execute(select(table).order_by(*table.primary_key))]
            for table in SQLModel.metadata.sorted_tables
        }


async def stored(database: Database) -> Base:
    async with database.reading() as session:
        return await stored_base(session)


async def version(database: Database) -> int:
    async with database.reading() as session:
        return await base_version(session)


async def seen(database: Database) -> Snapshot:
    async with database.reading() as session:
        return await snapshot(session)


def changed(base: Base, key: str, **values: Any) -> Base:
    """The base with one entry changed."""
    return replace(base, entries=tuple(_with(row, **values) if row.key == key else row for row in base.entries))


def _with(row: EntryText, **values: Any) -> EntryText:
    return EntryText.model_validate({**row.model_dump(), **values})


@pytest.fixture
async def filled(database: Database, small_base: Base) -> Database:
    """A database with the small base."""
    await carry_out(database, small_base)
    return database


async def test_database_without_a_base_has_version_nought(database: Database) -> None:
    assert await version(database) == 0
    assert await seen(database) == Snapshot(0, (), "")


async def test_plan_counts_and_writes_nothing(database: Database, small_base: Base) -> None:
    before = await everything(database)
    async with database.writing() as session:
        todo = await importing.plan(session, small_base)
    assert todo.entries.added == [row.key for row in small_base.entries]
    assert todo.policies.added == [row.key for row in small_base.policies]
    assert todo.changes_anything
    assert await everything(database) == before


async def test_import_stores_everything_and_does_what_the_plan_said(database: Database, small_base: Base) -> None:
    base = replace(small_base, vocabulary="公积金: 公基金 | |\n")
    async with database.reading() as session:
        todo = await importing.plan(session, base)
    assert todo.vocabulary_changed
    assert await carry_out(database, base) == todo
    assert await stored(database) == base
    assert await version(database) == 1


async def test_importing_again_changes_no_row(filled: Database, small_base: Base) -> None:
    before = await everything(filled)
    again = await carry_out(filled, small_base, by="second")
    assert not again.changes_anything
    assert again.entries.same == [row.key for row in small_base.entries]
    assert (again.entries.added, again.entries.changed, again.entries.kept) == ([], [], [])
    assert await everything(filled) == before


@pytest.mark.parametrize(
    "values",
    [
        {"answer": "另一个答案。"},
        {"similar": [f"新问{number}" for number in range(7)]},
        {"counter": []},
        {"basis": [{"policy": "tiaoli-2026"}]},
        {"status": "retired"},
        {"valid_until": "2030-01-01"},
        {"facts": [140, 141]},
        {"note": ""},
    ],
    ids=lambda values: next(iter(values)),
)
async def test_change_of_any_part_of_an_entry_is_its_next_revision(
    values: dict[str, Any], filled: Database, small_base: Base
) -> None:
    base = changed(small_base, CHANGED, **values)
    done = await carry_out(filled, base, by="second")
    assert (done.entries.changed, done.entries.added) == ([CHANGED], [])
    assert done.policies.changed == []
    assert await stored(filled) == base
    assert await version(filled) == 2
    assert await revisions(filled, CHANGED) == [
        (1, _entry(small_base).model_dump(mode="json"), "first"),
        (2, _entry(base).model_dump(mode="json"), "second"),
    ]
    others = [row.key for row in small_base.entries if row.key != CHANGED]
    assert all([len(await revisions(filled, key)) == 1 for key in others])


def _entry(base: Base) -> EntryText:
    return next(row for row in base.entries if row.key == CHANGED)


async def revisions(database: Database, key: str) -> list[tuple[int, dict[str, Any], str]]:
    rows = SQLModel.metadata.tables["entry_revision"].c
    entries = SQLModel.metadata.tables["entry"].c
    query = select(rows.revision, rows.content, rows.made_by).where(rows.entry_id == entries.id, entries.key == key)
    async with database.reader.connect() as connection:
        return [
            (row.revision, row.content, row.made_by) for row in await connection.execute(query.order_by(rows.revision))
        ]


async def test_changing_back_is_a_third_revision(filled: Database, small_base: Base) -> None:
    await carry_out(filled, changed(small_base, CHANGED, answer="另一个答案。"), by="second")
    await carry_out(filled, small_base, by="third")
    assert [number for number, _, _ in await revisions(filled, CHANGED)] == [1, 2, 3]
    assert await version(filled) == 3
    known = {entry.key: entry.revision for entry in (await seen(filled)).entries}
    assert known.pop(CHANGED) == 3
    assert set(known.values()) == {1}


async def test_changed_policy_raises_the_version_but_no_revision(filled: Database, small_base: Base) -> None:
    first, *others = small_base.policies
    base = replace(small_base, policies=(first.model_copy(update={"valid_until": date(2002, 3, 22)}), *others))
    done = await carry_out(filled, base, by="second")
    assert (done.policies.changed, done.entries.changed) == ([first.key], [])
    assert await stored(filled) == base
    assert await version(filled) == 2
    assert len(await revisions(filled, CHANGED)) == 1


async def test_changed_articles_take_the_place_of_the_old_ones(filled: Database, small_base: Base) -> None:
    def shortened(base: Base) -> Base:
        rows = [row.model_copy(update={"articles": row.articles[1:3][::-1]}) for row in base.policies]
        return replace(base, policies=tuple(rows))

    await carry_out(filled, shortened(small_base), by="second")
    assert await stored(filled) == shortened(small_base)


async def test_changed_words_alone_raise_the_version(filled: Database, small_base: Base) -> None:
    done = await carry_out(filled, replace(small_base, vocabulary="公积金: 公基金 | |\n"), by="second")
    assert done.vocabulary_changed
    assert await version(filled) == 2
    again = await carry_out(filled, small_base, by="third")  # a folder without words takes none away
    assert not again.changes_anything
    assert (await seen(filled)).vocabulary == "公积金: 公基金 | |\n"


async def test_rows_that_the_files_do_not_name_are_kept_and_counted(filled: Database, small_base: Base) -> None:
    part = Base(small_base.policies[2:], changed(small_base, CHANGED, answer="改。").entries[3:4])
    done = await carry_out(filled, part, by="second")
    assert done.entries.kept == [row.key for row in small_base.entries if row.key != CHANGED]
    assert done.policies.kept == [row.key for row in small_base.policies[:2]]
    assert await stored(filled) == changed(small_base, CHANGED, answer="改。")


async def test_failing_import_leaves_everything_as_it_was(filled: Database, small_base: Base) -> None:
    before = await everything(filled)
    bad = _entry(small_base).model_copy(update={"key": "z.bad", "basis": (BasisText(policy="nowhere"),)})
    base = changed(small_base, CHANGED, answer="改。")
    first, *others = base.policies
    base = Base((first.model_copy(update={"note": "改"}), *others), (*base.entries, bad), "新词: | |\n")
    with pytest.raises(KeyError):
        await carry_out(filled, base, by="second")
    assert await everything(filled) == before
    assert not (await carry_out(filled, small_base, by="third")).changes_anything


async def test_error_after_an_import_undoes_it(database: Database, small_base: Base) -> None:
    before = await everything(database)

    async def interrupted() -> None:
        async with database.writing() as session:
            await importing.carry_out(session, small_base, "first", NOON)
            raise RuntimeError("interrupted")

    with pytest.raises(RuntimeError, match="interrupted"):
        await interrupted()
    assert await everything(database) == before


async def test_shipped_base_goes_through_the_database_byte_for_byte(
    database: Database, shipped: Base, tmp_path: Path
) -> None:
    await carry_out(database, shipped)
    write_base(await stored(database), tmp_path / "out")
    names = sorted(file.relative_to(DATA) for file in DATA.rglob("*") if file.suffix in (".yaml", ".txt"))
    assert sorted(file.relative_to(tmp_path / "out") for file in (tmp_path / "out").rglob("*.*")) == names
    for name in names:
        assert (tmp_path / "out" / name).read_bytes() == (DATA / name).read_bytes(), name


async def test_snapshot_holds_approved_entries_only(filled: Database, small_base: Base) -> None:
    base = changed(small_base, CHANGED, status=EntryStatus.DRAFT)
    await carry_out(filled, changed(base, "loan.limit.2025", status=EntryStatus.RETIRED), by="second")
    keys = [entry.key for entry in (await seen(filled)).entries]
    assert keys == [row.key for row in small_base.entries if row.key not in (CHANGED, "loan.limit.2025")]
    assert (await seen(filled)).version == 2


IN_FORCE = {
    "loan.limit.2026": (date(2026, 8, 12), None),
    "loan.limit.2025": (None, date(2026, 8, 11)),
    "withdrawal.rent.limit.2021": (date(2021, 12, 10), date(2026, 8, 11)),  # not before its only policy
    "withdrawal.rent.condition": (date(2021, 12, 10), date(2026, 12, 9)),
}


async def test_entry_is_in_force_from_its_first_day_to_its_last(filled: Database) -> None:
    known = {entry.key: entry for entry in (await seen(filled)).entries}
    for key, (first, last) in IN_FORCE.items():
        for edge, outside in ((first, -1), (last, 1)):
            if edge:
                assert known[key].in_force(edge), key
                assert not known[key].in_force(edge + timedelta(days=outside)), key
    assert known["loan.limit.2026"].in_force(date.max)
    assert not known["loan.limit.2025"].in_force(date.max)


async def test_basis_changes_over_on_the_day_of_the_revised_regulations(filled: Database) -> None:
    known = next(entry for entry in (await seen(filled)).entries if entry.key == CHANGED)
    before, after = (known.basis_on(date(2026, 9, day)) for day in (19, 20))
    assert [line.number for line in before] == ["银发〔2016〕43号", "国务院令第710号"]
    assert [line.number for line in after] == ["银发〔2016〕43号", "国令第844号"]
    assert after[1].as_json()["valid_from"] == "2026-09-20"
    assert known.in_force(date(2026, 9, 19))
    assert known.in_force(date(2026, 9, 20))


async def test_entry_whose_only_policy_has_ended_is_not_in_force(filled: Database, small_base: Base) -> None:
    await carry_out(filled, changed(small_base, CHANGED, basis=[{"policy": "tiaoli-2019"}]), by="second")
    known = next(entry for entry in (await seen(filled)).entries if entry.key == CHANGED)
    assert known.in_force(date(2026, 9, 19))
    assert not known.in_force(date(2026, 9, 20))


@pytest.mark.parametrize("name", ["entry", "policy", "entry_revision"])
async def test_database_refuses_a_second_row_for_a_key_and_for_a_revision(name: str, filled: Database) -> None:
    table = SQLModel.metadata.tables[name]
    async with filled.writer.connect() as connection:
        row = (await connection.execute(select(table).limit(1))).mappings().one()
        with pytest.raises(IntegrityError, match=r"(?i)unique"):
            await connection.execute(insert(table).values({**row, "id": 9999}))
        await connection.rollback()
