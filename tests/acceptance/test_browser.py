"""A client's person walks the real pages in a real browser."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect

from freehold.demo.platform import Member, Platform

PHONE = {"width": 360, "height": 740}
pytestmark = pytest.mark.xdist_group("platform")


async def new_tab(browser: Browser) -> tuple[BrowserContext, Page]:
    """A person's own browser, on a phone."""
    context = await browser.new_context(viewport={"width": PHONE["width"], "height": PHONE["height"]})
    return context, await context.new_page()


async def shot(page: Page, name: str) -> None:
    """Keep a picture where FREEHOLD_PICTURES names a folder, and see that nothing is wider than the phone."""
    folder = os.environ.get("FREEHOLD_PICTURES")
    if folder:
        await page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"], f"{name} is {width} px wide on a phone of {PHONE['width']}"


async def consent(page: Page, member: Member) -> None:
    """Sign in at Meta as the member's person and allow exactly the member's assets."""
    await page.locator(f"input[name=person][value='{member.person}']").check()
    await page.get_by_role("button", name="Continue").click()
    # all() below takes what is there, and waits for nothing.
    await expect(page.get_by_role("button", name="Allow")).to_be_visible()
    for box in await page.locator("input[name=asset]").all():
        await box.set_checked(await box.get_attribute("value") in member.assets)
    await page.get_by_role("button", name="Allow").click()


async def test_a_person_connects_on_a_phone(running: Platform, browser: Browser) -> None:
    """Link, interstitial that names the company, Meta's dialog, picker, thanks: and the assets are confirmed."""
    node = running.nodes[0]
    context, page = await new_tab(browser)
    await page.goto(await running.connect_link(node.member.client_id))
    await expect(page.get_by_text(node.member.company_name).first).to_be_visible()
    await shot(page, "interstitial")
    await page.get_by_role("button").click()
    await shot(page, "meta-people")
    await consent(page, node.member)
    await page.wait_for_url(f"{node.pages_url}/success#choose")
    await shot(page, "picker")
    for asset in node.member.assets:
        await page.locator(f"input[name=asset][value='{asset}']").check()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("heading", name="All set")).to_be_visible()
    await shot(page, "chosen")
    await context.close()


async def test_a_refusal_is_explained(running: Platform, browser: Browser) -> None:
    """Who says no at Meta comes back to a page that says what happened and how to go on."""
    node = running.nodes[0]
    context, page = await new_tab(browser)
    await page.goto(await running.connect_link(node.member.client_id))
    await page.get_by_role("button").click()
    await page.locator(f"input[name=person][value='{node.member.person}']").check()
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_role("button", name="Not now").click()
    await expect(page.get_by_role("heading").first).to_be_visible()
    assert page.url.startswith(running.broker_url)
    await shot(page, "refused")
    await context.close()


async def test_a_link_works_once(running: Platform, browser: Browser) -> None:
    """Opening a link does not use it up; going on does, and afterwards it is explained that it is used."""
    node = running.nodes[0]
    link = await running.connect_link(node.member.client_id)
    context, page = await new_tab(browser)
    await page.goto(link)
    await page.goto(link)
    await page.get_by_role("button").click()
    assert page.url.startswith(running.sandbox_url)
    await page.goto(link)
    await shot(page, "link-used")
    if await page.get_by_role("button").count():
        await page.get_by_role("button").first.click()
    assert not page.url.startswith(running.sandbox_url)
    await context.close()


async def test_two_tabs_at_once_do_not_disturb_each_other(running: Platform, browser: Browser) -> None:
    """One browser, two flows for two clients at the same time: each ends on its own client's node."""
    first, second = running.nodes
    context = await browser.new_context()
    one, two = await context.new_page(), await context.new_page()
    await one.goto(await running.connect_link(first.member.client_id))
    await two.goto(await running.connect_link(second.member.client_id))
    await one.get_by_role("button").click()
    await two.get_by_role("button").click()
    await consent(one, first.member)
    await one.wait_for_url(f"{first.pages_url}/success#choose")
    await two.goto(two.url + "&switch=1")
    await consent(two, second.member)
    await two.wait_for_url(f"{second.pages_url}/success#choose")
    for page, node in ((one, first), (two, second)):
        offered = [await box.get_attribute("value") for box in await page.locator("input[name=asset]").all()]
        assert set(offered) == set(node.member.assets)
    await context.close()
