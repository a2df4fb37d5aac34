"""Choosing rules: a whole set at a time, by somebody who may approve, kept with all that were chosen before."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from freehold.kernel.problems import Problem
from freehold.node.access import AccessKey
from freehold.node.assets import confirmed_assets
from freehold.node.context import Node
from freehold.node.failures import asset_refused
from freehold.node.spending import queries
from freehold.node.spending.approvals import check_approver
from freehold.node.spending.change import canonical
from freehold.node.spending.rules import DEFAULT, Rule, read_rules


async def choose_rules(node: Node, approver: AccessKey, account_id: str, text: str | None) -> Sequence[Rule]:
    """Hold `account_id` (empty: every account without its own) to the rules in `text`; None: to the built-in ones.

    Raises `Problem` 403 for a key that may not approve, or not there; 422 for what is no list of rules, or an unknown
    account.
    """
    check_approver(approver)
    if not approver.may_use(account_id):
        raise asset_refused()
    currency = await _currency_of(node, account_id) if account_id else None
    chosen = DEFAULT if text is None else rules_in(text, currency)
    kept = "" if text is None else canonical([asdict(rule) for rule in chosen])
    row = {"account_id": account_id, "rules": kept, "set_by": approver.name, "set_at": node.clock.now()}
    async with node.database.writing() as session:
        await queries.insert_rules(session, row)
    return chosen


def rules_in(text: str, currency: str | None) -> Sequence[Rule]:
    """Rules from JSON text; raises `Problem` 422."""
    try:
        value = json.loads(text)
    except ValueError as error:
        raise Problem(422, "rules_wrong", "This is not JSON.", "Rules are a list of objects.") from error
    return read_rules(value, currency)


async def _currency_of(node: Node, account_id: str) -> str:
    async with node.database.reading() as session:
        found = [asset for asset in await confirmed_assets(session) if asset.asset_id == account_id]
    if not found or not found[0].currency:
        raise Problem(
            422, "account_not_confirmed", "This is no ad account that was confirmed.", "See `freehold node assets`."
        )
    return found[0].currency
