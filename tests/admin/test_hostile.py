"""Everything a citizen or a form sends is hostile: it is shown as text, or refused."""

import io

from sqlmodel import col, select, update

from admin import auth
from bot.service import Service
from knowledge.tables import Question, QuestionOriginal
from knowledge.vocabulary import QuestionState
from tests.admin.conftest import Ask, Visitor

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>'\"&{{ 7*7 }}"
SHOWN = "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(2)&gt;"
PAGES = ("", "/sent")


OUR_SCRIPT = '<script src="/static/desk.js" defer></script>'


def harmless(page: str) -> bool:
    page = page.replace(OUR_SCRIPT, "", 1)
    return "<script" not in page and "<img" not in page and "49" not in page.split("7*7")[0][-5:]


async def test_what_a_citizen_wrote_is_shown_as_text_everywhere(clerk: Visitor, ask: Ask, service: Service) -> None:
    question = await ask(EVIL, name="<b>张</b>", phone="13800001234")
    path = f"/questions/{question.id}"
    for page in (await clerk.page("/"), await clerk.page(path)):
        assert SHOWN[:60] in page
        assert harmless(page)
    response = await clerk.post(f"{path}/original", version=1, why=EVIL)
    page = await response.text()
    assert "&lt;b&gt;张&lt;/b&gt;" in page
    assert SHOWN in page
    assert harmless(page)


async def test_what_the_engine_kept_is_shown_as_text(clerk: Visitor, ask: Ask, service: Service) -> None:
    question = await ask()
    candidate = {"standard": EVIL, "score": 0.5, "question": EVIL + "吗", "words": [EVIL], "vetoes": [EVIL]}
    async with service.database.writing() as session:
        where = col(Question.id) == question.id
        await session.exec(update(Question).where(where).values(explanation={"candidates": [candidate]}))
    page = await clerk.page(f"/questions/{question.id}")
    assert page.count(SHOWN) == 4
    assert harmless(page)


async def test_an_explanation_of_another_version_does_not_break_the_page(
    clerk: Visitor, ask: Ask, service: Service
) -> None:
    question = await ask()
    older: list[dict[str, object]] = [{}, {"candidates": [{}]}, {"candidates": None, "confidence": None}]
    for explanation in older:
        async with service.database.writing() as session:
            await session.exec(update(Question).values(explanation=explanation))
        assert "系统为什么这样处理" in await clerk.page(f"/questions/{question.id}")


async def test_what_staff_wrote_is_shown_as_text(clerk: Visitor, reviewer: Visitor, ask: Ask) -> None:
    question = await ask()
    path = f"/questions/{question.id}"
    await clerk.post(f"{path}/draft", version=1, text=EVIL)
    conflict = await (await reviewer.post(f"{path}/publish", version=1, text=EVIL + "老李", note=EVIL)).text()
    assert conflict.count(SHOWN) == 3
    refused = await (await reviewer.post(f"{path}/publish", version=2, text=EVIL, entry=EVIL, note=EVIL)).text()
    await clerk.post(f"{path}/publish", version=2, text=EVIL)
    pages = [conflict, refused, *[await clerk.page(path + more) for more in PAGES]]
    for page in pages:
        assert SHOWN in page
        assert harmless(page)


async def test_closing_notes_are_shown_as_text(clerk: Visitor, ask: Ask) -> None:
    question = await ask()
    await clerk.post(f"/questions/{question.id}/close", version=1, note=EVIL)
    page = await clerk.page(f"/questions/{question.id}")
    assert SHOWN in page
    assert harmless(page)


async def test_the_sign_in_page_gives_nothing_back_unescaped(stranger: Visitor) -> None:
    response = await stranger.post("/sign-in", username=EVIL, password=EVIL, next=EVIL, kept=EVIL, kept_version=EVIL)
    page = await response.text()
    assert page.count(SHOWN) == 3  # name, text, version; a path that is none is dropped
    assert harmless(page)


async def test_notices_come_from_the_list_only(clerk: Visitor) -> None:
    page = await clerk.page("/?done=%3Cscript%3E")
    assert 'class="notice' not in page


BAD_FORMS = [
    (b"csrf=x&text=\xff\xfe", "application/x-www-form-urlencoded", 422),
    (b"{}", "application/json", 422),
    (b"&".join(b"a%d=1" % number for number in range(99)), "application/x-www-form-urlencoded", 422),
    (b"text=" + b"x" * (3 * 1024 * 1024), "application/x-www-form-urlencoded", 413),
]


async def test_forms_that_are_none_are_refused(clerk: Visitor, ask: Ask, service: Service) -> None:
    question = await ask()
    for body, content_type, status in BAD_FORMS:
        response = await clerk.http.post(
            f"/questions/{question.id}/draft",
            data=io.BytesIO(body),
            headers={"Content-Type": content_type},
            allow_redirects=False,
        )
        assert response.status == status
        assert 'lang="zh-CN"' in await response.text()
        async with service.database.reading() as session:
            assert (await session.exec(select(Question.state))).one() == QuestionState.WAITING


async def test_a_cookie_nobody_gave_out_opens_nothing(stranger: Visitor) -> None:
    for token in ("x", "0" * 64, "%00", "' OR '1'='1"):
        response = await stranger.http.get("/", headers={"Cookie": f"{auth.COOKIE}={token}"}, allow_redirects=False)
        assert response.status == 303


async def test_static_files_are_only_our_own(stranger: Visitor) -> None:
    response = await stranger.get("/static/staff.css")
    assert (response.status, response.content_type) == (200, "text/css")
    for path in ("/static/%2e%2e%2fsite.py", "/static/.gitignore", "/static/", "/static/staff.css%00"):
        assert (await stranger.get(path)).status == 404, path


async def test_the_original_stays_where_it_is(clerk: Visitor, ask: Ask, service: Service) -> None:
    question = await ask("电话13800001234")
    await clerk.post(f"/questions/{question.id}/publish", version=1, text="答复")
    async with service.database.reading() as session:
        kept = (await session.exec(select(QuestionOriginal))).one()
    assert kept.text == "电话13800001234"
