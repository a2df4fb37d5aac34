"""A connected node with one client's ad account, its campaigns in the sandbox, and whoever proposes and approves."""

import secrets
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any

import pytest
from tests.integration.node.conftest import (  # noqa: F401 - fixtures
    CERAMICS_ASSETS,
    MakeStage,
    Stage,
    make_stage,
    make_stored,
    stage,
    stored,
)
from tests.meta_sandbox import CERAMICS_ADS

from freehold.kernel.problems import Problem
from freehold.node.access import AccessKey, create_key
from freehold.node.spending import Applied, Change, Plan, Principal, apply, propose
from freehold.node.spending.approvals import Word, approver_of, decide

AGENT = Principal("agent-key", "agent", "mcp")


@dataclass(frozen=True)
class Desk:
    """A node at whose ads somebody works."""

    stage: Stage
    account: str = CERAMICS_ADS

    async def read(self, object_id: str, fields: str) -> dict[str, Any]:
        """What an object is at Meta, read past the node."""
        answer = await self.stage.meta.get(object_id, self.stage.meta.token(), fields=fields)
        assert answer.status == 200, answer.text
        found: dict[str, Any] = answer.body
        return found

    async def write(self, path: str, **form: object) -> dict[str, Any]:
        """Change something at Meta, past the node: as somebody in Ads Manager does."""
        answer = await self.stage.meta.post(path, self.stage.meta.token(), **form)
        assert answer.status == 200, answer.text
        found: dict[str, Any] = answer.body
        return found

    async def campaign(self, **given: object) -> str:
        """A campaign with a budget of its own that runs, made in Ads Manager."""
        asked = {
            "name": "Spring", "objective": "OUTCOME_TRAFFIC", "special_ad_categories": "[]", "status": "ACTIVE",
            "daily_budget": "10000", **given,
        }  # fmt: skip
        kept = {name: value for name, value in asked.items() if value is not None}
        return str((await self.write(f"{self.account}/campaigns", **kept))["id"])

    async def ad_set(self, campaign_id: str, **given: object) -> str:
        """An ad set that runs, made in Ads Manager."""
        asked = {
            "name": "Everybody", "campaign_id": campaign_id, "status": "ACTIVE", "optimization_goal": "LINK_CLICKS",
            "billing_event": "IMPRESSIONS", "targeting": {"geo_locations": {"countries": ["US"]}}, **given,
        }  # fmt: skip
        kept = {name: value for name, value in asked.items() if value is not None}
        return str((await self.write(f"{self.account}/adsets", **kept))["id"])

    async def propose(self, kind: Any, object_id: str = "", /, **parameters: Any) -> Plan:
        """A plan of the agent's."""
        return await propose(self.stage.node, AGENT, Change(kind, self.account, object_id, parameters))

    async def apply(self, plan: Plan, key: str | None = None) -> Applied:
        """Make the change of a plan."""
        return await apply(self.stage.node, AGENT, plan.id, key or secrets.token_hex(8))

    async def approver(self, name: str = "owner", person: str | None = None) -> AccessKey:
        """Somebody who may approve, having shown their key."""
        async with self.stage.node.database.writing() as session:
            made = await create_key(session, name, ["approve"], self.stage.clock.now(), person=person)
        return await approver_of(self.stage.node, made.secret)

    async def approve(self, plan: Plan) -> Plan:
        """Have another person approve it."""
        return await decide(self.stage.node, await self.approver(), plan.id, Word("approved", plan.hash, "page"))

    async def changed(self, kind: Any, object_id: str = "", /, **parameters: Any) -> Applied:
        """Propose, approve where it waits, apply."""
        plan = await self.propose(kind, object_id, **parameters)
        return await self.apply(await self.approve(plan) if plan.status == "waiting" else plan)


@pytest.fixture
async def desk(stage: Stage) -> Desk:  # noqa: F811 - the fixture
    """A desk over SQLite."""
    return await set_up(stage)


@pytest.fixture
async def stored_desk(stored: Stage) -> Desk:  # noqa: F811 - the fixture
    """A desk over SQLite, and again over PostgreSQL."""
    return await set_up(stored)


async def set_up(stage: Stage) -> Desk:  # noqa: F811 - a stage
    """A desk at a stage whose client has connected."""
    await stage.connect(assets=CERAMICS_ASSETS)
    return Desk(stage)


async def refusal(work: Awaitable[Any]) -> str:
    """The code that something is refused with."""
    with pytest.raises(Problem) as caught:
        await work
    assert caught.value.hint
    return caught.value.code
