"""The engine in use follows the base: changes are answered from at once, stored indexes are used, nothing is built twice."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.current import CurrentEngine
from bot.service import Service
from knowledge import importing, index_store
from knowledge.base import Base
from knowledge.format import EntryText
from knowledge.vocabulary import Outcome
from tests.conftest import NOON

DAY = date(2026, 11, 23)
CHANGED = "rate.deposit"


async def change(service: Service, base: Base, hours: int, **values: object) -> None:
    rows = tuple(
        EntryText.model_validate({**e.model_dump(), **values}) if e.key == CHANGED else e for e in base.entries
    )
    async with service.database.writing() as session:
        await importing.carry_out(session, replace(base, entries=rows), "by", NOON + timedelta(hours=hours))


@pytest.mark.parametrize("dense", [0, 30_000], ids=["large", "small"])
async def test_a_changed_entry_is_answered_from_and_its_old_question_no_longer(
    service: Service, small_base: Base, dense: int
) -> None:
    current = CurrentEngine(service.database, service.settings, dense)
    await current.refresh(first=True)
    before = current.engine
    old = current.entries[CHANGED].standard
    assert before.answer(old, DAY).outcome is Outcome.ANSWERED
    await change(service, small_base, 1, standard="水族馆周几闭馆", similar=[f"海豚表演第{n}场几点" for n in range(6)])
    await current.refresh()
    found = current.engine.answer("水族馆，周几闭馆？", DAY)
    assert (found.outcome, found.entry and found.entry.key) == (Outcome.ANSWERED, CHANGED)
    assert current.engine.answer(old, DAY).entry is None
    assert current.engine.version == before.version + 1
    assert (current.engine.index.settled is before.index.settled) == (dense == 0)
    await current.stop()


async def test_after_many_changes_the_index_is_settled_anew_beside_the_running_one(
    service: Service, small_base: Base
) -> None:
    current = CurrentEngine(service.database, service.settings, 0)
    await current.refresh(first=True)
    settled = current.engine.index.settled
    await change(service, small_base, 1, similar=[f"海豚表演第{n}场几点开始" for n in range(2001)])
    await current.refresh()
    await current.settled()
    assert current.engine.index.settled is not settled
    assert not current.engine.index.delta.rows
    found = current.engine.answer("海豚表演第77场几点开始", DAY)
    assert found.entry
    assert found.entry.key == CHANGED
    # What was settled is stored, and the next start takes it from disk.
    loaded = index_store.load(
        service.settings.data, current.engine.index.entries, current.engine.index.lexicon, current.engine.version, 0
    )
    assert loaded
    assert loaded.exact("海豚表演第77场几点开始")
    await current.stop()


async def test_the_second_start_reads_the_index_from_disk(service: Service) -> None:
    first = CurrentEngine(service.database, service.settings, 0)
    await first.refresh(first=True)
    second = CurrentEngine(service.database, service.settings, 0)
    await second.refresh(first=True)
    flat = second.engine.index.settled.part.flat
    assert type(flat).__name__ == "memmap"
    assert flat.tolist() == first.engine.index.settled.part.flat.tolist()
    asked = next(iter(first.entries.values())).standard
    assert second.engine.answer(asked, DAY) == first.engine.answer(asked, DAY)
