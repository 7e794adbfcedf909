"""Vectors from an endpoint: on, off, and broken in every way; a citizen never notices more than other choices."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from sqlmodel import select

from bot import service as services
from bot.message import Message, checked
from bot.receiving import Receipt
from bot.service import Service
from bot.vector_file import INDEX, TABLE
from bot.vectors import BATCH
from knowledge import importing
from knowledge.base import Base
from knowledge.settings import Settings
from knowledge.tables import Question
from knowledge.vocabulary import Channel, Outcome
from tests.bot.embeddings_server import KEY, EmbeddingsServer
from tests.conftest import NOON, Clock, Configure

STRANGE = "攒下那份归谁"
MEANT = "公积金账户里的存款利率是多少？"
ENTRY = "rate.deposit"
# One of each family; tests/bot/test_embeddings.py has them all.
FAILING = ("500", "400", "redirect", "garbage", "huge", "one too few", "another length", "NaN", "slow", "refused")


@pytest.fixture
def backend() -> str:
    """Vectors touch no database: one is enough."""
    return "sqlite"


@pytest.fixture
def chosen(configure: Configure, endpoint: EmbeddingsServer) -> Settings:
    endpoint.means[STRANGE] = MEANT
    return configure(embeddings_url=endpoint.url, embeddings_model="m", embeddings_key=KEY, embeddings_timeout_ms=2000)


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Service]:
    service = await services.start(settings, now=Clock())
    try:
        yield service
    finally:
        await service.stop()


async def until(reached: Callable[[], bool]) -> None:
    for _ in range(1000):
        if reached():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("not reached")


def kept(base: Base) -> set[str]:
    return {text for entry in base.entries for text in (entry.standard, *entry.similar)}


async def caught_up(settings: Settings, count: int) -> None:
    """The vectors are on disk, so the service has them."""
    index = settings.data / "vectors" / INDEX
    await until(lambda: index.exists() and len(json.loads(index.read_text("utf-8"))["texts"]) == count)


def message(text: str) -> Message:
    return checked(text=text, channel=Channel.BOARD, max_chars=3000)


async def candidates(service: Service) -> list[str]:
    """What staff are shown of the last question."""
    async with service.database.reading() as session:
        question = (await session.exec(select(Question))).all()[-1]
    return [one["entry"] for one in question.explanation["candidates"]]


def told(receipt: Receipt) -> Receipt:
    return replace(receipt, code="", password="")


async def test_a_question_sharing_no_character_gets_the_entry_that_means_the_same(
    chosen: Settings, small_base: Base, endpoint: EmbeddingsServer
) -> None:
    asked = next(entry for entry in small_base.entries if entry.key == ENTRY)
    assert not set(STRANGE) & set("".join((asked.standard, *asked.similar)))
    async with running(chosen) as service:
        await caught_up(chosen, len(kept(small_base)))
        receipt = await service.receiver.receive(message(STRANGE))
        assert STRANGE in endpoint.texts
        assert ENTRY in await candidates(service)
        assert receipt.outcome is not Outcome.ANSWERED


async def test_off_means_that_nothing_is_asked_and_nothing_is_near(
    configure: Configure, endpoint: EmbeddingsServer
) -> None:
    async with running(configure()) as service:
        receipt = await service.receiver.receive(message(STRANGE))
        assert ENTRY not in await candidates(service)
        assert receipt.outcome is Outcome.HANDED_OVER
    assert not endpoint.calls


async def test_every_kept_question_is_asked_for_once_in_batches_and_not_again_after_a_restart(
    chosen: Settings, small_base: Base, endpoint: EmbeddingsServer
) -> None:
    async with running(chosen):
        await caught_up(chosen, len(kept(small_base)))
    assert sorted(endpoint.texts) == sorted(kept(small_base))
    assert endpoint.calls == -(-len(kept(small_base)) // BATCH)
    async with running(chosen) as service:
        assert service.vectors
        for _ in range(1000):  # until the vectors are read from disk
            if await service.vectors.near(STRANGE):
                break
            await asyncio.sleep(0.02)
    assert sorted(endpoint.texts) == sorted([*kept(small_base), STRANGE])


@pytest.mark.parametrize("what", ["another model", "table cut short", "no index", "nonsense"])
async def test_kept_vectors_that_do_not_fit_are_made_anew(
    chosen: Settings, small_base: Base, endpoint: EmbeddingsServer, what: str
) -> None:
    async with running(chosen):
        await caught_up(chosen, len(kept(small_base)))
    folder = chosen.data / "vectors"
    index = json.loads((folder / INDEX).read_text("utf-8"))
    spoilt: dict[str, Callable[[], object]] = {
        "another model": lambda: (folder / INDEX).write_text(json.dumps({**index, "model": "other"})),
        "table cut short": lambda: (folder / TABLE).write_bytes((folder / TABLE).read_bytes()[:-4]),
        "no index": lambda: (folder / INDEX).unlink(),
        "nonsense": lambda: (folder / INDEX).write_text("[" * 100_000),
    }
    spoilt[what]()
    before = endpoint.calls
    async with running(chosen):
        await until(lambda: endpoint.calls > before)
        await until(lambda: len(endpoint.texts) >= 2 * len(kept(small_base)))
    assert sorted(endpoint.texts) == sorted([*kept(small_base)] * 2)


async def test_a_changed_base_asks_only_for_what_is_new(
    chosen: Settings, small_base: Base, endpoint: EmbeddingsServer
) -> None:
    first = small_base.entries[0]
    new = "一句新加进来的问法"
    changed = replace(
        small_base,
        entries=(first.model_copy(update={"similar": (*first.similar, new)}), *small_base.entries[1:]),
    )
    async with running(chosen) as service:
        await caught_up(chosen, len(kept(small_base)))
        async with service.database.writing() as session:
            await importing.carry_out(session, changed, "test", NOON)
        await caught_up(chosen, len(kept(changed)))
    assert sorted(endpoint.texts) == sorted([*kept(small_base), new])


async def test_only_masked_text_is_sent_and_no_more_than_a_model_reads(
    chosen: Settings, small_base: Base, endpoint: EmbeddingsServer
) -> None:
    async with running(chosen) as service:
        await caught_up(chosen, len(kept(small_base)))
        await service.receiver.receive(message("记录13812345678。攒下那份归谁" + "嘞" * 2000))
    sent = endpoint.texts[-1]
    assert sent.startswith("记录138****5678。攒下")
    assert len(sent) == 500
    assert not any("13812345678" in text for text in endpoint.texts)


async def test_what_is_answered_anyway_is_not_sent_and_what_is_asked_twice_is_sent_once(
    chosen: Settings, small_base: Base, endpoint: EmbeddingsServer
) -> None:
    async with running(chosen) as service:
        await caught_up(chosen, len(kept(small_base)))
        assert (await service.receiver.receive(message(MEANT))).outcome is Outcome.ANSWERED
        await service.receiver.receive(message("你好"))
        first = told(await service.receiver.receive(message(STRANGE)))
        assert told(await service.receiver.receive(message(STRANGE))) == first
    assert endpoint.texts.count(STRANGE) == 1
    assert len(endpoint.texts) == len(kept(small_base)) + 1


@pytest.mark.parametrize("mode", FAILING)
async def test_a_citizen_notices_nothing_of_an_endpoint_that_fails(
    chosen: Settings, small_base: Base, endpoint: EmbeddingsServer, caplog: pytest.LogCaptureFixture, mode: str
) -> None:
    caplog.set_level(logging.DEBUG)
    texts = (STRANGE, MEANT, "租房能提吗", STRANGE)
    settings = chosen.model_copy(update={"embeddings_timeout_ms": 50 if mode == "slow" else 2000})
    async with running(chosen.model_copy(update={"embeddings_url": ""})) as service:
        without = [told(await service.receiver.receive(message(text))) for text in texts]
        shown = await candidates(service)
    async with running(settings) as service:
        await caught_up(chosen, len(kept(small_base)))
        endpoint.mode, before = mode, endpoint.calls
        if mode == "refused":
            await endpoint.stop()
        assert [told(await service.receiver.receive(message(text))) for text in texts] == without
        assert await candidates(service) == shown
    assert endpoint.calls == before + (0 if mode == "refused" else 3)
    assert not endpoint.elsewhere
    # The driver of SQLite tells all it does when it is asked to; nobody asks it in service.
    logged = [record.getMessage() for record in caplog.records if record.name != "aiosqlite"]
    assert logged
    assert not [line for line in logged if KEY in line or STRANGE in line]


async def test_the_service_is_ready_while_the_endpoint_hangs(chosen: Settings, endpoint: EmbeddingsServer) -> None:
    endpoint.mode = "slow"
    async with running(chosen) as service:
        assert (await service.receiver.receive(message(MEANT))).outcome is Outcome.ANSWERED
        assert (await service.receiver.receive(message(STRANGE))).outcome is Outcome.HANDED_OVER
        await until(lambda: endpoint.calls == 1)
        assert STRANGE not in endpoint.texts


async def test_a_text_that_is_refused_keeps_nobody_else_out(
    chosen: Settings, small_base: Base, endpoint: EmbeddingsServer
) -> None:
    endpoint.poison = MEANT
    async with running(chosen) as service:
        await caught_up(chosen, len(kept(small_base)) - 1)
        calls = endpoint.calls
        await service.receiver.receive(message(STRANGE))
        await asyncio.sleep(1.2)  # twice as long as until the next look at what is missing
        assert endpoint.calls == calls + 1
