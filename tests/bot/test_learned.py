"""Learned models in the database: the newest sound one is in use, the last few are kept, a broken one harms nobody."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import text as sql
from sqlmodel import func, select

from bot import learned
from bot.answer import kept
from bot.answer.model import shipped
from bot.service import Service
from knowledge.tables import LearnedModel
from tests.conftest import BACKENDS, NOON

both = pytest.mark.parametrize("backend", BACKENDS)


async def count(service: Service) -> int:
    async with service.database.reading() as session:
        return (await session.exec(select(func.count()).select_from(LearnedModel))).one()


@both
async def test_only_the_last_models_are_kept_and_the_newest_counts(service: Service) -> None:
    for number in range(learned.KEPT + 2):
        model = replace(shipped(), notes={"number": float(number)})
        async with service.database.writing() as session:
            await learned.store(session, model, 1, NOON, {}, {})
    assert await count(service) == learned.KEPT
    await service.current.refresh()
    assert service.current.engine.model.notes == {"number": learned.KEPT + 1}


SOUND = json.loads(kept.written(shipped()))
BROKEN = {
    "nothing": "",
    "no JSON": "{",
    "deep": "[" * 100_000,
    "another layout": json.dumps({**SOUND, "layout": "older"}),
    "a list": "[]",
    "a part missing": json.dumps({**SOUND, "model": {k: v for k, v in SOUND["model"].items() if k != "rank"}}),
    "not a number": json.dumps({**SOUND, "model": {**SOUND["model"], "asked_terms": {"租": float("nan")}}}),
    "words for numbers": json.dumps({**SOUND, "model": {**SOUND["model"], "kept_terms": {"租": "1"}}}),
    "a bound too good": json.dumps(
        {
            **SOUND,
            "model": {
                **SOUND["model"],
                "curve": [{"chance": 0.0, "answered": 1, "right": 2, "asked": 3, "bound": 1.0}],
            },
        }
    ),
    "short weights": json.dumps(
        {**SOUND, "model": {**SOUND["model"], "rank": {**SOUND["model"]["rank"], "weights": [0.5]}}}
    ),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("backend", ["sqlite"])
async def test_a_model_that_cannot_be_read_is_passed_over_with_one_line(
    service: Service, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    older = replace(shipped(), notes={"older": 1.0})
    async with service.database.writing() as session:
        await learned.store(session, older, 1, NOON, {}, {})
        # As a damaged disk or a newer program might leave it: the digest fits, the rest need not.
        session.add(
            LearnedModel(
                base_version=1,
                made_at=NOON,
                learned_from={},
                proof={},
                sha256=learned._digest(content),
                content=content,
            )
        )
    async with service.database.writing_core() as connection:
        await connection.execute(sql("UPDATE learned_model SET proof = '{', learned_from = 'x', made_at = 'never'"))
    # The watch may have looked already; what matters is that there is one line, whoever looked.
    for _ in range(3):
        await service.current.refresh()
    assert service.current.engine.model == older
    assert len([one for one in caplog.records if "is not used" in one.getMessage()]) == 1


def test_a_model_comes_back_as_it_was() -> None:
    assert kept.read(kept.written(shipped())).as_json() == shipped().as_json()
