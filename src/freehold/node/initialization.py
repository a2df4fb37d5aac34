"""`freehold node init`: a new node's keys, settings and database, and what the broker's operator registers."""

import json
from dataclasses import dataclass
from pathlib import Path

from freehold.contracts.registration import BrokerIdentity, NodeRegistration
from freehold.kernel import crypto, migrations
from freehold.kernel.addresses import AddressPolicy
from freehold.kernel.clock import SystemClock
from freehold.kernel.crypto import Keyring, SealingKey
from freehold.kernel.database import SCHEMA_TIMEOUT, open_database
from freehold.kernel.files import write_private
from freehold.kernel.problems import ExplainedError
from freehold.kernel.setting_files import settings_in_files
from freehold.node.access import create_key, find_caller, list_keys, revoke_key
from freehold.node.broker_client import fetch_identity
from freehold.node.http import open_client
from freehold.node.keys import API_KEY_FILE, BROKER_FILE, KEYRING_FILE, SEALING_FILE
from freehold.node.settings import SETTINGS_FILE, NodeSettings

REGISTRATION_FILE = "registration.json"
BROKER_KEY_NAME = "broker"


class AlreadyInitializedError(ExplainedError):
    """There is a node in this folder; its keys are not overwritten."""


@dataclass(frozen=True)
class NewNode:
    """Where a new node's registration was written, and the broker whose keys it pinned."""

    registration: Path
    broker: BrokerIdentity


async def initialize(settings: NodeSettings, broker_url: str, vm_url: str) -> NewNode:
    """Make the node of `settings`: keys, database, and a registration for the broker's operator.

    Pins the keys of the broker at `broker_url`. Raises `AlreadyInitializedError`, or `BrokerError`.
    """
    folder = settings.data_dir
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if has_node(folder):
        raise AlreadyInitializedError(f"{folder} holds a node already; its keys are not overwritten")
    http = open_client(AddressPolicy.of(*settings.allowed_networks))
    try:
        broker = await fetch_identity(http, broker_url)
    finally:
        await http.close()
    sealing, api_key = SealingKey.generate(), crypto.new_secret("fhvm")
    write_settings(settings)
    write_private(folder / SEALING_FILE, sealing.to_text())
    write_private(folder / API_KEY_FILE, api_key)
    write_private(folder / BROKER_FILE, broker.model_dump_json())
    await prepare_database(settings, api_key)
    registration = NodeRegistration(
        client_id=settings.client_id,
        company_name=settings.company_name,
        vm_url=vm_url,
        success_url=f"{settings.public_url.rstrip('/')}/success",
        public_key=sealing.public_text(),
        vm_api_key=api_key,  # type: ignore[arg-type]
    )
    write_private(folder / REGISTRATION_FILE, registration.model_dump_json(indent=2))
    write_private(folder / KEYRING_FILE, Keyring.generate().to_json())
    return NewNode(folder / REGISTRATION_FILE, broker)


async def replace_broker_key(settings: NodeSettings, api_key: str) -> None:
    """Take the key that the broker made anew for this client, in place of the one before; restart the node after it."""
    database = open_database(settings.database())
    try:
        async with database.writing() as session:
            now = SystemClock().now()
            for key in await list_keys(session):
                if key.name == BROKER_KEY_NAME and key.revoked_at is None:
                    await revoke_key(session, key.id, now)
            await create_key(session, BROKER_KEY_NAME, ["credentials:deliver"], now, secret=api_key)
        write_private(settings.data_dir / API_KEY_FILE, api_key)
    finally:
        await database.close()


async def prepare_database(settings: NodeSettings, api_key: str) -> None:
    """The newest schema, and the key with which the broker delivers; done again, it changes nothing."""
    database = open_database(settings.database(), statement_timeout=SCHEMA_TIMEOUT)
    try:
        await migrations.upgrade(database, "freehold.node")
        async with database.writing() as session:
            now = SystemClock().now()
            if await find_caller(session, api_key, now) is None:
                await create_key(session, BROKER_KEY_NAME, ["credentials:deliver"], now, secret=api_key)
    finally:
        await database.close()


def has_node(data_dir: Path) -> bool:
    """Whether a node was made here: its keyring is what is written last."""
    return (data_dir / KEYRING_FILE).exists()


def write_settings(settings: NodeSettings) -> None:
    """Keep what a person chose for this node in its folder."""
    write_private(settings.data_dir / SETTINGS_FILE, _written(settings))


def _written(settings: NodeSettings) -> str:
    """The settings that differ from their defaults, as lines of an environment file; not those that stand in files."""
    lines, elsewhere = [], {"data_dir", *settings_in_files(NodeSettings)}
    for name, value in settings.model_dump(exclude=elsewhere, exclude_defaults=True).items():
        lines.append(f"FREEHOLD_NODE_{name.upper()}={_quoted(_text(value))}")
    return "\n".join(lines) + "\n"


def _text(value: object) -> str:
    """A setting as an environment variable holds it."""
    if isinstance(value, dict):
        return json.dumps(value)
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _quoted(text: str) -> str:
    """A value as it is read back: even quoted, "${" begins a variable, here one without a name that stands for "$"."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped.replace('${', '${:-$}{')}'"
