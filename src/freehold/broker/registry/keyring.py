"""Whether the broker's keyring is the one that encrypted the clients' keys, and what to do when that one is lost."""

from collections.abc import AsyncIterator

from freehold.broker.context import Broker
from freehold.broker.registry import queries
from freehold.broker.registry.clients import api_key, rotate_key
from freehold.broker.registry.queries import Client
from freehold.kernel.crypto import InvalidCiphertextError
from freehold.kernel.database import ReadSession
from freehold.kernel.problems import ExplainedError

PAGE = 500


class KeyringMismatchError(ExplainedError):
    """The registry was encrypted with another keyring; the message names the first client whose key does not open."""


async def check_keyring(broker: Broker, session: ReadSession) -> None:
    """Raise `KeyringMismatchError` unless every client's key opens."""
    async for client in _unreadable(broker, session):
        raise KeyringMismatchError(
            f"the key of client {client.client_id} does not open with {broker.settings.data_dir / 'keyring.json'}; "
            "restore the keyring.json that belongs to this database, or, where it is lost, make new keys with "
            "`freehold broker replace-unreadable-keys`"
        )


async def replace_unreadable_keys(broker: Broker, actor: str) -> list[str]:
    """Give a new key to every client whose key does not open, because the keyring is lost for good; gives their ids.

    Nobody has seen the new keys: `rotate_key` makes one that can be handed to the node.
    """
    async with broker.database.reading() as session:
        lost = [client.client_id async for client in _unreadable(broker, session)]
    for client_id in lost:
        await rotate_key(broker, client_id, actor)
    return lost


async def _unreadable(broker: Broker, session: ReadSession) -> AsyncIterator[Client]:
    page = await queries.list_clients(session, "", PAGE)
    while page:
        for client in page:
            try:
                api_key(broker, client)
            except InvalidCiphertextError:
                yield client
        page = await queries.list_clients(session, page[-1].client_id, PAGE)
