"""An open node: everything that its listeners, workflows and commands share, opened and closed in one place."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from freehold.kernel import schema
from freehold.kernel.clock import Clock, SystemClock
from freehold.kernel.database import Database, open_database
from freehold.kernel.http import HttpClient
from freehold.kernel.rate_limits import RateLimits
from freehold.node.access import AccessLog
from freehold.node.broker_client import BrokerClient
from freehold.node.governor import Governor
from freehold.node.http import open_client
from freehold.node.keys import NodeKeys, load_keys
from freehold.node.live_answers import LiveAnswers
from freehold.node.recall import Recall
from freehold.node.settings import NodeSettings
from freehold.node.vault import Vault

CHILDREN = 2
"""So many processes may draw at once: each needs a core and some 100 MB."""

SQL_AT_ONCE = 2


@dataclass(frozen=True)
class Node:
    """One client's node, open."""

    settings: NodeSettings
    database: Database
    keys: NodeKeys
    clock: Clock
    http: HttpClient
    vault: Vault
    governor: Governor
    broker: BrokerClient
    access_log: AccessLog
    limits: RateLimits
    recall: Recall
    live_answers: LiveAnswers
    sql_places: asyncio.Semaphore
    """Questions in SQL that this process asks side by side."""
    children: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CHILDREN))
    """Held by each short-lived process that draws for a caller who waits."""


@contextlib.asynccontextmanager
async def open_node(settings: NodeSettings, clock: Clock | None = None) -> AsyncIterator[Node]:
    """Open the node of `settings`: its keys, database and connections.

    Raises `KeysMissingError` when `freehold node init` has not run, `SchemaError` when the database's tables are older
    than this version, `Problem` 503 when the database cannot be used.
    """
    keys = load_keys(settings.data_dir)
    at = clock or SystemClock()
    database = open_database(settings.database(), pool_size=settings.database_pool)
    http = open_client(settings.addresses())
    vault = Vault(keys.keyring)
    access_log = AccessLog(database, at)
    try:
        async with database.reading() as session:
            await schema.check(session, "freehold.node")
        async with access_log.running():
            yield Node(
                settings=settings,
                database=database,
                keys=keys,
                clock=at,
                http=http,
                vault=vault,
                governor=Governor(settings, database, vault, http, at),
                broker=BrokerClient(settings, keys, http, at),
                access_log=access_log,
                limits=RateLimits(),
                recall=Recall(at),
                live_answers=LiveAnswers(at),
                sql_places=asyncio.Semaphore(SQL_AT_ONCE),
            )
    finally:
        await http.close()
        await database.close()
