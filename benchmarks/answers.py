"""Whether what Insights answers is right, and how long it takes: over MCP, by a scripted client.

Right: fifty questions about a sandbox's world that stands still, which a node on SQLite has collected; the answers are
worked out from the world. Quick: five accounts over two years, ten million rows on PostgreSQL (see `ten_million_rows`),
asked of `freehold node serve` by a client in another process; each kind of question with other days, metrics and
dimensions in turn. Of the same rows a weekly report is made, with its PDF and e-mail; its child says how much memory it
took at most.
"""

import asyncio
import json
import random
import statistics
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from benchmarks import ten_million_rows
from benchmarks.collection_stage import UNLIMITED
from benchmarks.results import Goal, publish, resident_megabytes
from benchmarks.tool_servers import ToolServer, call
from starlette.types import ASGIApp
from tests.conftest import serving
from tests.integration.conftest import broker_of, new_node
from tests.integration.mcp.conftest import collected_insights
from tests.integration.mcp.known_answers import fifty, wrong_answers

from freehold.demo import databases, processes
from freehold.demo.platform import LOOPBACK, run_command
from freehold.kernel.crypto import SealingKey, SigningKey
from freehold.node.initialization import initialize
from freehold.node.settings import NodeSettings

SEED = 72
ROUNDS = 40
CHARTS = 16
PERIODS = ("last_7d", "last_28d", "last_90d", "last_month")
GOALS = {
    "list_metrics": 300, "query_metrics": 300, "compare_periods": 300, "top_posts": 300, "recommendations": 300,
    "explain_change": 1000, "draw_chart": 2000,
}  # fmt: skip
SERVED = {
    "FREEHOLD_NODE_SCHEDULES_ON": "false",
    "FREEHOLD_NODE_TOOL_CALLS_PER_MINUTE": UNLIMITED,
    "FREEHOLD_NODE_WORKFLOWS_PORT": "0",
}
REPORT_SECONDS = 10
REPORT_MEGABYTES = 300


@dataclass(frozen=True)
class Asked:
    """A question, and how long its answer took in milliseconds."""

    tool: str
    arguments: Mapping[str, Any]
    milliseconds: float


@dataclass(frozen=True)
class Reported:
    """A weekly report: seconds from its order to its files, and what its child took of them and of memory (MiB)."""

    seconds: float
    child_seconds: float
    child_megabytes: float


def questions(chance: random.Random) -> list[tuple[str, dict[str, Any]]]:
    """Questions of each kind, none of them quite like another."""
    found: list[tuple[str, dict[str, Any]]] = []
    for number in range(ROUNDS):
        period, account = chance.choice(PERIODS), f"act_{chance.randint(1, 5)}"
        accounts = {"account_ids": [account]} if number % 2 else {}
        ads = chance.choice(["spend_minor", "ctr", "impressions"])
        posts = chance.choice(["post_views", "engagement_rate"])
        split = {"dimensions": [chance.choice(["campaign", "ad", "platform"])]}
        found += [
            ("list_metrics", {}),
            ("query_metrics", {"metrics": [ads], "period": period, **split, **accounts}),
            ("query_metrics", {"metrics": ["account_views"], "period": period, "grain": "week"}),
            ("query_metrics", {"metrics": [posts], "period": period, "dimensions": ["format"]}),
            ("compare_periods", {"metrics": [ads], "period": period, **split, **accounts}),
            ("top_posts", {"metric": posts, "period": period}),
            ("explain_change", {"metric": ads, "period": period, **accounts}),
            ("explain_change", {"metric": "account_views", "period": period}),
            ("recommendations", {"limit": chance.choice([10, 20, 100]), **accounts}),
        ]
    for _ in range(CHARTS):
        dimension = chance.choice(["campaign", "platform"])
        found.append(("draw_chart", {"metric": "spend_minor", "period": "last_90d", "dimension": dimension}))
    return found


async def known() -> tuple[int, list[str]]:
    """How many questions with known answers were asked, and what was told otherwise."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="freehold-bench-")))

        async def serve(app: ASGIApp) -> str:
            return await stack.enter_async_context(serving(app))

        tools = await collected_insights(lambda **chosen: new_node(stack, serve, folder, **chosen), serve)
        key = await tools.other_key("tools:read", "tools:write")
        asked = fifty(tools.stage.meta.sandbox)
        client = await stack.enter_async_context(tools.client(path="/mcp/all", key=key))
        return len(asked), await wrong_answers(client, asked)


@asynccontextmanager
async def served(url: str, folder: Path) -> AsyncIterator[tuple[ToolServer, Path, int]]:
    """A node over a filled database, served by a process of its own; gives its tools, its log, and the rows it has."""
    settings = NodeSettings(
        client_id="bench", company_name="Bench", data_dir=folder, database_url=url, allowed_networks=(LOOPBACK,)
    )
    async with serving(broker_of(SigningKey.generate(), SealingKey.generate())) as broker:
        await initialize(settings, broker, "http://127.0.0.1:3006")
    rows = await ten_million_rows.fill(url)
    scopes = ("--scope", "tools:read", "--scope", "tools:write")
    key = (await run_command(["node", "keys", "add", "bench", *scopes, "--data", str(folder)]))["key"]
    log = folder / "serve.log"
    command = ["node", "serve", "--data", str(folder), "--only", "workflows"]
    program = await processes.start("node", command, SERVED, log)
    try:
        address = f"http://127.0.0.1:{program.ports['workflows']}/mcp/all"
        yield ToolServer("Freehold", address, key, program.process.pid), log, rows
    finally:
        await program.stop()


async def ask_all(client: aiohttp.ClientSession, node: ToolServer) -> list[Asked]:
    """Every answer's time, after one round that is not counted."""
    chance = random.Random(SEED)  # noqa: S311 - chooses questions, no secrets
    found = []
    for number, (tool, arguments) in enumerate([*questions(chance)[:9], *questions(chance)]):
        told, _ = await call(client, node, tool, arguments)
        if number >= 9:
            found.append(Asked(tool, arguments, told.milliseconds))
    return found


async def report(client: aiohttp.ClientSession, node: ToolServer, log: Path) -> Reported:
    """The report of the newest whole week, in all its forms."""
    told, _ = await call(client, node, "generate_report", {"kind": "week"})
    lines = [json.loads(line) for line in log.read_text().splitlines() if "report.printed" in line]
    spent = lines[-1]
    return Reported(told.milliseconds / 1000, spent["seconds"], spent["peak_mib"])


async def measured(url: str) -> tuple[int, list[Asked], Reported, float]:
    """Rows, every answer's time, the report, and the MB of the node that answered."""
    with tempfile.TemporaryDirectory(prefix="freehold-bench-") as name:
        async with served(url, Path(name) / "node") as (node, log, rows), aiohttp.ClientSession() as client:
            asked = await ask_all(client, node)
            made = await report(client, node, log)
            return rows, asked, made, resident_megabytes(node.pid)


def row_of(tool: str, asked: Sequence[Asked]) -> dict[str, Any]:
    """A tool's times, and its slowest question."""
    times = [each.milliseconds for each in asked]
    slowest = max(asked, key=lambda each: each.milliseconds)
    return {
        "what": tool,
        "questions": len(asked),
        "p50 ms": round(statistics.median(times), 1),
        "p95 ms": round(statistics.quantiles(times, n=20, method="inclusive")[-1], 1),
        "most ms": round(slowest.milliseconds, 1),
        "slowest": str(slowest.arguments),
    }


def main() -> None:
    """Measure, print, write the result."""
    count, wrong = asyncio.run(known())
    for each in wrong:
        print(each)
    with databases.postgres() as server:
        asyncio.run(ten_million_rows.configure(server.url("postgres")))
        server.run("pg_ctl", "-D", server.folder / "data", "-w", "restart")
        total, asked, made, megabytes = asyncio.run(measured(server.url("postgres")))
    rows = [row_of(tool, [each for each in asked if each.tool == tool]) for tool in GOALS]
    goals = [
        Goal(f"wrong answers to {count} questions with known answers", 0, len(wrong)),
        *(Goal(f"ms of {row['what']} over {total:,} rows, p95", GOALS[row["what"]], row["p95 ms"]) for row in rows),
        Goal("seconds of a weekly report of five accounts over two years", REPORT_SECONDS, round(made.seconds, 1)),
        Goal("MB that the report's child takes at most", REPORT_MEGABYTES, made.child_megabytes),
    ]
    report_row = {
        "what": "generate_report",
        "questions": 1,
        "s": round(made.seconds, 1),
        "s of its child": made.child_seconds,
    }
    publish("answers", [*rows, report_row, {"what": "the node after all that", "MB": round(megabytes)}], goals)
