"""Switching off everything at once: every campaign that runs, in every ad account of the client, or in one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from freehold.kernel import logs
from freehold.kernel.problems import Problem
from freehold.node.assets import confirmed_assets
from freehold.node.context import Node
from freehold.node.governor import Priority
from freehold.node.spending.apply import apply_at_once
from freehold.node.spending.change import Change, Principal
from freehold.node.spending.effects import Situation, effect_of
from freehold.node.spending.locking import Hold, held
from freehold.node.spending.propose import written_plan
from freehold.node.spending.reading import Reader, reader_of
from freehold.node.spending.whole import whole
from freehold.providers.calls import ProviderError

log = logs.get(__name__)


@dataclass(frozen=True)
class Paused:
    """A campaign that was to be switched off; `failure` says why it still runs, empty where it does not.

    Without a campaign, `failure` says why the account's campaigns could not be read.
    """

    account_id: str
    campaign_id: str
    name: str
    change_id: int | None
    failure: str = ""


async def pause_everything(node: Node, principal: Principal, account_id: str | None = None) -> list[Paused]:
    """Pause every campaign that is switched on; what fails stops none of the others. It waits for no approval.

    Raises `Problem` 422 for an account that was not confirmed.
    """
    return await whole(_paused(node, principal, account_id))


async def _paused(node: Node, principal: Principal, account_id: str | None) -> list[Paused]:
    async with node.database.reading() as session:
        accounts = [asset.asset_id for asset in await confirmed_assets(session) if asset.kind == "ad_account"]
    paused: list[Paused] = []
    for each in [account_id] if account_id is not None else accounts:
        try:
            reader = await reader_of(node, each, Priority.PAUSE_AD, reckons=False)
        except Problem as problem:
            if account_id is not None:
                raise
            paused.append(Paused(each, "", "", None, problem.detail))
        else:
            paused += await _pause_account(node, principal, reader)
    log.warning("spending.paused_everything", campaigns=len(paused), failed=sum(bool(each.failure) for each in paused))
    return paused


async def _pause_account(node: Node, principal: Principal, reader: Reader) -> list[Paused]:
    account_id = reader.account.asset_id
    try:
        campaigns = await reader.below(account_id, "campaigns")
    except ProviderError as error:
        return [Paused(account_id, "", "", None, error.message)]
    running = [campaign for campaign in campaigns if campaign.get("status") == "ACTIVE"]
    async with held(node, account_id, urgent=True) as hold:
        return [await _pause(node, principal, reader, campaign, hold) for campaign in running]


async def _pause(node: Node, principal: Principal, reader: Reader, campaign: Mapping[str, Any], hold: Hold) -> Paused:
    account = reader.account
    told = account.asset_id, str(campaign["id"]), str(campaign.get("name", ""))
    change = Change("update_campaign", account.asset_id, str(campaign["id"]), {"status": "PAUSED"})
    situation = Situation(account.asset_id, account.name, account.currency or "", account.timezone or "UTC", campaign)
    effect = effect_of(change.kind, change.parameters, situation, node.clock.now())
    try:
        plan = await written_plan(node, principal, change, situation, effect)
        applied = await apply_at_once(node, principal, plan, hold, reader)
    except ProviderError as error:
        return Paused(*told, None, error.message)
    except Problem as problem:
        return Paused(*told, None, problem.detail)
    return Paused(*told, applied.change_id)
