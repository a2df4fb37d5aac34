"""What keeps people from reading a page, found in a real browser: light and dark, on a desk and on a telephone."""

import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, Page

AUDIT: Final = Path(__file__).with_suffix(".js").read_text()
DESK, TELEPHONE = (1200, 900), (390, 844)
LOOKS: Final = tuple((size, scheme) for size in (DESK, TELEPHONE) for scheme in ("light", "dark"))
OPEN_ALL: Final = "() => document.querySelectorAll('details').forEach((each) => each.open = true)"
REACHABLE: Final = """() => [...document.querySelectorAll("a[href], summary, button, input, [tabindex='0']")]
    .filter((each) => each.checkVisibility()).length"""
FOCUSED: Final = """() => {
    const element = document.activeElement, style = getComputedStyle(element), box = element.getBoundingClientRect();
    if (element === document.body) return "";
    const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
    return ring && box.right > 0 && box.height > 0 ? "seen" : `focus is not seen: ${element.outerHTML.slice(0, 90)}`;
}"""


async def faults(browser: Browser, name: str, address: str = "", html: str = "") -> set[str]:
    """Everything that is wrong with a page, at an address or as it stands, in each size and scheme.

    Where FREEHOLD_PICTURES names a folder, a picture of each look is kept there.
    """
    found: set[str] = set()
    for size, scheme in LOOKS:
        async with opened(browser, size, scheme) as page:
            await (page.goto(address) if address else page.set_content(html, wait_until="load"))
            by_keyboard = (size, scheme) == LOOKS[-1]
            found |= {f"{name}, {size[0]} px, {scheme}: {each}" for each in await wrong(page, by_keyboard=by_keyboard)}
            await _keep(page, f"{name}-{size[0]}-{scheme}")
    return found


@contextlib.asynccontextmanager
async def opened(browser: Browser, size: tuple[int, int], scheme: Any) -> AsyncIterator[Page]:
    """An empty page of this size, for somebody who likes it light or dark."""
    context = await browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    try:
        yield await context.new_page()
    finally:
        await context.close()


async def wrong(page: Page, *, by_keyboard: bool) -> list[str]:
    """What is wrong with a page as it is shown now, with all of it unfolded."""
    await page.evaluate(OPEN_ALL)
    return [*await page.evaluate(AUDIT), *(await _unseen(page) if by_keyboard else [])]


async def _unseen(page: Page) -> list[str]:
    """What the tabulator key does not reach, or reaches without showing it."""
    expected, reached, told = await page.evaluate(REACHABLE), 0, []
    while reached <= expected:
        await page.keyboard.press("Tab")
        state = await page.evaluate(FOCUSED)
        if not state:
            break
        reached += 1
        told += [state] if state != "seen" else []
    return told if reached >= expected else [*told, f"the keyboard reaches {reached} of {expected}"]


async def _keep(page: Page, name: str) -> None:
    folder = os.environ.get("FREEHOLD_PICTURES")
    if folder:
        await page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)
