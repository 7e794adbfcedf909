"""Codes and passwords that are no text at all: told like any wrong ones, on both databases."""

import asyncio
from io import BytesIO

import pytest

from bot.openapi import API
from tests.bot.conftest import Citizen
from tests.bot.test_bad_input import FORM


async def raw(citizen: Citizen, request: bytes) -> int:
    """The status of a request that no well-behaved client would send."""
    reader, writer = await asyncio.open_connection(citizen.host, citizen.port)
    writer.write(request.replace(b"\n", b"\r\n"))
    status = int((await reader.readline()).split()[1])
    writer.close()
    await writer.wait_closed()
    return status


@pytest.mark.parametrize(
    "code", ["%00", "12345678901%00", "%ED%A0%80", "%FF%FE", "1" * 3000, "%E5%85%AC", "12345678901%EF%BC%92"]
)
async def test_a_code_that_is_none_is_a_wrong_code(citizen: Citizen, code: str) -> None:
    path = f"{API}/questions/{code}?password=123456"
    assert await raw(citizen, f"GET {path} HTTP/1.1\nHost: x\nConnection: close\n\n".encode()) == 404
    response = await citizen.post(
        "/lookup", data=BytesIO(b"password=1&code=" + code.replace("%ED%A0%80", "%00").replace("%FF%FE", "").encode()),
        headers=FORM,
    )  # fmt: skip
    assert response.status == 404


@pytest.mark.parametrize("password", [b"\xff\xfe", b"12345\xc3", b"\xed\xa0\x80", "密码".encode(), b"\x7f"])
async def test_a_password_that_is_no_text_is_a_wrong_password(citizen: Citizen, password: bytes) -> None:
    head = f"GET {API}/questions/123456789012 HTTP/1.1\nHost: x\nConnection: close\nX-Question-Password: ".encode()
    assert await raw(citizen, head + password + b"\n\n") in (400, 404)


@pytest.mark.parametrize("code", ["\u0000", "12345678901\u0000", "٣" * 12])
async def test_a_choice_for_a_code_that_is_none(citizen: Citizen, code: str) -> None:
    response = await citizen.post("/choose", data={"code": code, "password": "123456", "choice": "1"})
    assert response.status == 404
