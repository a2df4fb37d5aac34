"""Makes and checks connect links. What travels is sealed with the broker's keyring and holds a secret of its own, so
that neither the database nor a guess gives a link.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from freehold.broker.audit import AuditEvent
from freehold.broker.context import Broker
from freehold.broker.links import queries
from freehold.broker.registry.queries import Client
from freehold.contracts.connect_link import ConnectLink, ConnectLinkRequest
from freehold.kernel import crypto
from freehold.kernel.crypto import InvalidCiphertextError
from freehold.kernel.database import ReadSession, WriteSession
from freehold.kernel.problems import Problem

_CONTEXT = "connect_link"
KEPT_AFTERWARDS = timedelta(days=30)
"""A link that ended stays known for so long, so that its user is told why it no longer works."""


@dataclass(frozen=True)
class OpenedLink:
    """A link that is ours, for this client, and not over; whether it was used is the database's business."""

    id: str
    scopes: tuple[str, ...]
    expires_at: datetime


async def make(broker: Broker, client: Client, wanted: ConnectLinkRequest, created_by: str) -> ConnectLink:
    """Make a single-use link for a client."""
    now = broker.clock.now()
    secret = secrets.token_urlsafe(32)
    expires_at = (now + timedelta(seconds=wanted.valid_seconds)).replace(microsecond=0)
    content = {
        "secret": secret,
        "client": client.client_id,
        "provider": wanted.provider,
        "scopes": list(broker.settings.meta_scopes),
        "made": now.timestamp(),
        "expires": int(expires_at.timestamp()),
    }
    link_id = _id(secret)
    row = {
        "id": link_id,
        "client_id": client.client_id,
        "provider": wanted.provider,
        "created_by": created_by,
        "created_at": now,
        "expires_at": expires_at,
    }
    made = AuditEvent("link.made", "succeeded", client_id=client.client_id, provider=wanted.provider, actor=created_by)
    async with broker.database.writing() as session:
        await queries.insert_link(session, row)
        await broker.audit.append(session, made)
    sealed = broker.keys.keyring.encrypt(json.dumps(content).encode(), f"{_CONTEXT}|{wanted.provider}")
    url = broker.settings.public_url + path(wanted.provider, client.client_id, sealed)
    return ConnectLink(link_id=link_id, client_id=client.client_id, url=url, expires_at=expires_at)


def path(provider: str, client_id: str, link: str | None) -> str:
    """Where a person begins, with a link or without."""
    query = {"client_id": client_id} | ({} if link is None else {"link": link})
    return f"/auth/{provider}?{urlencode(query)}"


def open_link(broker: Broker, text: str, provider: str, client: Client) -> OpenedLink:
    """Check what travelled; raises `Problem` 400 or 410."""
    try:
        content = json.loads(broker.keys.keyring.decrypt(text, f"{_CONTEXT}|{provider}"))
    except (InvalidCiphertextError, ValueError) as error:
        raise _refused(400, "link_invalid", "This link was altered, or was not made by this service.") from error
    if content["client"] != client.client_id:
        raise _refused(400, "link_other_client", "This link was made for another company.")
    if content["made"] < client.created_at.timestamp():
        raise _refused(410, "link_revoked", "This link was withdrawn.")  # made for an earlier client of this id
    expires_at = datetime.fromtimestamp(content["expires"], tz=broker.clock.now().tzinfo)
    if broker.clock.now() >= expires_at:
        raise _refused(410, "link_expired", "This link has expired.")
    return OpenedLink(_id(content["secret"]), tuple(content["scopes"]), expires_at)


async def check_unused(session: ReadSession, link: OpenedLink) -> None:
    """Refuse (`Problem` 410) a link that was used or revoked; it is not used up by looking."""
    row = await queries.find_link(session, link.id)
    if row is None or row.revoked_at is not None:
        raise _refused(410, "link_revoked", "This link was withdrawn.")
    if row.used_at is not None:
        raise _refused(410, "link_used", "This link has been used; each works once.")


async def consume(session: WriteSession, link: OpenedLink, client_id: str, now: datetime) -> None:
    """Use the link up; raises `Problem` 410 for everybody but the first."""
    if not await queries.consume_link(session, link.id, client_id, now):
        await check_unused(session, link)
        raise _refused(410, "link_used", "This link has been used; each works once.")


async def revoke(broker: Broker, client_id: str, link_id: str, actor: str) -> None:
    """Withdraw a link; raises `Problem` 404."""
    async with broker.database.writing() as session:
        if not await queries.revoke_link(session, link_id, client_id, broker.clock.now()):
            raise Problem(
                404, "link_unknown", "This client has no such connect link.", "Use the link_id that came with the link."
            )
        await broker.audit.append(session, AuditEvent("link.revoked", "succeeded", client_id=client_id, actor=actor))


def _id(secret: str) -> str:
    return crypto.digest(secret)[:32]


def _refused(status: int, code: str, detail: str) -> Problem:
    return Problem(status, code, detail, "Ask whoever sent the link for a new one; nothing was connected.")
