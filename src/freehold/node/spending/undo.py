"""Taking a change back: a plan like any other, whose object has to be as the change left it."""

import json
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import RowMapping

from freehold.kernel.problems import Problem
from freehold.node.context import Node
from freehold.node.spending import changes
from freehold.node.spending.change import Change, Principal
from freehold.node.spending.effects import BUDGETS
from freehold.node.spending.plan import Plan
from freehold.node.spending.propose import Origin, proposed
from freehold.node.spending.reading import own_fields
from freehold.providers.meta.ad_writes import OPERATIONS, Kind

TAKES_AWAY: Final[Mapping[Kind, Kind]] = {
    "create_campaign": "delete_campaign", "create_ad_set": "delete_ad_set", "create_ad": "delete_ad",
    "create_creative": "delete_creative", "create_audience": "delete_audience", "copy_campaign": "delete_campaign",
    "copy_ad_set": "delete_ad_set", "copy_ad": "delete_ad", "schedule_campaign_budget": "delete_budget_schedule",
    "schedule_ad_set_budget": "delete_budget_schedule",
}  # fmt: skip
"""What takes away again what a change made."""
REMOVABLE: Final = frozenset({"spend_cap", "end_time", "stop_time", *BUDGETS})
"""Fields that can be taken away again; another budget takes the place of one."""


async def undo(node: Node, principal: Principal, change_id: int) -> Plan:
    """A plan that brings back what was before a change: ready where it lowers spend, waiting where it raises it.

    Raises `Problem` 404 for no such change, 409 with the differences when somebody changed the object since, or when
    Meta keeps no way back; and what `propose` raises.
    """
    async with node.database.reading() as session:
        row = await changes.found(session, change_id)
    if row is None or row["hash"] is None:
        raise Problem(404, "change_missing", "There is no such change.", "See `freehold node changes list`.")
    if row["hash"] != changes.hash_of(row):
        raise Problem(409, "change_altered", "This change was altered since.", "See `freehold node changes verify`.")
    change, expected = _reverse(row)
    return await proposed(node, principal, change, Origin(change_id, expected))


def _reverse(row: RowMapping) -> tuple[Change, Mapping[str, Any]]:
    """The change that takes one back, and how its object has to stand before."""
    kind: Kind = row["kind"]
    before, after = json.loads(row["before"]), json.loads(row["after"])
    account, object_id = row["ad_account_id"], row["object_id"]
    if kind in TAKES_AWAY:
        return Change(TAKES_AWAY[kind], account, object_id), _as_made(kind, after)
    if OPERATIONS[kind].method == "DELETE" or kind == "upload_image" or after.get("status") == "DELETED":
        raise _no_way_back("Meta brings back nothing that was deleted, and keeps images that were uploaded")
    gone = [name for name, value in before.items() if value is None and name not in REMOVABLE]
    gone = [name for name in gone if not (name == "bid_amount" and before.get("bid_strategy"))]
    if gone:
        raise _no_way_back(f"Meta cannot take {', '.join(gone)} away again")
    kept = {name: value for name, value in before.items() if value is not None or name not in {*BUDGETS, "bid_amount"}}
    return Change(kind, account, "" if kind == "update_account" else object_id, kept), after


def _as_made(kind: Kind, after: Mapping[str, Any]) -> Mapping[str, Any]:
    """What has to be as it was made: all that can be read again, and of what cannot be altered its name."""
    level = OPERATIONS[kind].makes
    readable = own_fields(level) | {"creative_id"} if level is not None and level != "creative" else {"name"}
    return {name: value for name, value in after.items() if name in readable}


def _no_way_back(why: str) -> Problem:
    return Problem(409, "cannot_be_undone", f"This cannot be undone: {why}.", "Make it anew, by a plan.")
