"""The admin routes over testers."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from freehold.broker.access.keys import Administrator, AdminRoute
from freehold.broker.context import OpenBroker
from freehold.broker.testers import queries, testers
from freehold.broker.testers.queries import Role, Tester
from freehold.broker.testers.testers import NewTester, Reconciliation
from freehold.kernel.problem_responses import problem_responses

router = APIRouter(prefix="/admin/testers", tags=["Administration"], route_class=AdminRoute)

_STATUSES = (400, 401, 422, 429, 500, 503)


class TesterView(BaseModel):
    """A tester; `present` is null until the list was compared with Meta's."""

    id: str
    name: str
    meta_user: str
    client_id: str | None
    role: Role
    present: bool | None
    created_at: datetime
    reconciled_at: datetime | None


class TesterList(BaseModel):
    """All testers, and how many the app may have."""

    testers: list[TesterView]
    cap: int


@router.get("", responses=problem_responses(*_STATUSES))
async def list_testers(broker: OpenBroker, _admin: Administrator) -> TesterList:
    """All testers."""
    async with broker.database.reading() as session:
        found = await queries.list_testers(session)
    return TesterList(testers=[_view(tester) for tester in found], cap=broker.settings.tester_cap)


@router.post("", status_code=201, responses=problem_responses(409, 413, 415, *_STATUSES))
async def add_tester(broker: OpenBroker, admin: Administrator, given: NewTester) -> TesterView:
    """Record a person who was invited in the app's dashboard."""
    return _view(await testers.add(broker, given, f"admin:{admin}"))


@router.delete("/{tester_id}", status_code=204, responses=problem_responses(404, *_STATUSES))
async def remove_tester(
    broker: OpenBroker, admin: Administrator, tester_id: Annotated[str, Path(pattern="^[0-9a-f]{1,32}$")]
) -> None:
    """Take a person off the list; the role itself is removed in the app's dashboard."""
    await testers.remove(broker, tester_id, f"admin:{admin}")


@router.post("/reconcile", responses=problem_responses(502, *_STATUSES))
async def reconcile(broker: OpenBroker, _admin: Administrator) -> Reconciliation:
    """Compare the list with the roles that Meta lists."""
    return await testers.reconcile(broker)


def _view(tester: Tester) -> TesterView:
    return TesterView(**asdict(tester))
