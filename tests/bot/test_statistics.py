"""The public statistics: figures as a chart and as a table, years that exist, no personal word."""

import re
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.message import checked
from bot.service import Service
from bot.site import public_app
from knowledge.vocabulary import Channel
from tests.conftest import Clock

Client = TestClient[web.Request, web.Application]


@pytest.fixture
def backend() -> str:
    """Counting is tested on both databases beside the counts."""
    return "sqlite"


@pytest.fixture
async def client(service: Service) -> AsyncIterator[Client]:
    """The public site."""
    async with TestClient(TestServer(public_app(service))) as opened:
        yield opened


async def ask(service: Service, text: str, channel: Channel = Channel.BOARD) -> None:
    message = checked(text=text, channel=channel, max_chars=500, public=True)
    await service.receiver.receive(message)


async def page(client: Client, query: str = "") -> str:
    response = await client.get(f"/statistics{query}")
    assert response.status == 200
    return await response.text()


async def test_an_empty_year_is_shown_as_such(client: Client) -> None:
    text = await page(client)
    assert "2026年留言统计" in text
    assert "0 条" in text
    assert "答复率" in text
    assert 'role="img"' in text


async def test_the_chart_and_the_table_say_the_same(client: Client, service: Service) -> None:
    for number in range(4):
        await ask(service, f"第{number}个没有答案的问题，我的手机13812345678")
    text = await page(client)
    row = re.search(r'<tr><th scope="row">11月</th>(.*?)</tr>', text)
    assert row
    assert re.findall(r"<td>(.*?)</td>", row[1]) == ["4", "0", "0.0%", "0"]
    heights = re.findall(r'<rect class="received"[^>]*height="([\d.]+)"', text)
    assert len(heights) == 12
    assert [float(height) > 0 for height in heights].index(True) == 10
    assert "138" not in text
    assert "style=" not in text


async def test_questions_of_every_channel_are_counted(client: Client, service: Service) -> None:
    for channel in Channel:
        await ask(service, "没有答案的问题", channel)
    text = await page(client)
    assert f"<dd>{len(Channel)} 条</dd>" in text
    assert "手机APP" in text


async def test_counts_are_kept_for_some_minutes_only(client: Client, service: Service, clock: Clock) -> None:
    await page(client)
    await ask(service, "新来的问题没有答案")
    assert "<dd>0 条</dd>" in await page(client)
    clock.at = clock.at.replace(minute=clock.at.minute + 6)
    assert "<dd>1 条</dd>" in await page(client)


@pytest.mark.parametrize("year", ["2019", "2027", "x", "-1", "20260"])
async def test_a_year_without_questions_is_not_there(client: Client, year: str) -> None:
    response = await client.get(f"/statistics?year={year}")
    assert (response.status, "没有这一年的统计" in await response.text()) == (404, True)
