"""Another principal's word on a plan: by a key of its own, shown anew, bound to what was seen, good for once.

Who approves holds a key of scope `approve` that can propose nothing. So nothing that a model holds approves what it
proposed itself, nor what another model did. The word is sealed with the node's keyring, which is not in the database.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from sqlalchemy import RowMapping

from freehold.kernel.crypto import InvalidCiphertextError
from freehold.kernel.database import ReadSession, WriteSession
from freehold.kernel.problems import Problem
from freehold.node.access import AccessKey, find_caller
from freehold.node.context import Node
from freehold.node.failures import asset_refused
from freehold.node.spending import changes, queries
from freehold.node.spending.change import Channel, canonical
from freehold.node.spending.plan import Plan, altered, plan_of

LIFE: Final = timedelta(hours=1)
"""How long an approval may wait to be used."""
PROPOSES: Final = frozenset({"tools:write", "workflows"})
"""Scopes with which changes are proposed."""
Decision = Literal["approved", "refused"]
OPEN: Final[Mapping[Decision, tuple[str, ...]]] = {
    "approved": ("waiting",), "refused": ("waiting", "ready", "approved"),
}  # fmt: skip
"""Plans of which something may still be said; what was approved may be taken back until it is made."""


@dataclass(frozen=True)
class Word:
    """What an approver says of a plan, by which way in, having seen the plan of this hash."""

    decision: Decision
    plan_hash: str
    channel: Channel
    reason: str = ""


async def approver_of(node: Node, secret: str) -> AccessKey:
    """The approver whose key this is; raises `Problem` 401 for none, 403 for a key that may not approve."""
    async with node.database.reading() as session:
        key = await find_caller(session, secret, node.clock.now())
    if key is None:
        hint = "The operator makes one with `freehold node keys add NAME --scope approve`."
        raise Problem(401, "key_unknown", "This key is not known here, or was revoked.", hint)
    check_approver(key)
    return key


def check_approver(key: AccessKey) -> None:
    """Refuse (`Problem` 403) a key that may not approve, or that may propose."""
    if "approve" not in key.scopes:
        raise Problem(403, "scope_missing", "This key has no scope approve.", "Use a key that has it.")
    if PROPOSES & key.scopes:
        hint = "Make a key with the scope approve and no scope that proposes, and keep it where no program reads it."
        raise Problem(403, "approver_proposes", "This key may propose changes, so it approves none.", hint)


async def decide(node: Node, approver: AccessKey, plan_id: str, word: Word) -> Plan:
    """Write down what an approver says of a plan; gives the plan as it stands now. Raises `Problem`."""
    check_approver(approver)
    now = node.clock.now()
    async with node.database.writing() as session:
        plan = plan_of(await queries.plan_row(session, plan_id))
        if not approver.may_use(plan.account_id):
            raise asset_refused()
        _check_open(plan, word)
        if now >= plan.expires_at:
            raise Problem(409, "plan_expired", "This plan has expired.", "Have it made anew.")
        if word.decision == "approved":
            _check_other(node, plan, approver)
        row = _row(node, approver, plan, word)
        if not await queries.move_plan(session, plan.id, OPEN[word.decision], word.decision):
            raise altered()
        await queries.insert_approval(session, row)
        return plan_of(await queries.plan_row(session, plan_id))


def _check_open(plan: Plan, word: Word) -> None:
    if not secrets.compare_digest(word.plan_hash.encode(), plan.hash.encode()):
        raise altered()
    if plan.status not in OPEN[word.decision]:
        hint = "See `freehold node approvals list`."
        raise Problem(409, "plan_not_waiting", f"This plan is {plan.status}; it waits for nobody.", hint)


def _check_other(node: Node, plan: Plan, approver: AccessKey) -> None:
    """Another key than the proposer's; with `four_eyes`, another person's too."""
    if approver.id == plan.proposer_id:
        raise Problem(403, "own_plan", "Who proposes a plan does not approve it.", "Use another key.")
    if not node.settings.four_eyes:
        return
    if approver.person is None or plan.proposer_person is None or approver.person == plan.proposer_person:
        hint = "Keys belong to a person when they are made with `freehold node keys add NAME --person WHO`."
        raise Problem(403, "four_eyes", "Another person than the one who proposed it has to approve it.", hint)


def _row(node: Node, approver: AccessKey, plan: Plan, word: Word) -> dict[str, object]:
    approval_id, now = secrets.token_hex(8), node.clock.now()
    until = now + LIFE
    said = _said(plan.id, plan.hash, word.decision, approver.id, until)
    return {
        "id": approval_id,
        "plan_id": plan.id,
        "plan_hash": plan.hash,
        "decision": word.decision,
        "approver_id": approver.id,
        "approver": approver.name,
        "channel": word.channel,
        "reason": word.reason[:1000],
        "seal": node.keys.keyring.current().encrypt(canonical(said).encode(), _context(approval_id)),
        "decided_at": now,
        "expires_at": until,
    }


async def good_approval(node: Node, session: ReadSession, plan: Plan) -> str | None:
    """The id of an approval of exactly this plan that can still be used: the chain of changes has none of this plan."""
    if await changes.of_plan(session, plan.id) is not None:
        return None
    for row in await queries.approvals_of(session, plan.id):
        if row["used_at"] is None and row["expires_at"] > node.clock.now() and _holds(node, row, plan):
            return str(row["id"])
    return None


async def use(session: WriteSession, node: Node, approval_id: str) -> None:
    """Use an approval up; raises `Problem` 409 when another did."""
    if not await queries.use_approval(session, approval_id, node.clock.now()):
        raise Problem(409, "approval_used", "This approval was used before.", "Make a new plan and have it approved.")


def _holds(node: Node, row: RowMapping, plan: Plan) -> bool:
    """Whether the seal says what the row does: nobody writes an approval into the database by hand."""
    try:
        said = json.loads(node.keys.keyring.current().decrypt(row["seal"], _context(row["id"])))
    except InvalidCiphertextError:
        return False
    wanted = _said(plan.id, plan.hash, "approved", row["approver_id"], row["expires_at"])
    return bool(said == wanted and row["approver_id"] != plan.proposer_id)


def _said(plan_id: str, plan_hash: str, decision: Decision, approver_id: str, until: datetime) -> dict[str, str]:
    """What the seal covers."""
    return {
        "plan": plan_id,
        "hash": plan_hash,
        "decision": decision,
        "approver": approver_id,
        "until": until.astimezone(UTC).isoformat(),
    }


def _context(approval_id: str) -> str:
    return f"spending_approvals.seal.{approval_id}"
