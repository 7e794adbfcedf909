"""Files of citizens: told by their content, bounded, kept once, taken out only by staff who say why."""

from io import BytesIO
from typing import Any

import pytest
from aiohttp import FormData
from sqlmodel import func, select

from admin import queue
from bot import attachments
from bot.service import Service
from knowledge.errors import BadInputError, NotFoundError
from knowledge.tables import AccessRecord, Attachment, Question
from tests.bot.conftest import Citizen
from tests.bot.test_afterwards import STRANGE, ask, publish

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 100
JPG, PDF = b"\xff\xd8\xff\xe0" + b"\x01" * 50, b"%PDF-1.7\n" + b"\x02" * 50


async def send(citizen: Citizen, mine: dict[str, str], body: bytes, name: str = "a.png") -> tuple[int, str]:
    form = FormData()
    for field, value in mine.items():
        form.add_field(field, value)
    form.add_field("file", BytesIO(body), filename=name, content_type="image/png")
    response = await citizen.post("/attach", data=form)
    return response.status, await response.text()


async def kept(service: Service) -> int:
    async with service.database.reading() as session:
        return (await session.exec(select(func.count()).select_from(Attachment))).one()


async def test_pictures_and_pdfs_are_kept_once_and_three_at_most(citizen: Citizen, service: Service) -> None:
    mine = await ask(citizen, STRANGE)
    for body, expected in ((PNG, 1), (PNG, 1), (JPG, 2), (PDF, 3)):
        status, page = await send(citizen, mine, body)
        assert (status, await kept(service)) == (200, expected)
    assert "上传了附件（PDF 文件，1 KB）" in page
    status, page = await send(citizen, mine, PDF + b"x")
    assert (status, await kept(service)) == (422, 3)
    assert "已经传满了" in page


@pytest.mark.parametrize(
    "body", [b"", b"MZ\x90", b"<svg onload=alert(1)>", b"GIF89a", b"PK\x03\x04", b"<!doctype html>", b" %PDF-1.7"]
)
async def test_whatever_it_is_called_other_content_is_refused(citizen: Citizen, service: Service, body: bytes) -> None:
    status, page = await send(citizen, await ask(citizen, STRANGE), body, "photo.png")
    assert (status, await kept(service)) == (422, 0)
    assert 'id="file-error"' in page


async def test_too_large_is_refused_and_the_question_s_page_stays(citizen: Citizen, service: Service) -> None:
    status, page = await send(citizen, await ask(citizen, STRANGE), PNG + b"\x00" * attachments.BYTES_MAX)
    assert (status, await kept(service)) == (422, 0)
    assert "文件太大" in page
    assert STRANGE in page


async def test_a_wrong_password_or_an_answered_question_takes_none(citizen: Citizen, service: Service) -> None:
    mine = await ask(citizen, STRANGE)
    wrong = {**mine, "password": f"{(int(mine['password']) + 1) % 10**6:06d}"}
    assert (await send(citizen, wrong, PNG))[0] == 404
    async with service.database.reading() as session:
        question = (await session.exec(select(Question))).one()
    await publish(service, question, "答复")
    assert (await send(citizen, mine, PNG))[0] == 409
    assert await kept(service) == 0


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"", "multipart/form-data"), (b"--x\r\n", "multipart/form-data; boundary=x"), (b"a=1", "text/plain"),
     (b"--x\r\n\r\n\r\n--x", "multipart/form-data; boundary=x"), (b"\xff" * 500, "multipart/form-data; boundary=x")],
)  # fmt: skip
async def test_a_broken_form_is_a_chinese_page(citizen: Citizen, body: bytes, kind: str) -> None:
    response = await citizen.post("/attach", data=body, headers={"Content-Type": kind})
    assert response.status in (404, 422)
    assert 'role="alert"' in await response.text()


async def test_each_download_is_recorded_with_its_reason(citizen: Citizen, service: Service) -> None:
    mine = await ask(citizen, STRANGE)
    await send(citizen, mine, PDF)
    await ask(citizen, STRANGE + "呢")

    async def take(question: int, why: str) -> Any:
        return await queue.download(service.database, question, 1, "wang", why, service.now())

    with pytest.raises(BadInputError):
        await take(1, " ")
    with pytest.raises(NotFoundError):
        await take(2, "看合同")
    assert (await take(1, "看合同")).content == PDF
    async with service.database.reading() as session:
        assert (await session.exec(select(AccessRecord.why))).all() == ["下载附件 1：看合同"]
