"""Every route of the staff site, taken from its own list: for each role, for a stranger, and for a forged form."""

import re

import pytest
from aiohttp.test_utils import TestServer
from sqlmodel import SQLModel

from admin.auth import Route
from admin.permissions import HELD, Permission
from admin.routes import ROUTES
from bot.service import Service
from knowledge.vocabulary import Publishing, Role
from tests.admin.conftest import UNANSWERABLE, Ask, SignedIn, Visitor
from tests.admin.rooms import ALSO, HARMLESS, OPEN, ROOMS

PLACES = {"year": "2023", "key": "fee.yuan", "part": "problems", "kind": "html", "number": "1", "seq": "1"}
PUBLISHING = {"/questions/{id}/publish", "/questions/{id}/close", "/questions/{id}/board"}
BEHIND_SIGN_IN = [route for route in ROUTES if route.needs is not None]


def plain(route: Route) -> str:
    """The path without the patterns of its parts."""
    parts = route.path.split("/")
    return "/".join(part.split(":")[0] + "}" if ":" in part else part for part in parts)


def address(route: Route, question_id: int) -> str:
    named = {"username": "reviewer", "name": "staff.css", "channel": "board", "file": 1, "step": "extended", **PLACES}
    return plain(route).format(id=question_id, **named)


def may_enter(route: Route, role: Role) -> bool:
    return role in ROOMS.get(f"{route.method} {plain(route)}", set(Role))


async def everything(service: Service) -> dict[str, list[str]]:
    """Every row of every table."""
    async with service.database.reader.connect() as connection:
        tables = SQLModel.metadata.sorted_tables
        return {table.name: sorted(map(repr, (await connection.execute(table.select())).all())) for table in tables}


async def knock(visitor: Visitor, route: Route, question_id: int) -> tuple[int, str]:
    """Ask for a route; returns the status and where it sends the visitor."""
    path = address(route, question_id)
    fields = {"text": "文字", "version": 1, "why": "核对", "note": "说明", "role": "clerk", "active": "yes"}
    response = await (visitor.get(path) if route.method == "GET" else visitor.post(path, None, **fields))
    return response.status, response.headers.get("Location", "")


def test_the_list_names_every_route_that_is_served(server_of_staff: TestServer) -> None:
    served = {
        f"{route.method} {route.resource.canonical}" for route in server_of_staff.app.router.routes() if route.resource
    }
    assert served == {f"{route.method} {plain(route)}" for route in ROUTES}


def test_only_these_routes_are_open() -> None:
    assert {plain(route) for route in ROUTES if route.needs is None} == OPEN


def test_who_does_not_work_at_the_desk_changes_nothing_there() -> None:
    served = {f"{route.method} {plain(route)}" for route in ROUTES}
    assert set(ROOMS) <= served
    for role in (Role.EDITOR, Role.STATISTICIAN, Role.AUDITOR):
        posts = {plain(route) for route in BEHIND_SIGN_IN if route.method == "POST" and may_enter(route, role)}
        assert posts == HARMLESS | ALSO.get(role, set()), role


def test_every_permission_guards_a_route_and_every_role_holds_one() -> None:
    assert {route.needs for route in BEHIND_SIGN_IN} == set(Permission)
    assert set(HELD) == set(Role)


async def test_a_stranger_gets_nowhere(stranger: Visitor, ask: Ask, service: Service) -> None:
    question = await ask()
    before = await everything(service)
    for route in ROUTES:
        status, sent_to = await knock(stranger, route, question.id or 0)
        if plain(route) in OPEN:
            assert status == (403 if route.method == "POST" else 200), route
        elif route.method == "GET":
            assert (status, sent_to.split("=")[0]) == (303, "/sign-in?next"), route
        else:
            assert status == 403, route
        after = await everything(service)
        assert all("sign_in_failed" in event for event in after["account_event"])  # that somebody tried is on record
        assert {**after, "account_event": []} == {**before, "account_event": []}, route


@pytest.mark.parametrize("role", Role)
async def test_each_role_enters_its_own_rooms_only(role: Role, signed_in: SignedIn, ask: Ask, service: Service) -> None:
    for route in BEHIND_SIGN_IN:
        question, visitor = await ask(), await signed_in(role)
        before = await everything(service)
        status, sent_to = await knock(visitor, route, question.id or 0)
        if may_enter(route, role):
            assert status < 500, route
            assert status != 403, route
            assert not sent_to.startswith("/sign-in?"), route
        else:
            assert status == 403, route
            assert await everything(service) == before, route


async def test_where_the_office_demands_it_clerks_send_nothing_out(
    clerk: Visitor, reviewer: Visitor, ask: Ask, service: Service
) -> None:
    service.settings = service.settings.model_copy(update={"publishing": Publishing.REVIEWERS})
    question = await ask()
    page = await clerk.page(f"/questions/{question.id}")
    assert "/publish" not in page
    assert "/close" not in page
    assert "由审核或者签发人员发出" in page
    before = await everything(service)
    for route in BEHIND_SIGN_IN:
        if plain(route) in PUBLISHING:
            assert (await knock(clerk, route, question.id or 0))[0] == 403
    assert await everything(service) == before
    assert (await clerk.post(f"/questions/{question.id}/draft", text="拟稿", version=1)).status == 303
    assert "/publish" in await reviewer.page(f"/questions/{question.id}")
    assert (await reviewer.post(f"/questions/{question.id}/publish", text="答复", version=2)).status == 303


async def test_who_only_reads_is_offered_no_buttons(signed_in: SignedIn, ask: Ask) -> None:
    question = await ask("我的电话是13812345678，" + UNANSWERABLE)
    for role in (Role.EDITOR, Role.STATISTICIAN, Role.AUDITOR):
        visitor = await signed_in(role)
        for path in ("/", "/answered", f"/questions/{question.id}", "/cases", "/channels"):
            page = await visitor.page(path)
            assert re.findall(r'(?:formaction|method="post" action)="(?!/sign-out)([^"]*)"', page) in (
                [],
                [f"/questions/{question.id}/draft"],
            )
            assert "13812345678" not in page


WRONG_TOKENS = ["", "0" * 64, "错的"]


async def test_a_form_without_the_right_token_changes_nothing(
    administrator: Visitor, ask: Ask, service: Service
) -> None:
    for token in WRONG_TOKENS:
        question = await ask()
        administrator.csrf = token
        before = await everything(service)
        for route in BEHIND_SIGN_IN:
            if route.method == "POST":
                status, _ = await knock(administrator, route, question.id or 0)
                assert status == 403, route
                assert await everything(service) == before, route


FOREIGN_HEADERS = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
]


async def test_another_site_cannot_post_even_with_the_token(clerk: Visitor, ask: Ask, service: Service) -> None:
    for headers in FOREIGN_HEADERS:
        question = await ask()
        before = await everything(service)
        response = await clerk.post(f"/questions/{question.id}/publish", headers, text="伪造的答复", version=1)
        assert response.status == 403
        assert "伪造的答复" in await response.text()
        assert await everything(service) == before


async def test_the_pages_of_this_site_may_post(clerk: Visitor, ask: Ask) -> None:
    question = await ask()
    origin = str(clerk.http.make_url("/")).rstrip("/")
    for version, headers in enumerate(({"Sec-Fetch-Site": "same-origin"}, {"Origin": origin}, {}), start=1):
        response = await clerk.post(f"/questions/{question.id}/draft", headers, text="拟稿", version=version)
        assert response.status == 303


async def test_the_csrf_token_of_one_session_is_no_use_in_another(clerk: Visitor, reviewer: Visitor, ask: Ask) -> None:
    question = await ask()
    clerk.csrf = reviewer.csrf
    response = await clerk.post(f"/questions/{question.id}/draft", text="拟稿", version=1)
    assert response.status == 403


async def test_what_does_not_exist_is_said_in_chinese(clerk: Visitor) -> None:
    for path in ("/nowhere", "/questions/999999", "/questions/1/sent", "/?tab=nonsense", "/static/nothing.css"):
        response = await clerk.get(path)
        assert response.status == 404, path
        assert "没有" in await response.text()
    response = await clerk.get("/questions/1/publish")
    assert response.status == 405


async def test_every_answer_carries_the_security_headers(clerk: Visitor, stranger: Visitor, ask: Ask) -> None:
    await ask()
    for response in (
        await clerk.get("/"),
        await stranger.get("/"),
        await clerk.get("/questions/1"),
        await clerk.post("/ledger/verify"),
    ):
        assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert response.headers["Cache-Control"] == "no-store"
        text = await response.text()
        assert set(re.findall("<script[^>]*>[^<]*", text)) <= {'<script src="/static/desk.js" defer>'}
        assert "style=" not in text
    assert UNANSWERABLE in await clerk.page("/")
