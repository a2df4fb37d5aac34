"""Whether a large registry and a long audit log slow the broker down: 1 000 times the clients, 100 times the events."""

import asyncio
import json
import random
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg
from benchmarks.broker_flows import UNLIMITED, serving
from benchmarks.driver import Connection, Measured, drive
from benchmarks.results import Goal, publish

SIZES = ((1_000, 100_000), (1_000_000, 10_000_000))
REQUESTS = 2_000
WORKERS = 2
SEED = 7
CLIENTS = """
    INSERT INTO client_vm_registry (client_id, company_name, vm_url, success_url, vm_api_key, vm_api_key_digest,
        allowed_users, allowed_assets, bare_links, shared_user_policy, status, created_at, updated_at)
    SELECT 'client-' || n, 'Company ' || n, 'https://vm' || n || '.example.com',
        'https://c' || n || '.example.com/success', 'v1.none.none', md5(n::text) || md5((n + 1)::text),
        '[]', '[]', true, 'warn', 'active', now(), now()
    FROM generate_series(1, $1::int) AS n
"""
EVENTS = """
    INSERT INTO oauth_events (at, client_id, provider, flow_id, step, outcome, reason, duration_ms, request_id)
    SELECT now() - ($1::int - n) * interval '3 seconds', 'client-' || (1 + (n::bigint * 7919) % $2::int), 'meta',
        md5(n::text), 'callback', CASE WHEN n % 10 = 0 THEN 'refused' ELSE 'succeeded' END,
        CASE WHEN n % 10 = 0 THEN 'consent_refused' END, 900, left(md5(n::text), 16)
    FROM generate_series(1, $1::int) AS n
"""


async def fill(url: str, clients: int, events: int) -> None:
    """Write the registry and the log, and let PostgreSQL look at them."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        await connection.execute(CLIENTS, clients)
        await connection.execute(EVENTS, events, clients)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


async def measure(clients: int, events: int) -> dict[str, Any]:
    """p99 of the interstitial of random clients, and of pages of events: newest, of one client, deep in the past."""
    chance = random.Random(SEED)  # noqa: S311 - spreads the load
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment = {"FREEHOLD_BROKER_ADMIN_RATE": UNLIMITED}
        async with serving(9, folder, stack, everything=False, more=environment) as running:
            await fill(running.database_url, clients, events)

            async def authorize(app: Connection, _provider: Connection) -> None:
                name = f"client-{chance.randint(1, clients)}"
                answer = await app.request("GET", f"/auth/meta?client_id={quote(name)}")
                assert answer.status == 200, answer.body

            async def look(app: Connection, _provider: Connection) -> None:
                query = chance.choice([
                    "limit=50",
                    f"limit=50&client_id=client-{chance.randint(1, clients)}",
                    f"limit=50&outcome=refused&before={chance.randint(1, events)}",
                    f"limit=50&before={chance.randint(1, events)}",
                ])  # fmt: skip
                answer = await app.request("GET", f"/admin/events?{query}", api_key=running.admin_key)
                assert answer.status == 200, answer.body
                assert "events" in json.loads(answer.body)

            return {
                "clients": f"{clients:,}",
                "events": f"{events:,}",
                **_told("/auth/meta", await _driven(authorize, running.port)),
                **_told("/admin/events", await _driven(look, running.port)),
            }


async def _driven(flow: Any, port: int) -> Measured:
    await drive(flow, port, port, REQUESTS // 10, WORKERS)
    return await drive(flow, port, port, REQUESTS, WORKERS)


def _told(path: str, measured: Measured) -> dict[str, float]:
    return {
        f"{path} p50 ms": round(measured.percentile(0.5), 2),
        f"{path} p99 ms": round(measured.percentile(0.99), 2),
    }


def main() -> None:
    """Measure both sizes, print, write the result."""
    rows = [asyncio.run(measure(clients, events)) for clients, events in SIZES]
    goals = [
        Goal(
            f"p99 of {path}, large against small", 2.0, round(rows[1][f"{path} p99 ms"] / rows[0][f"{path} p99 ms"], 2)
        )
        for path in ("/auth/meta", "/admin/events")
    ]
    publish("registry_scale", rows, goals)
