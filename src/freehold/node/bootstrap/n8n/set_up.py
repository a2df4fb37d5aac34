"""Sets n8n up from its first start on, and again after each upgrade; what people changed stays as they want it."""

from dataclasses import dataclass

from freehold.kernel.clock import Clock
from freehold.kernel.database import Database
from freehold.kernel.http import HttpClient
from freehold.node.bootstrap import queries
from freehold.node.bootstrap.done import Done
from freehold.node.bootstrap.n8n import credentials
from freehold.node.bootstrap.n8n.client import Owner, signed_in
from freehold.node.bootstrap.n8n.library import Place, shipped
from freehold.node.bootstrap.n8n.machine import PRODUCT, Machine
from freehold.node.bootstrap.n8n.workflows import bring


@dataclass(frozen=True, repr=False)
class Addresses:
    """Where n8n answers us, and where it finds the node's listeners: of workflows (3007), and of credentials (3006)."""

    n8n: str
    node: str
    receiver: str


async def set_up_n8n(http: HttpClient, database: Database, clock: Clock, owner: Owner, at: Addresses) -> list[Done]:
    """Make n8n's owner, give it its credentials, and bring the library; gives what was done. Raises `N8nError`."""
    async with signed_in(http, at.n8n, owner, clock.now()) as (api, made):
        if made:  # another n8n than the one of which something may be remembered
            async with database.writing() as session:
                await queries.forget(session, PRODUCT)
        machine = Machine(api, database, clock)
        done = [Done(f"n8n owner {owner.email}", "created" if made else "unchanged")]
        held = {}
        for given, urls in ((credentials.WORKFLOWS, [at.node]), (credentials.READING, [at.node, at.receiver])):
            held[given.name], change = await credentials.give(machine, given, urls)
            done.append(change)
        return done + await bring(machine, shipped(), Place(at.node, at.receiver, held))
