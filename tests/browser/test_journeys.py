"""A citizen's ways through the site: phone, tablet, desk; with scripts, without, and with the keyboard alone."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.running import Running

WIDTHS = (360, 768, 1440)
RENT = "威海无房职工租房提取住房公积金，一年最多能提多少？"
STRANGE = "门口的石狮子为什么没有舌头"


@pytest.fixture(params=[(width, scripts) for width in WIDTHS for scripts in (True, False)], ids=str)
async def context(request: pytest.FixtureRequest, browser: Browser) -> AsyncIterator[BrowserContext]:
    width, scripts = request.param
    opened = await browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=scripts)
    opened.set_default_timeout(10_000)
    yield opened
    await opened.close()


@pytest.fixture
async def desk(browser: Browser) -> AsyncIterator[Page]:
    opened = await browser.new_context(viewport={"width": 1440, "height": 900})
    yield await opened.new_page()
    await opened.close()


async def heading(page: Page, text: str) -> None:
    await expect(page.get_by_role("heading", level=1)).to_have_text(text)


async def own(page: Page) -> tuple[str, str]:
    code, password = (await page.locator(".codes dd").all_text_contents())[:2]
    return code, password


async def look_up(page: Page, code: str, password: str) -> None:
    await page.get_by_role("link", name="查询答复").first.click()
    await page.get_by_label("编号").fill(code)
    await page.get_by_label("查询密码").fill(password)
    await page.get_by_role("button", name="查询").click()


async def test_look_first_then_ask_reopen_add_and_follow(running: Running, context: BrowserContext) -> None:
    page = await context.new_page()
    await page.goto(running.public)
    await page.get_by_label("您的问题").fill(RENT)
    await page.get_by_role("button", name="查找答复").click()
    await heading(page, "先看看这些答复")
    await page.locator(".matches a").first.click()
    await heading(page, RENT)
    await expect(page.get_by_text("18000")).to_be_visible()
    await page.go_back()
    await page.get_by_role("button", name="提交问题").click()
    await heading(page, "答复")
    code, password = await own(page)
    await page.locator("summary", has_text="答非所问").click()
    await page.get_by_label("哪里没有答到").fill("我问的是按月")
    await page.get_by_role("button", name="转工作人员").click()
    await heading(page, "待答复")
    await expect(page.locator(".steps")).to_contain_text("我问的是按月")
    await page.get_by_label("想起来还要说的").fill("合同在中介那里")
    await page.get_by_role("button", name="补充", exact=True).click()
    await look_up(page, code, password)
    await expect(page.locator(".steps")).to_contain_text("合同在中介那里")
    await page.get_by_label("还想问什么").fill("那需要什么材料")
    await page.get_by_role("button", name="提交问题").click()
    later, _ = await own(page)
    await look_up(page, code, password)
    await expect(page.get_by_text(f"后一条，编号 {later.replace(' ', '')}")).to_be_visible()


async def test_a_mistake_costs_nothing(running: Running, context: BrowserContext) -> None:
    page = await context.new_page()
    await page.goto(running.public)
    await page.get_by_role("link", name="写留言").click()
    await page.get_by_label("您的问题").fill(STRANGE)
    await page.get_by_role("radio", name="建议").check()
    await page.locator("summary", has_text="留下姓名和电话").click()
    await page.get_by_label("姓名").fill("王小明")
    await page.get_by_label("电话", exact=True).fill("没有电话")
    await page.get_by_label("同意隐去个人信息后").check()
    await page.get_by_role("button", name="提交问题").click()
    await expect(page.get_by_role("alert")).to_contain_text("电话号码看起来不对")
    await expect(page.get_by_label("您的问题")).to_have_value(STRANGE)
    await expect(page.get_by_role("radio", name="建议")).to_be_checked()
    await expect(page.get_by_label("姓名")).to_have_value("王小明")
    await expect(page.get_by_label("同意隐去个人信息后")).to_be_checked()
    await page.get_by_label("电话", exact=True).fill("13800000000")
    await page.get_by_role("button", name="提交问题").click()
    await heading(page, "已收到您的留言")
    await expect(page.get_by_text("最晚答复日期")).to_be_visible()


async def test_the_board_is_searched_and_read(running: Running, context: BrowserContext) -> None:
    page = await context.new_page()
    await page.goto(f"{running.public}/board")
    await page.get_by_label("查找", exact=True).fill("石凳")
    await page.get_by_role("button", name="查找").click()
    await expect(page.locator(".list > li")).to_have_count(1)
    await page.get_by_role("link", name="石凳坏了").click()
    await heading(page, "留言与答复")
    await expect(page.get_by_text("139****5678")).to_be_visible()
    await page.get_by_role("link", name="政策文件").click()
    await page.get_by_role("link", name="住房公积金管理条例（2026年修订）").click()
    await expect(page.get_by_text("现行有效")).to_be_visible()


async def test_the_display_is_changed_and_stays(running: Running, context: BrowserContext) -> None:
    page = await context.new_page()
    await page.goto(f"{running.public}/board?q=石")
    await page.get_by_role("button", name="适老版").click()
    await expect(page.locator("html")).to_have_attribute("data-elder", "")
    await expect(page).to_have_url(f"{running.public}/board?q=%E7%9F%B3")
    await page.locator("summary", has_text="外观").click()
    await page.get_by_role("button", name="高对比").click()
    await expect(page.locator("html")).to_have_attribute("data-theme", "contrast")
    await page.goto(f"{running.public}/lookup")
    await expect(page.locator("html")).to_have_attribute("data-theme", "contrast")
    await page.get_by_role("button", name="退出适老版").click()
    await expect(page.locator("html")).not_to_have_attribute("data-elder", "")


async def test_changing_the_display_leaves_the_receipt_where_it_is(running: Running, desk: Page) -> None:
    await desk.goto(f"{running.public}/ask")
    await desk.get_by_label("您的问题").fill(STRANGE)
    await desk.get_by_role("button", name="提交问题").click()
    code, _ = await own(desk)
    await desk.get_by_role("button", name="适老版").click()
    await expect(desk.locator("html")).to_have_attribute("data-elder", "")
    await expect(desk.get_by_text(code)).to_be_visible()


async def test_without_scripts_a_receipt_offers_nothing_that_would_lose_it(running: Running, browser: Browser) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{running.public}/ask")
    await page.get_by_label("您的问题").fill(STRANGE)
    await page.get_by_role("button", name="提交问题").click()
    await expect(page.locator(".codes")).to_be_visible()
    await expect(page.get_by_role("button", name="适老版")).to_be_hidden()
    await expect(page.get_by_role("button", name="打印")).to_be_hidden()
    await context.close()


async def focused(page: Page) -> str:
    text: str = await page.evaluate("(e => (e.labels && e.labels[0] || e).textContent.trim())(document.activeElement)")
    return text


async def tab_to(page: Page, text: str, most: int = 40) -> None:
    for _ in range(most):
        await page.keyboard.press("Tab")
        if text in await focused(page):
            return
    raise AssertionError(f"not reached: {text}")


async def test_suggestions_with_the_keyboard_alone_and_nothing_jumps(running: Running, desk: Page) -> None:
    await desk.goto(running.public)
    await desk.keyboard.press("Tab")
    assert await focused(desk) == "跳到正文"
    await tab_to(desk, "您的问题")
    box = desk.get_by_role("combobox")
    place = await desk.locator(".figures").bounding_box()
    await desk.keyboard.type("租房提取")
    await expect(box).to_have_attribute("aria-expanded", "true")
    assert await desk.locator(".figures").bounding_box() == place
    await expect(desk.locator("form.box [role=status]")).to_contain_text("条可能的答复")
    await desk.keyboard.press("ArrowDown")
    first = desk.get_by_role("option").first
    await expect(first).to_have_attribute("aria-selected", "true")
    await expect(box).to_have_attribute("aria-activedescendant", str(await first.get_attribute("id")))
    await desk.keyboard.press("Escape")
    await expect(box).to_have_attribute("aria-expanded", "false")
    await expect(box).to_have_value("租房提取")
    await desk.keyboard.press("ArrowDown")
    await desk.keyboard.press("Enter")
    await desk.wait_for_url("**/answers/*")
    await expect(desk.locator(".answer")).to_be_visible()


async def test_a_question_with_the_keyboard_alone(running: Running, desk: Page) -> None:
    await desk.goto(f"{running.public}/ask")
    await tab_to(desk, "您的问题")
    await desk.keyboard.type(STRANGE)
    await desk.keyboard.press("Tab")
    await desk.keyboard.press("ArrowDown")
    await expect(desk.get_by_role("radio", name="求助")).to_be_checked()
    await tab_to(desk, "同意隐去个人信息后")
    await desk.keyboard.press("Space")
    await tab_to(desk, "提交问题")
    await desk.keyboard.press("Enter")
    await heading(desk, "已收到您的留言")


async def test_a_draft_outlives_an_accident_and_goes_once_sent(running: Running, desk: Page) -> None:
    await desk.goto(f"{running.public}/ask")
    await desk.get_by_label("您的问题").fill(STRANGE)
    await desk.goto(f"{running.public}/board")
    await desk.goto(f"{running.public}/ask")
    await expect(desk.get_by_label("您的问题")).to_have_value(STRANGE)
    await desk.get_by_role("button", name="提交问题").click()
    await expect(desk.locator(".codes")).to_be_visible()
    await desk.goto(f"{running.public}/ask")
    await expect(desk.get_by_label("您的问题")).to_have_value("")


async def test_the_address_of_an_answer_is_copied(running: Running, browser: Browser) -> None:
    context = await browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = await context.new_page()
    await page.goto(f"{running.public}/answers/withdrawal.items.2026?from=x")
    await page.get_by_role("button", name="复制网址").click()
    await expect(page.get_by_text("已复制")).to_be_visible()
    assert (await page.evaluate("navigator.clipboard.readText()")).endswith("/answers/withdrawal.items.2026")
    await context.close()
