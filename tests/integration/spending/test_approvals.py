"""Who may say yes, to what, how often, and for how long."""

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import update
from tests.integration.node.conftest import MakeStage
from tests.integration.spending.conftest import AGENT, Desk, refusal, set_up

from freehold.node.access import AccessKey, list_keys, revoke_key
from freehold.node.spending import Change, Plan, apply, propose
from freehold.node.spending.approvals import Word, approver_of, decide
from freehold.node.spending.choosing import choose_rules
from freehold.node.spending.tables import spending_approvals, spending_plans


async def waiting(desk: Desk, amount: int = 12_000) -> Plan:
    """A plan that waits."""
    return await desk.propose("update_campaign", await desk.campaign(), daily_budget=amount)


async def say(desk: Desk, plan: Plan, approver: AccessKey, decision: str = "approved", seen: str = "") -> Plan:
    """An approver's word."""
    word = Word(decision, seen or plan.hash, "rest")  # type: ignore[arg-type]
    return await decide(desk.stage.node, approver, plan.id, word)


async def test_the_proposer_does_not_approve(desk: Desk) -> None:
    """Not with the key that proposed it."""
    approver = await desk.approver()
    plan = await propose(
        desk.stage.node,
        dataclasses.replace(AGENT, key_id=approver.id),
        Change("update_campaign", desk.account, await desk.campaign(), {"daily_budget": 12_000}),
    )
    assert await refusal(say(desk, plan, approver)) == "own_plan"


@pytest.mark.parametrize(
    ("proposer", "approver", "allowed"),
    [("ann", "ben", True), ("ann", "ann", False), (None, "ben", False), ("ann", None, False)],
)
async def test_four_eyes_want_two_people(
    make_stage: MakeStage, proposer: str | None, approver: str | None, allowed: bool
) -> None:
    """Two keys of one person, or of nobody, are not two people."""
    desk = await set_up(await make_stage(four_eyes=True))
    change = Change("update_campaign", desk.account, await desk.campaign(), {"daily_budget": 12_000})
    plan = await propose(desk.stage.node, dataclasses.replace(AGENT, person=proposer), change)
    says = say(desk, plan, await desk.approver(person=approver))
    if allowed:
        assert (await says).status == "approved"
    else:
        assert await refusal(says) == "four_eyes"


async def test_an_approval_is_taken_back(desk: Desk) -> None:
    """Until the change is made, whoever may approve may refuse after all; then nothing of it is left to use."""
    plan, approver = await waiting(desk), await desk.approver()
    await say(desk, plan, approver)
    assert (await say(desk, plan, await desk.approver("another"), "refused")).status == "refused"
    assert await refusal(desk.apply(plan)) == "plan_over"


@pytest.mark.parametrize("field", ["expires_at", "used_at"])
async def test_an_approval_is_good_as_it_was_given(desk: Desk, field: str) -> None:
    """Neither for longer, nor once more, whatever somebody writes into the database."""
    plan = await waiting(desk)
    await say(desk, plan, await desk.approver())
    if field == "used_at":
        await desk.apply(plan)
        await desk.write(plan.object_id, daily_budget="10000")
    later = {"expires_at": desk.stage.clock.now() + timedelta(days=1), "used_at": None}
    async with desk.stage.node.database.writing() as session:
        await session.execute(update(spending_approvals).values({field: later[field]}))
        await session.execute(update(spending_plans).values(status="approved", idempotency_key=None, ended_at=None))
    assert await refusal(desk.apply(plan)) == "approval_needed"


async def test_what_was_seen_is_what_is_approved(desk: Desk) -> None:
    """Another plan's hash approves nothing."""
    plan, other = await waiting(desk), await waiting(desk, 90_000)
    assert await refusal(say(desk, other, await desk.approver(), seen=plan.hash)) == "plan_altered"


async def test_a_refused_plan_is_over(desk: Desk) -> None:
    """It is not applied, and not approved later."""
    plan, approver = await waiting(desk), await desk.approver()
    assert (await say(desk, plan, approver, "refused")).status == "refused"
    assert await refusal(say(desk, plan, approver)) == "plan_not_waiting"
    assert await refusal(desk.apply(plan)) == "plan_over"


async def test_an_approval_ends_after_an_hour(desk: Desk) -> None:
    """And the plan waits again."""
    plan = await desk.approve(await waiting(desk))
    desk.stage.clock.advance(timedelta(hours=1))
    assert await refusal(desk.apply(plan)) == "approval_needed"
    await desk.apply(await desk.approve(plan))


async def test_a_plan_ends_after_a_day(desk: Desk) -> None:
    """Approved or not."""
    plan, approver = await waiting(desk), await desk.approver()
    desk.stage.clock.advance(timedelta(hours=23, minutes=30))
    await say(desk, plan, approver)
    desk.stage.clock.advance(timedelta(minutes=30))
    assert await refusal(desk.apply(plan)) == "plan_expired"


async def test_an_approval_written_by_hand_is_none(stored_desk: Desk) -> None:
    """Rows in the database, copied from a real approval of another plan, let nothing through."""
    desk = stored_desk
    real, wanted = await desk.approve(await waiting(desk)), await waiting(desk, 900_000)
    (row,) = await desk.stage.rows(spending_approvals)
    forged = {**row, "id": "f" * 16, "plan_id": wanted.id, "plan_hash": wanted.hash}
    async with desk.stage.node.database.writing() as session:
        await session.execute(spending_approvals.insert().values(**forged))
        found = spending_plans.c.id == wanted.id
        await session.execute(spending_plans.update().where(found).values(status="approved"))
    assert await refusal(desk.apply(wanted)) == "approval_needed"
    await desk.apply(real)


async def test_an_approval_is_used_up(desk: Desk) -> None:
    """Even if the plan's row is set back."""
    plan = await desk.approve(await waiting(desk))
    applied = await desk.apply(plan)
    await desk.write(applied.object_id, daily_budget="10000")
    async with desk.stage.node.database.writing() as session:
        await session.execute(spending_plans.update().values(status="approved", idempotency_key=None))
    assert await refusal(apply(desk.stage.node, AGENT, plan.id, "again")) == "approval_needed"


async def test_a_revoked_key_approves_nothing_more(desk: Desk) -> None:
    """A key is looked up with each decision."""
    key = await desk.stage.key("approve", name="gone")
    async with desk.stage.node.database.writing() as session:
        from_keys = await list_keys(session)
        await revoke_key(session, next(each.id for each in from_keys if each.name == "gone"), desk.stage.clock.now())
    assert await refusal(approver_of(desk.stage.node, key)) == "key_unknown"


async def test_an_approver_is_held_to_the_accounts_of_the_key(desk: Desk) -> None:
    """A key for another account decides on no plan here, and chooses neither its rules nor everybody's."""
    plan, approver = await waiting(desk), await desk.approver()
    other = dataclasses.replace(approver, assets=frozenset({"act_1"}))
    assert await refusal(say(desk, plan, other)) == "asset_not_confirmed"
    for account in (desk.account, ""):
        assert await refusal(choose_rules(desk.stage.node, other, account, None)) == "asset_not_confirmed"
    own = dataclasses.replace(approver, assets=frozenset({desk.account}))
    assert (await say(desk, plan, own)).status == "approved"
