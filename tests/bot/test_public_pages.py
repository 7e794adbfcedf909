"""The board, the policies, the feed and the site map: found, masked, in order, and nothing live in any of them."""

import json
import re
from datetime import timedelta
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update
from sqlmodel import col, select

from bot import pace, policies, replies, searching, wording
from bot.message import checked
from bot.service import Service
from knowledge.tables import Policy, Question
from knowledge.vocabulary import Channel
from tests.bot.conftest import Citizen
from tests.conftest import Clock

WANG = replies.Author("wang", "小王")
CORPUS = (
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "]]><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "{{7*7}}{% raw %}<!--",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
)
DATA_ONLY = ("application/ld+json",)


async def published(service: Service, text: str, reply: str = "石狮子是单位自购的。", **more: str) -> Question:
    message = checked(text=text, channel=Channel.BOARD, max_chars=3000, public=True, **more)  # type: ignore[arg-type]
    receipt = await service.receiver.receive(message)
    async with service.database.reading() as session:
        question = (await session.exec(select(Question).where(Question.code == receipt.code))).one()
    await replies.publish(
        service.database, question.id or 0, reply, WANG,
        version=question.version, at=service.now(), public=True, address="x",
    )  # fmt: skip
    return question


class _Live(HTMLParser):
    """Collects what a browser would run or fetch of a page, our own script apart."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        own = given.get("src", "").startswith("/static/") or given.get("type") in DATA_ONLY
        if tag in ("img", "svg", "iframe", "object", "style") or (tag == "script" and not own):
            self.found.append(tag)
        self.found += [name for name in given if name.startswith("on") or name == "style"]
        links = [given[name] for name in ("href", "src", "action", "formaction") if name in given]
        self.found += [link for link in links if link.strip().lower().startswith(("javascript:", "data:"))]


def live(page: str) -> list[str]:
    parser = _Live()
    parser.feed(page)
    return parser.found


@pytest.mark.parametrize("evil", CORPUS)
async def test_hostile_words_are_words_on_every_page_and_in_the_feed(
    citizen: Citizen, service: Service, evil: str
) -> None:
    question = await published(service, f"石狮子 {evil}", f"答复 {evil}\n\n条件：{evil}")
    pages = [f"/board/{question.id}", "/board", "/", "/board/feed.xml", "/sitemap.xml"]
    texts = [await (await citizen.get(path)).text() for path in pages]
    for path, params in (("/board", {"q": evil, "topic": evil, "kind": evil, "year": evil}), ("/answers", {"topic": evil}),
                         ("/ask", {"kind": evil}), ("/answers/loan.limit.2026", {"from": evil})):  # fmt: skip
        texts.append(await (await citizen.get(path, params=params)).text())
    fields = dict.fromkeys(("text", "kind", "name", "phone", "after", "after_password", "token", "looked"), evil)
    for path, form in (
        ("/ask", fields), ("/ask", {"text": evil, "name": evil}), ("/ask", {"text": evil, "website": evil}),
        ("/find", {"text": evil, "token": evil}), ("/lookup", {"code": evil, "password": evil, "more": evil, "note": evil}),
        ("/rate", {"code": evil, "password": evil, "verdict": evil, "note": evil}), ("/choose", {"choice": evil}),
        ("/supplement", {"code": evil, "more": evil}), ("/display", {"back": evil, "theme": evil}),
    ):  # fmt: skip
        texts.append(await (await citizen.post(path, data=form)).text())
    for page in texts:
        assert not live(page), live(page)
    feed = ElementTree.fromstring(texts[3])  # noqa: S314 our own feed
    for item in feed.iter("item"):
        assert not re.search("[<>&]", (item.findtext("title") or "") + (item.findtext("description") or ""))
    structured = re.search(r'<script type="application/ld\+json">(.*?)</script>', texts[0], re.DOTALL)
    assert structured
    about = json.loads(structured[1])["mainEntity"]
    assert about["text"] == f"石狮子 {evil}"
    assert evil in about["acceptedAnswer"]["text"]


async def test_hostile_words_are_words_on_one_s_own_page(citizen: Citizen, service: Service) -> None:
    for evil in CORPUS:
        receipt = await (await citizen.post("/ask", data={"text": f"石狮子 {evil}", "name": evil[:40]})).text()
        own = re.search(r'name="after" value="(\d{12})".*?name="after_password" value="(\d{6})"', receipt, re.DOTALL)
        assert own
        mine = {"code": own[1], "password": own[2]}
        pages = [receipt, await (await citizen.post("/supplement", data={**mine, "more": evil})).text()]
        async with service.database.reading() as session:
            question = (await session.exec(select(Question).where(Question.code == own[1]))).one()
        await replies.publish(
            service.database, question.id or 0, evil, WANG,
            version=question.version, at=service.now(), public=False, address="",
        )  # fmt: skip
        pages.append(await (await citizen.post("/lookup", data={**mine, "more": evil, "note": evil})).text())
        pages.append(await (await citizen.post("/rate", data={**mine, "verdict": evil, "note": evil})).text())
        pages.append(await (await citizen.post("/rate", data={**mine, "verdict": "not_met", "note": evil})).text())
        after = {"after": own[1], "after_password": own[2]}
        pages.append(await (await citizen.post("/ask", data={"text": f"那{evil}呢", **after})).text())
        pages.append(await (await citizen.post("/lookup", data=mine)).text())
        for page in pages:
            assert not live(page), live(page)
        assert "同一次对话" in pages[-1]


async def test_the_probe_for_live_markup_finds_it() -> None:
    assert live("<p><script>alert(1)</script>")
    assert live("<p><img src=x onerror=alert(1)>")
    assert live('<p title="" onclick=alert(1)>')
    assert not live('<script src="/static/site.js?v=1" defer></script><p title="onclick=x">a</p>')


async def found(citizen: Citizen, **params: str) -> list[str]:
    page = await (await citizen.get("/board", params=params)).text()
    return re.findall(r'<a href="/board/(\d+)">', page)


async def test_the_board_is_searched_by_words_topic_kind_and_year(
    citizen: Citizen, service: Service, clock: Clock
) -> None:
    first = await published(service, "大厅门口的石狮子是谁捐的", "1990年代单位自购。")
    second = await published(service, "窗口排队太久，请改进", "已经增开窗口，100%满意。", kind="complaint")
    clock.at += timedelta(days=60)
    third = await published(service, "石凳坏了，请修", "已经修好。", kind="suggestion")
    one, two, three = (str(question.id) for question in (first, second, third))
    assert await found(citizen) == [three, two, one]
    assert await found(citizen, q="石") == [three, one]
    assert await found(citizen, q="石 狮子") == [one]
    assert await found(citizen, q="增开") == [two]
    assert await found(citizen, q="100%满") == []  # figures are looked for in questions alone
    assert await found(citizen, q="%") == [two]  # a sign, not a wildcard
    assert await found(citizen, q="_") == []
    assert await found(citizen, kind="complaint") == [two]
    assert await found(citizen, year="2026") == [two, one]
    assert await found(citizen, year="2027", q="石") == [three]
    assert await found(citizen, year="abcd", kind="none", topic="天气") == [three, two, one]
    assert await found(citizen, topic="贷款") == []
    assert "没有找到" in await (await citizen.get("/board", params={"q": "不存在的词"})).text()


async def test_search_tells_nothing_of_what_a_mask_hides(citizen: Citizen, service: Service) -> None:
    await published(service, "怎么联系你们", "请打您留的13812345678，或者找张三。")
    assert len(await found(citizen, q="张三")) == 1
    for said in ("13812345678", "138", "8123", "2", "1 3 8", "１３８", "张三 138"):
        assert await found(citizen, q=said) == []


async def test_pages_of_a_search_keep_what_was_asked(citizen: Citizen, service: Service) -> None:
    for number in range(21):
        await published(service, f"石狮子第{'一二三四五六七八九十'[number % 10]}问，{'好' * number}")
    page = await (await citizen.get("/board", params={"q": "石狮子"})).text()
    assert "/board?q=%E7%9F%B3%E7%8B%AE%E5%AD%90&amp;page=2" in page
    assert len(await found(citizen, q="石狮子", page="2")) == 1
    assert (await citizen.get("/board", params={"q": "石狮子", "page": "3"})).status == 404


async def test_the_feed_and_the_map_name_what_is_public(citizen: Citizen, service: Service) -> None:
    question = await published(service, "石狮子是谁捐的，我的手机13812345678", "打13912345678。\n第二行")
    response = await citizen.get("/board/feed.xml")
    feed = await response.text()
    assert response.content_type == "application/rss+xml"
    assert "138****5678" in feed
    assert "139****5678" in feed
    assert f"/board/{question.id}</link>" in feed
    assert "Mon, 23 Nov 2026 04:00:00 +0000" in feed
    places = await (await citizen.get("/sitemap.xml")).text()
    ElementTree.fromstring(places)  # noqa: S314 our own map
    assert f"/board/{question.id}</loc>" in places
    assert "/answers/loan.limit.2026</loc>" in places
    assert "loan.limit.2025" not in places
    assert "Sitemap: http" in await (await citizen.get("/robots.txt")).text()


async def test_the_library_says_what_is_in_force(citizen: Citizen, service: Service, clock: Clock) -> None:
    page = await (await citizen.get("/policies")).text()
    assert page.index("现行有效") < page.index("已废止")
    one = await (await citizen.get("/policies/tiaoli-2026")).text()
    assert "现行有效" in one
    assert "/answers/rate.deposit" in one
    old = await (await citizen.get("/policies/tiaoli-2019")).text()
    assert "已废止" in old
    assert "施行至2026年9月19日" in old
    assert "/policies/tiaoli-2026" in old
    clock.at -= timedelta(days=120)
    assert "将于2026年9月20日施行" in await (await citizen.get("/policies/tiaoli-2026")).text()
    assert (await citizen.get("/policies/nothing")).status == 404


async def change(service: Service, key: str, **values: str) -> None:
    async with service.database.writing() as session:
        await session.exec(update(Policy).where(col(Policy.key) == key).values(**values))


async def test_a_policy_not_verified_or_of_no_answer_is_not_listed(citizen: Citizen, service: Service) -> None:
    async with service.database.writing() as session:
        session.add(Policy(key="unused", title="没有用到的文件", level="A", number="1号"))
    assert "/policies/tiaoli-2019" in await (await citizen.get("/policies")).text()
    await change(service, "tiaoli-2019", level="C")
    page = await (await citizen.get("/policies")).text()
    assert "/policies/tiaoli-2019" not in page
    assert "没有用到的文件" not in page
    assert (await citizen.get("/policies/tiaoli-2019")).status == 404


async def test_a_policy_s_link_leads_only_to_the_web(citizen: Citizen, service: Service) -> None:
    await change(service, "tiaoli-2026", source="https://www.gov.cn/x")
    assert 'href="https://www.gov.cn/x"' in await (await citizen.get("/policies/tiaoli-2026")).text()
    await change(service, "tiaoli-2026", source="javascript:alert(1)")
    page = await (await citizen.get("/policies/tiaoli-2026")).text()
    assert "现行有效" in page
    assert "javascript" not in page


async def test_pace_is_the_median_of_what_people_replied(service: Service, clock: Clock) -> None:
    async with service.database.reading() as session:
        assert (await pace.pace(session, clock.at)).in_words == "暂无"
    for days in (0, 1, 7):
        message = checked(text=f"石狮子 {days}", channel=Channel.BOARD, max_chars=3000)
        await service.receiver.receive(message)
        async with service.database.reading() as session:
            question = (await session.exec(select(Question).where(Question.text == f"石狮子 {days}"))).one()
        await replies.publish(
            service.database, question.id or 0, "好", WANG,
            version=question.version, at=clock.at + timedelta(days=days), public=False, address="",
        )  # fmt: skip
    async with service.database.reading() as session:
        counted = await pace.pace(session, clock.at + timedelta(days=8))
    assert (counted.days, counted.by_staff, counted.by_system) == (1, 3, 0)
    assert counted.in_words == "1 个工作日"


@given(st.text())
def test_an_inert_text_is_inert_however_often_it_is_unescaped(text: str) -> None:
    said = wording.inert(text)
    assert not re.search("[<>&]", said)
    ElementTree.fromstring(f"<a>{said}</a>")  # noqa: S314 our own text


@given(st.text(), st.text(), st.text(), st.text())
def test_any_address_is_a_search(words: str, topic: str, kind: str, year: str) -> None:
    looked_for = searching.wanted(words, topic, kind, year)
    assert len(looked_for.words) <= searching.WORDS_MAX
    assert looked_for.year == 0 or 2000 <= looked_for.year <= 2999
    assert all(len(word) <= searching.WORD_MAX for word in looked_for.words)


def test_standing_on_the_edges(clock: Clock) -> None:
    day = clock.at.date()
    row = Policy(key="a", title="a", level="A", valid_from=day, valid_until=day)
    assert policies.standing(row, day)[0] == policies.IN_FORCE
    assert policies.standing(row, day - timedelta(days=1))[0] == policies.COMING
    assert policies.standing(row, day + timedelta(days=1))[0] == policies.ENDED
