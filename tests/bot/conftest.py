"""A citizen at the public site."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot import service as services
from bot.service import Service
from bot.site import public_app
from tests.bot.embeddings_server import EmbeddingsServer
from tests.conftest import Clock, Configure

Citizen = TestClient[web.Request, web.Application]
Begin = Callable[..., Awaitable[Service]]
Served = Callable[[Service], Awaitable[Citizen]]


@pytest.fixture
async def citizen(service: Service) -> AsyncIterator[Citizen]:
    """A client of the public site over real HTTP."""
    async with TestClient(TestServer(public_app(service))) as client:
        yield client


@pytest.fixture
async def begin(configure: Configure, clock: Clock) -> AsyncIterator[Begin]:
    """Starts services with further settings; several are several processes on one database."""
    running: list[Service] = []

    async def one(now: Callable[[], datetime] = clock, **more: object) -> Service:
        given = {"questions_per_minute": 100_000, "public_url": "https://gjj.example", **more}
        running.append(await services.start(configure(**given), now=now))
        return running[-1]

    yield one
    for service in running:
        await service.stop()


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    """Puts the public site of a service behind real HTTP."""
    clients: list[Citizen] = []

    async def put(service: Service) -> Citizen:
        client: Citizen = TestClient(TestServer(public_app(service)))
        await client.start_server()
        clients.append(client)
        return client

    yield put
    for client in clients:
        await client.close()


@pytest.fixture
async def endpoint() -> AsyncIterator[EmbeddingsServer]:
    """A server of vectors, well-behaved until told otherwise."""
    server = EmbeddingsServer()
    async with TestServer(server.app) as running:
        server.url, server.stop = str(running.make_url("/v1")), running.close
        yield server
        server.let_go.set()
