"""Gives n8n its credentials: keys of the node's, which n8n may send to the node alone."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from freehold.node.access import Scope, create_key, list_keys, revoke_older
from freehold.node.bootstrap import queries
from freehold.node.bootstrap.done import Change, Done
from freehold.node.bootstrap.n8n.machine import PRODUCT, Machine
from freehold.node.bootstrap.queries import Part


@dataclass(frozen=True)
class Given:
    """A credential of n8n's: its name there, what its key is called here, and what it may do."""

    name: str
    key_name: str
    scopes: frozenset[Scope]


WORKFLOWS = Given("Freehold workflows", "n8n workflows", frozenset({"workflows"}))
READING = Given("Freehold reading", "n8n reading", frozenset({"credentials:read", "tools:read"}))
"""For people's own workflows: which accounts there are, `GET /graph/{path}`, and the tools that read."""
PROPOSING = Given("Freehold proposing", "n8n proposing", frozenset({"tools:read", "tools:write"}))
"""For tools that change something: they propose, and what a person has to approve is approved by no key of n8n's."""


async def give(machine: Machine, given: Given, urls: Sequence[str]) -> tuple[str, Done]:
    """Have n8n hold a credential whose key is good, and goes to the hosts of `urls` alone; gives its id there.

    Raises `N8nError`.
    """
    name, hosts = f"credential:{given.name}", _hosts(urls)
    async with machine.database.reading() as session:
        part = (await queries.parts_of(session, PRODUCT)).get(name)
        keys = [key for key in await list_keys(session) if key.revoked_at is None and given.scopes <= key.scopes]
    good = {_digest(key.id, hosts) for key in keys}
    there = None if part is None else await machine.api.get(f"credentials/{part.external_id}")
    what = f'n8n credential "{given.name}"'
    if part is not None and there is not None and part.digest in good:
        return part.external_id, Done(what, "unchanged")
    change: Change = "created" if part is None else "updated"
    return await _give_new(machine, given, hosts, None if there is None else part), Done(what, change)


def _hosts(urls: Sequence[str]) -> str:
    """The hosts of addresses, as n8n takes a list of them."""
    return ",".join(sorted({urlsplit(url).hostname or "" for url in urls}))


def _digest(key_id: str, hosts: str) -> str:
    """What tells a credential as it is wanted from one with another key, or for other hosts."""
    return hashlib.sha256(f"{key_id} {hosts}".encode()).hexdigest()


async def _give_new(machine: Machine, given: Given, hosts: str, held: Part | None) -> str:
    """Make a key and bring it to n8n, then revoke those it had before; the part remembers key and hosts."""
    now = machine.clock.now()
    async with machine.database.writing() as session:
        key = await create_key(session, given.key_name, given.scopes, now)
    data = {
        "name": "X-API-Key",
        "value": key.secret,
        "allowedHttpRequestDomains": "domains",
        "allowedDomains": hosts,
    }
    if held is None:
        body = {"name": given.name, "type": "httpHeaderAuth", "data": data}
        external_id = str((await machine.api.write("POST", "credentials", body))["id"])
    else:
        external_id = held.external_id
        await machine.api.write("PATCH", f"credentials/{external_id}", {"data": data})
    part = Part(f"credential:{given.name}", external_id, _digest(key.id, hosts))
    async with machine.database.writing() as session:
        await queries.remember(session, PRODUCT, part, now)
        await revoke_older(session, given.key_name, key.id, now)
    return external_id
