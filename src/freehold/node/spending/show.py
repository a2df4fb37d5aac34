"""A plan as people and programs read it: amounts with their currency beside the minor units, reasons in words."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from freehold.node.spending.exposure import Exposure
from freehold.node.spending.plan import Plan
from freehold.providers.meta.ad_writes import MONEY
from freehold.providers.meta.money import written

LONGEST = 300
"""Characters of a value that are shown."""


def shown(plan: Plan) -> dict[str, Any]:
    """The plan as JSON; what was sent with it that is long (a picture) is left out."""
    return {
        "plan_id": plan.id,
        "status": plan.status,
        "kind": plan.kind,
        "account_id": plan.account_id,
        "account_name": plan.account_name,
        "object_id": plan.object_id,
        "object_name": plan.object_name,
        "currency": plan.currency,
        "timezone": plan.timezone,
        "changes": list(lines_of(plan)),
        "spend_before": spend_of(plan.exposure_before, plan.currency),
        "spend_after": spend_of(plan.exposure_after, plan.currency),
        "reasons": [{**asdict(verdict.rule), "reason": verdict.reason} for verdict in plan.verdicts],
        "checked_by_meta": plan.checked,
        "proposed_by": plan.proposed_by,
        "channel": plan.channel,
        "proposed_at": plan.proposed_at,
        "expires_at": plan.expires_at,
        "undoes": plan.undoes,
        "hash": plan.hash,
    }


def lines_of(plan: Plan) -> Iterator[dict[str, str]]:
    """Each field that changes, before and after, in words."""
    for name in sorted(plan.after):
        yield {
            "field": name,
            "before": told(name, plan.before.get(name), plan.currency) if plan.before else "",
            "after": told(name, plan.after[name], plan.currency),
        }


def told(name: str, value: Any, currency: str) -> str:
    """A value in words: amounts in the currency, what is long cut off."""
    if value is None:
        return "none"
    if name in MONEY and isinstance(value, int):
        return written(value, currency)
    text = value if isinstance(value, str) else _joined(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def spend_of(exposure: Exposure, currency: str) -> dict[str, Any]:
    """What may be spent, in minor units and in words."""
    amounts = asdict(exposure)
    words = {name: "no end" if amount is None else written(amount, currency) for name, amount in amounts.items()}
    return {**{f"{name}_minor": amount for name, amount in amounts.items()}, "in_words": words}


def _joined(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {_joined(inner)}" for name, inner in value.items())
    return ", ".join(map(_joined, value)) if isinstance(value, list | tuple) else str(value)
