"""Changing an ad account: its spend cap, which is given in whole units of the currency and read in minor ones."""

from decimal import Decimal, InvalidOperation

from freehold.sandbox.meta.ads import spending
from freehold.sandbox.meta.ads.accounts import account_plan, demand_management, written
from freehold.sandbox.meta.ads.parameters import choice, refusal
from freehold.sandbox.meta.graph import JSON, Call
from freehold.sandbox.meta.world.people import AdAccount

ACTIONS = frozenset({"reset", "delete"})
WITHOUT_CENTS = frozenset({"CLP", "COP", "CRC", "HUF", "IDR", "ISK", "JPY", "KRW", "PYG", "TWD", "VND"})
CENTS = 100


def update(call: Call, account: AdAccount) -> JSON:
    """`POST /act_X` with `spend_cap` or `spend_cap_action`."""
    demand_management(call)
    action = choice(call.params, "spend_cap_action", ACTIONS)
    caps = written(call).account_caps
    if action == "delete":
        caps.pop(account.account_id, None)
    elif action is None and call.params.get("spend_cap"):
        cap = _minor(call.params["spend_cap"], account.currency)
        if cap < spending.lifetime(call, account_plan(call.sandbox.world, account)):
            raise refusal("(#100) spend_cap must be above what the account has spent", blame="spend_cap")
        caps[account.account_id] = cap
    return {"success": True}


def cap_of(call: Call, account: AdAccount) -> str:
    """The cap in minor units; "0" for none."""
    return str(written(call).account_caps.get(account.account_id, 0))


def _minor(text: str, currency: str) -> int:
    try:
        return int(Decimal(text) * (1 if currency in WITHOUT_CENTS else CENTS))
    except (InvalidOperation, ValueError, OverflowError):
        raise refusal("(#100) Param spend_cap must be a number", blame="spend_cap") from None
