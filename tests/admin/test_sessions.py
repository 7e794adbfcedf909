"""Sessions: what is shown of them, how they are ended, and that an idle one ends by itself."""

import re
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from admin import browsers, sessions
from bot.service import Service
from knowledge.tables import StaffSession
from tests.admin.conftest import PASSWORD, Browser, Visitor, hidden, on_both, rows
from tests.conftest import Clock

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
SAID = [
    (FIREFOX, "Firefox（Windows）"),
    (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 "
        "Safari/537.36 Edg/128.0.0.0",
        "Edge（Windows）",
    ),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/17.0 Mobile/15E148 Safari/604.1",
        "Safari（iPhone）",
    ),
    ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/128.0.0.0 Safari/537.36", "Chrome（Linux）"),
    ("curl/8.5.0", "其他浏览器"),
    ("", "其他浏览器"),
]


async def sign_in(visitor: Visitor, username: str = "clerk", agent: str = FIREFOX) -> Visitor:
    response = await visitor.post("/sign-in", {"User-Agent": agent}, username=username, password=PASSWORD)
    assert response.status == 303
    visitor.csrf = hidden(await visitor.page("/account"), "csrf")
    return visitor


def test_browsers_are_told_in_words() -> None:
    for agent, words in SAID:
        assert browsers.in_words(agent) == words


@given(st.text(max_size=300))
def test_nothing_of_what_a_browser_says_is_repeated(agent: str) -> None:
    known = {word for _, word in (*browsers.KINDS, *browsers.SYSTEMS)} | {browsers.UNKNOWN, ""}
    assert set(re.split("[（）]", browsers.in_words(agent))) <= known


async def test_one_sees_where_one_is_signed_in(browser: Browser, reviewer: Visitor) -> None:
    first, second = await sign_in(await browser()), await sign_in(await browser(), agent="curl/8.5.0")
    page = await first.page("/account")
    assert page.count("就是现在这个") == 1
    assert "Firefox（Windows）" in page
    assert "其他浏览器" in page
    assert "127.0.0.1" in page
    assert "curl" not in page
    assert first.token not in page
    assert sessions.digest(second.token) in page
    assert sessions.digest(reviewer.token) not in page


async def test_one_ends_one_of_ones_own_or_all_others(browser: Browser, reviewer: Visitor) -> None:
    first, second, third = [await sign_in(await browser()) for _ in range(3)]
    response = await first.post("/account/sessions/end", session=sessions.digest(second.token))
    assert response.headers["Location"] == "/account?done=session_ended"
    assert [(await one.get("/")).status for one in (first, second, third, reviewer)] == [200, 303, 200, 200]
    assert (await first.post("/account/sessions/end", session=sessions.digest(second.token))).status == 404
    await first.post("/account/sessions/end")
    assert [(await one.get("/")).status for one in (first, third, reviewer)] == [200, 303, 200]


async def test_nobody_ends_somebody_elses(clerk: Visitor, reviewer: Visitor) -> None:
    response = await clerk.post("/account/sessions/end", session=sessions.digest(reviewer.token))
    assert response.status == 404
    assert (await reviewer.get("/")).status == 200


@on_both
async def test_an_administrator_ends_anybodys(administrator: Visitor, browser: Browser, reviewer: Visitor) -> None:
    first, second = await sign_in(await browser()), await sign_in(await browser())
    page = await administrator.page("/staff/clerk/sessions")
    assert page.count("Firefox（Windows）</strong>") == 2
    digest = sessions.digest(first.token)
    response = await administrator.post("/staff/clerk/sessions", session=digest)
    assert response.headers["Location"] == "/staff/clerk/sessions?done=session_ended"
    assert [(await one.get("/")).status for one in (first, second)] == [303, 200]
    await administrator.post("/staff/clerk/sessions")
    assert [(await one.get("/")).status for one in (second, reviewer, administrator)] == [303, 200, 200]
    assert (await administrator.post("/staff/administrator/sessions")).status == 422
    assert (await administrator.get("/staff/nobody/sessions")).status == 404


@on_both
async def test_an_idle_session_ends_and_a_used_one_does_not(
    clerk: Visitor, reviewer: Visitor, clock: Clock, service: Service
) -> None:
    service.settings = service.settings.model_copy(update={"idle_minutes": 60})
    for _ in range(3):
        clock.at += timedelta(minutes=40)
        assert (await clerk.get("/")).status == 200
    assert (await reviewer.get("/")).status == 303
    clock.at += timedelta(minutes=60)
    assert (await clerk.get("/")).status == 303


async def test_that_somebody_is_there_is_written_once_a_minute(clerk: Visitor, clock: Clock, service: Service) -> None:
    begun = clock.at
    clock.at += timedelta(seconds=59)
    await clerk.page("/")
    assert (await rows(service, StaffSession))[0].last_seen_at == begun
    clock.at += timedelta(seconds=1)
    await clerk.page("/")
    assert (await rows(service, StaffSession))[0].last_seen_at == clock.at


async def test_what_is_kept_of_a_session_opens_nothing(clerk: Visitor, browser: Browser, service: Service) -> None:
    async with service.database.reading() as session:
        kept = (await session.exec(select(StaffSession.token_sha256))).one()
    thief = await browser()
    thief.http.session.cookie_jar.update_cookies({"zhengwen_staff": kept}, thief.http.make_url("/"))
    assert (await thief.get("/")).status == 303
