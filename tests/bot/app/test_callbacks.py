"""What staff publish reaches the app: signed, once, tried again where it was refused, never again where nobody knows."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from sqlmodel import select

from bot import deliver, replies
from bot.channels import app_callback
from bot.channels.app_callback import outcome_of
from bot.channels.app_work import Apps
from bot.deliver import Deliverer
from bot.sending import Refused, Sent, Uncertain, WhatToDo
from bot.service import Service
from knowledge.tables import Delivery, DeliveryAttempt, Question
from knowledge.vocabulary import DeliveryState, DeliveryWay
from tests.bot.app.conftest import SECRET, UNKNOWN, App, AppServer, Connect, Start, account, signature
from tests.conftest import BACKENDS

WANG = replies.Author("wang", "小王")
ANSWER = "石狮子是建楼时留下的。"


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """Everything here stores."""
    return str(request.param)


async def rows(service: Service, table: Any) -> list[Any]:
    async with service.database.reading() as session:
        return list((await session.exec(select(table).order_by(table.id))).all())


async def states(service: Service) -> list[str]:
    return [row.state for row in await rows(service, Delivery)]


async def answered(app: App, service: Service, number: str = "m-1") -> str:
    """A user asks, a person answers; the code."""
    code: str = (await app.ask(UNKNOWN, number)).json["code"]
    asked = next(row for row in await rows(service, Question) if row.code == code)
    await replies.publish(
        service.database, asked.id or 0, ANSWER, WANG, version=1, at=service.now(), public=False, address=""
    )
    return code


@pytest.fixture
async def service(start: Start, theirs: AppServer, monkeypatch: pytest.MonkeyPatch) -> Service:
    """One app with callbacks, whose loop stands still: these tests turn it by hand."""
    monkeypatch.setattr(Deliverer, "start", lambda self: None)
    return await start(account(callback_url=theirs.url))


async def turn(service: Service) -> bool:
    """One turn of the app's loop."""
    async with aiohttp.ClientSession() as session:
        senders = Apps(service).senders(session)
        return await Deliverer(service.database, senders, service.now, to_apps=True).deliver_one()


async def test_a_published_reply_is_called_back_once_signed_and_recorded(
    app: App, service: Service, theirs: AppServer
) -> None:
    code = await answered(app, service)
    assert await states(service) == [DeliveryState.QUEUED]
    assert await turn(service)
    assert not await turn(service)
    ((headers, raw),) = theirs.calls
    made = signature("callback", headers["X-Zhengwen-Timestamp"], headers["X-Zhengwen-Nonce"], raw)
    assert headers["X-Zhengwen-Signature"] == made
    body = json.loads(raw)
    assert (body["id"], body["code"], body["state"], body["reply"]) == ("m-1", code, "answered", ANSWER)
    assert body == (await app.state(code)).json
    assert SECRET.encode() not in raw
    (delivery,), (attempt,) = await rows(service, Delivery), await rows(service, DeliveryAttempt)
    assert (delivery.state, delivery.text, delivery.app) == (DeliveryState.SENT, "", "mobile")
    assert (attempt.way, attempt.state, attempt.code) == (DeliveryWay.CALLBACK, DeliveryState.SENT, None)


async def test_a_closing_note_is_called_back(app: App, service: Service, theirs: AppServer) -> None:
    await app.ask(UNKNOWN)
    (asked,) = await rows(service, Question)
    await replies.close(service.database, asked.id, "不属于本中心业务。", WANG, version=1, at=service.now())
    await turn(service)
    body = json.loads(theirs.calls[0][1])
    assert (body["state"], body["closing_note"]) == ("closed", "不属于本中心业务。")
    assert "reply" not in body


async def test_what_was_answered_at_once_is_not_called_back(app: App, service: Service, theirs: AppServer) -> None:
    await app.ask()
    assert not await turn(service)
    assert not theirs.calls


async def test_a_refusal_is_tried_again_later_and_waits_in_the_end(
    app: App, service: Service, theirs: AppServer
) -> None:
    await answered(app, service)
    theirs.plan = [503] * deliver.ATTEMPTS_MAX
    waits = []
    while await states(service) == [DeliveryState.QUEUED]:
        due = (await rows(service, Delivery))[0].due_at
        waits.append((due - app.clock.at).total_seconds())
        app.clock.at = max(app.clock.at, due)
        await turn(service)
    assert waits == [0, 5, 10, 20, 40, 80, 160, 320]
    assert await states(service) == [DeliveryState.WAITING]
    assert {attempt.code for attempt in await rows(service, DeliveryAttempt)} == {503}


async def test_a_server_that_is_away_is_tried_again(
    start: Start, connect: Connect, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    monkeypatch.setattr(Deliverer, "start", lambda self: None)
    service = await start(account(callback_url=f"http://127.0.0.1:{unused_tcp_port}/"))
    await answered(await connect(service), service)
    await turn(service)
    assert await states(service) == [DeliveryState.QUEUED]


async def test_a_time_out_is_marked_uncertain_never_sent_again_and_settled_by_fetching(
    app: App, service: Service, theirs: AppServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = await answered(app, service)
    theirs.hangs = True
    monkeypatch.setattr(app_callback, "TIMEOUT", aiohttp.ClientTimeout(total=0.3))
    await turn(service)
    assert await states(service) == [DeliveryState.UNCERTAIN]
    app.clock.at += timedelta(hours=7)
    assert not await turn(service)
    assert len(theirs.calls) == 1
    assert (await app.state(code)).json["reply"] == ANSWER
    assert await states(service) == [DeliveryState.SENT]
    assert [attempt.way for attempt in await rows(service, DeliveryAttempt)] == [
        DeliveryWay.CALLBACK,
        DeliveryWay.FETCHED,
    ]
    await app.state(code)
    assert len(await rows(service, DeliveryAttempt)) == 2


async def test_a_redirect_is_not_followed(app: App, service: Service, theirs: AppServer) -> None:
    await answered(app, service)
    theirs.plan = [302]
    await turn(service)
    assert len(theirs.calls) == 1
    assert await states(service) == [DeliveryState.QUEUED]


async def test_without_an_address_the_reply_waits_until_it_is_fetched(
    start: Start, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Deliverer, "start", lambda self: None)
    service = await start()
    app = await connect(service)
    code = await answered(app, service)
    await turn(service)
    assert await states(service) == [DeliveryState.WAITING]
    await app.state(code)
    assert await states(service) == [DeliveryState.SENT]


async def test_many_loops_call_back_once_each(app: App, service: Service, theirs: AppServer) -> None:
    for number in range(6):
        await answered(app, service, f"m-{number}")

    async def empty() -> None:
        while await turn(service):
            pass

    await asyncio.gather(*(empty() for _ in range(3)))
    assert sorted(json.loads(raw)["id"] for _, raw in theirs.calls) == [f"m-{number}" for number in range(6)]


async def test_the_loop_of_followers_leaves_what_is_for_apps(app: App, service: Service) -> None:
    await answered(app, service)
    assert not await Deliverer(service.database, {}, service.now).deliver_one()
    assert await states(service) == [DeliveryState.QUEUED]


async def test_from_the_desk_to_the_apps_server(start: Start, connect: Connect, theirs: AppServer) -> None:
    """The whole way, with the service's own loop."""
    service = await start(account(callback_url=theirs.url))
    app = await connect(service)
    await answered(app, service)
    for _ in range(200):
        if await states(service) == [DeliveryState.SENT]:
            break
        await asyncio.sleep(0.05)
    assert [json.loads(raw)["reply"] for _, raw in theirs.calls] == [ANSWER]


@pytest.mark.parametrize(
    ("status", "what"),
    [(200, None), (204, None), (301, WhatToDo.RETRY_LATER), (401, WhatToDo.RETRY_LATER), (404, WhatToDo.RETRY_LATER),
     (429, WhatToDo.RETRY_SOON), (500, WhatToDo.RETRY_SOON), (503, WhatToDo.RETRY_SOON)],
)  # fmt: skip
def test_what_an_apps_answer_means(status: int, what: WhatToDo | None) -> None:
    outcome = outcome_of(status)
    assert outcome == Sent() if what is None else isinstance(outcome, Refused) and outcome.what_to_do is what


@pytest.mark.parametrize("status", [408, 504])
def test_a_gateway_that_gave_up_waiting_tells_nothing(status: int) -> None:
    assert isinstance(outcome_of(status), Uncertain)
