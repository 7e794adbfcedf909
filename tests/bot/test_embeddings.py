"""The door to the endpoint: sound vectors or an error, whatever comes back; and it stops asking what does not answer."""

import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.embeddings import (
    FAILURES,
    FIRST_PAUSE_SECONDS,
    LONGEST_PAUSE_SECONDS,
    PROBE_EVERY_SECONDS,
    Embeddings,
    EmbeddingsError,
    PausedError,
    read_vectors,
)
from knowledge import settings
from tests.bot.embeddings_server import KEY, LENGTH, WRONG, EmbeddingsServer, vector

TEXTS = ["租房提取", "贷款额度", "存款利率"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["data", "index", "embedding", "x"]), inner, max_size=3)
    ),
)
NUMBER = st.floats(-1e6, 1e6) | st.integers(-5, 5) | st.sampled_from([float("nan"), 1e308, -1e-320, 10**400])
ITEM = st.fixed_dictionaries({"index": st.integers(-1, 3), "embedding": st.lists(NUMBER, max_size=3)})


class Hours:
    """A clock that goes on when told."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def hours() -> Hours:
    return Hours()


@pytest.fixture
async def client(endpoint: EmbeddingsServer, hours: Hours, tmp_path: Path) -> AsyncIterator[Embeddings]:
    named = {"embeddings_url": endpoint.url, "embeddings_model": "m", "embeddings_key": KEY}
    made = Embeddings(settings.load({}, data=tmp_path, **named), hours)
    yield made
    await made.close()


async def fail(client: Embeddings, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(EmbeddingsError):
            await client.vectors(TEXTS, 5, LENGTH)


async def test_vectors_come_in_the_order_asked_each_of_length_one(
    client: Embeddings, endpoint: EmbeddingsServer
) -> None:
    found = await client.vectors(TEXTS, 5)
    expected = np.array([vector(text) for text in TEXTS])
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert found.dtype == np.float32
    assert np.allclose(found, expected, atol=1e-6)
    assert endpoint.headers[0]["Authorization"] == f"Bearer {KEY}"


async def test_an_answer_in_another_order_is_put_in_order() -> None:
    data = [{"index": at, "embedding": [float(at + 1), 0.0 if at else 1.0]} for at in (2, 0, 1)]
    found = read_vectors(json.dumps({"data": data}).encode(), 3)
    assert found.tolist() == [pytest.approx([0.7071068, 0.7071068]), [1, 0], [1, 0]]


@pytest.mark.parametrize("mode", WRONG)
async def test_every_wrong_answer_is_an_error_that_tells_neither_text_nor_key(
    client: Embeddings, endpoint: EmbeddingsServer, caplog: pytest.LogCaptureFixture, mode: str
) -> None:
    caplog.set_level(logging.DEBUG)
    endpoint.mode = mode
    with pytest.raises(EmbeddingsError) as caught:
        await client.vectors(TEXTS, 5, LENGTH)
    assert endpoint.calls == 1
    assert not endpoint.elsewhere
    for secret in (KEY, *TEXTS):
        assert secret not in caplog.text + repr(caught.value)


async def test_too_slow_is_an_error(client: Embeddings, endpoint: EmbeddingsServer) -> None:
    endpoint.mode = "slow"
    with pytest.raises(EmbeddingsError):
        await client.vectors(TEXTS, 0.05)


async def test_no_proxy_of_the_environment_is_used(client: Embeddings, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert len(await client.vectors(TEXTS, 5)) == len(TEXTS)


async def test_after_several_failures_nothing_is_asked_until_a_pause_is_over(
    client: Embeddings, endpoint: EmbeddingsServer, hours: Hours
) -> None:
    endpoint.mode = "500"
    await fail(client, FAILURES + 4)
    assert endpoint.calls == FAILURES
    hours.at += FIRST_PAUSE_SECONDS
    await fail(client, 3)
    assert endpoint.calls == FAILURES + 1
    hours.at += FIRST_PAUSE_SECONDS  # the second pause is longer
    with pytest.raises(PausedError):
        await client.vectors(TEXTS, 5)
    assert endpoint.calls == FAILURES + 1


async def test_pauses_grow_to_a_limit(client: Embeddings, endpoint: EmbeddingsServer, hours: Hours) -> None:
    endpoint.mode = "500"
    await fail(client, FAILURES)
    for asked in range(40):
        hours.at += LONGEST_PAUSE_SECONDS
        await fail(client)
        assert endpoint.calls == FAILURES + asked + 1


async def test_one_success_after_the_pause_ends_it(
    client: Embeddings, endpoint: EmbeddingsServer, hours: Hours
) -> None:
    endpoint.mode = "500"
    await fail(client, FAILURES)
    endpoint.mode = "on"
    hours.at += FIRST_PAUSE_SECONDS
    assert len(await client.vectors(TEXTS, 5)) == len(TEXTS)
    endpoint.mode = "500"
    await fail(client, FAILURES - 1)
    endpoint.mode = "on"
    assert len(await client.vectors(TEXTS, 5)) == len(TEXTS)


async def test_after_the_pause_one_goes_ahead_of_the_others(
    client: Embeddings, endpoint: EmbeddingsServer, hours: Hours
) -> None:
    endpoint.mode = "500"
    await fail(client, FAILURES)
    hours.at += LONGEST_PAUSE_SECONDS
    endpoint.mode = "slow"
    with pytest.raises(EmbeddingsError):
        await client.vectors(TEXTS, 0.01)
    assert FIRST_PAUSE_SECONDS <= PROBE_EVERY_SECONDS
    with pytest.raises(PausedError):
        await client.vectors(TEXTS, 5)


@given(JSON.map(json.dumps).map(str.encode) | st.binary(max_size=50), st.integers(1, 3))
def test_any_answer_is_sound_vectors_or_an_error(body: bytes, count: int) -> None:
    assert_sound_or_error(body, count)


@given(st.lists(ITEM, max_size=4), st.integers(1, 3))
def test_any_answer_of_the_right_shape_is_sound_vectors_or_an_error(data: list[object], count: int) -> None:
    assert_sound_or_error(json.dumps({"data": data}).encode(), count)


def assert_sound_or_error(body: bytes, count: int) -> None:
    try:
        found = read_vectors(body, count)
    except EmbeddingsError:
        return
    assert len(found) == count
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
