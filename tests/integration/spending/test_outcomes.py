"""What became of a change whose answer was lost, that two callers make at once, or whose object is another by now."""

import asyncio
from datetime import timedelta
from typing import Any

import anyio
import pytest
from tests.integration.node.conftest import eventually
from tests.integration.spending.conftest import AGENT, Desk, refusal

from freehold.kernel.problems import Problem
from freehold.node.spending import undo
from freehold.node.spending.locking import HOLD, held
from freehold.node.spending.tables import spending_plans
from freehold.node.store.ads.tables import ad_changes


async def status_of(desk: Desk, plan_id: str) -> str:
    """How a plan stands."""
    return next(str(row["status"]) for row in await desk.stage.rows(spending_plans) if row["id"] == plan_id)


async def test_two_calls_with_one_key_make_one_change(stored_desk: Desk) -> None:
    """The second, which finds it on its way, is sent away; it does not call a change failed that is being made."""
    desk = stored_desk
    campaign = await desk.campaign()
    plan = await desk.propose("update_campaign", campaign, status="PAUSED")
    desk.stage.meta.fault("slow", count=1, method="POST", seconds=3)
    async with held(desk.stage.node, desk.account):
        told = await asyncio.gather(desk.apply(plan, "one"), desk.apply(plan, "one"), return_exceptions=True)
    codes = [each.code for each in told if isinstance(each, Problem)]
    assert set(codes) <= {"account_busy", "plan_over"}
    assert len(codes) < 2
    assert await status_of(desk, plan.id) == "applied"
    assert len(await desk.stage.rows(ad_changes)) == 1


async def test_a_hold_that_was_lost_is_not_kept(stored_desk: Desk) -> None:
    """Somebody held the account meanwhile and let it go: whoever held it before does not go on as if nobody had."""
    node, account, clock = stored_desk.stage.node, stored_desk.account, stored_desk.stage.clock
    async with held(node, account) as first:
        clock.advance(HOLD + timedelta(seconds=1))
        async with held(node, account):
            pass
        async with node.database.writing() as session:
            assert await refusal(first.keep(session)) == "account_busy"


@pytest.mark.parametrize(
    "given", [{"daily_budget": "7000"}, {"name": "Theirs"}, {"spend_cap": "90000"}], ids=lambda given: next(iter(given))
)
async def test_undoing_what_was_made_is_refused_when_somebody_changed_it(desk: Desk, given: dict[str, Any]) -> None:
    """Whatever it is that they changed; the difference is told."""
    made = await desk.changed(
        "create_campaign", name="New", objective="OUTCOME_TRAFFIC", special_ad_categories=[], daily_budget=5_000
    )
    await desk.write(made.object_id, **given)
    with pytest.raises(Problem, match=next(iter(given))) as caught:
        await undo(desk.stage.node, AGENT, made.change_id)
    assert caught.value.code == "changed_meanwhile"


async def test_undoing_a_copy_is_refused_when_somebody_changed_it(desk: Desk) -> None:
    """Also what the copy was not told, but took over."""
    made = await desk.changed("copy_campaign", await desk.campaign())
    await desk.write(made.object_id, daily_budget="7000")
    with pytest.raises(Problem, match="daily_budget is 7000, not 10000"):
        await undo(desk.stage.node, AGENT, made.change_id)


@pytest.mark.parametrize("scope", ["task", "anyio"])
async def test_a_call_that_is_given_up_is_seen_through(desk: Desk, scope: str) -> None:
    """Whoever asked stops waiting; the change is made, written into the chain, and the account let go."""
    campaign = await desk.campaign()
    plan = await desk.propose("update_campaign", campaign, daily_budget=9_000)
    desk.stage.meta.fault("slow", count=1, method="POST", seconds=2)

    async def sending() -> bool:
        return await status_of(desk, plan.id) == "sending"

    async def applied() -> bool:
        return await status_of(desk, plan.id) == "applied"

    if scope == "task":
        call = asyncio.create_task(desk.apply(plan, "one"))
        await eventually(sending)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    else:
        async with anyio.create_task_group() as group:
            group.start_soon(desk.apply, plan, "one")
            await eventually(sending)
            group.cancel_scope.cancel()
    await eventually(applied)
    assert len(await desk.stage.rows(ad_changes)) == 1
    await desk.apply(await desk.propose("update_campaign", campaign, daily_budget=8_000))


async def test_a_change_that_is_under_way_when_the_process_stops_is_not_called_failed(desk: Desk) -> None:
    """Meta may have made it: its outcome is unknown until somebody asks with its key."""
    campaign = await desk.campaign()
    plan = await desk.propose("update_campaign", campaign, daily_budget=9_000)
    desk.stage.meta.fault("slow", count=1, method="POST", seconds=2)
    before = asyncio.all_tasks()
    call = asyncio.create_task(desk.apply(plan, "one"))

    async def sending() -> bool:
        return await status_of(desk, plan.id) == "sending"

    await eventually(sending)
    for task in asyncio.all_tasks() - before - {call}:
        if "_applied" in str(task.get_coro()):
            task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert await status_of(desk, plan.id) == "uncertain"
