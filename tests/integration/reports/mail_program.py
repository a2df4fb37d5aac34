"""What a mail program makes of an e-mail as it was received: its parts, its pictures, its page in a real browser."""

import base64
import re
import shutil
from email.message import EmailMessage
from typing import Any

import pytest
from playwright.async_api import Browser, async_playwright

TELEPHONE, DESK = 390, 900
LOOK = """() => ({
    broken: [...document.images].filter((each) => !each.complete || !each.naturalWidth).map((each) => each.alt),
    pictures: document.images.length,
    width: document.documentElement.scrollWidth,
    ground: getComputedStyle(document.querySelector(".ground")).backgroundColor,
})"""


def body(message: EmailMessage, kind: str) -> str:
    """The plain or the html part of a message."""
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def resolved(message: EmailMessage) -> str:
    """The page with each `cid:` replaced by the part that it names, as mail programs do; fails where there is none."""
    parts = {each["Content-ID"]: each for each in message.walk() if each["Content-ID"]}
    page = body(message, "html")
    names = re.findall(r'"cid:([^"]+)"', page)
    assert sorted(f"<{name}>" for name in names) == sorted(parts)
    for name in names:
        held = base64.b64encode(parts[f"<{name}>"].get_content()).decode()
        page = page.replace(f'"cid:{name}"', f'"data:{parts[f"<{name}>"].get_content_type()};base64,{held}"')
    return page


async def looks(page: str) -> list[tuple[int, str, dict[str, Any]]]:
    """What a browser without a network makes of a page, on a desk and a telephone, light and dark."""
    path = shutil.which("chromium")
    if path is None:
        pytest.fail("Chromium is missing: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            return [
                (width, scheme, await _look(browser, page, width, scheme))
                for width in (DESK, TELEPHONE)
                for scheme in ("light", "dark")
            ]
        finally:
            await browser.close()


async def _look(browser: Browser, page: str, width: int, scheme: Any) -> dict[str, Any]:
    context = await browser.new_context(viewport={"width": width, "height": 1200}, color_scheme=scheme, offline=True)
    asked: list[str] = []
    opened = await context.new_page()
    opened.on("request", lambda request: asked.append(request.url))
    await opened.set_content(page, wait_until="load")
    seen: dict[str, Any] = await opened.evaluate(LOOK)
    await context.close()
    assert [url for url in asked if not url.startswith("data:")] == []
    return seen
