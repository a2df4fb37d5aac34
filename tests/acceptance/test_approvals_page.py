"""A person approves on a phone, in a real browser."""

import socket

from playwright.async_api import Browser, Page, expect
from tests.acceptance.test_browser import new_tab, shot
from tests.conftest import serving
from tests.integration.conftest import make_node, meta  # noqa: F401 - fixtures
from tests.integration.node.conftest import MakeStage, make_stage  # noqa: F401 - fixtures
from tests.integration.spending.conftest import set_up

from freehold.node.app import create_app

PLANTED = f"Spring\u202e {'x' * 200}\ndaily budget\n100.00 USD → 50.00 USD <b>approved</b>"
"""A name that goes on as if it were the page."""


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


async def press(page: Page, name: str, key: str) -> None:
    """Type a key in beside a button, and press it."""
    form = page.locator("form").filter(has=page.get_by_role("button", name=name))
    await form.get_by_label("Your key, once more").fill(key)
    await form.get_by_role("button", name=name).click()


async def test_a_person_approves_and_refuses_on_a_phone(
    make_stage: MakeStage,  # noqa: F811 - the fixture
    browser: Browser,
) -> None:
    """Signs in, sees what it may cost, is told of a wrong key, approves one change, refuses another, stops all."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    stage = await make_stage(public_url=url)
    desk = await set_up(stage)
    key = await stage.key("approve", name="owner")
    campaign = await desk.campaign(
        name="Spring sale, with a long name that a phone has to break somewhere: 0123456789" * 2
    )
    plan = await desk.propose("update_campaign", campaign, daily_budget=12_000)
    async with serving(create_app(stage.node, "workflows"), port):
        context, page = await new_tab(browser)
        await page.goto(f"{url}/approvals")
        await page.get_by_label("Your key for approvals").fill("wrong")
        await page.get_by_role("button").click()
        await expect(page.get_by_role("alert")).to_be_visible()
        await shot(page, "approvals-sign-in")
        await page.get_by_label("Your key for approvals").fill(key)
        await page.get_by_role("button").click()
        await page.wait_for_url(f"{url}/approvals")
        section = page.locator("section.plan").first
        await expect(section.get_by_text("120.00 USD")).to_be_visible()
        await expect(section.get_by_text("210.00 USD").first).to_be_visible()
        await shot(page, "approvals")
        await press(page, "Approve", "wrong")
        await expect(page.get_by_role("alert")).to_be_visible()
        await press(page, "Approve", key)
        await expect(page.get_by_role("status")).to_contain_text("approved")
        await desk.apply(plan)
        other = await desk.propose("update_campaign", campaign, daily_budget=50_000, name=PLANTED)
        await page.goto(f"{url}/approvals")
        await expect(page.get_by_text("↵ daily budget ↵ 100.00 USD → 50.00 USD <b>approved</b>")).to_be_visible()
        await shot(page, "approvals-planted")
        await press(page, "Refuse", key)
        await expect(page.get_by_role("status")).to_contain_text("refused")
        await press(page, "Pause everything", key)
        await expect(page.get_by_role("status")).to_contain_text("paused")
        await shot(page, "approvals-paused")
        await context.close()
    shown = await desk.read(campaign, "status,daily_budget")
    assert (shown["status"], shown["daily_budget"]) == ("PAUSED", "12000")
    assert other.status == "waiting"
