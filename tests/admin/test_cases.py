"""Disclosure cases at the desk, through the front door: register, clocks, steps, roles, collisions, personal data."""

import re

import pytest
from aiohttp import FormData

from bot import codes
from bot.service import Service
from knowledge.cases import reading
from knowledge.cases.words import CaseState
from knowledge.tables import AccessRecord, Application, ApplicationEvent, ApplicationFile
from tests.admin.conftest import Visitor, on_both, rows

PAPER = {
    "day": "2026-11-20",
    "way": "signed_post",
    "choice": "commercial",
    "asked": "2025年贷款发放统计表，联系我13812345678",
    "wanted": "邮寄纸质文件",
    "name": "某某商贸有限公司",
    "phone": "13812345678",
}
PDF = b"%PDF-1.4 a scan"


async def registered(visitor: Visitor, **more: str) -> int:
    response = await visitor.post("/cases", None, **{**PAPER, **more})
    assert response.status == 303, await response.text()
    found = re.fullmatch(r"/cases/(\d+)\?done=case", response.headers["Location"])
    assert found
    return int(found[1])


async def state(service: Service, number: int) -> CaseState:
    async with service.database.reading() as session:
        return (await reading.detail(session, number)).course.state


@on_both
async def test_an_application_on_paper_goes_all_the_way(clerk: Visitor, reviewer: Visitor, service: Service) -> None:
    number = await registered(clerk)
    path = f"/cases/{number}"
    page = await clerk.page(path)
    assert "138****5678" in page
    assert "13812345678" not in page
    assert "某某商贸" not in page
    assert "2026年12月18日" in page  # twenty working days after Friday, 20 November 2026
    assert "条例第三十三条" in page
    sent = [
        (clerk, "record", {"step": "correction_asked", "day": "2026-11-23", "until": "2026-12-14", "text": "写明文号"}),
        (clerk, "record", {"step": "correction_received", "day": "2026-11-23"}),
        (
            reviewer,
            "decide",
            {"step": "extended", "day": "2026-11-23", "days": "5", "approved_by": "李", "text": "件多"},
        ),
        (reviewer, "decide", {"step": "answered", "day": "2026-11-23", "choice": "partial"}),
        (clerk, "record", {"step": "delivered", "day": "2026-11-23"}),
    ]
    for version, (visitor, way, fields) in enumerate(sent, 1):
        response = await visitor.post(f"{path}/{way}", None, version=version, **fields)
        assert response.status == 303, await response.text()
    assert await state(service, number) is CaseState.DELIVERED
    page = await clerk.page(path)
    assert "（二）部分公开" in page
    for step, title in (("correction_asked", "补正告知书"), ("extended", "延期答复告知书")):
        assert title in await clerk.page(f"{path}/notice/{step}")
    assert (await clerk.get(f"{path}/notice/fee_asked")).status == 404
    assert (await clerk.get(f"{path}/notice/nonsense")).status == 404


async def test_a_clerk_cannot_decide(clerk: Visitor, service: Service) -> None:
    number = await registered(clerk)
    for way in ("decide", "record"):
        fields = {"step": "answered", "day": "2026-11-23", "choice": "open", "version": "1"}
        response = await clerk.post(f"/cases/{number}/{way}", None, **fields)
        assert response.status == (403 if way == "decide" else 422)
    assert await state(service, number) is CaseState.OPEN
    assert "延期、办理结果和更正由审核人员登记" in await clerk.page(f"/cases/{number}")


async def test_a_collision_loses_nothing_typed(clerk: Visitor, reviewer: Visitor, service: Service) -> None:
    number = await registered(clerk)
    asked = {"step": "opinion_asked", "day": "2026-11-23", "text": "向乙公司征求意见"}
    assert (await clerk.post(f"/cases/{number}/record", None, version=1, **asked)).status == 303
    mine = {"step": "extended", "day": "2026-11-23", "days": "7", "approved_by": "赵某", "text": "需要检索档案"}
    response = await reviewer.post(f"/cases/{number}/decide", None, version=1, **mine)
    page = await response.text()
    assert response.status == 409
    assert "向乙公司征求意见" in page
    for value in ("需要检索档案", 'value="7"', 'value="赵某"'):
        assert value in page
    assert len(await rows(service, ApplicationEvent)) == 2
    assert (await reviewer.post(f"/cases/{number}/decide", None, version=2, **mine)).status == 303


async def test_what_is_past_its_place_can_still_be_copied(clerk: Visitor, reviewer: Visitor) -> None:
    number = await registered(clerk)
    answer = {"step": "answered", "day": "2026-11-23", "choice": "open", "text": "答复一"}
    assert (await reviewer.post(f"/cases/{number}/decide", None, version=1, **answer)).status == 303
    response = await clerk.post(
        f"/cases/{number}/record", None, version=1, step="opinion_asked", day="2026-11-23", text="<b>征求丙公司</b>"
    )
    page = await response.text()
    assert response.status == 409
    assert "&lt;b&gt;征求丙公司" in page
    assert "答复一" in page


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("day", "2027-01-01", "还没有到"),
        ("day", "32号", "请填日期"),
        ("way", "pigeon", "怎样收到"),
        ("name", "", "姓名"),
    ],
)
async def test_a_refused_registration_comes_back_as_typed(
    clerk: Visitor, service: Service, field: str, value: str, said: str
) -> None:
    response = await clerk.post("/cases", None, **{**PAPER, field: value})
    page = await response.text()
    assert response.status == 422
    assert said in page
    assert "2025年贷款发放统计表" in page
    assert f'id="{field}-error"' in page
    assert not await rows(service, Application)


async def test_a_refused_step_comes_back_in_its_open_form(clerk: Visitor, reviewer: Visitor) -> None:
    number = await registered(clerk)
    fields = {"step": "extended", "day": "2026-11-23", "days": "21", "approved_by": "赵", "text": "件多"}
    response = await reviewer.post(f"/cases/{number}/decide", None, version=1, **fields)
    page = await response.text()
    assert response.status == 422
    assert 'id="extended-days-error"' in page
    assert 'value="21"' in page


async def test_a_correction_of_the_register_leaves_the_old_line(clerk: Visitor, reviewer: Visitor) -> None:
    number = await registered(clerk)
    answer = {"step": "answered", "day": "2026-11-23", "choice": "open", "text": "选错了的结果"}
    await reviewer.post(f"/cases/{number}/decide", None, version=1, **answer)
    undo = {"step": "undone", "about": "2", "text": "结果应为部分公开"}
    assert (await reviewer.post(f"/cases/{number}/decide", None, version=2, **undo)).status == 303
    page = await reviewer.page(f"/cases/{number}")
    assert "选错了的结果" in page
    assert "已撤销" in page
    assert "结果应为部分公开" in page
    assert "办理中" in page


async def test_a_look_at_the_applicant_needs_a_reason_and_is_recorded(clerk: Visitor, service: Service) -> None:
    number = await registered(clerk)
    refused = await clerk.post(f"/cases/{number}/person", None, why=" ")
    assert refused.status == 422
    assert "某某商贸" not in await refused.text()
    assert not await rows(service, AccessRecord)
    shown = await (await clerk.post(f"/cases/{number}/person", None, why="邮寄答复")).text()
    (stored,) = await rows(service, Application)
    assert "某某商贸" in shown
    assert codes.password_for(stored.code, service.key) in shown
    assert "13812345678" in shown
    (look,) = await rows(service, AccessRecord)
    assert (look.application_id, look.staff, look.why) == (number, "clerk", "邮寄答复")


async def upload(visitor: Visitor, number: int, content: bytes, token: str = "") -> int:
    form = FormData()
    form.add_field("csrf", token or visitor.csrf)
    form.add_field("files", content, filename="../../evil.html", content_type="text/html")
    response = await visitor.http.post(f"/cases/{number}/files", data=form, allow_redirects=False)
    return response.status


async def test_attachments_are_only_handed_out_as_downloads(clerk: Visitor, service: Service) -> None:
    number = await registered(clerk)
    assert await upload(clerk, number, PDF, "0" * 64) == 403
    assert await upload(clerk, number, b"<script>alert(1)</script>") == 422
    assert not await rows(service, ApplicationFile)
    assert await upload(clerk, number, PDF) == 303
    (file,) = await rows(service, ApplicationFile)
    assert (await clerk.get(f"/cases/{number}/files/{file.id}")).status == 405
    response = await clerk.post(f"/cases/{number}/files/{file.id}", None, why="核对身份")
    assert await response.read() == PDF
    assert response.headers["Content-Disposition"] == f'attachment; filename="case-{number}-{file.id}.pdf"'
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert len(await rows(service, AccessRecord)) == 1


async def test_the_register_filters_counts_and_searches(clerk: Visitor, reviewer: Visitor, service: Service) -> None:
    late = await registered(clerk, day="2026-09-01", asked="逾期的一件")
    near = await registered(clerk, day="2026-10-30", asked="快到期的一件", choice="natural")
    done = await registered(clerk, day="2026-11-20", asked="办完的一件")
    fields = {"step": "answered", "day": "2026-11-23", "choice": "open"}
    await reviewer.post(f"/cases/{done}/decide", None, version=1, **fields)
    wanted = {
        "": {late, near},
        "?view=overdue": {late},
        "?view=near": {near},
        "?view=all": {late, near, done},
        "?view=all&kind=natural": {near},
        "?view=all&year=2025": set[int](),
        "?view=all&words=办完": {done},
        "?view=all&page=99": {late, near, done},
    }
    for query, expected in wanted.items():
        page = await clerk.page(f"/cases{query}")
        assert {int(number) for number in re.findall(r'<a href="/cases/(\d+)">', page)} == expected, query
        assert "有 1 件申请已经超过答复期限" in page
    assert (await clerk.get("/cases?view=nonsense")).status == 404


async def test_disputes_are_linked_and_counted(reviewer: Visitor) -> None:
    number = await registered(reviewer)
    path = f"/cases/{number}"
    opened = {"step": "dispute_opened", "day": "2026-11-21", "choice": "review", "text": "市政府"}
    assert (await reviewer.post(f"{path}/record", None, version=1, **opened)).status == 303
    assert "尚未审结" in await reviewer.page(path)
    closed = {"step": "dispute_closed", "day": "2026-11-23", "choice": "corrected", "about": "2"}
    assert (await reviewer.post(f"{path}/record", None, version=2, **closed)).status == 303
    assert "结果纠正" in await reviewer.page(path)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("basis=page&number=201", "<strong>2740</strong>"),
        ("basis=item&number=31", "<strong>2200</strong>"),
        ("number=0", "<strong>0</strong>"),
    ],
)
async def test_the_fee_calculator(clerk: Visitor, query: str, said: str) -> None:
    assert said in await clerk.page(f"/cases/fees?{query}")


async def test_the_fee_calculator_refuses_nonsense_in_words(clerk: Visitor) -> None:
    response = await clerk.get("/cases/fees?number=-3")
    assert response.status == 422
    assert "整数" in await response.text()


async def test_an_expired_session_keeps_what_was_typed(stranger: Visitor, clerk: Visitor) -> None:
    number = await registered(clerk)
    response = await stranger.post(f"/cases/{number}/record", None, step="opinion_asked", text="写了很久的意见")
    page = await response.text()
    assert response.status == 403
    assert "写了很久的意见" in page
    assert f'value="/cases/{number}"' in page


async def test_a_receipt_on_record_is_only_changed_by_a_reviewer_with_a_reason(
    clerk: Visitor, reviewer: Visitor
) -> None:
    number = await registered(clerk)
    again = {"step": "received", "day": "2026-11-19", "choice": "natural", "way": "fax"}
    refused = await clerk.post(f"/cases/{number}/record", None, version=1, text="登错了", **again)
    assert refused.status == 422
    assert "由审核人员办理" in await refused.text()
    refused = await reviewer.post(f"/cases/{number}/record", None, version=1, **again)
    assert refused.status == 422
    assert "请写明原因" in await refused.text()
    response = await reviewer.post(f"/cases/{number}/record", None, version=1, text="登错了", **again)
    assert response.status == 303
    page = await clerk.page(f"/cases/{number}")
    assert "2026年12月17日" in page
    assert "重新登记收到日期" not in page


async def test_a_lawsuit_without_review_over_a_refusal_is_remarked_upon(reviewer: Visitor) -> None:
    number = await registered(reviewer)
    path = f"/cases/{number}"
    answer = {"step": "answered", "day": "2026-11-23", "choice": "deny_process_4"}
    await reviewer.post(f"{path}/decide", None, version=1, **answer)
    assert "第二十三条），请核对" not in await reviewer.page(path)
    await reviewer.post(f"{path}/record", None, version=2, step="dispute_opened", day="2026-11-23", choice="direct")
    assert "第二十三条），请核对" in await reviewer.page(path)


async def test_undoing_is_not_offered_again_once_the_last_line_is_another(clerk: Visitor, reviewer: Visitor) -> None:
    number = await registered(clerk)
    path = f"/cases/{number}"
    await clerk.post(f"{path}/record", None, version=1, step="opinion_asked", day="2026-11-23", text="问乙公司")
    response = await reviewer.post(f"{path}/decide", None, version=1, step="undone", about="1", text="重复登记了")
    page = await response.text()
    assert response.status == 409
    assert "问乙公司" in page
    assert "重复登记了" in page
    assert 'value="undone"' not in page
