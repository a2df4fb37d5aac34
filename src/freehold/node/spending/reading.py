"""Reading what is there before a change, through the governor, and refusing what is another account's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from freehold.kernel.problems import Problem
from freehold.node.assets import ConnectedAsset, confirmed_assets
from freehold.node.context import Node
from freehold.node.governor import Priority
from freehold.node.spending.change import Change
from freehold.node.spending.effects import BUDGETS, Situation, State
from freehold.providers.calls import ApiCall
from freehold.providers.meta import ad_writes, graph
from freehold.providers.meta.ad_writes import OPERATIONS, Level

PATIENCE = 20.0
"""Seconds that a reading waits for room in the budget."""
PAGES_OF = ("page_id", "instagram_user_id", "instagram_actor_id", "branded_content_sponsor_page_id")
"""Where a creative names in whose voice it speaks."""
ABOVE: Mapping[str, Level] = {"campaign_id": "campaign", "adset_id": "ad_set", "creative_id": "creative"}
VOLATILE = frozenset({"budget_remaining", "amount_spent"})
"""Fields that change by themselves while ads run."""

NOT_ITS_OWN = frozenset({"id", "account_id", "campaign", "adset"})
"""Fields of a state that nobody can change, and those above it."""


@dataclass(frozen=True)
class Reader:
    """Reads one account, as urgently as what it is for."""

    node: Node
    account: ConnectedAsset
    priority: Priority

    async def state(self, level: Level, object_id: str) -> dict[str, Any]:
        """One object's state; refuses (`Problem` 422) one of another account."""
        call = ad_writes.state_call(self.node.settings.graph_version, level, self.account.asset_id, object_id)
        found = graph.understood(ad_writes.read_state, await self._sent(call))
        if "ad_object_id" in found:
            above = ad_writes.owner_call(self.node.settings.graph_version, self.account.asset_id, found["ad_object_id"])
            found["account_id"] = (await self._sent(above)).get("account_id")
        owner = str(found.get("account_id") or "").removeprefix("act_")
        if f"act_{owner}" != self.account.asset_id:
            raise Problem(
                422,
                "object_elsewhere",
                f"{object_id} does not belong to {self.account.asset_id}.",
                "Name the ad account that the object is in; it has to be one that was confirmed for this client.",
            )
        return found

    async def below(self, parent_id: str, edge: Any = "adsets") -> list[dict[str, Any]]:
        """The states of everything below a campaign, or of an account's campaigns."""
        found: list[dict[str, Any]] = []
        after: str | None = None
        while True:
            version, account = self.node.settings.graph_version, self.account.asset_id
            answer = await self._sent(ad_writes.budgets_call(version, account, parent_id, edge, after))
            found += graph.understood(ad_writes.read_states, answer)
            after = graph.next_cursor(answer)
            if after is None:
                return found

    async def _sent(self, call: ApiCall) -> dict[str, Any]:
        return await self.node.governor.send(call, self.priority, patience=PATIENCE)


async def reader_of(
    node: Node, account_id: str, priority: Priority = Priority.INTERACTIVE, *, reckons: bool = True
) -> Reader:
    """A reader of a confirmed ad account, else a `Problem` 422.

    So too where its currency or time zone is not known, unless nothing `reckons` there: who only switches off.
    """
    async with node.database.reading() as session:
        found = {asset.asset_id: asset for asset in await confirmed_assets(session) if asset.kind == "ad_account"}
    account = found.get(account_id)
    if account is None:
        raise Problem(
            422,
            "account_not_confirmed",
            f"{account_id[:64]} is no ad account that was confirmed for this client.",
            "See `freehold node assets`; the client ticks it on the page of assets.",
        )
    if reckons and not (account.currency and account.timezone):
        raise Problem(
            422,
            "currency_unknown",
            f"The currency or the time zone of {account_id} is not known, so nothing there may be changed.",
            "Have the client connect again, so that Meta tells them.",
        )
    return Reader(node, account, priority)


async def situation_of(reader: Reader, change: Change, parameters: State) -> Situation:
    """Everything that a change touches, as it is now. Raises what `Reader.state` raises, and `ProviderError`."""
    await _check_voices(reader.node, parameters)
    state: dict[str, Any] = {}
    if change.kind == "update_account":
        state = await reader.state("account", change.account_id)
    elif change.object_id:
        state = await reader.state(OPERATIONS[change.kind].level, change.object_id)
    if not all(str(parameters[name]).isdecimal() for name in ABOVE if name in parameters):
        raise Problem(422, "parameter_wrong", "An id is a number.", "Take it from a listing tool.")
    above = {name: await reader.state(ABOVE[name], str(parameters[name])) for name in ABOVE if name in parameters}
    if not change.object_id and change.kind != "update_account":
        state = above.get("adset_id") or above.get("campaign_id") or {}
    alone = OPERATIONS[change.kind].level == "campaign" and not any(state.get(name) for name in BUDGETS)
    return Situation(
        account_id=reader.account.asset_id,
        account_name=reader.account.name,
        currency=reader.account.currency or "",
        timezone=reader.account.timezone or "",
        state=state,
        below=await reader.below(change.object_id) if alone else (),
    )


def own_fields(level: Level) -> frozenset[str]:
    """The fields of an object that somebody can change, without those that change by themselves."""
    read = ad_writes.FIELDS[level].partition("{")[0].split(",")
    return frozenset(read) - NOT_ITS_OWN - VOLATILE - {"creative"}


def lasting(value: Any) -> Any:
    """A state without what changes by itself: what has to be the same when the change is done."""
    if isinstance(value, Mapping):
        return {name: lasting(inner) for name, inner in value.items() if name not in VOLATILE}
    return [lasting(inner) for inner in value] if isinstance(value, list | tuple) else value


def differences(before: Mapping[str, Any], now: Mapping[str, Any], above: str = "") -> dict[str, tuple[Any, Any]]:
    """Where two states differ: field (with those it stands in) -> before, now."""
    found: dict[str, tuple[Any, Any]] = {}
    for name in sorted({*before, *now}):
        one, other = before.get(name), now.get(name)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            found |= differences(one, other, f"{above}{name}.")
        elif one != other:
            found[above + name] = (one, other)
    return found


async def _check_voices(node: Node, parameters: State) -> None:
    """An ad speaks only for pages and accounts of this client: the person may manage other companies' too."""
    named = set(_voices(parameters))
    if not named:
        return
    async with node.database.reading() as session:
        ours = {asset.asset_id for asset in await confirmed_assets(session)}
    foreign = sorted(named - ours)
    if foreign:
        raise Problem(
            422,
            "voice_not_confirmed",
            f"{', '.join(foreign)[:200]} is no page or Instagram account that was confirmed for this client.",
            "Use one that `freehold node assets` shows as confirmed.",
        )


def _voices(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name in PAGES_OF:
                yield str(inner)
            elif name == "object_story_id":
                yield str(inner).partition("_")[0]
            else:
                yield from _voices(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _voices(inner)
