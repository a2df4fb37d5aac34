"""Speaks to n8n: signs in as its owner, and uses its public API with a key that lives for this one set-up."""

import contextlib
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from freehold.kernel.http import HttpClient
from freehold.kernel.problems import ExplainedError
from freehold.node.bootstrap.product import Product
from freehold.node.bootstrap.readiness import answers_within

KEY_LIVES = timedelta(minutes=30)
"""One that a broken-off set-up left is of no use after this."""
SCOPES = (
    *("workflow:create", "workflow:read", "workflow:list", "workflow:update", "workflow:activate"),
    *("credential:create", "credential:read", "credential:update"),
)
_UNAUTHORIZED, _NOT_FOUND = 401, 404


class N8nError(ExplainedError):
    """n8n cannot be set up; the message says why, and what to do."""


@dataclass(frozen=True, repr=False)
class Owner:
    """Who owns an n8n; the password is made with the machine's other secrets."""

    email: str
    password: str


@dataclass(frozen=True, repr=False)
class N8nApi:
    """n8n's public API, open."""

    n8n: Product
    headers: Mapping[str, str]

    async def get(self, path: str, **query: str) -> dict[str, Any] | None:
        """What is there; None where there is nothing. Raises `N8nError`."""
        reply = await self.n8n.send("GET", f"api/v1/{path}", self.headers, query=query)
        return None if reply.status == _NOT_FOUND else dict(self.n8n.json_of(reply, f"read {path}"))

    async def write(self, method: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Create or change something; gives it as n8n has it then. Raises `N8nError`."""
        reply = await self.n8n.send(method, f"api/v1/{path}", self.headers, body)
        return dict(self.n8n.json_of(reply, f"write {path.partition('/')[0]}"))


async def wait_for_n8n(http: HttpClient, url: str, seconds: float) -> None:
    """Wait until n8n has its database ready, and answers to those who sign in; raises `N8nError`."""
    if not await answers_within(http, seconds, f"{url}/healthz/readiness", f"{url}/rest/settings"):
        raise N8nError(f"n8n at {url} does not answer after {seconds:g} s; see its log, then try again")


@contextlib.asynccontextmanager
async def signed_in(http: HttpClient, url: str, owner: Owner, now: datetime) -> AsyncIterator[tuple[N8nApi, bool]]:
    """n8n's API as long as the block lasts, and whether its owner was made for it. Raises `N8nError`."""
    n8n = Product("n8n", http, url, N8nError)
    cookie, made = await _session(n8n, owner)
    wanted = {
        "label": f"Freehold's set-up {secrets.token_hex(4)}",
        "scopes": SCOPES,
        "expiresAt": int((now + KEY_LIVES).timestamp()),
    }
    reply = await n8n.send("POST", "rest/api-keys", {"Cookie": cookie}, wanted)
    key = n8n.json_of(reply, "make a key for its API")["data"]
    try:
        yield N8nApi(n8n, {"X-N8N-API-KEY": key["rawApiKey"]}), made
    finally:
        await n8n.send("DELETE", f"rest/api-keys/{key['id']}", {"Cookie": cookie})


async def _session(n8n: Product, owner: Owner) -> tuple[str, bool]:
    """The cookie of the owner's session; the owner is made where there is none."""
    settings = n8n.json_of(await n8n.send("GET", "rest/settings", {}), "say how it stands")["data"]
    fresh = bool(settings["userManagement"]["showSetupOnFirstLoad"])
    if fresh:
        named = {"email": owner.email, "password": owner.password, "firstName": "Freehold", "lastName": "Owner"}
        reply = await n8n.send("POST", "rest/owner/setup", {}, named)
    else:
        named = {"emailOrLdapLoginId": owner.email, "password": owner.password}
        reply = await n8n.send("POST", "rest/login", {}, named)
    if reply.status == _UNAUTHORIZED:
        raise N8nError(
            f"n8n at {n8n.url} has another owner, or another password than the file with its owner's password holds; "
            f"put the password that {owner.email} signs in with into that file"
        )
    n8n.json_of(reply, "let its owner in")
    return reply.headers["set-cookie"].partition(";")[0], fresh
