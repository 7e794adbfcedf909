"""A citizen at the public site."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.service import Service
from bot.site import public_app
from tests.bot.embeddings_server import EmbeddingsServer

Citizen = TestClient[web.Request, web.Application]


@pytest.fixture
async def citizen(service: Service) -> AsyncIterator[Citizen]:
    """A client of the public site over real HTTP."""
    async with TestClient(TestServer(public_app(service))) as client:
        yield client


@pytest.fixture
async def endpoint() -> AsyncIterator[EmbeddingsServer]:
    """A server of vectors, well-behaved until told otherwise."""
    server = EmbeddingsServer()
    async with TestServer(server.app) as running:
        server.url, server.stop = str(running.make_url("/v1")), running.close
        yield server
        server.let_go.set()
