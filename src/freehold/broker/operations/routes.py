"""The admin routes over events, connections and statistics, and the removal of a client with all that it has."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from freehold.broker.access.keys import Administrator, AdminRoute
from freehold.broker.audit import queries as audit
from freehold.broker.audit.queries import EventFilter
from freehold.broker.connections import queries as connections
from freehold.broker.connections.queries import ConnectionStatus
from freehold.broker.context import OpenBroker
from freehold.broker.operations import removal
from freehold.broker.registry import queries as registry
from freehold.broker.testers import queries as testers
from freehold.contracts.registration import CLIENT_ID
from freehold.kernel.problem_responses import problem_responses

router = APIRouter(prefix="/admin", tags=["Administration"], route_class=AdminRoute)

_STATUSES = (400, 401, 422, 429, 500, 503)
_DAY = timedelta(days=1)
_LARGEST_ID = 2**63 - 1

ClientId = Annotated[str | None, Query(pattern=CLIENT_ID)]
Before = Annotated[int | None, Query(ge=1, le=_LARGEST_ID, description="The id at which the last page ended.")]
Limit = Annotated[int, Query(ge=1, le=500)]


class EventView(BaseModel):
    """One audit event."""

    id: int
    occurred_at: datetime
    client_id: str | None
    provider: str
    flow_id: str | None
    step: str
    outcome: str
    reason: str | None
    duration_ms: float | None
    node_ms: float | None
    request_id: str | None
    actor: str | None


class EventList(BaseModel):
    """Some events, newest first; `next_before` continues the list, null at its end."""

    events: list[EventView]
    next_before: int | None


class ConnectionView(BaseModel):
    """One connection: whose it is, is not shown."""

    id: int
    client_id: str
    provider: str
    assets: list[str]
    scopes: list[str]
    status: ConnectionStatus
    connected_at: datetime
    last_renewed_at: datetime | None
    token_expires_at: datetime | None
    data_access_expires_at: datetime | None


class ConnectionList(BaseModel):
    """Some connections, newest first."""

    connections: list[ConnectionView]
    next_before: int | None


class Stats(BaseModel):
    """Numbers over everything, and what happened in the last 24 hours by step and outcome."""

    clients: dict[str, int]
    connections: dict[str, int]
    testers: int
    tester_cap: int
    last_day: dict[str, dict[str, int]]


@router.delete("/clients/{client_id}", status_code=204, responses=problem_responses(404, *_STATUSES))
async def remove_client(
    broker: OpenBroker, admin: Administrator, client_id: Annotated[str, Path(pattern=CLIENT_ID)]
) -> None:
    """Remove a client and all that is its own; its node keeps what it holds."""
    await removal.remove_client(broker, client_id, f"admin:{admin}")


@router.get("/events", responses=problem_responses(*_STATUSES))
async def list_events(
    broker: OpenBroker,
    _admin: Administrator,
    client_id: ClientId = None,
    outcome: Annotated[str | None, Query(pattern="^(succeeded|pending|warned|refused|failed)$")] = None,
    flow_id: Annotated[str | None, Query(pattern="^[0-9a-f]{1,32}$")] = None,
    before: Before = None,
    limit: Limit = 100,
) -> EventList:
    """What happened, newest first; quick however many events there are."""
    wanted = EventFilter(client_id=client_id, outcome=outcome, flow_id=flow_id, before=before, limit=limit)
    async with broker.database.reading() as session:
        rows = await audit.list_events(session, wanted)
    events = [EventView(occurred_at=row["at"], **row) for row in rows]
    return EventList(events=events, next_before=events[-1].id if len(events) == limit else None)


@router.get("/connections", responses=problem_responses(*_STATUSES))
async def list_connections(
    broker: OpenBroker, _admin: Administrator, client_id: ClientId = None, before: Before = None, limit: Limit = 100
) -> ConnectionList:
    """Who is connected, without saying who they are."""
    async with broker.database.reading() as session:
        found = await connections.list_connections(session, client_id, before, limit)
    views = [
        ConnectionView(
            id=each.id,
            client_id=each.client_id,
            provider=each.provider,
            assets=sorted(each.asset_ids),
            scopes=sorted(each.scopes),
            status=each.status,
            connected_at=each.connected_at,
            last_renewed_at=each.last_renewed_at,
            token_expires_at=each.token_expires_at,
            data_access_expires_at=each.data_access_expires_at,
        )
        for each in found
    ]
    return ConnectionList(connections=views, next_before=views[-1].id if len(views) == limit else None)


@router.get("/stats", responses=problem_responses(*_STATUSES))
async def show_stats(broker: OpenBroker, _admin: Administrator) -> Stats:
    """How much there is, and how the last day went."""
    async with broker.database.reading() as session:
        return Stats(
            clients=await registry.count_clients(session),
            connections=await connections.count_by_status(session),
            testers=await testers.count_testers(session),
            tester_cap=broker.settings.tester_cap,
            last_day=await audit.count_since(session, broker.clock.now() - _DAY),
        )
