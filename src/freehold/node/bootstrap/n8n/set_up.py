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
    """Where n8n answers us, and where it finds the node's listeners."""

    n8n: str
    node: str
    """Of workflows and notifications: 3007."""
    receiver: str
    """Of credentials: 3006."""
    meta_ads: str
    instagram: str
    """Of tools: 3004 and 3005."""

    def shipped(self) -> dict[str, str]:
        """Each address as the library ships it, and what it is here."""
        ports = {3004: self.meta_ads, 3005: self.instagram, 3006: self.receiver, 3007: self.node}
        return {f"http://node:{port}": url for port, url in ports.items()}


async def set_up_n8n(http: HttpClient, database: Database, clock: Clock, owner: Owner, at: Addresses) -> list[Done]:
    """Make n8n's owner, give it its credentials, and bring the library; gives what was done. Raises `N8nError`."""
    async with signed_in(http, at.n8n, owner, clock.now()) as (api, made):
        if made:  # another n8n than the one of which something may be remembered
            async with database.writing() as session:
                await queries.forget(session, PRODUCT)
        machine = Machine(api, database, clock)
        done = [Done(f"n8n owner {owner.email}", "created" if made else "unchanged")]
        held = {}
        tools = [at.meta_ads, at.instagram]
        for given, urls in (
            (credentials.WORKFLOWS, [at.node]),
            (credentials.READING, [at.node, at.receiver, *tools]),
            (credentials.PROPOSING, tools),
        ):
            held[given.name], change = await credentials.give(machine, given, urls)
            done.append(change)
        return done + await bring(machine, shipped(), Place(at.shipped(), held))
