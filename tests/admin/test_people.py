"""Accounts: made, reset, given roles, put out of use; by administrators only, and never the last of them."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from sqlmodel import select

from admin import staff
from admin.account_events import Acting
from bot.service import Service
from knowledge import migrate, settings
from knowledge.db import Database, open_database
from knowledge.errors import BadInputError, NotFoundError
from knowledge.tables import Staff
from knowledge.vocabulary import Publishing, Role
from tests.admin.conftest import PASSWORD, Visitor, on_both
from tests.conftest import NOON

BOSS = Acting("administrator", NOON, "10.0.0.7")
ONE_TIME = re.compile(r"<code>([2-9a-z]{4}(?:-[2-9a-z]{4}){3})</code>")


@pytest.fixture
async def second_process(database: Database, empty_url: str | None, tmp_path: object) -> AsyncIterator[Database]:
    """Another process at the same database."""
    opened = open_database(settings.load({}, data=tmp_path, database_url=empty_url))
    await migrate.upgrade(opened)
    yield opened
    await opened.close()


async def account(database: Database, username: str) -> Staff:
    async with database.reading() as session:
        return (await session.exec(select(Staff).where(Staff.username == username))).one()


@on_both
async def test_two_processes_make_one_first_administrator(database: Database, second_process: Database) -> None:
    given = await asyncio.gather(
        *(staff.ensure_first_administrator(one, NOON) for one in (database, second_process, database))
    )
    [password] = [one for one in given if one]
    row = await account(database, staff.FIRST_USERNAME)
    assert (row.role, row.must_change, row.active) == (Role.ADMINISTRATOR, True, True)
    assert await staff.password_ok(row.password_hash, password)
    assert password not in row.password_hash
    assert await staff.ensure_first_administrator(database, NOON) is None


async def test_a_new_account_gets_a_one_time_password_shown_once(
    administrator: Visitor, stranger: Visitor, service: Service
) -> None:
    response = await administrator.post("/staff", username="xiaochen", name="小陈", role="reviewer")
    found = ONE_TIME.search(await response.text())
    assert found
    assert "小陈" in await administrator.page("/staff")
    assert not ONE_TIME.search(await administrator.page("/staff"))
    row = await account(service.database, "xiaochen")
    assert (row.role, row.must_change) == (Role.REVIEWER, True)
    response = await stranger.post("/sign-in", username="xiaochen", password=found.group(1))
    assert response.status == 303


BAD_ACCOUNTS = [
    ("username", "小陈"),
    ("username", "a"),
    ("username", "system"),
    ("username", "citizen"),
    ("username", "clerk"),
    ("name", " "),
    ("name", "长" * 41),
    ("name", "小\n陈"),
    ("role", "king"),
    ("role", ""),
]


async def test_an_account_that_cannot_be_made_is_explained(administrator: Visitor, service: Service) -> None:
    for field, value in BAD_ACCOUNTS:
        fields = {"username": "xiaochen", "name": "小陈", "role": "clerk", field: value}
        response = await administrator.post("/staff", None, **fields)
        page = await response.text()
        assert response.status == 422
        assert f'id="{field}-error"' in page
        async with service.database.reading() as session:
            assert len((await session.exec(select(Staff))).all()) == len(Role)


@on_both
async def test_a_reset_ends_sessions_and_demands_a_new_password(
    administrator: Visitor, clerk: Visitor, stranger: Visitor, service: Service
) -> None:
    response = await administrator.post("/staff/clerk/reset")
    found = ONE_TIME.search(await response.text())
    assert found
    assert (await clerk.get("/")).status == 303
    assert (await account(service.database, "clerk")).must_change
    assert (await stranger.post("/sign-in", username="clerk", password=PASSWORD)).status == 403
    assert (await stranger.post("/sign-in", username="clerk", password=found.group(1))).status == 303


async def test_an_account_is_put_out_of_use_and_back(administrator: Visitor, clerk: Visitor, stranger: Visitor) -> None:
    response = await administrator.post("/staff/clerk/active", active="no")
    assert response.headers["Location"] == "/staff?done=deactivated"
    assert (await clerk.get("/")).status == 303
    assert (await stranger.post("/sign-in", username="clerk", password=PASSWORD)).status == 403
    assert "已停用" in await administrator.page("/staff")
    await administrator.post("/staff/clerk/active", active="yes")
    assert (await stranger.post("/sign-in", username="clerk", password=PASSWORD)).status == 303


async def test_another_role_counts_from_the_next_click(administrator: Visitor, clerk: Visitor) -> None:
    assert (await clerk.get("/staff")).status == 403
    await administrator.post("/staff/clerk/role", role="administrator")
    assert (await clerk.get("/staff")).status == 200


ACTIONS = ["reset", "active", "role"]


async def test_nobody_changes_the_own_account_here(administrator: Visitor, service: Service) -> None:
    for action in ACTIONS:
        before = await account(service.database, "administrator")
        response = await administrator.post(f"/staff/administrator/{action}", active="no", role="clerk")
        assert response.status == 422
        assert "自己的账号" in await response.text()
        assert await account(service.database, "administrator") == before


async def test_an_account_that_is_not_there_is_said_so(administrator: Visitor) -> None:
    for action in ACTIONS:
        response = await administrator.post(f"/staff/nobody/{action}", active="no", role="clerk")
        assert response.status == 404
        assert "没有用户名为 nobody 的账号" in await response.text()


@on_both
async def test_the_last_administrator_stays(service: Service, administrator: Visitor) -> None:
    database = service.database
    with pytest.raises(BadInputError, match="至少要留一个"):
        await staff.set_active(database, "administrator", BOSS, active=False)
    with pytest.raises(BadInputError, match="至少要留一个"):
        await staff.set_role(database, "administrator", Role.CLERK, BOSS)
    row = await account(database, "administrator")
    assert (row.active, row.role) == (True, Role.ADMINISTRATOR)
    assert (await administrator.get("/staff")).status == 200


@on_both
async def test_two_administrators_cannot_put_each_other_out_at_once(service: Service, administrator: Visitor) -> None:
    database = service.database
    await staff.set_role(database, "reviewer", Role.ADMINISTRATOR, BOSS)
    async with database.writing() as session:
        other = (await session.exec(select(Staff).where(Staff.username == "reviewer"))).one()
        other.active = False
        await session.flush()
        second = asyncio.create_task(staff.set_active(database, "administrator", BOSS, active=False))
        await asyncio.sleep(0.3)  # time enough to read the rows as they were, if nothing held it back
    with pytest.raises(BadInputError, match="至少要留一个"):
        await second
    assert (await account(database, "administrator")).active


async def test_one_time_passwords_differ_and_can_be_read_aloud(database: Database) -> None:
    given = [await staff.create(database, f"name{number}", "某人", Role.CLERK, BOSS) for number in range(3)]
    assert len(set(given)) == 3
    assert all(re.fullmatch(r"[2-9a-km-np-z]{4}(-[2-9a-km-np-z]{4}){3}", one) for one in given)
    with pytest.raises(NotFoundError):
        await staff.reset_password(database, "nobody", BOSS)


@on_both
async def test_departments_are_added_renamed_and_removed_when_empty(administrator: Visitor, service: Service) -> None:
    for name in ("信贷科", "归集科"):
        response = await administrator.post("/departments", department=name)
        assert response.headers["Location"] == "/staff?done=departments#departments"
    await administrator.post("/departments/1", department="贷款科")
    await administrator.post("/staff/clerk/department", department=1)
    page = await administrator.page("/staff")
    assert '<option value="1" selected>贷款科</option>' in page
    assert (await account(service.database, "clerk")).department_id == 1
    assert (await administrator.post("/departments/1", remove=1)).status == 409
    assert (await administrator.post("/departments/2", remove=1)).status == 303
    await administrator.post("/staff/clerk/department", department="")
    assert (await account(service.database, "clerk")).department_id is None
    assert (await administrator.post("/departments/1", remove=1)).status == 303
    assert "还没有科室" in await administrator.page("/staff")


async def test_a_department_that_cannot_be_is_explained(administrator: Visitor, service: Service) -> None:
    await administrator.post("/departments", department="信贷科")
    await administrator.post("/departments", department="归集科")
    for name in ("", "  ", "长" * 41, "信贷科"):
        response = await administrator.post("/departments", department=name)
        assert response.status == 422
        assert 'id="department-error"' in await response.text()
        if name != "信贷科":
            continue
        response = await administrator.post("/departments/2", department=name)
        assert response.status == 422
        assert 'id="department-2-error"' in await response.text()
    assert (await administrator.post("/departments/9", department="新")).status == 404
    assert (await administrator.post("/staff/clerk/department", department=9)).status == 404
    assert (await administrator.post("/staff/clerk/department", department="x")).status == 422
    assert (await account(service.database, "clerk")).department_id is None


async def test_the_page_says_what_each_role_may_do(administrator: Visitor, service: Service) -> None:
    page = await administrator.page("/staff")
    assert "<dt>审计</dt><dd>看留言、申请、台账和渠道（个人信息已遮盖）；看审计记录</dd>" in page
    assert page.count("发出答复、办结、公开到留言板") == 4
    service.settings = service.settings.model_copy(update={"publishing": Publishing.REVIEWERS})
    assert (await administrator.page("/staff")).count("发出答复、办结、公开到留言板") == 3
