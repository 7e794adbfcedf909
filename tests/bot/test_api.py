"""API v1 through the front door, each answer checked against the OpenAPI document the service itself gives out."""

from typing import Any

import pytest
from aiohttp import ClientResponse
from aiohttp.web import RouteDef
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from bot.openapi import API
from bot.service import Service
from bot.site import ROUTES
from tests.bot.conftest import Citizen

RENT = "威海无房职工租房提取住房公积金，一年最多能提多少？"


async def checked(citizen: Citizen, response: ClientResponse, path: str, method: str) -> Any:
    """The body, after the document has vouched for status, media type and shape."""
    document = await (await citizen.get(f"{API}/openapi.json")).json()
    described = document["paths"][path][method]["responses"]
    content = described[str(response.status)]["content"]
    assert response.content_type in content
    body = await response.json(content_type=None)
    schema = {**content[response.content_type]["schema"], "components": document["components"]}
    Draft202012Validator(schema).validate(body)
    return body


async def test_document_is_valid_openapi_and_names_exactly_the_real_routes(citizen: Citizen) -> None:
    document = await (await citizen.get(f"{API}/openapi.json")).json()
    OpenAPIV31SpecValidator(document).validate()
    routes = [route for route in ROUTES if isinstance(route, RouteDef)]
    real = {(route.path, route.method.lower()) for route in routes if route.path.startswith((API, "/app/"))}
    described = {(path, method) for path, methods in document["paths"].items() for method in methods}
    assert described == real


async def test_an_answerable_question_is_answered_at_once_with_its_basis(citizen: Citizen) -> None:
    response = await citizen.post(f"{API}/questions", json={"text": RENT})
    body = await checked(citizen, response, f"{API}/questions", "post")
    assert response.status == 201
    assert body["outcome"] == "answered"
    assert "18000" in body["reply"]
    assert body["answered_by"] == "答复由系统根据政策库自动给出"
    assert body["basis"][0]["title"].startswith("关于优化调整住房公积金使用政策的通知")


async def test_an_unknown_question_is_handed_over_with_a_date(citizen: Citizen) -> None:
    response = await citizen.post(f"{API}/questions", json={"text": "大厅门口的石狮子是谁捐的呢"})
    body = await checked(citizen, response, f"{API}/questions", "post")
    assert body["outcome"] == "handed_over"
    assert body["due"] == "2026-11-30"
    assert "reply" not in body


@pytest.mark.parametrize(("kind", "reason"), [("投诉", "complaint"), ("report", "complaint"), ("表扬", "praise")])
async def test_what_is_no_question_goes_to_a_person(citizen: Citizen, kind: str, reason: str) -> None:
    response = await citizen.post(f"{API}/questions", json={"text": RENT, "kind": kind})
    body = await checked(citizen, response, f"{API}/questions", "post")
    assert (body["outcome"], body["reason"]) == ("handed_over", reason)


async def test_code_and_password_show_the_state_later(citizen: Citizen) -> None:
    receipt = await (await citizen.post(f"{API}/questions", json={"text": "手机13812345678，大厅几点关门呀"})).json()
    path = f"{API}/questions/{receipt['code']}"
    by_header = await citizen.get(path, headers={"X-Question-Password": receipt["password"]})
    by_query = await citizen.get(path, params={"password": receipt["password"]})
    body = await checked(citizen, by_header, f"{API}/questions/{{code}}", "get")
    assert body == await by_query.json()
    assert body["state"] == "waiting"
    assert "138****5678" in body["text"]


@pytest.mark.parametrize("change", ["code", "password"])
async def test_a_wrong_code_and_a_wrong_password_are_told_alike(citizen: Citizen, change: str) -> None:
    receipt = await (await citizen.post(f"{API}/questions", json={"text": RENT})).json()
    receipt[change] = str((int(receipt[change]) + 1) % 10 ** len(receipt[change])).zfill(len(receipt[change]))
    response = await citizen.get(f"{API}/questions/{receipt['code']}", params={"password": receipt["password"]})
    body = await checked(citizen, response, f"{API}/questions/{{code}}", "get")
    assert response.status == 404
    assert "编号或查询密码不对" in body["detail"]


async def test_guessing_passwords_is_stopped(citizen: Citizen, service: Service) -> None:
    receipt = await (await citizen.post(f"{API}/questions", json={"text": RENT})).json()
    wrong = f"{(int(receipt['password']) + 1) % 10**6:06d}"
    path = f"{API}/questions/{receipt['code']}"
    for _ in range(service.settings.lookup_failures_per_hour):
        assert (await citizen.get(path, params={"password": wrong})).status == 404
    refused = await citizen.get(path, params={"password": receipt["password"]})
    await checked(citizen, refused, f"{API}/questions/{{code}}", "get")
    assert refused.status == 429
    assert int(refused.headers["Retry-After"]) > 0


async def test_the_same_idempotency_key_is_one_question_with_the_same_bytes(citizen: Citizen) -> None:
    headers = {"Idempotency-Key": "letter-1"}
    first = await citizen.post(f"{API}/questions", json={"text": RENT}, headers=headers)
    second = await citizen.post(f"{API}/questions", json={"text": RENT}, headers=headers)
    assert await first.read() == await second.read()


async def test_an_idempotency_key_used_for_another_text_is_refused(citizen: Citizen) -> None:
    headers = {"Idempotency-Key": "letter-2"}
    await citizen.post(f"{API}/questions", json={"text": RENT}, headers=headers)
    response = await citizen.post(f"{API}/questions", json={"text": "别的问题"}, headers=headers)
    body = await checked(citizen, response, f"{API}/questions", "post")
    assert (response.status, body["field"]) == (422, "idempotency_key")


async def test_a_clarification_can_be_chosen_and_then_stands(citizen: Citizen) -> None:
    receipt = await (await citizen.post(f"{API}/questions", json={"text": "租房提取"})).json()
    assert receipt["outcome"] == "clarify"
    path, pattern = f"{API}/questions/{receipt['code']}/choice", f"{API}/questions/{{code}}/choice"
    chosen = await citizen.post(path, json={"password": receipt["password"], "choice": 1})
    body = await checked(citizen, chosen, pattern, "post")
    assert (body["state"], bool(body["reply"])) == ("answered", True)
    again = await citizen.post(path, json={"password": receipt["password"], "choice": None})
    assert await again.json() == body


async def test_none_of_the_choices_goes_to_a_person(citizen: Citizen) -> None:
    receipt = await (await citizen.post(f"{API}/questions", json={"text": "租房提取"})).json()
    path = f"{API}/questions/{receipt['code']}/choice"
    response = await citizen.post(path, json={"password": receipt["password"], "choice": None})
    assert (await response.json())["state"] == "waiting"
