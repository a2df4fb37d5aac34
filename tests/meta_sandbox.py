"""A running Meta sandbox for a test: its address, its clock, people who have granted, and plain HTTP calls to it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
from tests.conftest import Serve

from freehold.kernel.clock import MovableClock
from freehold.sandbox.app import app_of
from freehold.sandbox.faults import FaultOrder
from freehold.sandbox.meta.grants import LONG_LIFE, PERMISSIONS, Grant
from freehold.sandbox.meta.oauth import offered
from freehold.sandbox.meta.state import Sandbox, new_sandbox
from freehold.sandbox.meta.world.people import ad_account_id, instagram_id, page_id, person_id
from freehold.sandbox.settings import SandboxSettings

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
VERSION = "v26.0"
MARA, JONAS, AROHA, KENJI, OLIVE, SAM, STRANGER, OUTSIDER = (person_id(number) for number in range(1, 9))
CERAMICS = instagram_id(1)
CERAMICS_PAGE = page_id(1)
CERAMICS_ADS = f"act_{ad_account_id(1)}"


@dataclass(frozen=True)
class Answer:
    """An answer read whole; header names in lower case."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def body(self) -> Any:
        """The body as JSON."""
        return json.loads(self.text)

    @property
    def error(self) -> tuple[int, int | None]:
        """Code and subcode of the error in the body."""
        error = self.body["error"]
        return error["code"], error.get("error_subcode")


@dataclass
class MetaSandbox:
    """One sandbox, served."""

    sandbox: Sandbox
    clock: MovableClock
    url: str

    @property
    def settings(self) -> SandboxSettings:
        """Its settings."""
        return self.sandbox.settings

    @property
    def app_token(self) -> str:
        """The app's own token."""
        return f"{self.settings.app_id}|{self.settings.app_secret.get_secret_value()}"

    def token(
        self,
        person: str = MARA,
        *,
        scopes: Iterable[str] = PERMISSIONS,
        assets: Iterable[str] | None = None,
        life: timedelta = LONG_LIFE,
    ) -> str:
        """A user token of a person who has granted `scopes` on `assets` (None: everything they have)."""
        covered = offered(self.sandbox, person) if assets is None else frozenset(assets)
        given = frozenset(scopes)
        grant = Grant(person, given, frozenset(PERMISSIONS) - given, covered, self.sandbox.now())
        self.sandbox.grants.allow(grant)
        return self.sandbox.grants.issue("USER", person, self.sandbox.now(), life)

    def fault(self, kind: str, **order: Any) -> None:
        """Order a fault."""
        self.sandbox.faults.add(FaultOrder.model_validate({"kind": kind, **order}))

    async def get(self, path: str, token: str | None, **params: object) -> Answer:
        """GET a path below the version, or one that begins with a slash as it is."""
        return await self.call("GET", path, token, params=params)

    async def post(self, path: str, token: str | None, **form: object) -> Answer:
        """POST a form."""
        return await self.call("POST", path, token, form=form)

    async def delete(self, path: str, token: str | None, **params: object) -> Answer:
        """DELETE a node."""
        return await self.call("DELETE", path, token, params=params)

    async def order(self, path: str, body: Mapping[str, object], method: str = "POST") -> Answer:
        """Ask something of the control endpoints."""
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, f"{self.url}/_sandbox/{path}", json=body) as answer,
        ):
            return Answer(answer.status, {}, await answer.text())

    async def call(
        self,
        method: str,
        path: str,
        token: str | None,
        *,
        params: Mapping[str, object] | None = None,
        form: Mapping[str, object] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """Any call; values that are not text are sent as JSON."""
        sent = dict(headers or {})
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        url = self.url + (path if path.startswith("/") else f"/{VERSION}/{path}")
        async with (
            aiohttp.ClientSession() as session,
            session.request(
                method,
                url,
                params=_texts(params),
                data=_texts(form) if form is not None else None,
                headers=sent,
                allow_redirects=False,
            ) as answer,
        ):
            lowered = {name.lower(): value for name, value in answer.headers.items()}
            return Answer(answer.status, lowered, await answer.text())


def _texts(values: Mapping[str, object] | None) -> dict[str, str]:
    return {
        name: value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
        for name, value in (values or {}).items()
    }


async def start(serve: Serve, now: datetime = NOW, **settings: Any) -> MetaSandbox:
    """Serve a sandbox whose time stands at `now`."""
    clock = MovableClock(now)
    sandbox = new_sandbox(SandboxSettings(**settings), clock)
    return MetaSandbox(sandbox, clock, await serve(app_of(sandbox)))
