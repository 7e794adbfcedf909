"""Every page in every display: no violation axe-core knows of, nothing wider than the screen, nothing too small to hit."""

import gzip
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.running import Running

RENT = "威海无房职工租房提取住房公积金，一年最多能提多少？"
STRANGE = "大厅门口的石狮子是谁捐的"
MODES: dict[str, tuple[str, dict[str, str]]] = {
    "light": ("light", {}),
    "dark": ("dark", {}),
    "dark by choice": ("light", {"theme": "dark"}),
    "contrast": ("light", {"theme": "contrast"}),
    "elder": ("light", {"elder": "1"}),
    "elder, dark": ("dark", {"elder": "1"}),
}
PAGES = (
    "/", "/ask", "/ask?kind=complaint", "/lookup", "/board", "/board?q=不存在的词", "/board?q=石", "/board/1", "/policies",
    "/policies/tiaoli-2026", "/policies/tiaoli-2019", "/answers?topic=提取", "/answers/withdrawal.items.2026",
    "/answers/withdrawal.items.2019", "/privacy", "/accessibility", "/nowhere",
    "/applications/new", "/applications/lookup",
)  # fmt: skip
FIRST_LOAD_MAX = 60 * 1024
PHONE: ViewportSize = {"width": 360, "height": 740}
TARGET_MIN = 24  # WCAG 2.2, 2.5.8; links inside a sentence are exempt
Opened = Callable[..., Awaitable[Page]]


@pytest.fixture
async def opened(running: Running, browser: Browser) -> AsyncIterator[Opened]:
    contexts = []

    async def new(mode: str = "light", viewport: ViewportSize = PHONE, **more: Any) -> Page:
        scheme, cookies = MODES[mode]
        context = await browser.new_context(viewport=viewport, color_scheme=scheme, **more)  # type: ignore[arg-type]
        contexts.append(context)
        await context.add_cookies([{"name": k, "value": v, "url": running.public} for k, v in cookies.items()])
        return await context.new_page()

    yield new
    for context in contexts:
        await context.close()


async def faults(page: Page) -> list[str]:
    found = await Axe().run(page)
    return [
        f"{page.url} {fault['id']}: {node['html'][:150]} {node['failureSummary'][:200]}"
        for fault in found.response["violations"]
        for node in fault["nodes"]
    ]


async def too_wide(page: Page) -> int:
    wide: int = await page.evaluate("document.scrollingElement.scrollWidth - document.documentElement.clientWidth")
    return wide


@pytest.mark.parametrize("mode", MODES)
async def test_no_page_has_a_barrier(running: Running, opened: Opened, mode: str) -> None:
    page, found = await opened(mode), []
    for path in PAGES:
        await page.goto(running.public + quote(path, safe="/?=&"))
        found += await faults(page)
    assert not found, "\n".join(found)


async def _send(page: Page, running: Running, text: str) -> dict[str, str]:
    await page.goto(f"{running.public}/ask")
    await page.get_by_label("您的问题").fill(text)
    await page.get_by_role("button", name="提交问题").click()
    code, password = (await page.locator(".codes dd").all_text_contents())[:2]
    return {"编号": code, "查询密码": password}


@pytest.mark.parametrize("mode", ["light", "dark", "elder", "contrast"])
async def test_no_result_of_a_form_has_a_barrier(running: Running, opened: Opened, mode: str) -> None:
    page = await opened(mode)
    found = []
    for text in (RENT, "租房提取", STRANGE):
        mine = await _send(page, running, text)
        found += await faults(page)
        await page.goto(f"{running.public}/lookup")
        for label, value in mine.items():
            await page.get_by_label(label).fill(value)
        await page.get_by_role("button", name="查询").click()
        found += await faults(page)
        assert await too_wide(page) <= 0
    await page.get_by_label("想起来还要说的").fill("还有一句")
    await page.get_by_role("button", name="补充", exact=True).click()
    found += await faults(page)
    await page.goto(f"{running.public}/ask")
    await page.get_by_label("您的问题").fill("问题")
    await page.locator("summary", has_text="留下姓名和电话").click()
    await page.get_by_label("电话", exact=True).fill("abc")
    await page.get_by_role("button", name="提交问题").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    found += await faults(page)
    await page.goto(running.public)
    await page.get_by_label("您的问题").fill("租房提取")
    await expect(page.get_by_role("option").first).to_be_visible()
    found += await faults(page)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("先看看这些答复")
    found += await faults(page)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("mode", ["light", "dark", "elder", "contrast"])
async def test_applying_for_information_has_no_barrier(running: Running, opened: Opened, mode: str) -> None:
    page = await opened(mode)
    await page.goto(f"{running.public}/applications/new")
    await page.get_by_label("要公开的信息").fill("2025年度归集使用情况")
    await page.get_by_label("姓名或者名称").fill("张三")
    await page.get_by_label("身份证明").fill("身份证 37100019900101")
    await page.get_by_role("button", name="提交申请").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    found = await faults(page)
    await page.get_by_label("电话", exact=True).fill("13812345678")
    await page.get_by_role("button", name="提交申请").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("申请已提交")
    found += await faults(page)
    await page.get_by_role("button", name="查看进度").click()
    await expect(page.get_by_role("heading", name="办理经过")).to_be_visible()
    found += await faults(page)
    assert await too_wide(page) <= 0
    assert not found, "\n".join(found)


@pytest.mark.parametrize("width", [320, 360, 640, 768, 1440])
@pytest.mark.parametrize("mode", ["light", "elder"])
async def test_nothing_is_wider_than_the_screen(running: Running, opened: Opened, mode: str, width: int) -> None:
    """640 is what a screen of 1280 shows at 200 %."""
    page = await opened(mode, {"width": width, "height": 800})
    for path in PAGES:
        await page.goto(running.public + quote(path, safe="/?=&"))
        assert await too_wide(page) <= 0, path


@pytest.mark.parametrize("mode", ["light", "elder"])
async def test_what_is_to_be_hit_is_large_enough(running: Running, opened: Opened, mode: str) -> None:
    page = await opened(mode)
    least = 48 if mode == "elder" else TARGET_MIN
    for path in PAGES:
        await page.goto(running.public + quote(path, safe="/?=&"))
        for control in await page.locator("button, .button, select, textarea, nav a, .topic li a, summary").all():
            box = await control.bounding_box() if await control.is_visible() else None
            assert box is None or box["height"] >= least, (path, await control.inner_text())


async def test_letters_grow_in_elder_mode_and_motion_may_be_unwanted(running: Running, opened: Opened) -> None:
    size = "parseFloat(getComputedStyle(document.querySelector('main p')).fontSize)"
    plain, elder = await opened("light"), await opened("elder")
    still = await opened("light", reduced_motion="reduce")
    for page in (plain, elder, still):
        await page.goto(f"{running.public}/privacy")
    assert await elder.evaluate(size) >= 1.2 * await plain.evaluate(size)
    assert await elder.evaluate(size) >= 18
    moves = "getComputedStyle(document.querySelector('.top nav a')).transitionDuration"
    assert await still.evaluate(moves) == "0s"
    assert await plain.evaluate(moves) != "0s"


async def test_on_paper_there_is_the_answer_and_its_address(running: Running, opened: Opened) -> None:
    page = await opened("dark")
    await page.goto(f"{running.public}/answers/withdrawal.items.2026")
    await page.emulate_media(media="print")
    await expect(page.locator(".answer")).to_be_visible()
    await expect(page.locator(".print-only")).to_be_visible()
    for gone in (".strip", ".top nav", "footer", ".tools", ".next"):
        await expect(page.locator(gone)).to_be_hidden()
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


async def test_the_first_visit_weighs_little_and_asks_nobody_else(running: Running, opened: Opened) -> None:
    page = await opened("light")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for path in PAGES:
        await page.goto(running.public + quote(path, safe="/?=&"))
    assert all(address.startswith((running.public, "data:")) for address in asked)
    weight = 0
    async with aiohttp.ClientSession() as session, session.get(running.public) as response:
        text = await response.text()
        for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', text):
            async with session.get(running.public + address) as asset:
                weight += len(gzip.compress(await asset.read()))
    assert weight + len(gzip.compress(text.encode())) < FIRST_LOAD_MAX
