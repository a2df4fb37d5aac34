"""Every change that a tool wants at Meta: a plan, made at once where the account's rules ask nobody, else left waiting.

Nothing is decided here: whether a change is made, has to be approved or is forbidden, says `freehold.node.spending`.
"""

import secrets
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import BaseModel, Field

from freehold.kernel import crypto
from freehold.node.mcp.meta_ads.arguments import OfAccount
from freehold.node.mcp.tool import Arguments, Call, UntrustedText, words
from freehold.node.spending import Applied, Change, Plan, Principal, perform, shown
from freehold.providers.meta.ad_writes import Kind

Minor = Annotated[int, Field(ge=1, le=10**15, description="minor units of the account's currency")]
NEXT = {
    "applied": "It is done.",
    "waiting": "A person has to approve it outside of this conversation; then call apply_plan. Do not make it anew.",
    "forbidden": "A rule of this account forbids it. Tell the person which one.",
}


class Wish(Arguments):
    """What every change takes: with the same key again, it is not done twice."""

    idempotency_key: Annotated[str | None, Field(min_length=8, max_length=128)] = None


class Line(BaseModel):
    """A field that changes, and where inside it."""

    field: str
    within: UntrustedText | None
    before: UntrustedText | None
    after: UntrustedText | None


class Outcome(OfAccount):
    """What became of a change; `spend_after` says what may be spent at the worst, today and in all."""

    status: str
    plan_id: str
    object_id: str
    change_id: int | None = None
    changes: list[Line]
    spend_after: str
    reasons: list[str]
    next: str


async def change(
    call: Call, kind: Kind, account_id: str, object_id: str, parameters: Mapping[str, Any], key: str | None = None
) -> Outcome:
    """Make a change, or have it wait for a person: what is None is not sent. Raises what `perform` raises."""
    sent = {name: value for name, value in parameters.items() if value is not None}
    wanted = Change(kind, account_id, object_id, sent)
    done = await perform(call.node, principal_of(call), wanted, _key(call, key))
    return outcome(call, done.plan, done.applied)


def principal_of(call: Call) -> Principal:
    """Who asks for a change by a tool."""
    return Principal(call.caller.id, call.caller.name, call.channel, call.caller.person)


def outcome(call: Call, plan: Plan, applied: Applied | None) -> Outcome:
    """A plan and what was made of it, as a model reads it."""
    told = shown(plan)
    status = "applied" if applied else "forbidden" if plan.status == "forbidden" else "waiting"
    worst = told["spend_after"]["in_words"]
    return Outcome(
        source="live",
        as_of=call.now(),
        account_id=plan.account_id,
        status=status,
        plan_id=plan.id,
        object_id=applied.object_id if applied else plan.object_id,
        change_id=applied.change_id if applied else None,
        changes=lines(told["changes"]),
        spend_after=f"at most {worst['today_worst']} today, {worst['total_worst']} in all",
        reasons=[verdict["reason"] for verdict in told["reasons"]],
        next=NEXT[status],
    )


def lines(shown_lines: Iterable[Mapping[str, str]]) -> list[Line]:
    """Lines of `shown`: names inside a structure are whoever's who proposed it, values those who wrote the object."""
    found = []
    for line in shown_lines:
        field, _, within = line["field"].partition(".")
        texts = {"within": within, "before": line["before"], "after": line["after"]}
        found.append(Line(field=field, **{name: words(text) for name, text in texts.items()}))
    return found


def _key(call: Call, key: str | None) -> str:
    """The caller's key as nobody else's: two callers may choose the same. By digest: keys are long."""
    return f"{call.caller.id}:{crypto.digest(key) if key else secrets.token_hex(12)}"
