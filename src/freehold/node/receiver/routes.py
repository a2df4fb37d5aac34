"""Port 3006: what the broker posts, and the credentials for those who may read them."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ValidationError

from freehold.contracts.delivery import DeliveryReceipt, Envelope
from freehold.contracts.grant import Grant
from freehold.contracts.platform_event import PlatformEventReceipt
from freehold.kernel.problem_responses import problem_responses
from freehold.kernel.problems import Problem
from freehold.node.context import Node
from freehold.node.guard import admit_caller, report_event
from freehold.node.receiver import deliveries
from freehold.node.vault import Credential, credentials


class CredentialView(BaseModel):
    """A credential: the seed's columns, and what is needed to use it. The token only where it was asked for."""

    id: str
    client_id: str
    provider: str
    status: str
    access_token: str | None
    token_expires_at: datetime | None
    instagram_business_account_id: str | None
    facebook_page_id: str | None
    ad_account_id: str | None
    meta_user_id: str
    created_at: datetime
    last_refreshed_at: datetime | None
    scopes: tuple[str, ...]
    data_access_expires_at: datetime | None


class CredentialList(BaseModel):
    """The credentials that are active or wait for the owner's confirmation."""

    credentials: list[CredentialView]


class Health(BaseModel):
    """Whether the process runs."""

    status: str
    client_id: str


DELIVERED = problem_responses(400, 401, 403, 409, 413, 415, 422, 429, 503)
READ = problem_responses(400, 401, 403, 422, 429, 503)


def routes(node: Node) -> APIRouter:
    """The receiver's endpoints."""
    router = APIRouter()

    @router.post("/api/credentials", status_code=201, responses={200: {"model": DeliveryReceipt}, **DELIVERED})
    async def deliver(request: Request, response: Response, body: dict[str, Any]) -> DeliveryReceipt:
        """Take a grant from the broker: sealed and signed, or plain where this node allows it."""
        caller = await admit_caller(node, request, "credentials:deliver")
        try:
            receipt = await deliveries.accept_grant(node, _delivery(body))
        except Problem as problem:
            await report_event(node, request, f"delivery_refused:{problem.code}", problem.detail, caller.name)
            raise
        response.status_code = 200 if receipt.outcome == "already_received" else 201
        return receipt

    @router.post("/api/platform-events", responses=DELIVERED)
    async def platform_event(request: Request, body: Envelope) -> PlatformEventReceipt:
        """Take what Meta told the broker about a person: they removed the app, or asked for deletion."""
        caller = await admit_caller(node, request, "credentials:deliver")
        try:
            return await deliveries.apply_event(node, body)
        except Problem as problem:
            await report_event(node, request, f"delivery_refused:{problem.code}", problem.detail, caller.name)
            raise

    @router.get("/api/credentials", responses=READ)
    async def read(request: Request, reveal: Annotated[bool, Query()] = False) -> CredentialList:
        """The credentials. With `reveal` and the scope credentials:reveal also their tokens, which is noted."""
        caller = await admit_caller(node, request, "credentials:reveal" if reveal else "credentials:read")
        if reveal:
            await report_event(node, request, "credentials_revealed", "tokens were read", caller.name)
        async with node.database.reading() as session:
            found = await credentials(session, "active", "pending")
        return CredentialList(credentials=await _views(node, found, reveal=reveal))

    @router.get("/health", responses=problem_responses(429))
    async def health() -> Health:
        """Whether the process runs."""
        return Health(status="ok", client_id=node.settings.client_id)

    return router


def _delivery(body: dict[str, Any]) -> Envelope | Grant:
    """An envelope, or a plain grant; raises `Problem` 422 for neither, without repeating what was sent."""
    wanted: type[Envelope | Grant] = Envelope if "sealed" in body else Grant
    try:
        return wanted.model_validate_json(json.dumps(body))
    except ValidationError as error:
        where = ", ".join(".".join(map(str, item["loc"])) for item in error.errors()[:5])
        raise Problem(
            422,
            "invalid_delivery",
            f"The body is neither an envelope nor a grant: {where or 'its form'} is wrong.",
            "Post what the broker makes; see /openapi.json.",
        ) from None


async def _views(node: Node, found: Sequence[Credential], *, reveal: bool) -> list[CredentialView]:
    views = []
    for credential in found:
        token = await _token(node, credential) if reveal else None
        views.append(CredentialView.model_validate({**vars(credential), "access_token": token}))
    return views


async def _token(node: Node, credential: Credential) -> str | None:
    async with node.database.reading() as session:
        tokens = await node.vault.tokens(session, credential.id)
    return None if tokens is None else tokens.user
