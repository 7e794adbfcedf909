"""依申请公开 for the public, through the front door: apply, confirm, follow, upload; switched off, the other channels."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestClient, TestServer
from sqlmodel import select

from bot import service as services
from bot.channels import counting
from bot.service import Service
from bot.site import public_app
from knowledge.cases import life
from knowledge.cases.course import Event
from knowledge.cases.files import FILES_MAX
from knowledge.cases.life import Actor
from knowledge.cases.words import ApplicantKind, Step, Way
from knowledge.tables import Application, ApplicationEvent, ApplicationFile, ApplicationPerson, Question
from tests.bot.conftest import Citizen
from tests.conftest import Clock, Configure

FORM = {
    "token": "t1",
    "asked": "2025年度归集使用情况，电话13812345678",
    "wanted": "自行领取",
    "choice": "natural",
    "name": "张三",
    "identity": "身份证 37100019900101",
    "phone": "13812345678",
}


@pytest.fixture
async def online(configure: Configure, clock: Clock) -> AsyncIterator[Service]:
    """The service with the channel open."""
    running = await services.start(configure(applications_online=True, questions_per_minute=10_000), now=clock)
    yield running
    await running.stop()


@pytest.fixture
async def applicant(online: Service) -> AsyncIterator[Citizen]:
    """A client of the public site with the channel open."""
    async with TestClient(TestServer(public_app(online))) as client:
        yield client


async def apply(applicant: Citizen, **more: str) -> tuple[str, str]:
    response = await applicant.post("/applications/new", data={**FORM, **more})
    page = await response.text()
    assert response.status == 200, page
    code = re.search(r'name="code" value="(\d{12})"', page)
    password = re.search(r'name="password" value="(\d{6})"', page)
    assert code
    assert password
    return code[1], password[1]


async def test_an_application_is_confirmed_with_code_password_and_day(applicant: Citizen, online: Service) -> None:
    response = await applicant.post("/applications/new", data=FORM)
    page = await response.text()
    assert "2026年12月21日" in page  # twenty working days after Monday, 23 November 2026
    assert "第三十一条" in page
    async with online.database.reading() as session:
        kept = (await session.exec(select(Application))).one()
        person = (await session.exec(select(ApplicationPerson))).one()
        event = (await session.exec(select(ApplicationEvent))).one()
        assert (await session.exec(select(Question))).all() == []
    assert "138****5678" in kept.asked
    assert (person.name, person.phone) == ("张三", "13812345678")
    assert (event.step, event.actor) == ("submitted", "citizen")


async def test_the_applicant_follows_the_case(applicant: Citizen, online: Service, clock: Clock) -> None:
    code, password = await apply(applicant)
    clock.at += timedelta(days=1)
    page = await (await applicant.post("/applications/lookup", data={"code": code, "password": password})).text()
    assert "还没有与您确认收到" in page
    assert "2026年12月22日" in page  # from the day it is confirmed, were that today
    async with online.database.reading() as session:
        number = (await session.exec(select(Application.id))).one() or 0
    actor = Actor("wang", online.now())
    received = Event(0, Step.RECEIVED, actor.today, ApplicantKind.NATURAL, Way.ONLINE)
    asked = Event(0, Step.OPINION_ASKED, actor.today, text="内部：问乙公司")
    await life.record(online.database, number, received, actor, version=1)
    await life.record(online.database, number, asked, actor, version=2)
    page = await (await applicant.post("/applications/lookup", data={"code": code, "password": password})).text()
    assert "征求意见中" in page
    assert "内部" not in page
    assert "张三" not in page
    assert "13812345678" not in page


async def test_what_is_asked_of_the_applicant_stands_in_the_timeline(applicant: Citizen, online: Service) -> None:
    code, password = await apply(applicant)
    async with online.database.reading() as session:
        number = (await session.exec(select(Application.id))).one() or 0
    actor = Actor("li", online.now())
    day = actor.today
    steps = [
        Event(0, Step.RECEIVED, day, ApplicantKind.NATURAL, Way.ONLINE),
        Event(0, Step.CORRECTION_ASKED, day, until=day + timedelta(days=14), text="写明年度，致电0631-5200000"),
        Event(0, Step.CORRECTION_RECEIVED, day),
        Event(0, Step.FEE_ASKED, day, amount=Decimal("30.00"), text="内部说明"),
        Event(0, Step.EXTENDED, day, days=6, approved_by="李主任", text="内部理由"),
        Event(0, Step.ANSWERED, day, choice="refuse_reconfirm", text="内部文号"),
    ]
    for version, event in enumerate(steps, 1):
        await life.record(online.database, number, event, actor, version=version)
    page = await (await applicant.post("/applications/lookup", data={"code": code, "password": password})).text()
    for said in (
        "2026年12月7日以前（含当日）补正",
        "写明年度，致电0631-5200000",
        "30.00 元",
        "延长6个工作日",
        "重新出具",
    ):
        assert said in page
    for hidden in ("内部", "李主任", "统计格式"):
        assert hidden not in page


async def test_a_submission_taken_off_the_register_is_said_with_the_reason(applicant: Citizen, online: Service) -> None:
    code, password = await apply(applicant)
    async with online.database.reading() as session:
        number = (await session.exec(select(Application.id))).one() or 0
    actor = Actor("li", online.now())
    undo = Event(0, Step.UNDONE, actor.today, about=1, text="这是投诉，已转热线，电话13812345678")
    await life.record(online.database, number, undo, actor, version=1)
    page = await (await applicant.post("/applications/lookup", data={"code": code, "password": password})).text()
    assert "没有登记为政府信息公开申请：这是投诉" in page
    assert "13812345678" not in page


async def test_the_same_form_sent_twice_is_one_application(applicant: Citizen, online: Service) -> None:
    assert await apply(applicant) == await apply(applicant)
    async with online.database.reading() as session:
        assert len((await session.exec(select(Application))).all()) == 1


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("asked", " ", "写明要什么信息"),
        ("asked", "长" * 3001, "最多 3000 个字"),
        ("name", "", "姓名或者名称"),
        ("identity", "", "身份证明"),
        ("phone", "", "至少填写一种联系方式"),
        ("phone", "打我电话", "电话号码看起来不对"),
        ("email", "没有邮箱", "电子邮箱看起来不对"),
        ("choice", "king", "申请人类别"),
        ("wanted", "传真到月球", "获取信息的方式"),
        ("asked", "坏\x00字", "控制字符"),
    ],
)
async def test_a_refused_application_comes_back_with_everything_typed(
    applicant: Citizen, online: Service, field: str, value: str, said: str
) -> None:
    response = await applicant.post("/applications/new", data={**FORM, field: value})
    page = await response.text()
    assert response.status == 422
    assert said in page
    assert f'id="{field}-error"' in page
    kept = {name: text for name, text in FORM.items() if name in ("name", "identity", "phone") and name != field}
    assert all(f'value="{text}"' in page for text in kept.values())
    async with online.database.reading() as session:
        assert (await session.exec(select(Application))).all() == []


async def test_a_wrong_code_and_a_wrong_password_sound_the_same(applicant: Citizen) -> None:
    code, password = await apply(applicant)
    wrong = f"{(int(password) + 1) % 10**6:06d}"
    said = set()
    for fields in ({"code": code, "password": wrong}, {"code": "0" * 12, "password": password}, {"code": "坏\x00"}):
        response = await applicant.post("/applications/lookup", data=fields)
        assert response.status == 404
        said.add(re.sub(r'value="[^"]*"', "", await response.text()))
    assert len(said) == 1


def sent(code: str, password: str, *contents: bytes) -> FormData:
    form = FormData()
    form.add_field("code", code)
    form.add_field("password", password)
    for content in contents:
        form.add_field("files", BytesIO(content), filename="身份证.jpg", content_type="image/jpeg")
    return form


async def test_attachments_need_the_password_and_are_told_by_their_content(applicant: Citizen, online: Service) -> None:
    code, password = await apply(applicant)
    picture = b"\xff\xd8\xff\xe0 a picture"
    assert (await applicant.post("/applications/files", data=sent(code, "000000x", picture))).status == 404
    assert (await applicant.post("/applications/files", data=sent(code, password, b"<script>"))).status == 422
    assert (await applicant.post("/applications/files", data=sent(code, password))).status == 422
    page = await (await applicant.post("/applications/files", data=sent(code, password, picture))).text()
    assert "已收到 1 个附件" in page
    too_many = sent(code, password, *[picture] * FILES_MAX)
    response = await applicant.post("/applications/files", data=too_many)
    assert response.status == 422
    assert f"最多 {FILES_MAX} 个" in await response.text()
    async with online.database.reading() as session:
        (kept,) = (await session.exec(select(ApplicationFile))).all()
    assert (kept.content, kept.media) == (picture, "image/jpeg")


async def test_a_body_beyond_all_measure_is_refused(applicant: Citizen, online: Service) -> None:
    code, password = await apply(applicant)
    response = await applicant.post("/applications/files", data=sent(code, password, b"%PDF-" + b"x" * 3_000_000))
    assert response.status == 413
    async with online.database.reading() as session:
        assert (await session.exec(select(ApplicationFile))).all() == []


async def test_broken_multipart_is_an_answer_and_no_fault(applicant: Citizen) -> None:
    head = {"Content-Type": "multipart/form-data; boundary=x"}
    for body in (b"", b"--x\r\n", b"--x\r\nContent-Disposition: form-data; name=code\r\n\r\n1", b"\xff\xfe", b"--y--"):
        response = await applicant.post("/applications/files", data=body, headers=head)
        assert response.status in (400, 404, 422), body


async def test_too_many_applications_of_one_client_are_slowed(applicant: Citizen) -> None:
    for number in range(counting.APPLICATIONS_PER_HOUR):
        await apply(applicant, token=f"t{number}")
    response = await applicant.post("/applications/new", data={**FORM, "token": "more"})
    assert response.status == 429


async def test_switched_off_the_announced_channels_are_shown(configure: Configure, clock: Clock) -> None:
    running = await services.start(
        configure(applications_channels="当面：文化中路1号\n邮寄：文化中路1号 办公室"), now=clock
    )
    async with TestClient(TestServer(public_app(running))) as client:
        page = await (await client.get("/applications/new")).text()
        assert "文化中路1号 办公室" in page
        assert "<form" not in page
        response = await client.post("/applications/new", data=FORM)
        assert response.status == 404
        async with running.database.reading() as session:
            assert (await session.exec(select(Application))).all() == []
    await running.stop()


async def test_a_message_that_asks_for_information_is_offered_the_form_and_stays_a_message(
    applicant: Citizen, online: Service
) -> None:
    fields = {"text": "我要申请公开政府信息：2024年公积金增值收益分配方案", "token": "m"}
    page = await (await applicant.post("/ask", data=fields)).text()
    assert 'href="/applications/new"' in page
    assert "留言不会自动变成申请" in page
    async with online.database.reading() as session:
        assert (await session.exec(select(Question.reason))).all() == ["disclosure"]
        assert (await session.exec(select(Application))).all() == []
