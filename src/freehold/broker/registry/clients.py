"""Registers, changes and removes clients. What changes where grants go, or to whom, pauses the client."""

import re
from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import IntegrityError

from freehold.broker.audit import AuditEvent
from freehold.broker.context import Broker
from freehold.broker.registry import queries
from freehold.broker.registry.queries import Client, ClientStatus, Lock, SharedUserPolicy
from freehold.contracts.grant import WireSecret
from freehold.contracts.registration import CLIENT_ID
from freehold.kernel import crypto
from freehold.kernel.addresses import AddressRefusedError
from freehold.kernel.crypto import InvalidCiphertextError, Keyring
from freehold.kernel.database import ReadSession, WriteSession
from freehold.kernel.problems import Problem

API_KEY_PREFIX = "fhvm"
SHORTEST_KEY = 24
PAUSING = frozenset({"vm_url", "success_url", "public_key", "allowed_users", "allowed_assets"})
"""Whoever changes one of these could redirect grants, so connecting waits for an owner's confirmation."""

PRINTABLE = r"^[^\x00-\x1f\x7f]+$"

_Ids = tuple[Annotated[str, Field(pattern=r"^[\w:-]{1,64}$")], ...]
_Name = Annotated[str, Field(min_length=1, max_length=200, pattern=PRINTABLE)]


class ClientRegistration(BaseModel):
    """What a node's registration holds, and who may connect.

    `public_key` None: deliveries are not sealed, tokens are not renewed, and Meta's callbacks are not passed on.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: str = Field(pattern=CLIENT_ID)
    company_name: _Name
    vm_url: str = Field(max_length=500)
    success_url: str | None = Field(default=None, max_length=500)
    public_key: str | None = Field(default=None, max_length=64)
    vm_api_key: WireSecret
    allowed_users: _Ids = Field(default=(), max_length=1000)
    allowed_assets: _Ids = Field(default=(), max_length=1000)
    bare_links: bool = True
    shared_user_policy: SharedUserPolicy = "warn"


class ClientChange(BaseModel):
    """The members that shall change; the others stay."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    company_name: _Name | None = None
    vm_url: str | None = Field(default=None, max_length=500)
    success_url: str | None = Field(default=None, max_length=500)
    public_key: str | None = Field(default=None, max_length=64)
    allowed_users: _Ids | None = Field(default=None, max_length=1000)
    allowed_assets: _Ids | None = Field(default=None, max_length=1000)
    bare_links: bool | None = None
    shared_user_policy: SharedUserPolicy | None = None


class ClientView(BaseModel):
    """A client as administrators see it: no key, and allowed users only by their number."""

    client_id: str
    company_name: str
    vm_url: str
    success_url: str
    public_key: str | None
    allowed_users: int
    allowed_assets: list[str]
    bare_links: bool
    shared_user_policy: SharedUserPolicy
    status: ClientStatus
    created_at: datetime
    updated_at: datetime


def view(client: Client) -> ClientView:
    """A client as administrators see it."""
    return ClientView(
        client_id=client.client_id,
        company_name=client.company_name,
        vm_url=client.vm_url,
        success_url=client.success_url,
        public_key=client.public_key,
        allowed_users=len(client.allowed_users),
        allowed_assets=sorted(client.allowed_assets),
        bare_links=client.bare_links,
        shared_user_policy=client.shared_user_policy,
        status=client.status,
        created_at=client.created_at,
        updated_at=client.updated_at,
    )


async def register(broker: Broker, given: ClientRegistration, actor: str) -> ClientView:
    """Write a new client; raises `Problem` 400 or 409."""
    row = new_row(broker, given)
    try:
        async with broker.database.writing() as session:
            await add(broker, session, row, actor)
    except IntegrityError as error:
        raise await taken(broker, given.client_id) from error
    return view(await known(broker, given.client_id))


async def add(broker: Broker, session: WriteSession, row: dict[str, Any], actor: str) -> None:
    """Write a new client in the caller's transaction; raises SQLAlchemy's `IntegrityError` when id or key is taken."""
    await queries.insert_client(session, row)
    await _note(broker, session, "admin.client_added", row["client_id"], actor)


def new_row(broker: Broker, given: ClientRegistration) -> dict[str, Any]:
    """A new client as it is written; raises `Problem` 400 for what cannot be used."""
    success_url = given.success_url or f"{given.vm_url.rstrip('/')}/success"
    _check_addresses(broker, given.vm_url, success_url)
    _check_public_key(given.public_key)
    now = broker.clock.now()
    return {
        "client_id": given.client_id,
        "company_name": given.company_name,
        "vm_url": given.vm_url.rstrip("/"),
        "success_url": success_url,
        **_key_columns(broker, given.client_id, given.vm_api_key.get_secret_value()),
        "public_key": given.public_key,
        "allowed_users": _hashed(broker, given.allowed_users),
        "allowed_assets": sorted(set(given.allowed_assets)),
        "bare_links": given.bare_links,
        "shared_user_policy": given.shared_user_policy,
        "status": "active",
        "created_at": now,
        "updated_at": now,
    }


async def change(broker: Broker, client_id: str, given: ClientChange, actor: str) -> ClientView:
    """Change what is given; raises `Problem` 400 or 404. What could redirect grants pauses the client."""
    async with broker.database.writing() as session:
        client = await _find(session, client_id, locked="to change it")
        changes = _changes(broker, client, given)
        await queries.update_client(session, client_id, {**changes, "updated_at": broker.clock.now()})
        await _note(broker, session, "admin.client_changed", client_id, actor, changes.get("status"))
    return view(await known(broker, client_id))


def _changes(broker: Broker, client: Client, given: ClientChange) -> dict[str, Any]:
    """The columns that change; raises `Problem` 400."""
    changes: dict[str, Any] = {
        name: value for name, value in given.model_dump(exclude_unset=True).items() if value is not None
    }
    if "public_key" in given.model_fields_set:
        changes["public_key"] = given.public_key
        _check_public_key(given.public_key)
    if "vm_url" in changes:
        changes["vm_url"] = changes["vm_url"].rstrip("/")
    if "allowed_users" in changes:
        changes["allowed_users"] = _hashed(broker, changes["allowed_users"])
    if "allowed_assets" in changes:
        changes["allowed_assets"] = sorted(set(changes["allowed_assets"]))
    _check_addresses(broker, changes.get("vm_url", client.vm_url), changes.get("success_url", client.success_url))
    changed = {name for name, value in changes.items() if _differs(getattr(client, name), value)}
    return {**changes, "status": "paused"} if changed & PAUSING else changes


async def confirm(broker: Broker, client_id: str, actor: str) -> ClientView:
    """Let a paused client connect again; raises `Problem` 404."""
    await _update(broker, client_id, {"status": "active"}, "admin.client_confirmed", actor)
    return view(await known(broker, client_id))


async def rotate_key(broker: Broker, client_id: str, actor: str) -> str:
    """Give a client a new key, shown this once; the old one is refused from now on. Raises `Problem` 404."""
    secret = crypto.new_secret(API_KEY_PREFIX)
    await _update(broker, client_id, _key_columns(broker, client_id, secret), "admin.key_rotated", actor)
    return secret


async def _update(broker: Broker, client_id: str, changes: dict[str, Any], step: str, actor: str) -> None:
    async with broker.database.writing() as session:
        if not await queries.update_client(session, client_id, {**changes, "updated_at": broker.clock.now()}):
            raise unknown_client()
        await _note(broker, session, step, client_id, actor)


async def _note(
    broker: Broker, session: WriteSession, step: str, client_id: str, actor: str, reason: str | None = None
) -> None:
    event = AuditEvent(step, "succeeded", client_id=client_id, reason=reason, actor=actor)
    await broker.audit.append(session, event)


async def known(broker: Broker, client_id: str) -> Client:
    """The client with this id; raises `Problem` 404."""
    async with broker.database.reading() as session:
        return await _find(session, client_id)


async def find_connectable(session: ReadSession, client_id: str, *, locked: Lock | None = None) -> Client:
    """The client with this id, if people may connect to it now; raises `Problem` 404 or 403.

    When it is locked, nobody else changes or removes it before the transaction of `session` ends.
    """
    client = await _find(session, client_id, locked=locked)
    check_active(client)
    return client


async def _find(session: ReadSession, client_id: str, *, locked: Lock | None = None) -> Client:
    client = await queries.find_client(session, client_id, locked=locked) if is_client_id(client_id) else None
    if client is None:
        raise unknown_client()
    return client


def is_client_id(text: str) -> bool:
    """Whether `text` could be a client's id; what could not is never looked up."""
    return re.fullmatch(CLIENT_ID, text) is not None


def check_active(client: Client) -> None:
    """Refuse (`Problem` 403) a client that waits for its owner's confirmation."""
    if client.status != "active":
        raise Problem(
            403,
            "client_paused",
            "Connecting is paused for this company, because its settings were changed.",
            "The operator confirms the change with `freehold clients confirm`; then start again.",
        )


def api_key(broker: Broker, client: Client) -> str:
    """The key that the broker presents to this client's node."""
    return open_api_key(broker.keys.keyring, client)


def open_api_key(keyring: Keyring, client: Client) -> str:
    """The key of this client's node; raises `InvalidCiphertextError` when it was encrypted with another keyring."""
    return keyring.decrypt(client.encrypted_key, _key_context(client.client_id)).decode()


def encrypted_anew(keyring: Keyring, client: Client) -> dict[str, str]:
    """The column of this client's key, encrypted with the primary key of `keyring`."""
    secret = open_api_key(keyring, client)
    return {"vm_api_key": keyring.encrypt(secret.encode(), _key_context(client.client_id))}


def unknown_client() -> Problem:
    """The answer when no client has the id."""
    return Problem(
        404,
        "client_unknown",
        "No company is registered under this id.",
        "Check the link, or ask whoever sent it for a new one.",
    )


def _key_columns(broker: Broker, client_id: str, secret: str) -> dict[str, str]:
    if not (SHORTEST_KEY <= len(secret) <= 200 and secret.isascii() and secret.isprintable()):  # noqa: PLR2004
        raise Problem(
            400,
            "key_unusable",
            f"A node's key has {SHORTEST_KEY} to 200 printable ASCII characters.",
            "Use the key that `freehold node init` wrote into the registration.",
        )
    return {
        "vm_api_key": broker.keys.keyring.encrypt(secret.encode(), _key_context(client_id)),
        "vm_api_key_digest": broker.keys.api_key_digest(secret),
    }


def _key_context(client_id: str) -> str:
    return f"client_vm_registry.vm_api_key.{client_id}"


def _hashed(broker: Broker, users: Collection[str]) -> list[str]:
    return sorted({broker.keys.user_hash("meta", user) for user in users})


def _differs(old: object, new: object) -> bool:
    return set(new) != old if isinstance(old, frozenset) and isinstance(new, list) else old != new


def _check_addresses(broker: Broker, vm_url: str, success_url: str) -> None:
    for name, url in (("vm_url", vm_url), ("success_url", success_url)):
        try:
            broker.policy.check_url(url)
        except AddressRefusedError as error:
            raise Problem(
                400,
                error.code,
                f"{name} cannot be used: {error.reason}.",
                "Give the https address at which the node is reached from outside. Private networks have to be "
                "allowed by the broker's setting FREEHOLD_BROKER_ALLOWED_NETWORKS.",
            ) from error


def _check_public_key(public_key: str | None) -> None:
    """Refuse (`Problem` 400) a key to which nothing can be sealed: some that have the right length are none."""
    if public_key is None:
        return
    try:
        crypto.seal(b"", public_key, b"freehold-trial")
    except InvalidCiphertextError as error:
        raise Problem(
            400,
            "public_key_unusable",
            "public_key is not an X25519 key in base64url.",
            "Use the one that `freehold node init` wrote into the registration.",
        ) from error


def exists() -> Problem:
    """The answer when a new client's id is another's."""
    return Problem(
        409,
        "client_exists",
        "A client with this id is registered already.",
        "Choose another id, or change the existing client with `freehold clients update`.",
    )


async def taken(broker: Broker, client_id: str) -> Problem:
    """Why a new client was refused by the database: its id, or its node's key, is another's."""
    async with broker.database.reading() as session:
        found = await queries.find_client(session, client_id) is not None
    if found:
        return exists()
    return Problem(
        409,
        "key_in_use",
        "Another client has the same key.",
        "Make a key of its own for each node: `freehold node init` does.",
    )
