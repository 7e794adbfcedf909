"""The report's editor in a real browser: complete without JavaScript, and with it the preview follows the typing."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.chromium import chromium
from tests.running import Running

NEW_PASSWORD = "a quiet harbour at dawn"
PROBLEMS = "report/2023/text/problems"


@pytest.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """The service with the demonstration's records, and an administrator who has chosen a password."""
    service = await Running(tmp_path_factory.mktemp("browser-report") / "var").start("--demo")
    yield service
    await service.stop()


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    """The system's Chromium."""
    async with chromium() as started:
        yield started


async def at_the_editor(browser: Browser, running: Running, password: str, *, script: bool) -> Page:
    context = await browser.new_context(java_script_enabled=script)
    page = await context.new_page()
    await page.goto(f"{running.office}/sign-in")
    await page.get_by_label("用户名").fill("admin")
    await page.get_by_label("密码", exact=True).fill(password)
    await page.get_by_role("button", name="登录").click()
    if password == running.password:
        await page.get_by_label("现在的密码").fill(password)
        await page.locator("#new").fill(NEW_PASSWORD)
        await page.locator("#again").fill(NEW_PASSWORD)
        await page.locator("main button").click()
    await page.goto(f"{running.office}/{PROBLEMS}")
    return page


async def test_the_editor_without_and_with_a_script(running: Running, browser: Browser) -> None:
    plain = await at_the_editor(browser, running, running.password, script=False)
    await plain.get_by_label("正文（每行一段）").fill("答复")
    await plain.get_by_label("插入指标").select_option("ledger.board_reply")
    await plain.get_by_role("button", name="插入").click()
    await expect(plain.locator("#text")).to_have_value("答复{{figure:ledger.board_reply}}")
    await expect(plain.locator("#preview")).to_contain_text("答复635")
    await plain.get_by_role("button", name="保存").click()
    await expect(plain.get_by_role("status")).to_contain_text("正文已保存")

    page = await at_the_editor(browser, running, NEW_PASSWORD, script=True)
    await page.locator("#text").fill("微博条")
    await page.locator("#text").press("ArrowLeft")
    await page.get_by_label("插入指标").select_option("ledger.weibo")
    await page.get_by_role("button", name="插入").click()
    await expect(page.locator("#text")).to_have_value("微博{{figure:ledger.weibo}}条")
    await expect(page.locator("#preview")).to_contain_text("微博293条")
    await page.locator("#text").fill("{{figure:ledger.weibi}}")
    await expect(page.locator("#fault")).to_contain_text("ledger.weibo（官方微博发布、转发）")
    await expect(page.locator("#text")).to_have_value("{{figure:ledger.weibi}}")
