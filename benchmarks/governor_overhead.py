"""What the governor costs: CPU and statements of one call through `Governor.send`, over the same call sent bare."""

import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvloop
from benchmarks.results import Goal, publish
from sqlalchemy import event

from freehold.contracts.grant import Grant
from freehold.contracts.registration import BrokerIdentity
from freehold.demo import databases
from freehold.kernel.crypto import SealingKey, SigningKey
from freehold.node.assets import confirm_assets, offer_assets
from freehold.node.context import Node, open_node
from freehold.node.governor import Priority
from freehold.node.initialization import initialize
from freehold.node.settings import NodeSettings
from freehold.providers.calls import ApiCall

CALLS = 400
ROUNDS = 3
ACCOUNT, AD_ACCOUNT = "17841400000000001", "act_10001"
READS: Mapping[str, ApiCall] = {
    "Instagram": ApiCall("GET", f"/v26.0/{ACCOUNT}", {"fields": "id"}, asset_id=ACCOUNT),
    "ads": ApiCall("GET", f"/v26.0/{AD_ACCOUNT}", {"fields": "id"}, asset_id=AD_ACCOUNT),
}


class Provider(asyncio.Protocol):
    """Answers every request with the same small object and Meta's usage headers; never the bottleneck."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start reading."""
        self.transport: Any = transport

    def data_received(self, data: bytes) -> None:
        """Answer: the clients of this benchmark send one whole request at a time."""
        public = BrokerIdentity(
            broker_url="http://127.0.0.1",
            signing_key=SigningKey.generate().public_text(),
            sealing_key=SealingKey.generate().public_text(),
        )
        body = public.model_dump_json().encode() if b"freehold-broker" in data else b'{"id": "1"}'
        kind, owner = ("ads_management", AD_ACCOUNT[4:]) if b"/act_" in data else ("instagram", ACCOUNT)
        used: dict[str, object] = {
            "call_count": 3,
            "total_cputime": 1,
            "total_time": 1,
            "estimated_time_to_regain_access": 0,
        }
        used |= {"ads_api_access_tier": "standard_access"} if kind == "ads_management" else {}
        told = json.dumps({owner: [{"type": kind, **used}]}).encode()
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Business-Use-Case-Usage: %s\r\n" % told
        self.transport.write(head + b"Content-Length: %d\r\n\r\n%s" % (len(body), body))


async def provide() -> None:
    """Serve until the process is ended; prints the port."""
    server = await asyncio.get_running_loop().create_server(Provider, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


@contextlib.contextmanager
def provider() -> Iterator[str]:
    """A provider in a process of its own; gives its address."""
    command = [sys.executable, "-m", "benchmarks.governor_overhead"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


@contextlib.asynccontextmanager
async def connected(address: str, database_url: str | None) -> AsyncIterator[Node]:
    """A node with one person's grant of an Instagram account and an ad account, both ticked."""
    with tempfile.TemporaryDirectory() as folder:
        settings = NodeSettings(
            client_id="bench",
            company_name="Bench",
            data_dir=Path(folder) / "node",
            database_url=database_url,
            graph_url=address,
            allowed_networks=("127.0.0.0/8",),
            ceiling_per_hour=10_000_000,
            app_share_per_user=10_000_000,
        )
        await initialize(settings, address, "http://127.0.0.1:3006")
        async with open_node(settings) as node:
            await _connect(node)
            yield node


async def _connect(node: Node) -> None:
    now = datetime.now(UTC)
    assets = [
        {"kind": "instagram_account", "id": ACCOUNT, "name": "account", "parent_id": "105"},
        {"kind": "facebook_page", "id": "105", "name": "page"},
        {"kind": "ad_account", "id": AD_ACCOUNT, "name": "ads", "currency": "EUR", "timezone": "UTC"},
    ]
    grant = Grant.model_validate(
        {
            "client_id": "bench",
            "delivery_id": "d" * 32,
            "issued_at": now,
            "status": "active",
            "access_token": "EAA" + "b" * 180,
            "meta_user_id": "1001",
            "scopes": ("instagram_basic", "ads_read"),
            "assets": assets,
            "page_tokens": {"105": "EAA" + "p" * 180},
            "appsecret_proofs": {"user": "a" * 64},
            "token_expires_at": None,
            "data_access_expires_at": None,
        }
    )
    async with node.database.writing() as session:
        kept = await node.vault.keep(session, grant, now)
        await offer_assets(session, kept.credential_id, grant.assets, replaced=(), now=now)
        await confirm_assets(session, kept.credential_id, [asset.id for asset in grant.assets], now)


async def measure(node: Node, call: ApiCall) -> dict[str, float]:
    """CPU milliseconds and statements of a call, through the governor and bare; the median of several rounds."""
    statements = 0

    def count(*_: Any) -> None:
        nonlocal statements
        statements += 1

    engine = node.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", count)
    governed, bare, wall = [], [], []
    await node.governor.send(call, Priority.INTERACTIVE)
    statements = 0
    for _ in range(ROUNDS):
        started, began = time.process_time(), time.perf_counter()
        for _ in range(CALLS):
            await node.governor.send(call, Priority.INTERACTIVE)
        governed.append((time.process_time() - started) * 1000 / CALLS)
        wall.append((time.perf_counter() - began) * 1000 / CALLS)
        started = time.process_time()
        for _ in range(CALLS):
            await node.http.request("GET", node.settings.graph_url + call.path, query=call.params)
        bare.append((time.process_time() - started) * 1000 / CALLS)
    event.remove(engine, "before_cursor_execute", count)
    return {
        "CPU ms governed": round(sorted(governed)[ROUNDS // 2], 2),
        "CPU ms bare": round(sorted(bare)[ROUNDS // 2], 2),
        "overhead CPU ms": round(sorted(governed)[ROUNDS // 2] - sorted(bare)[ROUNDS // 2], 2),
        "wall ms governed": round(sorted(wall)[ROUNDS // 2], 2),
        "statements": round(statements / (ROUNDS * CALLS), 2),
    }


async def _rows(address: str, name: str, database_url: str | None) -> list[dict[str, Any]]:
    async with connected(address, database_url) as node:
        return [{"call": f"{kind}, {name}", **await measure(node, call)} for kind, call in READS.items()]


def main() -> None:
    """Measure, print, write the result."""
    with provider() as address, databases.postgres() as server:
        rows = uvloop.run(_rows(address, "SQLite", None))
        rows += uvloop.run(_rows(address, "PostgreSQL", server.url("postgres")))
    publish(
        "governor_overhead",
        rows,
        [
            Goal("CPU ms that the governor adds to a call, SQLite", 3, max(row["overhead CPU ms"] for row in rows[:2])),
            Goal("statements of a call; SQLite counts its two BEGIN", 7, max(row["statements"] for row in rows)),
        ],
    )


if __name__ == "__main__":
    uvloop.run(provide())
