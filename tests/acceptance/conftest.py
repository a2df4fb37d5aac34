"""The whole platform as processes of its own, and a real browser."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from freehold.demo import client, platform
from freehold.demo.platform import Platform


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Platform]:
    """Sandbox, broker and two nodes, nobody connected yet."""
    started = await platform.start(tmp_path / "platform", client.CAST[:2])
    try:
        yield started
    finally:
        await started.stop()


@pytest.fixture
def chromium() -> str:
    """The browser of the machine."""
    found = shutil.which("chromium")
    if found is None:
        pytest.fail("Chromium is missing: apt-get install chromium")
    return found


@pytest.fixture
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """A browser without a window."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        try:
            yield opened
        finally:
            await opened.close()
            await asyncio.sleep(0)
