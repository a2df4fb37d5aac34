"""An open broker: everything that its routes and commands share, opened and closed in one place."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis

from freehold.broker.audit import AuditLog
from freehold.broker.http import open_client
from freehold.broker.keys import BrokerKeys, load_keys
from freehold.broker.meta import MetaClient
from freehold.broker.settings import BrokerSettings
from freehold.kernel import schema
from freehold.kernel.addresses import AddressPolicy
from freehold.kernel.clock import Clock, SystemClock
from freehold.kernel.database import Database, open_database
from freehold.kernel.http import HttpClient
from freehold.kernel.problems import Problem
from freehold.kernel.rate_limits import REDIS_TIMEOUT, RateLimits

PROVIDERS = ("meta",)


@dataclass(frozen=True)
class Broker:
    """The broker, open."""

    settings: BrokerSettings
    keys: BrokerKeys
    database: Database
    clock: Clock
    policy: AddressPolicy
    http: HttpClient
    meta: MetaClient
    audit: AuditLog
    limits: RateLimits
    redis: Redis | None
    metrics: CollectorRegistry


@contextlib.asynccontextmanager
async def open_broker(settings: BrokerSettings, clock: Clock | None = None) -> AsyncIterator[Broker]:
    """Open the broker of `settings`: its keys, database, Redis and connections; Redis connects on first use.

    Raises `KeysMissingError` when `freehold broker init` has not run, `CertificateError`, `SchemaError` when the
    database's tables are older than this version, `Problem` 503 when the database cannot be used.
    """
    keys = load_keys(settings.data_dir)
    at = clock or SystemClock()
    policy = AddressPolicy.of(*settings.allowed_networks)
    database = open_database(settings.database(), pool_size=settings.database_pool)
    http, metrics = open_client(policy, settings.client_certificate), CollectorRegistry()
    audit, redis, limits = AuditLog(database, at, metrics), _open_redis(settings), RateLimits(settings.redis_url)
    try:
        async with database.reading() as session:
            await schema.check(session, "freehold.broker")
        async with audit.running():
            meta = MetaClient(settings, http)
            yield Broker(settings, keys, database, at, policy, http, meta, audit, limits, redis, metrics)
    finally:
        await http.close()
        await limits.close()
        if redis is not None:
            await redis.aclose()
        await database.close()


def _open_redis(settings: BrokerSettings) -> Redis | None:
    if settings.redis_url is None:
        return None
    return Redis.from_url(settings.redis_url, socket_timeout=REDIS_TIMEOUT, socket_connect_timeout=REDIS_TIMEOUT)


async def broker_of(request: Request) -> Broker:
    """The broker that answers this request."""
    return cast("Broker", request.app.state.broker)


OpenBroker = Annotated[Broker, Depends(broker_of)]
"""The broker, as a route asks for it."""


def check_provider(provider: str) -> None:
    """Refuse (`Problem` 404) a provider that this broker does not serve."""
    if provider not in PROVIDERS:
        raise Problem(
            404,
            "provider_unknown",
            "This broker does not connect to that provider.",
            f"Choose one of: {', '.join(PROVIDERS)}.",
        )
