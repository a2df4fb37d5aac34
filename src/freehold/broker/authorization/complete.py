"""The second half of a flow: from the provider's answer to the grant on the client's node.

The token exists here only while this runs. What stays is metadata: one connection and one audit event.
"""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from freehold.broker.audit import AuditEvent, Outcome
from freehold.broker.authorization import admission, state
from freehold.broker.authorization.exchange import Authorized, exchange
from freehold.broker.authorization.state import StateRecord
from freehold.broker.context import Broker
from freehold.broker.delivery.deliver import Delivered, deliver
from freehold.broker.delivery.envelopes import Parcel, pack
from freehold.broker.registry.queries import Client
from freehold.broker.sites import success_url
from freehold.contracts.grant import Grant, GrantStatus
from freehold.kernel import crypto
from freehold.kernel.problems import Problem
from freehold.providers.meta import oauth


@dataclass
class Trace:
    """What is known so far of the flow that is being completed: for the audit, and for the way back."""

    provider: str
    started: float = field(default_factory=time.perf_counter)
    flow_id: str | None = None
    client_id: str | None = None
    used_up: bool = False
    """Whether the state has been taken, so that the same answer cannot be brought again."""
    record: StateRecord | None = None
    """Set once the browser has shown that the flow is its own."""
    node_ms: float | None = None
    node_reason: str | None = None
    """Why the node did not take the delivery."""

    def event(self, outcome: Outcome, reason: str | None = None) -> AuditEvent:
        """How the flow ended."""
        return AuditEvent(
            step="callback",
            outcome=outcome,
            client_id=self.client_id,
            provider=self.provider,
            flow_id=self.flow_id,
            reason=self.node_reason or reason,
            duration_ms=round((time.perf_counter() - self.started) * 1000, 1),
            node_ms=self.node_ms,
        )


@dataclass(frozen=True, repr=False)
class Completed:
    """The grant is on the node; the browser goes to `url`."""

    url: str


@dataclass(frozen=True, repr=False)
class Undelivered:
    """The node did not take the sealed grant; the person's page may hold it."""

    client: Client
    parcel: Parcel
    handle: str
    reason: str


async def complete(
    broker: Broker, query: Mapping[str, str], cookies: Mapping[str, str], trace: Trace
) -> Completed | Undelivered:
    """Complete the flow that `query` answers; raises `Problem`, with `trace` saying how far it came."""
    record = await _own_flow(broker, query, cookies, trace)
    code = query.get("code")
    if not code:
        refusal = oauth.classify_refusal(query)
        raise Problem(403, refusal.code, refusal.detail, refusal.hint)
    authorized = await exchange(broker, record, code)
    handle = secrets.token_urlsafe(32)
    async with broker.database.writing() as session:
        client, status = await admission.admit(broker, session, record, authorized)
        grant = _grant(broker, client, authorized, status, handle)
        parcel = pack(broker, client, grant)
        await admission.write_down(broker, session, grant)
    result = await _deliver(broker, client, parcel)
    trace.node_ms, trace.node_reason = result.node_ms, result.reason
    return _conclude(broker, client, grant, parcel, result, trace, handle)


async def _own_flow(broker: Broker, query: Mapping[str, str], cookies: Mapping[str, str], trace: Trace) -> StateRecord:
    """The flow that this browser began; raises `Problem`. Whoever comes with it, it is used up.

    Not so while the client is paused or a store is away: then the same answer can be brought again.
    """
    travelling = state.read(broker, query.get("state", ""), trace.provider)
    trace.flow_id, trace.client_id = travelling.flow_id, travelling.client_id
    async with broker.database.reading() as session:
        await admission.client_of_flow(session, travelling.client_id, travelling.created)
    record = await state.take(broker, travelling)
    trace.used_up = True
    cookie = cookies.get(state.cookie_name(record.flow_id), "")
    if not crypto.same(crypto.digest(cookie), record.cookie_digest) or record.provider != trace.provider:
        raise Problem(
            400,
            "browser_mismatch",
            "This answer came back in another browser than the one in which the connection was started.",
            "Open the link that you were given and stay in that one browser, with cookies allowed.",
        )
    trace.record = record
    return record


def _grant(broker: Broker, client: Client, authorized: Authorized, status: GrantStatus, handle: str) -> Grant:
    inspection, found = authorized.inspection, authorized.found
    tokens = dict(found.page_tokens)
    proofs = {page_id: broker.meta.proof(token) for page_id, token in tokens.items()}
    first = {kind: next((each for each in found.assets if each.kind == kind), None) for kind in _KINDS}
    instagram, page, ads = (first[kind] for kind in _KINDS)
    return Grant.model_validate(
        {
            "client_id": client.client_id,
            "delivery_id": secrets.token_hex(16),
            "issued_at": broker.clock.now(),
            "status": status,
            "access_token": authorized.access_token,
            "token_type": inspection.kind,
            "token_expires_at": inspection.expires_at,
            "data_access_expires_at": inspection.data_access_expires_at,
            "meta_user_id": inspection.user_id,
            "instagram_id": None if instagram is None else instagram.id,
            "facebook_page_id": instagram.parent_id if instagram is not None else page and page.id,
            "ad_account_id": None if ads is None else ads.id,
            "scopes": authorized.scopes,
            "assets": found.assets,
            "page_tokens": tokens,
            "appsecret_proofs": {"user": broker.meta.proof(authorized.access_token), **proofs},
            "handle_digest": crypto.digest(handle),
        }
    )


_KINDS = ("instagram_account", "facebook_page", "ad_account")


async def _deliver(broker: Broker, client: Client, parcel: Parcel) -> Delivered:
    return await deliver(broker, client, parcel.body) if broker.settings.deliver else Delivered("accepted", None, 0.0)


def _conclude(
    broker: Broker, client: Client, grant: Grant, parcel: Parcel, result: Delivered, trace: Trace, handle: str
) -> Completed | Undelivered:
    """What a delivery's end means for the person; raises `Problem` when the grant is lost.

    Nothing behind the delivery can fail: the events are written when the database takes them.
    """
    if result.outcome == "refused":
        raise Problem(
            502,
            "delivery_refused",
            f"The company's own server did not accept the delivery ({result.reason}).",
            "Tell the operator this code and the request id; then start again.",
        )
    if result.outcome == "undelivered" and not parcel.sealed:
        raise Problem(
            502,
            "delivery_failed",
            f"The company's own server could not be reached ({result.reason}). Nothing was kept here.",
            "Start again in a few minutes: Facebook remembers your consent, so it is one click.",
        )
    if result.outcome == "undelivered":
        broker.audit.record(trace.event("failed"))
        return Undelivered(client, parcel, handle, result.reason or "node_unreachable")
    broker.audit.record(trace.event("succeeded" if grant.status == "active" else "pending"))
    return Completed(success_url(client, handle))
