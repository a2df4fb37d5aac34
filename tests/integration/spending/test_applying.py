"""A change from plan to chain, on both databases."""

from datetime import timedelta
from typing import Any

import pytest
from tests.integration.spending.conftest import AGENT, Desk, refusal

from freehold.node.spending import Change, changes, perform, queries
from freehold.node.spending.locking import HOLD, held
from freehold.node.spending.tables import spending_plans
from freehold.node.store.ads.tables import ad_changes
from freehold.providers.calls import Unavailable


async def budget(desk: Desk, object_id: str) -> Any:
    """A daily budget as Meta has it."""
    return (await desk.read(object_id, "daily_budget"))["daily_budget"]


async def test_a_raise_waits_for_a_person_and_is_made_once(stored_desk: Desk) -> None:
    """Planned, refused before it is approved, approved, applied, and with the same key told again."""
    desk = stored_desk
    campaign = await desk.campaign()
    plan = await desk.propose("update_campaign", campaign, daily_budget=12_000)
    assert plan.status == "waiting"
    assert plan.checked == "accepted"
    assert (plan.before, plan.after) == ({"daily_budget": 10_000}, {"daily_budget": 12_000})
    assert (plan.exposure_before.today_worst, plan.exposure_after.today_worst) == (17_500, 21_000)
    assert await refusal(desk.apply(plan)) == "approval_needed"
    assert await budget(desk, campaign) == "10000"
    await desk.approve(plan)
    applied = await desk.apply(plan, "one")
    assert await budget(desk, campaign) == "12000"
    again = await desk.apply(plan, "one")
    assert again.repeated
    assert again.change_id == applied.change_id
    assert await refusal(desk.apply(plan, "two")) == "plan_over"
    (row,) = await desk.stage.rows(ad_changes)
    assert (row["before"], row["after"]) == ('{"daily_budget":10000}', '{"daily_budget":12000}')
    assert row["approval_id"] is not None
    assert (row["changed_by"], row["channel"]) == ("agent", "mcp")


async def test_a_cut_and_a_pause_wait_for_nobody(stored_desk: Desk) -> None:
    """Both are ready at once."""
    desk = stored_desk
    campaign = await desk.campaign()
    for parameters in ({"daily_budget": 5_000}, {"status": "PAUSED"}):
        plan = await desk.propose("update_campaign", campaign, **parameters)
        assert plan.status == "ready"
        await desk.apply(plan)
    shown = await desk.read(campaign, "daily_budget,status")
    assert (shown["daily_budget"], shown["status"]) == ("5000", "PAUSED")


async def test_the_chain_of_changes_holds_and_shows_what_was_altered(stored_desk: Desk) -> None:
    """Three changes in a chain; one altered, and one taken out, are both seen."""
    desk = stored_desk
    campaign = await desk.campaign()
    for amount in (9_000, 8_000, 7_000):
        await desk.changed("update_campaign", campaign, daily_budget=amount)
    node = desk.stage.node
    async with node.database.reading() as session:
        checked = await changes.verify(session)
    assert (checked.changes, checked.wrong) == (3, ())
    async with node.database.writing() as session:
        await session.execute(ad_changes.update().where(ad_changes.c.id == 2).values(changed_by="somebody else"))
    async with node.database.reading() as session:
        assert (await changes.verify(session)).wrong == ("change 2 was altered",)
    async with node.database.writing() as session:
        await session.execute(ad_changes.delete().where(ad_changes.c.id == 3))
    async with node.database.reading() as session:
        assert any("its change is gone" in line for line in (await changes.verify(session)).wrong)


async def test_a_change_whose_object_changed_gets_a_new_plan_when_it_is_asked_for_again(desk: Desk) -> None:
    """The approval was of what is no more; the old plan is given up, and does not stand in the way for a day."""
    node, campaign = desk.stage.node, await desk.campaign()
    wanted = Change("update_campaign", desk.account, campaign, {"daily_budget": 12_000})
    first = await perform(node, AGENT, wanted, "one")
    await desk.approve(first.plan)
    await desk.write(campaign, daily_budget="9000")
    second = await perform(node, AGENT, wanted, "one")
    assert second.plan.id != first.plan.id
    assert (second.plan.status, second.plan.before) == ("waiting", {"daily_budget": 9_000})
    statuses = {row["id"]: row["status"] for row in await desk.stage.rows(spending_plans)}
    assert statuses[first.plan.id] == "failed"


async def test_an_urgent_plan_that_is_being_sent_is_not_settled_by_another_call(desk: Desk) -> None:
    """The second call waits to be told, and writes down no failure, until the first cannot be at it any more."""
    node, campaign = desk.stage.node, await desk.campaign()
    plan = await desk.propose("update_campaign", campaign, status="PAUSED")
    async with node.database.writing() as session:
        values = {"idempotency_key": "one", "started_at": node.clock.now()}
        assert await queries.move_plan(session, plan.id, ("ready",), "sending", **values)
    assert await refusal(desk.apply(plan, "one")) == "account_busy"
    assert (await desk.stage.rows(spending_plans))[0]["status"] == "sending"
    desk.stage.clock.advance(HOLD + timedelta(seconds=1))
    with pytest.raises(Unavailable, match="nothing was changed"):
        await desk.apply(plan, "one")


async def test_an_account_that_was_lost_meanwhile_is_not_held_again(desk: Desk) -> None:
    """Whoever held it since may have changed something, also when nobody holds it any more."""
    node = desk.stage.node
    async with held(node, desk.account) as hold:
        async with node.database.writing() as session:
            await queries.give_lock(session, desk.account, hold.holder)
        async with node.database.writing() as session:
            assert await refusal(hold.keep(session)) == "account_busy"


async def test_a_change_that_is_asked_for_again_goes_on_from_where_it_stands(stored_desk: Desk) -> None:
    """One plan while it waits; made once it was approved; told again with its key, which is good for it alone."""
    desk = stored_desk
    node, campaign = desk.stage.node, await desk.campaign()
    wanted = Change("update_campaign", desk.account, campaign, {"daily_budget": 12_000})
    first = await perform(node, AGENT, wanted, "one")
    again = await perform(node, AGENT, wanted, "two")
    assert first.applied is None
    assert again.plan.id == first.plan.id
    assert len(await desk.stage.rows(spending_plans)) == 1
    await desk.approve(first.plan)
    done = await perform(node, AGENT, wanted, "one")
    assert done.applied is not None
    assert done.applied.after == {"daily_budget": 12_000}
    told = await perform(node, AGENT, wanted, "one")
    assert told.applied is not None
    assert (told.applied.repeated, told.applied.change_id) == (True, done.applied.change_id)
    other = Change("update_campaign", desk.account, campaign, {"daily_budget": 900_000})
    assert await refusal(perform(node, AGENT, other, "one")) == "key_used"
    cut = await perform(node, AGENT, Change("update_campaign", desk.account, campaign, {"daily_budget": 500}), "cut")
    assert cut.applied is not None
