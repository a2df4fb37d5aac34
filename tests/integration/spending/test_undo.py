"""Taking a change back brings back exactly what was before it, or says why not."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from tests.integration.spending.conftest import AGENT, Desk, refusal

from freehold.kernel.problems import Problem
from freehold.node.assets.tables import connected_assets
from freehold.node.spending import pause_everything, undo
from freehold.node.spending.locking import held
from freehold.node.spending.tables import spending_plans
from freehold.providers.calls import Unavailable
from freehold.providers.meta import ad_writes

TARGETING = {"geo_locations": {"countries": ["US", "CA"]}}
AD_SET = "id,name,status,daily_budget,lifetime_budget,bid_strategy,bid_amount,start_time,end_time,targeting"


async def take_back(desk: Desk, change_id: int) -> str:
    """Undo a change, with approval where it waits; gives how the plan stood at first."""
    plan = await undo(desk.stage.node, AGENT, change_id)
    await desk.apply(await desk.approve(plan) if plan.status == "waiting" else plan)
    return plan.status


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({"daily_budget": 2_000}, "ready"),
        ({"daily_budget": 500}, "waiting"),
        ({"status": "PAUSED"}, "waiting"),
        ({"name": "Some"}, "ready"),
        ({"targeting": TARGETING}, "waiting"),
        ({"end_time": "2027-06-01T00:00:00+0000"}, "waiting"),
        ({"bid_strategy": "LOWEST_COST_WITH_BID_CAP", "bid_amount": 300}, "waiting"),
        ({"daily_budget": 500, "status": "PAUSED", "name": "Off"}, "waiting"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else value,
)
async def test_undo_restores_the_exact_state(desk: Desk, parameters: dict[str, Any], status: str) -> None:
    """Every field is as it was; what raises spend again waits for a person."""
    campaign = await desk.campaign(daily_budget=None, is_adset_budget_sharing_enabled="false")
    ad_set = await desk.ad_set(campaign, daily_budget="1000")
    before = await desk.read(ad_set, AD_SET)
    applied = await desk.changed("update_ad_set", ad_set, **parameters)
    assert await desk.read(ad_set, AD_SET) != before
    assert await take_back(desk, applied.change_id) == status
    assert await desk.read(ad_set, AD_SET) == before


async def test_a_budget_that_took_another_s_place_gives_it_back(stored_desk: Desk) -> None:
    """Daily to lifetime and back; and undone once more, to lifetime again."""
    desk = stored_desk
    campaign = await desk.campaign(daily_budget=None, is_adset_budget_sharing_enabled="false")
    end = (desk.stage.clock.now() + timedelta(days=30)).isoformat()
    ad_set = await desk.ad_set(campaign, daily_budget="1000", end_time=end)
    applied = await desk.changed("update_ad_set", ad_set, lifetime_budget=20_000)
    await take_back(desk, applied.change_id)
    shown = await desk.read(ad_set, AD_SET)
    assert (shown.get("daily_budget"), shown.get("lifetime_budget")) == ("1000", None)


async def test_what_was_made_is_taken_away_again(desk: Desk) -> None:
    """A campaign, a copy of one, and a budget schedule."""
    made = await desk.changed(
        "create_campaign", name="New", objective="OUTCOME_TRAFFIC", special_ad_categories=[], daily_budget=5_000
    )
    assert await take_back(desk, made.change_id) == "waiting", "what is made is deleted for good"
    assert (await desk.read(made.object_id, "status"))["status"] == "DELETED"
    campaign, now = await desk.campaign(), desk.stage.clock.now()
    schedule = await desk.changed(
        "schedule_campaign_budget", campaign, budget_value=5_000, budget_value_type="ABSOLUTE",
        time_start=now.isoformat(), time_end=(now + timedelta(hours=5)).isoformat(),
    )  # fmt: skip
    assert await take_back(desk, schedule.change_id) == "ready", "which only lowers"
    answer = await desk.stage.meta.get(f"{campaign}/budget_schedules", desk.stage.meta.token(), fields="id")
    assert answer.body["data"] == []


async def test_an_account_s_cap_comes_back(desk: Desk) -> None:
    """To none, as it was."""
    applied = await desk.changed("update_account", spend_cap=10**9)
    await take_back(desk, applied.change_id)
    assert (await desk.read(desk.account, "spend_cap"))["spend_cap"] == "0"


async def test_undo_is_refused_with_the_difference_when_somebody_changed_it(stored_desk: Desk) -> None:
    """Nothing is sent, and it is told what is otherwise than the change left it."""
    desk = stored_desk
    campaign = await desk.campaign()
    applied = await desk.changed("update_campaign", campaign, daily_budget=9_000)
    await desk.write(campaign, daily_budget="9500")
    with pytest.raises(Problem, match="daily_budget is 9500, not 9000") as caught:
        await undo(desk.stage.node, AGENT, applied.change_id)
    assert caught.value.code == "changed_meanwhile"
    assert (await desk.read(campaign, "daily_budget"))["daily_budget"] == "9500"


async def test_something_new_that_somebody_changed_is_not_taken_away(desk: Desk) -> None:
    """Not only its status counts: a name and a budget of somebody else's are work of theirs."""
    made = {"name": "New", "objective": "OUTCOME_TRAFFIC", "special_ad_categories": [], "daily_budget": 5_000}
    applied = await desk.apply(await desk.propose("create_campaign", **made))
    await desk.write(applied.object_id, name="Ours now", daily_budget="6000")
    with pytest.raises(Problem, match="daily_budget is 6000, not 5000; name is") as caught:
        await undo(desk.stage.node, AGENT, applied.change_id)
    assert caught.value.code == "changed_meanwhile"
    await desk.write(applied.object_id, name="New", daily_budget="5000")
    assert (await undo(desk.stage.node, AGENT, applied.change_id)).kind == "delete_campaign"


async def test_a_change_between_plan_and_undo_stops_it(desk: Desk) -> None:
    """The plan of an undo is held to the state that it was made from."""
    campaign = await desk.campaign()
    applied = await desk.changed("update_campaign", campaign, daily_budget=9_000)
    plan = await desk.approve(await undo(desk.stage.node, AGENT, applied.change_id))
    await desk.write(campaign, daily_budget="9500")
    assert await refusal(desk.apply(plan)) == "changed_meanwhile"


async def test_what_was_deleted_does_not_come_back(desk: Desk) -> None:
    """Meta has no way; it is said so."""
    applied = await desk.changed("delete_campaign", await desk.campaign())
    assert await refusal(undo(desk.stage.node, AGENT, applied.change_id)) == "cannot_be_undone"


async def test_everything_is_paused_at_once(stored_desk: Desk) -> None:
    """Every running campaign, without approval, each with one call, and each can be taken back."""
    desk = stored_desk
    campaigns = [await desk.campaign(name=f"Run {number}") for number in range(3)]
    writes = sum(count for (_, method, _), count in desk.stage.meta.sandbox.calls.items() if method == "POST")
    paused = await pause_everything(desk.stage.node, AGENT)
    assert {*campaigns} <= {each.campaign_id for each in paused}
    assert not any(each.failure for each in paused)
    after = sum(count for (_, method, _), count in desk.stage.meta.sandbox.calls.items() if method == "POST")
    assert after - writes == len(paused)
    for each in campaigns:
        assert (await desk.read(each, "status"))["status"] == "PAUSED"
    assert await pause_everything(desk.stage.node, AGENT) == []
    back = next(each.change_id for each in paused if each.campaign_id == campaigns[0])
    assert await take_back(desk, back or 0) == "waiting"
    assert (await desk.read(campaigns[0], "status"))["status"] == "ACTIVE"


async def test_an_account_that_cannot_be_read_keeps_no_other_running(desk: Desk) -> None:
    """It is named, and the next one is paused."""
    campaign, node = await desk.campaign(), desk.stage.node
    async with node.database.writing() as session:
        (row,) = (
            await session.execute(select(connected_assets).where(connected_assets.c.asset_id == desk.account))
        ).mappings()
        first = {**row, "id": "0" * 32, "asset_id": "act_1", "name": "0", "currency": None}
        await session.execute(insert(connected_assets).values(**first))
    told = {each.account_id: each.failure for each in await pause_everything(node, AGENT) if not each.campaign_id}
    assert told["act_1"]
    assert (await desk.read(campaign, "status"))["status"] == "PAUSED"


async def test_pausing_needs_neither_currency_nor_time_zone(desk: Desk) -> None:
    """Nothing is reckoned where everything is only switched off."""
    campaign, node = await desk.campaign(), desk.stage.node
    async with node.database.writing() as session:
        mine = connected_assets.c.asset_id == desk.account
        await session.execute(update(connected_assets).where(mine).values(currency=None, timezone=None))
    paused = await pause_everything(node, AGENT)
    assert [each.failure for each in paused if each.campaign_id == campaign] == [""]
    assert (await desk.read(campaign, "status"))["status"] == "PAUSED"


async def test_pausing_goes_on_while_another_change_is_stuck(desk: Desk) -> None:
    """An account that somebody holds, dead or alive, does not keep its ads running."""
    campaign, node = await desk.campaign(), desk.stage.node
    async with held(node, desk.account):
        plan = await desk.propose("update_campaign", campaign, status="PAUSED")
        await desk.apply(plan)
    assert (await desk.read(campaign, "status"))["status"] == "PAUSED"


@pytest.mark.parametrize("kind", ["drop", "malformed"])
async def test_a_lost_answer_is_looked_up(desk: Desk, kind: str) -> None:
    """Meta made the change, or not: what is there is told, and nothing is made twice."""
    campaign = await desk.campaign()
    plan = await desk.propose("update_campaign", campaign, daily_budget=9_000)
    desk.stage.meta.fault(kind, count=3, method="POST")
    try:
        await desk.apply(plan, "one")
    except Unavailable:
        assert (await desk.read(campaign, "daily_budget"))["daily_budget"] == "10000"
        assert (await desk.stage.rows(spending_plans))[0]["status"] == "failed"
    else:
        assert (await desk.read(campaign, "daily_budget"))["daily_budget"] == "9000"


@pytest.mark.parametrize("code", [100, 17], ids=["refused", "throttled"])
async def test_a_lost_answer_before_another_failure_is_looked_up_too(desk: Desk, code: int) -> None:
    """The first try may have arrived: that a later one failed does not say that nothing was changed."""
    campaign = await desk.campaign()
    plan = await desk.propose("update_campaign", campaign, daily_budget=9_000)
    desk.stage.meta.fault("drop", count=1, method="POST", path=campaign)
    desk.stage.meta.fault("error", count=5, method="POST", path=campaign, code=code)
    if code == 17:  # then there is no room to look, either
        assert await refusal(desk.apply(plan, "one")) == "outcome_unknown"
        desk.stage.clock.advance(timedelta(hours=1))
    applied = await desk.apply(plan, "one")
    assert applied.after == {"daily_budget": 9_000}
    assert (await desk.read(campaign, "daily_budget"))["daily_budget"] == "9000"


async def test_something_new_whose_answer_was_lost_is_not_made_again(desk: Desk) -> None:
    """It may be there: the plan is uncertain, and stays so."""
    made = {"name": "Once", "objective": "OUTCOME_TRAFFIC", "special_ad_categories": [], "daily_budget": 5_000}
    plan = await desk.propose("create_campaign", **made)
    desk.stage.meta.fault("drop", count=1, method="POST")
    for _ in range(2):
        assert await refusal(desk.apply(plan, "one")) == "outcome_unknown"
    listed = await desk.stage.meta.get(f"{desk.account}/campaigns", desk.stage.meta.token(), fields="name", limit="200")
    assert len([each for each in listed.body["data"] if each["name"] == "Once"]) <= 1


def test_every_kind_of_change_names_its_call() -> None:
    """A path, a method, and no parameter that is the node's own."""
    for kind, operation in ad_writes.OPERATIONS.items():
        call = ad_writes.write_call(
            "v26.0", kind, "act_1", "" if operation.level == "account" else "2", {"spend_cap": None}, "USD"
        )
        assert call.mutates
        assert call.path.startswith("/v26.0/")
        assert not {"access_token", "method", "batch"} & operation.parameters
        assert json.dumps(dict(call.params))
