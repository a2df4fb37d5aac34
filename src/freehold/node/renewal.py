"""Renews tokens through the broker, which alone holds the app secret."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from freehold.node.broker_client import BrokerError
from freehold.node.context import Node
from freehold.node.vault import Credential, credentials


@dataclass(frozen=True)
class Renewed:
    """What came of one authorisation's renewal; `refused` is the broker's code and reason, empty when it worked."""

    credential_id: str
    token_expires_at: datetime | None
    refused: str = ""


async def renew_all(node: Node) -> list[Renewed]:
    """Renew every active authorisation; one that is refused leaves the others alone."""
    async with node.database.reading() as session:
        active = await credentials(session, "active")
    return await renew(node, active)


async def renew(node: Node, held: Sequence[Credential]) -> list[Renewed]:
    """Renew these authorisations; one that is refused leaves the others alone."""
    return [await _renew(node, credential) for credential in held]


async def _renew(node: Node, credential: Credential) -> Renewed:
    async with node.database.reading() as session:
        tokens = await node.vault.tokens(session, credential.id)
    if tokens is None:
        return Renewed(credential.id, None, "it ended meanwhile")
    try:
        reply = await node.broker.renew(credential.provider, tokens)
    except BrokerError as error:
        return Renewed(credential.id, credential.token_expires_at, f"{error.code}: {error.reason}")
    async with node.database.writing() as session:
        kept = await node.vault.renew(session, credential.id, reply, node.clock.now())
    return Renewed(credential.id, reply.token_expires_at, "" if kept else "it ended meanwhile")
