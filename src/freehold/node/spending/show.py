"""A plan as people and programs read it: amounts with their currency beside the minor units, reasons in words."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from itertools import pairwise
from typing import Any, Final

from freehold.kernel import crypto
from freehold.node.spending.exposure import Exposure
from freehold.node.spending.plan import Plan
from freehold.providers.meta.ad_writes import MONEY
from freehold.providers.meta.money import written

PICTURES: Final = frozenset({"bytes"})
"""Fields that hold a file: shown by their digest, since nobody reads them."""
LINE_END: Final = " ↵ "
BLANKS: Final = frozenset(" \u00a0\u202f\u3000")
"""Blanks that people type; U+00A0 and U+202F stand between numbers and units, U+3000 between Japanese words."""
JOINERS: Final = "\ufe0f\u200d"
FILLERS: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and marks that are drawn as nothing."""
SHARE: Final = "MULTIPLIER"
"""The type of a `budget_value` that is no amount but a percentage."""


def shown(plan: Plan) -> dict[str, Any]:
    """The plan as JSON; a picture that was sent with it is told by its digest."""
    return {
        "plan_id": plan.id,
        "status": plan.status,
        "kind": plan.kind,
        "account_id": plan.account_id,
        "account_name": visible(plan.account_name),
        "object_id": plan.object_id,
        "object_name": visible(plan.object_name),
        "currency": plan.currency,
        "timezone": plan.timezone,
        "changes": list(lines_of(plan)),
        "spend_before": spend_of(plan.exposure_before, plan.currency),
        "spend_after": spend_of(plan.exposure_after, plan.currency),
        "reasons": [{**asdict(verdict.rule), "reason": verdict.reason} for verdict in plan.verdicts],
        "checked_by_meta": plan.checked,
        "proposed_by": visible(plan.proposed_by),
        "channel": plan.channel,
        "proposed_at": plan.proposed_at,
        "expires_at": plan.expires_at,
        "undoes": plan.undoes,
        "hash": plan.hash,
    }


def lines_of(plan: Plan) -> Iterator[dict[str, str]]:
    """Each value that changes, before and after, in words: one line for each that stands inside a structure, nothing
    cut off, since whatever a person does not see is approved with the rest.
    """
    money = _money(plan)
    for name in sorted(plan.after):
        before = dict(_leaves(name, plan.before.get(name))) if plan.before else {}
        after = dict(_leaves(name, plan.after[name]))
        for place in dict.fromkeys((*before, *after)):
            yield {
                "field": visible(place),
                "before": told(place, before[place], plan.currency, money) if place in before else "",
                "after": told(place, after.get(place), plan.currency, money),
            }


def told(place: str, value: Any, currency: str, money: frozenset[str] = MONEY) -> str:
    """A value in words: amounts in the currency, a picture by its digest, nothing invisible."""
    name = place.rpartition(".")[2]
    if value is None:
        return "none"
    if name in money and isinstance(value, int):
        return written(value, currency)
    if name in PICTURES and isinstance(value, str):
        return f"a file of {len(value)} characters, SHA-256 {crypto.digest(value)}"
    return visible(str(value))


def visible(text: str) -> str:
    """Text in which nothing hides: what is not seen, or turns the direction of other characters, stands as its code.

    A line's end is drawn: whoever wrote the text could otherwise write what looks like further lines of the plan.
    """
    shown = []
    for before, each in pairwise(f" {text}"):
        if each == "\n":
            shown.append(LINE_END)
        else:
            shown.append(f"[U+{ord(each):04X}]" if _hidden(each) and not _joins(before, each) else each)
    return "".join(shown)


def spend_of(exposure: Exposure, currency: str) -> dict[str, Any]:
    """What may be spent, in minor units and in words."""
    amounts = asdict(exposure)
    words = {name: "no end" if amount is None else written(amount, currency) for name, amount in amounts.items()}
    return {**{f"{name}_minor": amount for name, amount in amounts.items()}, "in_words": words}


def _money(plan: Plan) -> frozenset[str]:
    """The fields of a plan that are amounts: a budget's multiplier is none."""
    is_share = plan.after.get("budget_value_type", plan.before.get("budget_value_type")) == SHARE
    return MONEY - {"budget_value"} if is_share else MONEY


def _leaves(place: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Each single value inside a structure, by the way to it."""
    if not isinstance(value, Mapping | list | tuple):
        yield place, value
        return
    if not value:
        yield place, "empty"
    for name, inner in value.items() if isinstance(value, Mapping) else enumerate(value, 1):
        yield from _leaves(f"{place}.{name}", inner)


def _hidden(character: str) -> bool:
    """Whether a character shows nothing: a control or format (bidi, zero width), an odd blank, a filler, a selector."""
    kind = unicodedata.category(character)
    return (
        kind in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
        or (kind == "Zs" and character not in BLANKS)
        or character in FILLERS
        or "VARIATION SELECTOR" in unicodedata.name(character, "")
    )


def _joins(before: str, character: str) -> bool:
    """Whether a character makes one picture of emoji that stand beside it."""
    return character in JOINERS and (before == JOINERS[0] or unicodedata.category(before) in {"So", "Sk"})
