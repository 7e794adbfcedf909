"""Bad input of every kind: a clear Chinese answer, nothing stored, nothing live."""

import json
from io import BytesIO
from typing import Any

import pytest
from sqlmodel import func, select

from bot.openapi import API
from bot.service import Service
from knowledge.tables import Question
from tests.bot.conftest import Citizen

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
HOSTILE = "'; DROP TABLE question; --<script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}"


async def stored(service: Service) -> int:
    async with service.database.reading() as session:
        return (await session.exec(select(func.count()).select_from(Question))).one()


BAD_BODIES: dict[str, tuple[bytes, int]] = {
    "empty body": (b"", 422),
    "no json": (b"{", 422),
    "not an object": (b"[1]", 422),
    "deeply nested": (b"[" * 50_000, 422),
    "broken utf-8": (b'{"text": "\xff\xfe"}', 422),
    "lone surrogate": (b'{"text": "\\ud800"}', 422),
    "no text": (b"{}", 422),
    "empty text": (b'{"text": ""}', 422),
    "only spaces": ('{"text": " 　\\n "}'.encode(), 422),
    "text is a number": (b'{"text": 5}', 422),
    "null character": (b'{"text": "a\\u0000b"}', 422),
    "escape character": (b'{"text": "a\\u001bb"}', 422),
    "100,000 characters": (json.dumps({"text": "问" * 100_000}).encode(), 422),
    "beyond the limit of a body": (json.dumps({"text": "a" * 3_000_000}).encode(), 413),
    "unknown field": (b'{"text": "a", "admin": true}', 422),
    "unknown kind": ('{"text": "a", "kind": "闲聊"}'.encode(), 422),
    "public is no boolean": (b'{"text": "a", "public": "yes"}', 422),
    "name too long": (json.dumps({"text": "a", "name": "王" * 41}).encode(), 422),
    "phone with letters": (b'{"text": "a", "phone": "call me"}', 422),
    "phone with sql": (json.dumps({"text": "a", "phone": HOSTILE}).encode(), 422),
}


@pytest.mark.parametrize("name", BAD_BODIES)
async def test_a_bad_api_body_is_a_problem_document_and_changes_nothing(
    citizen: Citizen, service: Service, name: str
) -> None:
    body, status = BAD_BODIES[name]
    response = await citizen.post(f"{API}/questions", data=BytesIO(body), headers={"Content-Type": "application/json"})
    problem: Any = await response.json(content_type="application/problem+json")
    assert (response.status, problem["status"]) == (status, status)
    assert any("\u4e00" <= character <= "\u9fff" for character in problem["detail"])
    assert await stored(service) == 0


async def test_another_media_type_is_refused(citizen: Citizen, service: Service) -> None:
    response = await citizen.post(f"{API}/questions", data={"text": "a"})
    assert response.status == 415
    assert await stored(service) == 0


BAD_FORMS: dict[str, bytes] = {
    "empty": b"text=",
    "control characters": b"text=a%00b",
    "broken utf-8": b"text=%ff%fe",
    "raw broken utf-8": b"text=\xff\xfe",
    "100,000 characters": b"text=" + b"%E9%97%AE" * 100_000,
    "unknown kind": b"text=a&kind=chat",
    "sql in the kind": b"text=a&kind=%27%3B+DROP+TABLE",
    "bad phone": b"text=a&phone=%3Cscript%3E",
    "too many fields": b"&".join(b"f%d=1" % number for number in range(60)),
}


@pytest.mark.parametrize("name", BAD_FORMS)
async def test_a_bad_form_is_a_chinese_page_and_changes_nothing(citizen: Citizen, service: Service, name: str) -> None:
    response = await citizen.post("/ask", data=BytesIO(BAD_FORMS[name]), headers=FORM)
    text = await response.text()
    assert response.status == 422
    assert 'lang="zh-CN"' in text
    assert 'role="alert"' in text
    assert await stored(service) == 0


async def test_a_refused_form_comes_back_with_everything_typed(citizen: Citizen) -> None:
    response = await citizen.post(
        "/ask", data={"text": "我想问的话", "name": "王小明", "phone": "abc", "kind": "help", "public": "yes"}
    )
    text = await response.text()
    assert "我想问的话</textarea>" in text
    assert 'value="王小明"' in text
    assert 'value="abc"' in text
    assert 'name="kind" value="help" checked' in text
    assert 'name="public" value="yes" checked' in text


async def test_hostile_text_is_taken_as_text(citizen: Citizen, service: Service) -> None:
    response = await citizen.post("/ask", data={"text": HOSTILE, "name": HOSTILE[:40], "public": "yes"})
    page = await response.text()
    assert response.status == 200
    assert "<script>" not in page
    assert await stored(service) == 1
    code = page.split("<dt>编号</dt><dd>")[1].split("<")[0]
    password = page.split("<dt>查询密码</dt><dd>")[1].split("<")[0]
    shown = await (await citizen.post("/lookup", data={"code": code, "password": password})).text()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "<script>" not in shown
    assert "{{7*7}}" in shown


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nowhere", 404),
        ("/board/999", 404),
        ("/board/abc", 404),
        ("/board/99999999999999999999", 404),
        ("/board?page=x", 422),
        ("/board?page=0", 422),
        ("/board?page=2", 404),
        ("/choose", 405),
        ("/static/../site.py", 404),
        ("/sign-in", 404),
    ],
)
async def test_wrong_addresses_get_a_chinese_page(citizen: Citizen, path: str, status: int) -> None:
    response = await citizen.get(path)
    assert response.status == status
    assert "查询答复" in await response.text()


async def test_a_wrong_code_gets_the_form_back_with_a_sentence(citizen: Citizen) -> None:
    response = await citizen.post("/lookup", data={"code": "1234 5678 9012", "password": "123456"})
    text = await response.text()
    assert response.status == 404
    assert "编号或查询密码不对" in text
    assert 'value="1234 5678 9012"' in text


async def test_every_page_forbids_what_it_does_not_need(citizen: Citizen) -> None:
    for path in ("/", "/nowhere", "/health/live", f"{API}/openapi.json", "/static/site.css"):
        headers = (await citizen.get(path)).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
