"""Accept what the broker delivers: each grant once, only if it is ours, whole, fresh and newer than what is held."""

from datetime import datetime

from pydantic import ValidationError

from freehold.contracts.delivery import (
    DeliveryReceipt,
    Envelope,
    EnvelopeKind,
    EnvelopeRefusedError,
    open_envelope,
    verify,
)
from freehold.contracts.grant import Grant
from freehold.contracts.platform_event import PlatformEvent, PlatformEventReceipt
from freehold.kernel import crypto, logs
from freehold.kernel.database import WriteSession
from freehold.kernel.problems import Problem
from freehold.node.assets import offer_assets
from freehold.node.context import Node
from freehold.node.pages.sessions import expect_person
from freehold.node.receiver import queries
from freehold.node.vault import Status, credentials

log = logs.get(__name__)

MAX_ID = 64
MAX_PROVIDER = 32
CURRENCY = 3
"""Letters of an ISO currency."""


async def accept_grant(node: Node, body: Envelope | Grant) -> DeliveryReceipt:
    """Keep the grant that was delivered; raises `Problem` with the reason of a refusal. A repeat changes nothing."""
    if isinstance(body, Grant) and not node.settings.accept_plain_deliveries:
        raise _refused("delivery_not_sealed", "This node only takes deliveries that are sealed to its key.")
    grant = body if isinstance(body, Grant) else _grant(node, body)
    if grant.client_id != node.settings.client_id:
        raise _refused("other_client", "This delivery is for another client.", 403)
    _refuse_unstorable(grant)
    digest = crypto.digest(grant.model_dump_json())
    async with node.database.writing() as session:
        await queries.take_turn(session)
        known = await queries.delivery(session, grant.delivery_id)
        if known is not None:
            return _repeated(grant, known["digest"], digest)
        await _refuse_older(session, grant)
        return await _keep(node, session, grant, digest)


def _repeated(grant: Grant, known: str, digest: str) -> DeliveryReceipt:
    if known != digest:
        raise _refused("delivery_conflict", "Another delivery has had this id.", 409)
    return DeliveryReceipt(delivery_id=grant.delivery_id, outcome="already_received")


def _refuse_unstorable(grant: Grant) -> None:
    """Refuse what no table can hold: ids that are too long, and the one character that PostgreSQL does not keep."""
    ids = [grant.delivery_id, grant.meta_user_id, grant.instagram_id, grant.facebook_page_id, grant.ad_account_id]
    ids += [name for asset in grant.assets for name in (asset.id, asset.parent_id)]
    currencies = [asset.currency for asset in grant.assets]
    words = [word for asset in grant.assets for word in (asset.name, asset.username, asset.timezone)]
    too_long = max(map(len, filter(None, ids)), default=0) > MAX_ID or len(grant.provider) > MAX_PROVIDER
    too_long = too_long or any(len(currency) != CURRENCY for currency in currencies if currency is not None)
    texts = [*ids, *currencies, *words, *grant.scopes, grant.provider]
    if too_long or any("\0" in text for text in texts if text is not None):
        raise _refused("invalid_delivery", "The grant has an id, a currency or a name that cannot be stored.")


async def _refuse_older(session: WriteSession, grant: Grant) -> None:
    """A delivery that was held back must not undo what the person did since; what is pending undoes nothing."""
    statuses: tuple[Status, ...] = ("active",) if grant.status == "active" else ("active", "pending")
    held = await credentials(session, *statuses, meta_user_id=grant.meta_user_id)
    if any(credential.issued_at > grant.issued_at for credential in held):
        raise _refused("delivery_superseded", "The node holds a newer authorisation of the same person.", 409)
    disconnected = await queries.last_disconnect(session, grant.meta_user_id)
    if disconnected is not None and disconnected >= grant.issued_at:
        raise _refused("delivery_disconnected", "The person removed the app after they authorised this.", 409)


async def _keep(node: Node, session: WriteSession, grant: Grant, digest: str) -> DeliveryReceipt:
    now = node.clock.now()
    kept = await node.vault.keep(session, grant, now)
    await offer_assets(session, kept.credential_id, grant.assets, replaced=kept.superseded, now=now)
    if grant.handle_digest is not None:
        await expect_person(session, grant.handle_digest, kept.credential_id, now)
    outcome = "pending" if grant.status == "pending" else "stored"
    await queries.insert_delivery(
        session,
        {
            "delivery_id": grant.delivery_id,
            "digest": digest,
            "outcome": outcome,
            "credential_id": kept.credential_id,
            "issued_at": grant.issued_at,
            "received_at": now,
        },
    )
    log.info("delivery.stored", delivery_id=grant.delivery_id, outcome=outcome, superseded=len(kept.superseded))
    return DeliveryReceipt.model_validate({"delivery_id": grant.delivery_id, "outcome": outcome})


async def apply_event(node: Node, envelope: Envelope) -> PlatformEventReceipt:
    """Do what a person's removal of the app or request for deletion means here: their tokens are erased."""
    content = _open(node, envelope, "platform_event")
    try:
        event = PlatformEvent.model_validate_json(content)
    except ValidationError as error:
        raise _refused("envelope_unreadable", "The sealed event is not one that this node understands.") from error
    if max(len(event.event_id), len(event.meta_user_id)) > MAX_ID or len(event.provider) > MAX_PROVIDER:
        raise _refused("invalid_delivery", "The event has an id that cannot be stored.")
    now = node.clock.now()
    async with node.database.writing() as session:
        await queries.take_turn(session)
        if await queries.event_known(session, event.event_id):
            return PlatformEventReceipt(event_id=event.event_id, outcome="already_applied", credentials_revoked=0)
        revoked = await _revoke(node, session, event)
        row = event.model_dump() | {"received_at": now, "credentials_revoked": revoked}
        await queries.insert_event(session, row)
    log.info("platform_event.applied", kind=event.kind, credentials_revoked=revoked)
    return PlatformEventReceipt(event_id=event.event_id, outcome="applied", credentials_revoked=revoked)


async def _revoke(node: Node, session: WriteSession, event: PlatformEvent) -> int:
    """A connection made after the person removed the app stands."""
    held = await credentials(session, "active", "pending", meta_user_id=event.meta_user_id)
    ended = [credential for credential in held if credential.issued_at <= event.occurred_at]
    for credential in ended:
        await node.vault.revoke(session, credential.id, event.kind)
    return len(ended)


def _grant(node: Node, envelope: Envelope) -> Grant:
    content = _open(node, envelope, "grant")
    try:
        grant = Grant.model_validate_json(content)
    except ValidationError as error:
        raise _refused("envelope_unreadable", "The sealed grant is not one that this node understands.") from error
    if (grant.client_id, grant.delivery_id) != (envelope.client_id, envelope.delivery_id):
        raise _refused("envelope_forged", "The sealed grant does not belong to its envelope.", 403)
    return grant


def _open(node: Node, envelope: Envelope, kind: EnvelopeKind) -> bytes:
    now: datetime = node.clock.now()
    if envelope.client_id != node.settings.client_id:
        raise _refused("other_client", "This delivery is for another client.", 403)
    if envelope.kind != kind:
        raise _refused("envelope_kind", f"This endpoint takes envelopes of kind {kind}.")
    try:
        verified = verify(envelope, signer=node.keys.broker.signing_key, now=now)
        return open_envelope(verified, node.keys.sealing)
    except EnvelopeRefusedError as error:
        raise _refused(error.code, f"The envelope was refused: {error.reason}.", 403) from error


def _refused(code: str, detail: str, status: int = 422) -> Problem:
    return Problem(status, code, detail, "Nothing was stored. Have the person connect again, or check the registry.")
