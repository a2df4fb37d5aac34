"""A sandbox some of whose answers are exchanged on the way, for what the sandbox itself never says."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from tests import meta_sandbox
from tests.conftest import Serve
from tests.meta_sandbox import NOW, MetaSandbox

from freehold.kernel.clock import MovableClock
from freehold.sandbox.app import app_of
from freehold.sandbox.meta.state import new_sandbox
from freehold.sandbox.settings import SandboxSettings

Answer = tuple[int, str]
"""Status and body."""
Rule = Callable[[str, Mapping[str, str]], Answer | None]
"""Given a path and the parameters, the answer in place of the sandbox's, or None."""


@dataclass
class Altered:
    """An application in front of the sandbox; `rule` may be exchanged at any time, `asked` has every call."""

    app: ASGIApp
    rule: Rule | None = None

    def __post_init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by the rule, else as the sandbox does."""
        if scope["type"] == "http":
            params = dict(parse_qsl(scope["query_string"].decode()))
            self.asked.append((scope["path"], params))
            found = None if self.rule is None else self.rule(scope["path"], params)
            if found is not None:
                await Response(found[1], found[0], media_type="application/json")(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def metrics(self, path: str) -> list[list[str]]:
        """The metrics of each call so far whose path ends so."""
        return [params["metric"].split(",") for asked, params in self.asked if asked.endswith(path)]


async def start(serve: Serve, **settings: Any) -> tuple[MetaSandbox, Altered]:
    """A sandbox with these settings whose time stands, and the application before it."""
    clock = MovableClock(NOW)
    sandbox = new_sandbox(SandboxSettings(**settings), clock)
    altered = Altered(app_of(sandbox))
    return meta_sandbox.MetaSandbox(sandbox, clock, await serve(altered)), altered


def refusal(message: str, code: int = 100) -> Answer:
    """An error as the Graph API words it."""
    return 400, json.dumps({"error": {"message": message, "type": "OAuthException", "code": code}})
