"""A plan: everything that a person has to know before one change is made, frozen, and bound by one hash."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import RowMapping

from freehold.kernel.problems import Problem
from freehold.node.spending.change import Change, Channel, canonical, digest
from freehold.node.spending.exposure import Exposure, added
from freehold.node.spending.rules import Action, Amount, Rule, Verdict
from freehold.providers.meta.ad_writes import Kind

Status = Literal[
    "ready", "waiting", "approved", "refused", "forbidden", "sending", "applied", "failed", "uncertain"
]  # fmt: skip
LIFE: Final = timedelta(hours=24)
"""How long a plan may wait for somebody."""
NOT_HASHED: Final = frozenset({"status", "hash"})


@dataclass(frozen=True)
class Plan:
    """One change of one object, as it would be made. Amounts are minor units of `currency`.

    `relied` is the state that everything was reckoned from: it has to be the same when the change is made. `checked`
    is what Meta said when it was asked to check the change without making it.
    """

    id: str
    account_id: str
    account_name: str
    currency: str
    timezone: str
    kind: Kind
    object_id: str
    object_name: str
    parameters: Mapping[str, Any]
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    relied: Mapping[str, Any]
    actions: tuple[Action, ...]
    amounts: tuple[Amount, ...]
    exposure_before: Exposure
    exposure_after: Exposure
    harmless: bool
    verdicts: tuple[Verdict, ...]
    checked: Literal["accepted", "not offered", "not asked"]
    proposed_by: str
    proposer_id: str
    proposer_person: str | None
    channel: Channel
    proposed_at: datetime
    expires_at: datetime
    undoes: int | None = None
    status: Status = "waiting"
    hash: str = ""

    @property
    def added_today(self) -> int:
        """What it adds to a day."""
        return added(self.exposure_before, self.exposure_after)

    @property
    def change(self) -> Change:
        """What was asked for."""
        return Change(self.kind, self.account_id, self.object_id, self.parameters, self.currency)


def content_of(plan: Plan) -> dict[str, Any]:
    """The plan as JSON: what its hash covers."""
    content = {name: value for name, value in asdict(plan).items() if name not in NOT_HASHED}
    times = {name: content[name].isoformat() for name in ("proposed_at", "expires_at")}
    found: dict[str, Any] = json.loads(canonical(content | times))
    return found


def sealed(plan: Plan) -> Plan:
    """The plan with its hash."""
    return replace(plan, hash=digest(content_of(plan)))


def row_of(plan: Plan) -> dict[str, Any]:
    """The plan as a row of its table."""
    return {
        "id": plan.id,
        "account_id": plan.account_id,
        "object_id": plan.object_id,
        "kind": plan.kind,
        "content": canonical(content_of(plan)),
        "hash": plan.hash,
        "status": plan.status,
        "added_today_minor": plan.added_today,
        "proposed_by": plan.proposed_by,
        "proposed_at": plan.proposed_at,
        "expires_at": plan.expires_at,
    }


def plan_of(row: RowMapping | None) -> Plan:
    """The plan of a row; `Problem` 404 where there is none, 409 where it is not what its hash says."""
    if row is None:
        raise Problem(404, "plan_missing", "There is no such plan.", "See `freehold node approvals list`.")
    content = json.loads(row["content"])
    if digest(content) != row["hash"] or content["id"] != row["id"] or content["account_id"] != row["account_id"]:
        raise altered()
    read = {
        **content,
        "actions": tuple(content["actions"]),
        "amounts": tuple(Amount(**each | {"measured": tuple(each["measured"])}) for each in content["amounts"]),
        "exposure_before": Exposure(**content["exposure_before"]),
        "exposure_after": Exposure(**content["exposure_after"]),
        "verdicts": tuple(Verdict(Rule(**each["rule"]), each["reason"]) for each in content["verdicts"]),
        "proposed_at": datetime.fromisoformat(content["proposed_at"]),
        "expires_at": datetime.fromisoformat(content["expires_at"]),
    }
    return Plan(**read, status=row["status"], hash=row["hash"])


def altered() -> Problem:
    """The refusal of a plan that is not the one that was made, or that was seen."""
    hint = "Nothing was sent. Make a new plan, and look at that one."
    return Problem(409, "plan_altered", "This plan is not the one that was made.", hint)
