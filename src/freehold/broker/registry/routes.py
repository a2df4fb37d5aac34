"""The admin routes over clients."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from freehold.broker.access.keys import Administrator, AdminRoute
from freehold.broker.context import OpenBroker
from freehold.broker.registry import clients, queries
from freehold.broker.registry.clients import ClientChange, ClientRegistration, ClientView
from freehold.contracts.registration import CLIENT_ID
from freehold.kernel.problem_responses import problem_responses

router = APIRouter(prefix="/admin/clients", tags=["Administration"], route_class=AdminRoute)

ClientId = Annotated[str, Path(pattern=CLIENT_ID)]
_STATUSES = (400, 401, 422, 429, 500, 503)


class ClientList(BaseModel):
    """Some clients; `next_after` continues the list, null at its end."""

    clients: list[ClientView]
    next_after: str | None


class NewApiKey(BaseModel):
    """A client's new key, shown this once."""

    client_id: str
    vm_api_key: str


@router.get("", responses=problem_responses(*_STATUSES))
async def list_clients(
    broker: OpenBroker,
    _admin: Administrator,
    after: Annotated[str, Query(pattern=r"^[a-z0-9-]{0,63}$")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> ClientList:
    """All clients, in the order of their ids."""
    async with broker.database.reading() as session:
        found = await queries.list_clients(session, after, limit)
    views = [clients.view(client) for client in found]
    return ClientList(clients=views, next_after=views[-1].client_id if len(views) == limit else None)


@router.post("", status_code=201, responses=problem_responses(409, 413, 415, *_STATUSES))
async def add_client(broker: OpenBroker, admin: Administrator, registration: ClientRegistration) -> ClientView:
    """Register a client's node."""
    return await clients.register(broker, registration, f"admin:{admin}")


@router.get("/{client_id}", responses=problem_responses(404, *_STATUSES))
async def show_client(broker: OpenBroker, _admin: Administrator, client_id: ClientId) -> ClientView:
    """One client."""
    return clients.view(await clients.known(broker, client_id))


@router.put("/{client_id}", responses=problem_responses(404, 413, 415, *_STATUSES))
async def update_client(
    broker: OpenBroker, admin: Administrator, client_id: ClientId, change: ClientChange
) -> ClientView:
    """Change the members that are given; what could redirect grants pauses the client until it is confirmed."""
    return await clients.change(broker, client_id, change, f"admin:{admin}")


@router.post("/{client_id}/rotate-key", responses=problem_responses(404, *_STATUSES))
async def rotate_key(broker: OpenBroker, admin: Administrator, client_id: ClientId) -> NewApiKey:
    """Give the client a new key, shown this once; give it to its node, which is refused until then."""
    return NewApiKey(client_id=client_id, vm_api_key=await clients.rotate_key(broker, client_id, f"admin:{admin}"))


@router.post("/{client_id}/confirm", responses=problem_responses(404, *_STATUSES))
async def confirm_client(broker: OpenBroker, admin: Administrator, client_id: ClientId) -> ClientView:
    """Let a client connect again after a change of where grants go or to whom."""
    return await clients.confirm(broker, client_id, f"admin:{admin}")
