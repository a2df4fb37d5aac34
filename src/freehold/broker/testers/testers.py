"""Adds testers up to the app's cap, and compares them with the roles that Meta lists.

Meta lets nobody add a role through its API, so people are invited in the app's dashboard; here they are counted and
watched.
"""

import secrets
from dataclasses import dataclass
from functools import partial

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import IntegrityError

from freehold.broker.audit import AuditEvent
from freehold.broker.context import Broker
from freehold.broker.registry.clients import PRINTABLE
from freehold.broker.testers import queries
from freehold.broker.testers.queries import Role, Tester
from freehold.contracts.registration import CLIENT_ID
from freehold.kernel.problems import Problem
from freehold.providers.calls import ProviderError
from freehold.providers.meta import oauth

ROLES_OF_META = {"testers": "tester", "insights users": "analytics", "analytics users": "analytics"}


@dataclass(frozen=True)
class Person:
    """Somebody with a role on the app: the id and user name by which they may be recorded."""

    names: frozenset[str]
    role: str


class NewTester(BaseModel):
    """A person who was invited in the app's dashboard, as user name or id."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=200, pattern=PRINTABLE)
    meta_user: str = Field(pattern=r"^[A-Za-z0-9._-]{1,128}$")
    client_id: str | None = Field(default=None, pattern=CLIENT_ID)
    role: Role = "tester"


class Reconciliation(BaseModel):
    """What Meta lists against what is recorded: ids of testers, and how many of Meta's nobody recorded."""

    present: list[str]
    missing: list[str]
    unrecorded: int
    listed: int
    cap: int


async def add(broker: Broker, given: NewTester, actor: str) -> Tester:
    """Record a tester; raises `Problem` 409 at the cap, or for a repeat."""
    row = {**given.model_dump(), "id": secrets.token_hex(8), "present": None, "created_at": broker.clock.now()}
    try:
        async with broker.database.writing() as session:
            await queries.lock_testers(session)
            if await queries.count_testers(session) >= broker.settings.tester_cap:
                raise _cap_reached(broker.settings.tester_cap)
            await queries.insert_tester(session, row)
            await broker.audit.append(
                session, AuditEvent("admin.tester_added", "succeeded", client_id=given.client_id, actor=actor)
            )
    except IntegrityError as error:
        raise Problem(
            409, "tester_exists", "This Meta user is listed already.", "Remove the entry first to change it."
        ) from error
    return Tester(**{**row, "reconciled_at": None})


async def remove(broker: Broker, tester_id: str, actor: str) -> None:
    """Take a tester off the list; raises `Problem` 404."""
    async with broker.database.writing() as session:
        if not await queries.delete_tester(session, tester_id):
            raise Problem(404, "tester_unknown", "There is no such tester.", "Use an id that GET /admin/testers lists.")
        await broker.audit.append(session, AuditEvent("admin.tester_removed", "succeeded", actor=actor))


async def reconcile(broker: Broker) -> Reconciliation:
    """Compare with the app's roles and record who is there; raises `Problem` 502."""
    try:
        people = await listed_roles(broker)
    except ProviderError as error:
        raise Problem(
            502,
            "roles_unavailable",
            "Meta did not list the app's roles.",
            "Check app id and secret with `freehold doctor --meta`, then try again.",
        ) from error
    async with broker.database.reading() as session:
        testers = await queries.list_testers(session)
    listed = {name for person in people for name in person.names}
    presence = {tester.id: tester.meta_user in listed for tester in testers}
    async with broker.database.writing() as session:
        await queries.set_presence(session, presence, broker.clock.now())
    recorded = {tester.meta_user for tester in testers}
    counted = [person for person in people if person.role in ROLES_OF_META]
    return Reconciliation(
        present=[tester_id for tester_id, present in presence.items() if present],
        missing=[tester_id for tester_id, present in presence.items() if not present],
        unrecorded=sum(not recorded & person.names for person in counted),
        listed=len(counted),
        cap=broker.settings.tester_cap,
    )


async def listed_roles(broker: Broker) -> list[Person]:
    """The people with a role on the app, as Meta lists them; raises `ProviderError`."""
    found = []
    async for item in broker.meta.items_as_app(partial(oauth.roles, broker.meta.app)):
        names = {str(item[name]) for name in ("user", "username") if item.get(name)}
        found.append(Person(frozenset(names), str(item.get("role"))))
    return found


def _cap_reached(cap: int) -> Problem:
    return Problem(
        409,
        "tester_cap_reached",
        f"The app may have {cap} testers and analytics users together, and all are taken.",
        "Remove somebody first, or set FREEHOLD_BROKER_TESTER_CAP=500 when the app belongs to a verified business.",
    )
