"""What ten common tools for Meta ads cost: Freehold's node beside meta-ads-mcp, called over MCP by the same client.

One sandbox, in one run: an ad account with 100 ads. Each question is asked of both in turn, in blocks, first of a node
that has stored nothing, then of one that has just collected 90 days; the peer has no store, and is simply asked again.
A bare Graph call is the one that the node makes for the question, sent to the sandbox by the same client: nothing that
asks Meta can be quicker. The sandbox is on the same machine and answers in a few milliseconds, where Meta takes some
hundred, which flatters whoever asks it; no quota is reached, and the peer's old version of the API is still answered.
"""

import asyncio
import statistics
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import aiohttp
from benchmarks.collection_stage import ADS, NODE_LIMITS, Stage, staged
from benchmarks.results import Goal, cpu_seconds, publish
from benchmarks.tool_servers import PEER, ToolServer, ask, call, served_node, served_peer

from freehold.demo.platform import run_command
from freehold.node.mcp.meta_ads.tools import META_ADS
from freehold.sandbox.settings import Scale

SCALE = {2: Scale(ads=100)}
ACCOUNT = ADS.assets[0]
DAYS = 90
ROUNDS = 3
BLOCK = 10
"""Calls of one server before it is the other's turn; the kernel tells CPU in hundredths of a second."""
COLD, WARM = "nothing stored", "collected"
LIST_LIMIT = 40.0
"""KB of a list of tools at most: a model reads it before it does anything."""


@dataclass(frozen=True)
class Question:
    """A call that both servers understand; `rows` is where Freehold's answer has its list, if it is one."""

    what: str
    tool: str
    arguments: Mapping[str, Any]
    rows: str = ""


@dataclass
class Spent:
    """What calls took: milliseconds of each; CPU milliseconds and Graph calls of all; bytes and source of the last."""

    milliseconds: list[float] = field(default_factory=list)
    cpu: float = 0.0
    graph_calls: int = 0
    size: int = 0
    source: str = ""

    @property
    def middle(self) -> float:
        """Milliseconds of a call, the median."""
        return statistics.median(self.milliseconds)

    def columns(self, name: str) -> dict[str, Any]:
        """The part of a table's row that is about this server."""
        count = len(self.milliseconds)
        return {
            f"{name} p50 ms": round(self.middle, 1),
            f"{name} p95 ms": round(statistics.quantiles(self.milliseconds, n=20)[-1], 1),
            f"{name} CPU ms": round(self.cpu / count, 1),
            f"{name} Graph calls": round(self.graph_calls / count, 2),
            f"{name} bytes": self.size,
        }


@dataclass(frozen=True)
class Compared:
    """One question's cost in one state of the node; `bare` is empty where the node asks Meta nothing."""

    question: Question
    state: str
    ours: Spent
    theirs: Spent
    bare: Sequence[float]

    @property
    def overhead(self) -> float:
        """Milliseconds that the node adds to its Graph call, at the median."""
        return self.ours.middle - statistics.median(self.bare)

    @property
    def share(self) -> float:
        """The node's time as a share of the peer's, at the median."""
        return self.ours.middle / self.theirs.middle

    def row(self) -> dict[str, Any]:
        """The table's row."""
        return {
            "question": self.question.what,
            "node": self.state,
            "source": self.ours.source,
            "bare Graph call p50 ms": round(statistics.median(self.bare), 1) if self.bare else "",
            **self.ours.columns("Freehold"),
            **self.theirs.columns("peer"),
            "share of the peer's time": round(self.share, 3),
        }


async def questions(client: aiohttp.ClientSession, node: ToolServer) -> list[Question]:
    """The ten tools, about objects that the account has; results are asked of the account and by campaign."""
    account = {"account_id": ACCOUNT}
    page = {**account, "limit": 25}
    found = {}
    for tool, rows in (("get_campaigns", "campaigns"), ("get_adsets", "adsets"), ("get_ads", "ads")):
        _, answer = await call(client, node, tool, account)
        found[rows] = answer[rows][0]
    results = {"object_id": ACCOUNT, "time_range": "last_28d", "compact": True}
    return [
        Question("get_ad_accounts", "get_ad_accounts", {}, "accounts"),
        Question("get_account_info", "get_account_info", account),
        Question("get_campaigns", "get_campaigns", page, "campaigns"),
        Question("get_campaign_details", "get_campaign_details", {"campaign_id": found["campaigns"]["id"]}),
        Question("get_adsets", "get_adsets", page, "adsets"),
        Question("get_adset_details", "get_adset_details", {"adset_id": found["adsets"]["id"]}),
        Question("get_ads", "get_ads", page, "ads"),
        Question("get_ad_details", "get_ad_details", {"ad_id": found["ads"]["id"]}),
        Question("get_creative_details", "get_creative_details", {"creative_id": found["ads"]["creative_id"]}),
        Question("get_insights of the account", "get_insights", {**results, "level": "account"}, "rows"),
        Question("get_insights by campaign", "get_insights", {**results, "level": "campaign"}, "rows"),
    ]


async def compare(
    stage: Stage, client: aiohttp.ClientSession, servers: Sequence[ToolServer], question: Question, state: str
) -> Compared:
    """Ask both servers one question, and Meta what the node asks for it, in turn; the first answers are not counted."""
    node, peer = servers
    stage.forget_calls()
    _, answer = await call(client, node, question.tool, question.arguments)
    addresses = [url for url, _ in stage.exact_calls()]
    _, other = await call(client, peer, question.tool, question.arguments)
    _check(question, answer, other)
    ours, theirs, bare = Spent(source=answer["source"]), Spent(), list[float]()
    for _ in range(ROUNDS):
        for server, spent in ((node, ours), (peer, theirs)):
            await _block(stage, client, server, question, spent)
        if addresses:
            bare += [await _bare(stage, client, peer.bearer, addresses) for _ in range(BLOCK)]
    return Compared(question, state, ours, theirs, bare)


def _check(question: Question, answer: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    """Both have to tell of equally many rows, or what they cost is not comparable."""
    counts = (len(answer[question.rows]), len(other["data"])) if question.rows else (1, 1)
    if len(set(counts)) > 1:
        raise RuntimeError(f"{question.what}: {counts[0]} rows, and {counts[1]} of {PEER.name}")


async def _block(
    stage: Stage, client: aiohttp.ClientSession, server: ToolServer, question: Question, spent: Spent
) -> None:
    stage.forget_calls()
    cpu = cpu_seconds(server.pid)
    for _ in range(BLOCK):
        told, _ = await call(client, server, question.tool, question.arguments)
        spent.milliseconds.append(told.milliseconds)
        spent.size = told.size
    spent.cpu += (cpu_seconds(server.pid) - cpu) * 1000
    spent.graph_calls += stage.calls()


async def _bare(stage: Stage, client: aiohttp.ClientSession, token: str, addresses: Sequence[str]) -> float:
    """Milliseconds of the Graph calls at these addresses, one after the other."""
    began = perf_counter()
    for address in addresses:
        url = stage.platform.sandbox_url + address
        async with client.get(url, headers={"Authorization": f"Bearer {token}"}) as answer:
            read = await answer.read()
        if answer.status != 200:
            raise RuntimeError(f"the sandbox answered {answer.status}: {read[:300].decode()}")
    return (perf_counter() - began) * 1000


async def empty_calls(client: aiohttp.ClientSession, servers: Sequence[ToolServer]) -> dict[str, Any]:
    """What a call costs that does nothing: each server's protocol, key and records, below which no tool can be."""
    row: dict[str, Any] = {"question": "ping"}
    for name, server in zip(("Freehold", "peer"), servers, strict=True):
        cpu = cpu_seconds(server.pid)
        told = [await ask(client, server, "ping", {}) for _ in range(ROUNDS * BLOCK)]
        spent = (cpu_seconds(server.pid) - cpu) * 1000
        row |= Spent([each.milliseconds for each in told], spent, size=told[-1].size).columns(name)
    return row


async def list_sizes(client: aiohttp.ClientSession, node: ToolServer, peer: ToolServer) -> list[dict[str, Any]]:
    """How large the list of tools is: by default, of each toolset, of all, and the peer's only one."""
    paths = {"by default": "", **{name: f"/{name}" for name in META_ADS.toolsets}, "all": "/all"}
    rows = [await _list_size(client, node, what, path) for what, path in paths.items()]
    return [*rows, await _list_size(client, peer, PEER.name, "")]


async def _list_size(client: aiohttp.ClientSession, server: ToolServer, what: str, path: str) -> dict[str, Any]:
    told = await ask(client, server, "tools/list", {}, path)
    return {"question": f"tools/list: {what}", "tools": len(told.result["tools"]), "KB": round(told.size / 1000, 1)}


@asynccontextmanager
async def collected_node(stage: Stage) -> AsyncIterator[ToolServer]:
    """A served node that has collected its account."""
    folder = stage.copy_of_node(ADS, "collected")
    await run_command(["node", "collect", "--data", str(folder), "--days", str(DAYS)], NODE_LIMITS)
    async with served_node(stage, folder) as node:
        yield node


async def run() -> tuple[list[Compared], list[dict[str, Any]]]:
    """Both states of the node, beside the same peer."""
    async with (
        staged(SCALE, (ADS,)) as stage,
        served_peer(stage, stage.token(ADS)) as peer,
        aiohttp.ClientSession() as client,
    ):
        async with served_node(stage, stage.copy_of_node(ADS, "connected")) as node:
            asked = await questions(client, node)
            cold = [await compare(stage, client, (node, peer), question, COLD) for question in asked]
            sizes = [await empty_calls(client, (node, peer)), *await list_sizes(client, node, peer)]
        async with collected_node(stage) as node:
            warm = [await compare(stage, client, (node, peer), question, WARM) for question in asked]
    return [*cold, *warm], sizes


def goals_of(compared: Sequence[Compared], sizes: Sequence[Mapping[str, Any]]) -> list[Goal]:
    """The worst of all tools is what counts."""
    asking = [each for each in compared if each.bare]
    stored = [each for each in compared if each.state == WARM and each.ours.source == "stored"]
    shown = [row["KB"] for row in sizes if "KB" in row and not row["question"].endswith((": all", PEER.name))]
    return [
        Goal("ms that a tool adds to its Graph call, p50, the worst", 5, round(max(e.overhead for e in asking), 2)),
        Goal("time of a stored answer, as a share of the peer's, p50, the worst", 0.1, _worst(stored)),
        Goal("KB of a list of tools, by default or of a toolset, the largest", LIST_LIMIT, max(shown)),
    ]


def _worst(compared: Sequence[Compared]) -> float:
    return round(max(each.share for each in compared), 3)


def main() -> None:
    """Measure, print, write the result."""
    compared, sizes = asyncio.run(run())
    publish("mcp_tools", [*(each.row() for each in compared), *sizes], goals_of(compared, sizes))
