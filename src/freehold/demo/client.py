"""The demo's clients: who they are, what their person ticks, and how their data come home."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from freehold.demo import processes
from freehold.demo.forms import Form
from freehold.demo.platform import Member, NodeProcess, run_command
from freehold.demo.processes import StartError

CAST = (
    Member(
        "lumen-ceramics",
        "Lumen Ceramics",
        "10220000000000001",
        ("10500000000000001", "17841400000000001", "act_88800000000001"),
    ),
    Member(
        "northwind-coffee",
        "Northwind Coffee",
        "10220000000000002",
        ("10500000000000002", "17841400000000002", "act_88800000000002"),
    ),
    Member(
        "tidewater-surf",
        "Tidewater Surf School",
        "10220000000000003",
        ("10500000000000003", "17841400000000003", "act_88800000000003"),
    ),
    Member(
        "hanami-stationery",
        "Hanami Stationery",
        "10220000000000004",
        ("10500000000000004", "17841400000000004", "act_88800000000004"),
    ),
)
"""The clients, in the order in which they take part."""
POLL_SECONDS = 1.0

Tell = Callable[[str, float, str], None]
"""Told of a client's name, the share of its collection that is done, and what is being read."""


@dataclass(frozen=True)
class Collected:
    """What a client has at home now; `report` is a file, `link` opens it from the node."""

    client_id: str
    instagram_posts: int
    instagram_insights: int
    ad_campaigns: int
    ad_insights: int
    graph_calls: int
    report: str
    link: str

    def as_json(self) -> dict[str, Any]:
        """The client's entry in what `--json` prints."""
        return asdict(self)


def consent(member: Member) -> Callable[[Form], Form]:
    """Fills in the provider's form: this client's assets and every permission."""

    def fill(form: Form) -> Form:
        ticked = form.choose("asset", *member.assets).choose("permission", *form.choices("permission"))
        return ticked.choose("decision", "allow")

    return fill


def choice(member: Member) -> Callable[[Form], Form]:
    """Fills in the node's picker: this client's assets."""
    return lambda form: form.choose("asset", *(asset for asset in member.assets if asset in form.choices("asset")))


async def wait_for_confirmation(node: NodeProcess) -> None:
    """Until a person has ticked assets on the node's page."""
    while True:
        found = await assets(node)
        if any(asset["confirmed_at"] for asset in found):
            return
        await asyncio.sleep(POLL_SECONDS)


async def collect(node: NodeProcess, days: int, tell: Tell) -> Collected:
    """Collect the client's last days and write its report; raises `StartError` when either fails."""
    name, data = node.member.company_name, str(node.data_dir)
    done = await _collect(node, days, lambda share, doing: tell(name, share * 0.95, doing))
    written = await run_command(["node", "report", "--data", data, "--days", str(days)])
    tell(name, 1.0, "report written")
    counted = {key: done[key] for key in ("instagram_posts", "instagram_insights", "ad_campaigns", "ad_insights")}
    return Collected(
        client_id=node.member.client_id,
        graph_calls=done["graph_calls"],
        report=str(written["report"]),
        link=str(written["link"]),
        **counted,
    )


async def _collect(node: NodeProcess, days: int, tell: Callable[[float, str], None]) -> dict[str, Any]:
    """Run `freehold node collect` and pass its progress on; gives what it counted."""
    arguments = ("node", "collect", "--data", str(node.data_dir), "--days", str(days), "--json")
    other: list[str] = []
    async with processes.running(*arguments) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        async for line in process.stderr:
            event = _progress(line)
            if event is None:
                other.append(line.decode(errors="replace").strip())
            else:
                tell(float(event["progress"]), str(event["doing"]))
        printed = (await process.stdout.read()).decode()
        status = await process.wait()
    if status:
        raise StartError(f"the collection of {node.member.client_id} failed: {' '.join(other)[-500:]}")
    counted: dict[str, Any] = json.loads(printed.strip().splitlines()[-1])
    return counted


def _progress(line: bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "progress" in event else None


async def assets(node: NodeProcess) -> list[dict[str, Any]]:
    """What the node's authorisations cover, as `freehold node assets` tells it."""
    async with processes.running("node", "assets", "--data", str(node.data_dir), "--json") as process:
        out, _ = await process.communicate()
    found: list[dict[str, Any]] = json.loads(out.decode().strip().splitlines()[-1])
    return found
