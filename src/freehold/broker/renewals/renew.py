"""Exchanges a token for a longer-lived one with the app secret, for the node that holds it; nothing is kept."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from pydantic import ValidationError

from freehold.broker.authorization.discovery import page_tokens
from freehold.broker.connections import queries as connections
from freehold.broker.connections.queries import Connection
from freehold.broker.context import Broker
from freehold.broker.registry.queries import Client
from freehold.contracts.renewal import (
    MAX_PAGES,
    RENEWAL_REPLY_INFO,
    RENEWAL_REQUEST_INFO,
    RenewalReply,
    RenewalRequest,
    SealedMessage,
)
from freehold.kernel import crypto
from freehold.kernel.crypto import InvalidCiphertextError
from freehold.kernel.problems import Problem
from freehold.providers.calls import ProviderError, Rejected, Throttled, TokenRevoked
from freehold.providers.meta.oauth import Inspection

FRESH = timedelta(minutes=5)
ONCE_IN = timedelta(days=1)


@dataclass(frozen=True, repr=False)
class _Renewed:
    token: str
    inspection: Inspection
    pages: dict[str, str]


async def renew(broker: Broker, client: Client, provider: str, message: SealedMessage) -> SealedMessage:
    """Renew the token that `message` holds; raises `Problem`. Only the client's own node can read the answer."""
    recipient = _recipient(client)
    request = _open(broker, client, provider, message)
    token = request.access_token.get_secret_value()
    connection = await _own_connection(broker, client, provider, token)
    await _claim(broker, connection)
    try:
        renewed = await _exchange(broker, token, request.page_ids)
    except BaseException:
        await _give_back(broker, connection)
        raise
    await _note(broker, connection, renewed.inspection)
    proofs = {page_id: broker.meta.proof(page_token) for page_id, page_token in renewed.pages.items()}
    reply = RenewalReply.model_validate(
        {
            "request_id": request.request_id,
            "access_token": renewed.token,
            "token_expires_at": renewed.inspection.expires_at,
            "data_access_expires_at": renewed.inspection.data_access_expires_at,
            "page_tokens": renewed.pages,
            "appsecret_proofs": {"user": broker.meta.proof(renewed.token), **proofs},
        }
    )
    sealed = crypto.seal(reply.model_dump_json().encode(), recipient, RENEWAL_REPLY_INFO)
    return SealedMessage(sealed=crypto.to_text(sealed))


def _recipient(client: Client) -> str:
    if client.public_key is None:
        raise Problem(
            409,
            "public_key_missing",
            "No public key of this node is registered, so the answer cannot be sealed to it.",
            "Register the key that `freehold node init` made, with `freehold clients update`.",
        )
    return client.public_key


def _open(broker: Broker, client: Client, provider: str, message: SealedMessage) -> RenewalRequest:
    try:
        opened = broker.keys.sealing.open(crypto.to_bytes(message.sealed), RENEWAL_REQUEST_INFO)
        request = RenewalRequest.model_validate_json(opened)
    except (InvalidCiphertextError, ValidationError) as error:
        raise Problem(
            400,
            "renewal_unreadable",
            f"The request is not sealed to this broker, was altered, or names more than {MAX_PAGES} pages.",
            "Check that the node has pinned this broker's keys: /.well-known/freehold-broker.json.",
        ) from error
    if request.client_id != client.client_id or request.provider != provider:
        raise Problem(
            403,
            "renewal_other_client",
            "The sealed request is for another client or provider than the key and path say.",
            "A node renews only what is its own.",
        )
    if request.issued_at.tzinfo is None or abs(broker.clock.now() - request.issued_at) > FRESH:
        raise Problem(
            400,
            "renewal_stale",
            "The request was not made within the last five minutes.",
            "Check the clocks of node and broker, then ask again.",
        )
    return request


async def _own_connection(broker: Broker, client: Client, provider: str, token: str) -> Connection:
    """The recorded connection to which the token belongs; raises `Problem` 403 or 409."""
    with _provider_problems():
        inspection = await broker.meta.inspect(token)
    if inspection.app_id != broker.settings.meta_app_id:
        raise Problem(
            403, "token_of_other_app", "The token was not given to this broker's app.", "Connect again, by a link."
        )
    if not inspection.is_valid:
        raise _revoked()
    user_hash = broker.keys.user_hash(provider, inspection.user_id)
    async with broker.database.reading() as session:
        known = await connections.of_client(session, client.client_id, provider)
    for connection in known:
        if connection.user_hash == user_hash:
            return connection
    raise Problem(
        403,
        "token_not_of_client",
        "The token does not belong to a person who is connected for this client.",
        "A node renews only tokens that this broker delivered to it; connect again, by a link.",
    )


async def _claim(broker: Broker, connection: Connection) -> None:
    now = broker.clock.now()
    async with broker.database.writing() as session:
        claimed = await connections.claim_renewal(session, connection.id, now, now - ONCE_IN)
    if not claimed:
        last = connection.last_renewed_at or now
        raise Problem(
            429,
            "renewed_today",
            "This credential was renewed within the last day.",
            "Wait for as many seconds as Retry-After says; the token that was delivered last is still good.",
            retry_after=max(1.0, (last + ONCE_IN - now).total_seconds()),
        )


async def _give_back(broker: Broker, connection: Connection) -> None:
    """A renewal that failed does not count."""
    async with broker.database.writing() as session:
        await connections.set_renewal(session, connection.id, {"last_renewed_at": connection.last_renewed_at})


async def _exchange(broker: Broker, token: str, page_ids: tuple[str, ...]) -> _Renewed:
    with _provider_problems():
        renewed = (await broker.meta.extend(token)).access_token
        inspection = await broker.meta.inspect(renewed)
        pages = await page_tokens(broker.meta, renewed, page_ids)
    return _Renewed(renewed, inspection, pages)


async def _note(broker: Broker, connection: Connection, inspection: Inspection) -> None:
    changes = {
        "token_expires_at": inspection.expires_at,
        "data_access_expires_at": inspection.data_access_expires_at,
    }
    async with broker.database.writing() as session:
        await connections.set_renewal(session, connection.id, changes)


@contextlib.contextmanager
def _provider_problems() -> Iterator[None]:
    try:
        yield
    except Throttled as error:
        raise Problem(
            503,
            "provider_throttled",
            "Facebook takes no more requests of this app for the moment.",
            "Ask again after as many seconds as Retry-After says.",
            retry_after=error.retry_after,
        ) from error
    except (TokenRevoked, Rejected) as error:
        raise _revoked() from error
    except ProviderError as error:
        raise Problem(
            502, "provider_unavailable", "Facebook did not answer as it should.", "Ask again in a few minutes."
        ) from error


def _revoked() -> Problem:
    return Problem(
        409,
        "token_revoked",
        "Facebook does not accept this token any more.",
        "The person has to connect again: make a connect link.",
    )
