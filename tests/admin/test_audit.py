"""The audit record: what stands in it, who reads it, how it is narrowed, and that its file is harmless."""

import csv
import io
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin import audit
from bot.service import Service
from knowledge.tables import AccountEvent
from knowledge.vocabulary import AccountEventKind, Role
from tests.admin.conftest import PASSWORD, UNANSWERABLE, Ask, Browser, SignedIn, Visitor, on_both, rows
from tests.conftest import Clock


@pytest.fixture
async def auditor(signed_in: SignedIn) -> Visitor:
    """老郑."""
    return await signed_in(Role.AUDITOR)


async def kinds(service: Service, staff: str) -> list[str]:
    return [one.kind for one in await rows(service, AccountEvent) if one.staff == staff]


async def listed(visitor: Visitor, query: str = "") -> list[str]:
    """The table's lines, as text without tags."""
    page = await visitor.page(f"/audit{query}")
    table = page.split("<tbody>")[1].split("</tbody>")[0] if "<tbody>" in page else ""
    return table.split("<tr>")[1:]


async def exported(visitor: Visitor, **fields: str) -> Sequence[Sequence[str]]:
    response = await visitor.post("/audit/export", None, **fields)
    assert response.status == 200
    assert response.headers["Content-Disposition"].startswith('attachment; filename="audit-2026-')
    body = await response.read()
    assert body.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))


@on_both
async def test_looks_sign_ins_changes_and_switches_stand_in_one_list(
    auditor: Visitor, administrator: Visitor, clerk: Visitor, stranger: Visitor, ask: Ask
) -> None:
    question = await ask("我的电话是13812345678，" + UNANSWERABLE)
    await clerk.post(f"/questions/{question.id}/original", version=1, why="需要电话联系")
    await stranger.post("/sign-in", username="clerk", password="wrong")
    await administrator.post("/staff/clerk/role", role="reviewer")
    await administrator.post("/channels/board/switch", level="staff_only", reason="核对新政策", number=0)
    lines = await listed(auditor)
    for words in (
        ("查看个人信息", "小王", f"第 {question.id} 号留言", "需要电话联系"),
        ("登录失败", "小王", "127.0.0.1", "密码不对"),
        ("修改角色", "赵主任", "小王", "经办 → 审核"),
        ("渠道开关", "赵主任", "渠道 board", "停自动答复", "核对新政策"),
        ("登录", "老郑"),
    ):
        assert any(all(word in line for word in words) for line in lines), words
    assert "13812345678" not in "".join(lines)


async def test_what_was_typed_as_a_name_is_not_kept(auditor: Visitor, stranger: Visitor, service: Service) -> None:
    for name in ("mysecretpassword", "我的密码是一二三"):
        await stranger.post("/sign-in", username=name, password="x")
    failures = [one for one in await rows(service, AccountEvent) if one.kind == AccountEventKind.SIGN_IN_FAILED]
    assert [(one.staff, one.by, one.note) for one in failures] == [("", "", "没有这个用户名")] * 2
    assert "mysecret" not in await auditor.page("/audit")


async def test_every_change_of_an_account_leaves_a_line(
    administrator: Visitor, stranger: Visitor, clerk: Visitor, service: Service
) -> None:
    own = "一句只有我自己才知道的话呀"
    await clerk.post("/password", current=PASSWORD, new=own, again=own)
    await administrator.post("/departments", department="信贷科")
    await administrator.post("/staff/clerk/department", department=1)
    await stranger.post("/sign-in", username="clerk", password=own)
    await administrator.post("/staff/clerk/sessions")
    await administrator.post("/staff/clerk/active", active="no")
    await stranger.post("/sign-in", username="clerk", password=own)
    await administrator.post("/staff/clerk/active", active="yes")
    await administrator.post("/staff/clerk/reset")
    await administrator.post("/staff", username="xiaochen", name="小陈", role="auditor")
    kind = AccountEventKind
    assert await kinds(service, "clerk") == [
        kind.SIGNED_IN,
        kind.PASSWORD_CHANGED,
        kind.SIGNED_IN,
        kind.DEPARTMENT,
        kind.SIGNED_IN,
        kind.SESSIONS_ENDED,
        kind.DEACTIVATED,
        kind.SIGN_IN_FAILED,
        kind.ACTIVATED,
        kind.PASSWORD_RESET,
    ]
    assert await kinds(service, "xiaochen") == [kind.CREATED]
    [made] = [one for one in await rows(service, AccountEvent) if one.kind == kind.CREATED]
    assert (made.by, made.address, made.note) == ("administrator", "127.0.0.1", "审计")
    assert own not in "".join(one.note for one in await rows(service, AccountEvent))


async def test_what_did_not_happen_leaves_no_line(administrator: Visitor, service: Service) -> None:
    before = len(await rows(service, AccountEvent))
    await administrator.post("/staff", username="clerk", name="又一个", role="clerk")
    await administrator.post("/staff/administrator/active", active="no")
    await administrator.post("/staff/nobody/reset")
    assert len(await rows(service, AccountEvent)) == before


@on_both
async def test_the_record_is_narrowed_by_person_kind_and_day(
    auditor: Visitor, administrator: Visitor, stranger: Visitor, clock: Clock
) -> None:
    await stranger.post("/sign-in", username="clerk", password="wrong")
    await administrator.post("/staff/clerk/role", role="reviewer")
    clock.at += timedelta(hours=8)  # 20:00 in the office, the same day
    await stranger.post("/sign-in", username="reviewer", password="wrong")
    clock.at += timedelta(hours=5)
    await stranger.post("/sign-in", username="clerk", password="wrong")
    visitor = await _again(auditor, stranger)
    assert len(await listed(visitor, "?group=failed")) == 3
    assert len(await listed(visitor, "?group=failed&person=clerk")) == 2
    assert len(await listed(visitor, "?group=failed&first=2026-11-24")) == 1
    assert len(await listed(visitor, "?group=failed&last=2026-11-23")) == 2
    assert len(await listed(visitor, "?group=failed&first=2026-11-23&last=2026-11-23&person=reviewer")) == 1
    assert len(await listed(visitor, "?group=account&person=clerk")) == 1  # to whom it was done
    assert len(await listed(visitor, "?group=account&person=administrator")) == 1  # who did it
    assert await listed(visitor, "?group=looked") == []
    assert await listed(visitor, "?group=switched&person=nobody") == []
    assert all("登录" not in line for line in await listed(visitor, "?group=account"))


async def _again(auditor: Visitor, stranger: Visitor) -> Visitor:
    """The auditor's session is over by now."""
    assert (await auditor.get("/audit")).status == 303
    assert (await stranger.post("/sign-in", username="auditor", password=PASSWORD)).status == 303
    return stranger


BAD_FILTERS = [
    ("first=gestern", "first"),
    ("first=0001-01-01", "first"),
    ("last=9999-12-31", "last"),
    ("first=2026-11-24&last=2026-11-23", "first"),
    ("group=nonsense", ""),
    ("person=%00", ""),
    ("person=%27--", ""),
]


async def test_a_filter_that_makes_no_sense_is_explained(auditor: Visitor) -> None:
    for query, field in BAD_FILTERS:
        response = await auditor.get(f"/audit?{query}")
        page = await response.text()
        assert response.status == 422, query
        assert "筛选有误" in page
        assert not field or f'id="{field}-error"' in page


async def test_the_list_has_pages(auditor: Visitor, service: Service) -> None:
    async with service.database.writing() as session:
        for number in range(audit.PAGE_SIZE + 3):
            event = AccountEvent(at=service.now(), kind="signed_in", staff="clerk", by="clerk", note=f"<{number}>")
            session.add(event)
    first, second = await listed(auditor, "?person=clerk"), await listed(auditor, "?person=clerk&page=2")
    assert (len(first), len(second)) == (audit.PAGE_SIZE, 3)
    assert "&lt;52&gt;" in first[0]
    assert await listed(auditor, "?person=clerk&page=99") == second


@on_both
async def test_the_file_holds_what_the_page_shows_and_is_put_on_record(
    auditor: Visitor, stranger: Visitor, service: Service
) -> None:
    await stranger.post("/sign-in", username="clerk", password="wrong")
    head, *lines = await exported(auditor, group="failed")
    assert tuple(head) == audit.HEADER
    assert lines == [["2026-11-23 12:00:00", "登录失败", "小王", "小王", "127.0.0.1", "密码不对"]]
    assert (await kinds(service, "auditor"))[-1] == AccountEventKind.AUDIT_EXPORTED
    assert len(await exported(auditor)) == 1 + len(await rows(service, AccountEvent)) - 1


DANGEROUS = ['=HYPERLINK("http://evil")', "+1", "-1", "@SUM(A1)", "\t=1", "＝1＋1", "　=1", " =1", "\n=1", "\r=1"]


async def test_no_cell_of_the_file_is_a_formula(auditor: Visitor, clerk: Visitor, ask: Ask) -> None:
    question = await ask("我的电话是13812345678，" + UNANSWERABLE)
    for why in DANGEROUS:
        await clerk.post(f"/questions/{question.id}/original", version=1, why=why)
    _, *lines = await exported(auditor, group="looked")
    assert len(lines) == len(DANGEROUS)
    assert all(line[-1].startswith("'") for line in lines)
    assert audit.harmless("需要电话联系") == "需要电话联系"
    assert audit.harmless("") == ""


@given(st.text(max_size=50))
def test_no_text_becomes_a_formula_and_none_is_lost(text: str) -> None:
    made = audit.harmless(text)
    assert made.lstrip(" \u3000")[:1] not in audit.FORMULA
    assert made.removeprefix("'").endswith(text.removeprefix("'"))


async def test_only_auditors_and_administrators_read_it(
    clerk: Visitor, reviewer: Visitor, auditor: Visitor, administrator: Visitor, browser: Browser
) -> None:
    for visitor in (clerk, reviewer):
        assert (await visitor.get("/audit")).status == 403
        assert 'href="/audit"' not in await visitor.page("/")
    for visitor in (auditor, administrator):
        assert 'href="/audit"' in await visitor.page("/")


async def test_an_address_a_proxy_made_up_is_kept_in_plain_signs(auditor: Visitor, service: Service) -> None:
    service.settings = service.settings.model_copy(update={"proxies": 1})
    said = {"X-Forwarded-For": "10.1.2.3\udcff\udc00上" + "9" * 300}
    response = await auditor.post("/sign-in", said, username="clerk", password="wrong")
    assert response.status == 403
    [event] = [one for one in await rows(service, AccountEvent) if one.kind == AccountEventKind.SIGN_IN_FAILED]
    assert event.address == ("10.1.2.3" + "9" * 300)[:100]
