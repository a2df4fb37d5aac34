"""The operator's side of the admin API: what `freehold clients`, `testers` and `events` call."""

import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from freehold.broker.http import open_client
from freehold.contracts.connect_link import DAY_SECONDS, ConnectLink
from freehold.kernel.addresses import AddressPolicy
from freehold.kernel.http import UnreachableError
from freehold.kernel.problems import Problem

TIMEOUT = 30.0
PAGE = 500

_Query = Mapping[str, str | None]


class AdminApi:
    """Calls a broker's admin endpoints; every refusal is the broker's own `Problem`."""

    def __init__(self, url: str, admin_key: str, policy: AddressPolicy) -> None:
        self._url, self._key, self._http = url.rstrip("/"), admin_key, open_client(policy)

    async def call(self, method: str, path: str, body: object = None, query: _Query | None = None) -> Any:
        """One call; gives the answer's JSON, None when it has no body."""
        try:
            reply = await self._http.request(
                method,
                f"{self._url}/admin{path}",
                headers={"X-API-Key": self._key},
                query={name: value for name, value in (query or {}).items() if value is not None},
                json=body,
                timeout=TIMEOUT,
            )
        except UnreachableError as error:
            raise Problem(
                503,
                "broker_unreachable",
                f"The broker at {self._url} could not be reached: {error}.",
                "Check the address, and that `freehold broker serve` runs.",
            ) from error
        if reply.status >= 400 or 300 <= reply.status < 400:  # noqa: PLR2004 - HTTP's own numbers
            raise _problem(reply.status, reply.body)
        try:
            return json.loads(reply.body) if reply.body else None
        except ValueError as error:
            raise _not_a_broker(reply.status) from error

    async def pages(self, path: str, member: str, cursor: str, following: str) -> list[dict[str, Any]]:
        """All entries of a list that is answered page by page."""
        found: list[dict[str, Any]] = []
        place: str | None = None
        while True:
            answer = await self.call("GET", path, query={cursor: place, "limit": str(PAGE)})
            found += answer[member]
            if answer[following] is None:
                return found
            place = str(answer[following])

    async def close(self) -> None:
        """Close all connections."""
        await self._http.close()


class ClientCommands:
    """What an operator does with clients; each raises `Problem`."""

    api: AdminApi

    async def clients(self) -> list[dict[str, Any]]:
        """All clients."""
        return await self.api.pages("/clients", "clients", "after", "next_after")

    async def client(self, client_id: str) -> dict[str, Any]:
        """One client."""
        return await self._one("GET", _client(client_id))

    async def add_client(self, registration: Mapping[str, Any]) -> dict[str, Any]:
        """Register a client with what `freehold node init` wrote, and with allow-lists and policy if wanted."""
        return await self._one("POST", "/clients", dict(registration))

    async def update_client(self, client_id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Change members of a client; its `status` says whether it now waits for `confirm`."""
        return await self._one("PUT", _client(client_id), dict(changes))

    async def remove_client(self, client_id: str) -> None:
        """Remove a client."""
        await self.api.call("DELETE", _client(client_id))

    async def rotate_key(self, client_id: str) -> str:
        """A client's new key, shown this once."""
        return str((await self._one("POST", f"{_client(client_id)}/rotate-key"))["vm_api_key"])

    async def confirm(self, client_id: str) -> dict[str, Any]:
        """Let a paused client connect again."""
        return await self._one("POST", f"{_client(client_id)}/confirm")

    async def connect_link(self, client_id: str, valid_seconds: int = DAY_SECONDS) -> ConnectLink:
        """A single-use link for a client's person."""
        body = {"valid_seconds": valid_seconds}
        return ConnectLink.model_validate(await self._one("POST", f"{_client(client_id)}/connect-links", body))

    async def revoke_link(self, client_id: str, link_id: str) -> None:
        """Withdraw a link."""
        await self.api.call("DELETE", f"{_client(client_id)}/connect-links/{quote(link_id, safe='')}")

    async def enrolment_code(
        self, client_id: str, company_name: str, vm_host: str | None, valid_seconds: int
    ) -> dict[str, Any]:
        """A one-time code with which a client's new node registers itself, shown this once."""
        body = {"company_name": company_name, "vm_host": vm_host, "valid_seconds": valid_seconds}
        return await self._one("POST", f"{_client(client_id)}/enrolment-codes", body)

    async def revoke_enrolment_codes(self, client_id: str) -> None:
        """Withdraw the codes of a client that were not used yet."""
        await self.api.call("DELETE", f"{_client(client_id)}/enrolment-codes")

    async def _one(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        answer: dict[str, Any] = await self.api.call(method, path, body)
        return answer


class TesterCommands:
    """What an operator does with the app's testers; each raises `Problem`."""

    api: AdminApi

    async def testers(self) -> list[dict[str, Any]]:
        """All testers."""
        found: list[dict[str, Any]] = (await self.api.call("GET", "/testers"))["testers"]
        return found

    async def add_tester(
        self, name: str, meta_user: str, client_id: str | None = None, role: str = "tester"
    ) -> dict[str, Any]:
        """Record a person who was invited in the app's dashboard."""
        body = {"name": name, "meta_user": meta_user, "client_id": client_id, "role": role}
        added: dict[str, Any] = await self.api.call("POST", "/testers", body)
        return added

    async def remove_tester(self, tester_id: str) -> None:
        """Take a person off the list."""
        await self.api.call("DELETE", f"/testers/{quote(tester_id, safe='')}")

    async def reconcile_testers(self) -> dict[str, Any]:
        """Compare the list with the roles that Meta lists."""
        compared: dict[str, Any] = await self.api.call("POST", "/testers/reconcile")
        return compared


class BrokerOperator(ClientCommands, TesterCommands):
    """An administrator's commands, within `async with`; each raises `Problem`."""

    def __init__(self, url: str, admin_key: str, policy: AddressPolicy) -> None:
        self.api = AdminApi(url, admin_key, policy)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.api.close()

    async def connections(self) -> list[dict[str, Any]]:
        """All connections, newest first."""
        return await self.api.pages("/connections", "connections", "before", "next_before")

    async def events(self, client_id: str | None = None, limit: int = 50) -> list[dict[str, Any]]:
        """The newest events, newest first; at most 500."""
        query = {"client_id": client_id, "limit": str(min(limit, PAGE))}
        found: list[dict[str, Any]] = (await self.api.call("GET", "/events", query=query))["events"]
        return found

    async def stats(self) -> dict[str, Any]:
        """Numbers over everything."""
        counted: dict[str, Any] = await self.api.call("GET", "/stats")
        return counted


def _client(client_id: str) -> str:
    return f"/clients/{quote(client_id, safe='')}"


def _problem(status: int, body: bytes) -> Problem:
    """The broker's own refusal."""
    try:
        told = json.loads(body)
        return Problem(status, str(told["code"]), _detail(told), str(told["hint"]))
    except (ValueError, KeyError, TypeError):
        return _not_a_broker(status)


def _detail(told: Mapping[str, Any]) -> str:
    """The detail, with the places that a form was wrong in."""
    places = "; ".join(f"{item['where']}: {item['what']}" for item in told.get("errors") or ())
    return f"{told['detail']} {places}".strip()


def _not_a_broker(status: int) -> Problem:
    return Problem(
        502,
        "broker_answer_unreadable",
        f"The address answered with status {status}, but not as a broker does.",
        "Check the address: it is the origin that FREEHOLD_BROKER_PUBLIC_URL names.",
    )
