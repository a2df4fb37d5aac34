"""Asks NocoDB as its people do: the owner, a marketer with a token, a marketer who signed in."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from tests.stack.machine import Machine
from tests.stack.products import NocoDb

from freehold.kernel.addresses import AddressPolicy
from freehold.kernel.http import HttpClient
from freehold.kernel.replies import ApiReply


@dataclass(frozen=True)
class Person:
    """Somebody at NocoDB: its address, and the header that says who asks."""

    http: HttpClient
    url: str
    header: dict[str, str] = field(repr=False)

    async def ask(self, method: str, path: str, body: object = None, **query: str) -> ApiReply:
        """Whatever NocoDB answers."""
        return await self.http.request(
            method, self.url + path, headers=self.header, json=body, query=query or None, timeout=60
        )

    async def get(self, path: str, **query: str) -> Any:
        """The JSON of an answer that has to be a success."""
        return await self.call("GET", path, None, **query)

    async def call(self, method: str, path: str, body: object = None, **query: str) -> Any:
        """The JSON of an answer that has to be a success."""
        reply = await self.ask(method, path, body, **query)
        assert reply.status < 300, (method, path, reply.status, reply.body[:500])
        return json.loads(reply.body)

    async def tables(self, base_id: str) -> dict[str, str]:
        """Every table that this person sees in a base: name in the database -> id."""
        listed = await self.get(f"/api/v2/meta/bases/{base_id}/tables")
        return {table["table_name"]: table["id"] for table in listed["list"]}

    async def views(self, table_id: str) -> dict[str, str]:
        """The views of a table: title -> id."""
        return {view["title"]: view["id"] for view in (await self.get(f"/api/v2/meta/tables/{table_id}"))["views"]}

    async def columns(self, table_id: str) -> list[dict[str, Any]]:
        """The columns of a table, as NocoDB describes them."""
        found: list[dict[str, Any]] = (await self.get(f"/api/v2/meta/tables/{table_id}"))["columns"]
        return found

    async def rows(self, table_id: str, **query: str) -> list[dict[str, Any]]:
        """Rows of a table."""
        found: list[dict[str, Any]] = (await self.get(f"/api/v2/tables/{table_id}/records", **query))["list"]
        return found


@dataclass(frozen=True)
class People:
    """Who is there, and the base that bootstrap made."""

    owner: Person
    marketer: Person
    """With the API token."""
    signed_in: Person
    """The marketer in a browser."""
    base_id: str
    source_id: str


async def people_of(machine: Machine, nocodb: NocoDb, http: HttpClient) -> People:
    """The people of a machine that was set up."""
    folder = machine.data_dir / "bootstrap"
    owner = await _sign_in(http, nocodb, nocodb.email, nocodb.password)
    password = (folder / "nocodb-marketer-password").read_text()
    signed_in = await _sign_in(http, nocodb, "marketer@freehold.invalid", password)
    marketer = Person(http, nocodb.url, {"xc-token": (folder / "nocodb-marketer-token").read_text()})
    connection = await machine.postgres.connect("freehold")
    try:
        found = await connection.fetch("SELECT name, external_id FROM installed_parts WHERE name IN ('base', 'source')")
    finally:
        await connection.close()
    parts = {row["name"]: row["external_id"] for row in found}
    return People(owner, marketer, signed_in, parts["base"], parts["source"])


async def _sign_in(http: HttpClient, nocodb: NocoDb, email: str, password: str) -> Person:
    body = {"email": email, "password": password}
    session = await Person(http, nocodb.url, {}).call("POST", "/api/v1/auth/user/signin", body)
    return Person(http, nocodb.url, {"xc-auth": session["token"]})


def loopback_client() -> HttpClient:
    """A client for this machine."""
    return HttpClient(AddressPolicy.of("127.0.0.0/8"), concurrent=4, max_body=16 * 1024 * 1024)


async def bootstrapped(machine: Machine, nocodb: NocoDb) -> dict[str, str]:
    """Run bootstrap beside this loop; gives what it did, by what it did it to."""
    return machine.changes(await asyncio.to_thread(lambda: machine.bootstrap(nocodb=nocodb)))
