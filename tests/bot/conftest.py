"""A citizen at the public site."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.service import Service
from bot.site import public_app

Citizen = TestClient[web.Request, web.Application]


@pytest.fixture
async def citizen(service: Service) -> AsyncIterator[Citizen]:
    """A client of the public site over real HTTP."""
    async with TestClient(TestServer(public_app(service))) as client:
        yield client
