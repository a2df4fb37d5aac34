"""Rules tried on what has happened, by whoever made it."""

from datetime import timedelta

from tests.integration.spending.conftest import Desk

from freehold.node.spending.rehearse import Rehearsed, rehearse


async def tried(desk: Desk, campaign: str, *rules: dict[str, object]) -> list[Rehearsed]:
    """What these rules would have said to a campaign's changes."""
    return [
        each for each in await rehearse(desk.stage.node, desk.account, list(rules), 90) if each.object_id == campaign
    ]


async def test_rules_are_replayed_over_what_happened(desk: Desk) -> None:
    """Changes made in Ads Manager: a cut, a small raise, a second one that adds up with it, a day later a third."""
    campaign = await desk.campaign()
    for hours, amount in ((0, "8000"), (1, "9000"), (2, "9900"), (30, "11000")):
        desk.stage.clock.advance(timedelta(hours=hours))
        await desk.write(campaign, daily_budget=amount)
    rule = {"action": "edit_budget", "condition": "percentage_change", "limit": 20, "effect": "ask"}
    budgets = [each for each in await tried(desk, campaign, rule) if each.event == "update_campaign_budget"]
    assert [each.change for each in budgets] == [
        "100.00 USD -> 80.00 USD", "80.00 USD -> 90.00 USD", "90.00 USD -> 99.00 USD", "99.00 USD -> 110.00 USD",
    ]  # fmt: skip
    assert [each.verdict for each in budgets] == ["allow", "allow", "ask", "allow"]
    assert "over 20 %" in budgets[2].reason


async def test_what_the_history_does_not_say_counts_as_past(desk: Desk) -> None:
    """A later end or another bid has no amount in it: every limit would have stopped it."""
    campaign = await desk.campaign(daily_budget=None, is_adset_budget_sharing_enabled="false")
    ad_set = await desk.ad_set(campaign, daily_budget="1000")
    await desk.write(ad_set, end_time="2027-06-01T00:00:00+0000")
    rule = {"action": "edit_budget", "condition": "percentage_change", "limit": 10_000, "effect": "forbid"}
    assert [each.verdict for each in await tried(desk, ad_set, rule) if each.event == "update_ad_set_duration"] == [
        "forbid"
    ]
