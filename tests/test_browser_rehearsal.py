"""The phone of the rehearsal in a real browser: without a script everything can be done, with one new messages appear."""

from pathlib import Path

from playwright.async_api import Page, expect

from tests.chromium import chromium
from tests.rehearsing import Rehearsal, rehearsing
from tests.test_browser import DESKTOP, NEW_PASSWORD, PHONE, kept, opened

ASKED = "请转人工，我想问大厅装修的事"


async def test_a_chat_on_the_phone_and_an_answer_that_appears(tmp_path: Path) -> None:
    async with rehearsing(tmp_path) as running, chromium() as browser:
        plain = await opened(browser, **PHONE)
        await plain.goto(running.address("微信演练"))
        await plain.get_by_role("button", name="关注", exact=True).click()
        await plain.get_by_role("button", name="公积金账户里的存款利率是多少？").click()
        await expect(plain.get_by_role("log")).to_contain_text("答复由系统根据政策库自动给出")
        await say(plain, ASKED)
        await kept(plain, "rehearsal_phone")
        assert await plain.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        live = await browser.new_page(viewport={"width": 1280, "height": 900})
        await live.goto(running.address("微信演练"))
        await expect(live.get_by_role("log")).to_contain_text("工作人员最晚在")
        await live.get_by_label("消息").fill("写到一半")
        await publish(running, await opened(browser, **DESKTOP), "大厅十二月装修。")
        await expect(live.get_by_role("log")).to_contain_text("大厅十二月装修。", timeout=15_000)
        await expect(live.get_by_label("消息")).to_have_value("写到一半")
        await expect(live.get_by_text("大厅十二月装修。")).to_be_in_viewport()
        await kept(live, "rehearsal_desktop")


async def say(page: Page, text: str) -> None:
    await page.get_by_label("消息").fill(text)
    await page.keyboard.press("Enter")


async def publish(running: Rehearsal, staff: Page, text: str) -> None:
    await staff.goto(running.address("工作人员网站"))
    await staff.get_by_label("用户名").fill("admin")
    await staff.get_by_label("密码", exact=True).fill(running.password)
    await staff.keyboard.press("Enter")
    for field, value in (("current", running.password), ("new", NEW_PASSWORD), ("again", NEW_PASSWORD)):
        await staff.locator(f"#{field}").fill(value)
    await staff.keyboard.press("Enter")
    await staff.get_by_role("link", name=ASKED).first.click()
    await staff.locator("#text").fill(text)
    await staff.get_by_role("button", name="答复并发出").click()
    await staff.get_by_label("不改的理由").fill("已核对")
    await staff.get_by_role("button", name="答复并发出").click()
