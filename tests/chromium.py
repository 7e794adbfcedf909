"""The system's Chromium, as every browser test starts it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright

from tests.browser_setup import browser_path


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Started, and closed in the end."""
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=browser_path(), args=["--no-sandbox", "--disable-background-networking"]
        )
        yield started
        await started.close()
