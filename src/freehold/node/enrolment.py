"""`freehold node init --enrol`: a new node registers itself at its broker with a one-time code.

The node's keys are made and kept before anything is sent, and the keyring is written last. Whatever breaks between, the
same command with the same code goes on from there, with the same keys: to the broker it is the same node.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from freehold.contracts.registration import BrokerIdentity, EnrolmentCode, EnrolmentReply, EnrolmentRequest
from freehold.kernel import crypto
from freehold.kernel.addresses import AddressPolicy
from freehold.kernel.crypto import Keyring, SealingKey
from freehold.kernel.files import write_private
from freehold.kernel.problems import ExplainedError
from freehold.node import broker_client
from freehold.node.broker_client import fetch_identity
from freehold.node.http import open_client
from freehold.node.initialization import AlreadyInitializedError, has_node, prepare_database, write_settings
from freehold.node.keys import API_KEY_FILE, BROKER_FILE, KEYRING_FILE, SEALING_FILE
from freehold.node.settings import NodeSettings

KEY_PREFIX = "fhvm"


class OtherBrokerError(ExplainedError):
    """The broker at the address is not the one that made the code."""


@dataclass(frozen=True)
class NewPlace:
    """Where a new node is to be, and how it is reached."""

    data_dir: Path
    vm_url: str
    public_url: str
    addresses: AddressPolicy
    """What the node may reach."""
    client_id: str | None = None
    """The client that the person named; the broker refuses a code of another."""


@dataclass(frozen=True)
class Enrolled:
    """For whom the node was registered, and the broker whose keys it pinned."""

    settings: NodeSettings
    broker: BrokerIdentity


Chosen = Callable[[EnrolmentReply], NodeSettings]
"""The settings of a node, once its client is known."""


async def enrol(place: NewPlace, broker_url: str, code: EnrolmentCode, chosen: Chosen) -> Enrolled:
    """Make the node of `place` and register it at the broker.

    Raises `AlreadyInitializedError`, `OtherBrokerError`, and `BrokerError` for the broker's refusals.
    """
    folder = place.data_dir
    if has_node(folder):
        raise AlreadyInitializedError(f"{folder} holds a node already; its keys are not overwritten")
    http = open_client(place.addresses)
    try:
        broker = await fetch_identity(http, broker_url)
        if not code.is_of(broker):
            raise OtherBrokerError(
                f"the broker at {broker_url} is not the one that made this code; nothing was sent. Check the address, "
                "and compare `freehold broker keys` with the operator"
            )
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        sealing, api_key = _kept_keys(folder)
        reply = await broker_client.enrol(http, broker, _request(place, code, sealing, api_key), sealing)
    finally:
        await http.close()
    settings = chosen(reply)
    write_settings(settings)
    write_private(folder / BROKER_FILE, broker.model_dump_json())
    await prepare_database(settings, api_key)
    write_private(folder / KEYRING_FILE, Keyring.generate().to_json())
    return Enrolled(settings, broker)


def _kept_keys(folder: Path) -> tuple[SealingKey, str]:
    """The keys that an attempt before this one made, or new ones, each kept before it is used."""
    if not (folder / SEALING_FILE).exists():
        write_private(folder / SEALING_FILE, SealingKey.generate().to_text())
    if not (folder / API_KEY_FILE).exists():
        write_private(folder / API_KEY_FILE, crypto.new_secret(KEY_PREFIX))
    sealing = SealingKey.from_text((folder / SEALING_FILE).read_text(encoding="utf-8").strip())
    return sealing, (folder / API_KEY_FILE).read_text(encoding="utf-8").strip()


def _request(place: NewPlace, code: EnrolmentCode, sealing: SealingKey, api_key: str) -> EnrolmentRequest:
    return EnrolmentRequest.model_validate(
        {
            "code": code.secret,
            "request_id": secrets.token_hex(16),
            "client_id": place.client_id,
            "vm_url": place.vm_url,
            "success_url": f"{place.public_url.rstrip('/')}/success",
            "public_key": sealing.public_text(),
            "vm_api_key": api_key,
        }
    )
