"""The line once in a real browser, without JavaScript: phone for the citizen, desktop for the clerk, keyboard where it matters."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.chromium import chromium
from tests.running import Running

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
RENT = "威海无房职工租房提取住房公积金，一年最多能提多少？"
STRANGE = "大厅门口的石狮子是谁捐的呢，我的手机13812345678"
NEW_PASSWORD = "a quiet harbour at dawn"
SCREENSHOTS = Path("build/screenshots")


@pytest.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """The service with the demonstration's base."""
    service = await Running(tmp_path_factory.mktemp("browser") / "var").start("--demo")
    yield service
    await service.stop()


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    """The system's Chromium."""
    async with chromium() as started:
        yield started


async def opened(browser: Browser, width: int, height: int) -> Page:
    context = await browser.new_context(viewport={"width": width, "height": height}, java_script_enabled=False)
    return await context.new_page()


async def kept(page: Page, name: str) -> None:
    """Keep a picture for those who want to look; playwright makes the folder."""
    await page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


async def test_a_citizen_asks_a_clerk_replies_the_board_shows_it(running: Running, browser: Browser) -> None:
    citizen = await opened(browser, **PHONE)
    await citizen.goto(f"{running.public}/ask")
    await citizen.get_by_label("您的问题").fill(STRANGE)
    await citizen.get_by_label("同意隐去个人信息后").check()
    await citizen.get_by_role("button", name="提交问题").click()
    await expect(citizen.get_by_role("heading", level=1)).to_have_text("已收到您的留言")
    await expect(citizen.get_by_text("工作人员最晚在")).to_be_visible()
    await kept(citizen, "receipt-phone")
    code, password = await citizen.locator(".codes dd").all_text_contents()

    clerk = await opened(browser, **DESKTOP)
    await clerk.goto(running.office)
    await clerk.get_by_label("用户名").fill("admin")
    await clerk.get_by_label("密码", exact=True).fill(running.password)
    await clerk.keyboard.press("Enter")
    await expect(clerk).to_have_url(f"{running.office}/password")
    for field, value in (("current", running.password), ("new", NEW_PASSWORD), ("again", NEW_PASSWORD)):
        await clerk.locator(f"#{field}").fill(value)
    await clerk.keyboard.press("Enter")
    await expect(clerk.get_by_role("heading", level=1)).not_to_have_text("请先设置自己的密码")
    await clerk.goto(running.office)
    await kept(clerk, "queue-desktop")
    await clerk.get_by_role("link", name="大厅门口的石狮子").first.click()
    await expect(clerk.get_by_text("138****5678").first).to_be_visible()
    await clerk.locator("#text").fill("石狮子是1990年代单位自购的。")
    await clerk.locator("#public").check()
    await kept(clerk, "question-desktop")
    await clerk.get_by_role("button", name="答复并发出").click()
    await clerk.get_by_label("不改的理由").fill("单位自有物品，没有政策依据")
    await clerk.get_by_role("button", name="答复并发出").click()
    await expect(clerk.get_by_text("石狮子是1990年代单位自购的。").first).to_be_visible()

    await citizen.get_by_role("link", name="查询答复").first.click()
    await citizen.get_by_label("编号").fill(code)
    await citizen.get_by_label("查询密码").fill(password)
    await citizen.keyboard.press("Enter")
    await expect(citizen.get_by_role("heading", level=1)).to_have_text("已答复")
    await expect(citizen.get_by_text("石狮子是1990年代单位自购的。")).to_be_visible()
    await citizen.get_by_role("link", name="留言公开").click()
    await citizen.get_by_role("link", name="大厅门口的石狮子").click()
    await expect(citizen.get_by_text("138****5678")).to_be_visible()
    await kept(citizen, "board-phone")


async def test_an_answer_a_choice_and_an_error_on_a_small_phone(running: Running, browser: Browser) -> None:
    page = await opened(browser, 320, 640)
    for text, heading in ((RENT, "答复"), ("租房提取", "请选一选")):
        await page.goto(f"{running.public}/ask")
        await page.get_by_label("您的问题").fill(text)
        await page.get_by_role("button", name="提交问题").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        await kept(page, f"{heading}-small")
    await page.get_by_role("radio").first.focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("已答复")
    await page.goto(f"{running.public}/nowhere")
    await expect(page.get_by_role("alert")).to_contain_text("没有找到这个页面")
