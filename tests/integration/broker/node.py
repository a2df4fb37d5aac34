"""A client's node as the broker sees it: it opens what it is sent, and answers as it is told."""

import asyncio
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from freehold.contracts.delivery import Envelope, open_envelope, verify
from freehold.contracts.grant import Grant
from freehold.contracts.platform_event import PlatformEvent
from freehold.kernel.crypto import SealingKey, new_secret


@dataclass
class Node:
    """One node: its keys, what it was told to answer, and what it received."""

    client_id: str
    sealing: SealingKey = field(default_factory=SealingKey.generate)
    api_key: str = field(default_factory=lambda: new_secret("fhvm"))
    url: str = ""
    signer: str = ""
    answers: deque[int | str] = field(default_factory=deque)
    """What to do with the next deliveries: a status, "slow", "garbage"; accepted when it is empty."""
    grants: list[Grant] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    events: list[PlatformEvent] = field(default_factory=list)
    landings: list[str] = field(default_factory=list)
    now: datetime | None = None
    on_delivery: Callable[[], None] | None = None
    """Called once when a delivery arrives."""

    def app(self) -> Starlette:
        """The application."""
        return Starlette(
            routes=[
                Route("/api/credentials", self.receive, methods=["POST"]),
                Route("/api/platform-events", self.receive_event, methods=["POST"]),
                Route("/success", self.success),
            ]
        )

    async def receive(self, request: Request) -> Response:
        """Take a delivery, once."""
        body = await request.body()
        self.bodies.append(body)
        if self.on_delivery is not None:
            self.on_delivery()
            self.on_delivery = None
        planned = self.answers.popleft() if self.answers else 200
        if planned == "slow":
            await asyncio.sleep(30)
        if planned == "garbage":
            return PlainTextResponse("<html>login</html>")
        if planned in {302, 307}:
            return RedirectResponse(f"{self.url}/elsewhere", int(planned))
        if planned != 200:
            return JSONResponse({"code": "told_to"}, int(planned))
        if request.headers.get("x-api-key") != self.api_key:
            return JSONResponse({"code": "key_wrong"}, 401)
        grant = self.read(body)
        if any(each.delivery_id == grant.delivery_id for each in self.grants):
            return JSONResponse({"delivery_id": grant.delivery_id, "outcome": "already_received"})
        self.grants.append(grant)
        outcome = "stored" if grant.status == "active" else "pending"
        return JSONResponse({"delivery_id": grant.delivery_id, "outcome": outcome}, 201)

    def read(self, body: bytes) -> Grant:
        """Open an envelope, or read a plain grant."""
        if "sealed" not in json.loads(body):
            return Grant.model_validate_json(body)
        return Grant.model_validate_json(self.open(body))

    def open(self, body: bytes) -> bytes:
        """What an envelope holds."""
        now = self.now or datetime.now(UTC)
        envelope = verify(Envelope.model_validate_json(body), signer=self.signer, now=now)
        assert envelope.client_id == self.client_id
        return open_envelope(envelope, self.sealing)

    async def receive_event(self, request: Request) -> Response:
        """Take a platform event."""
        planned = self.answers.popleft() if self.answers else 200
        if planned == "slow":
            await asyncio.sleep(30)
        if planned != 200:
            return JSONResponse({"code": "told_to"}, int(planned))
        event = PlatformEvent.model_validate_json(self.open(await request.body()))
        self.events.append(event)
        return JSONResponse({"event_id": event.event_id, "outcome": "applied", "credentials_revoked": 1})

    async def success(self, request: Request) -> Response:
        """Where the person lands."""
        self.landings.append(str(request.url))
        return PlainTextResponse("welcome")
