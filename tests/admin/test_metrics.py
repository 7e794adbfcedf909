"""What Prometheus reads: counted by route, never by what a citizen wrote, and shown to nobody who may not ask."""

import json
import re
from pathlib import Path

import pytest
import yaml
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client.parser import text_string_to_metric_families

from admin.site import staff_app
from bot import service as services
from bot.metrics import Metrics
from bot.service import Service
from bot.site import public_app
from tests.admin.conftest import UNANSWERABLE, Ask
from tests.conftest import Clock, Configure

TOKEN = "a-token-of-some-length"


def read(text: str) -> dict[str, float]:
    """Every sample by its name and labels."""
    return {
        sample.name + str(dict(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_what_waits_and_what_was_asked(service: Service, ask: Ask) -> None:
    await ask(UNANSWERABLE)
    async with (
        TestClient(TestServer(public_app(service))) as citizen,
        TestClient(TestServer(staff_app(service))) as prometheus,
    ):
        await citizen.post("/ask", data={"text": "我的手机是13812345678，怎么提取"})
        await citizen.get("/no/such/page/13812345678")
        response = await prometheus.get("/metrics")
        text = await response.text()
    assert response.headers["Content-Type"].startswith("text/plain")
    assert "13812345678" not in text
    found = read(text)
    assert found["zhengwen_requests_total{'method': 'POST', 'route': '/ask', 'site': 'public', 'status': '200'}"] == 1
    assert (
        found["zhengwen_requests_total{'method': 'GET', 'route': 'unmatched', 'site': 'public', 'status': '404'}"] == 1
    )
    assert sum(value for name, value in found.items() if name.startswith("zhengwen_questions_total")) == 2
    assert found["zhengwen_open_questions{'state': 'waiting'}"] >= 1
    assert found["zhengwen_overdue_questions{}"] == 0
    assert found["zhengwen_base_version{}"] == service.current.engine.version


@pytest.mark.parametrize("headers", [{"X-Forwarded-For": "203.0.113.9"}, {"X-Forwarded-For": "127.0.0.1"}])
async def test_nobody_reads_them_through_a_proxy(service: Service, headers: dict[str, str]) -> None:
    async with TestClient(TestServer(staff_app(service))) as stranger:
        assert (await stranger.get("/metrics", headers=headers)).status == 404
        assert (await stranger.get("/metrics")).status == 200


@pytest.mark.parametrize(
    ("sent", "status"), [(f"Bearer {TOKEN}", 200), ("Bearer another", 404), (TOKEN, 404), ("", 404), ("Bearer é", 404)]
)
async def test_with_a_token_only_the_token_counts(configure: Configure, clock: Clock, sent: str, status: int) -> None:
    service = await services.start(configure(metrics_token=TOKEN), now=clock)
    async with TestClient(TestServer(staff_app(service))) as stranger:
        headers = {"Authorization": sent} if sent else {}
        assert (await stranger.get("/metrics", headers=headers)).status == status
    await service.stop()


async def test_an_answer_carries_the_id_of_its_request(service: Service) -> None:
    async with TestClient(TestServer(public_app(service))) as citizen:
        kept = await citizen.get("/", headers={"X-Request-ID": "proxy-0123456789"})
        assert kept.headers["X-Request-ID"] == "proxy-0123456789"
        for given in ("", "short", "x" * 65, "drop\ttable", "好" * 8):
            headers = {"X-Request-ID": given} if given else {}
            made = (await citizen.get("/board", headers=headers)).headers["X-Request-ID"]
            assert re.fullmatch(r"[0-9a-f]{16}", made)


def names_in(text: str) -> set[str]:
    """The metrics a document speaks of, without the ends Prometheus adds."""
    return {re.sub(r"_(?:total|bucket)$", "", name) for name in re.findall(r"\bzhengwen_[a-z_]+", text)}


def test_documents_boards_and_alerts_name_the_metrics_there_are() -> None:
    folder = Path(__file__).parents[2] / "docs"
    real = {family.name for family in Metrics().registry.collect()}
    assert names_in((folder / "monitoring.md").read_text("utf-8")) == real
    for name in ("alerts.yaml", "grafana.json"):
        used = names_in((folder / "monitoring" / name).read_text("utf-8"))
        assert used
        assert used <= real
    assert yaml.safe_load((folder / "monitoring" / "alerts.yaml").read_text("utf-8"))["groups"]
    assert json.loads((folder / "monitoring" / "grafana.json").read_text("utf-8"))["panels"]
