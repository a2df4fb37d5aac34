"""Connects clients, collects their data and writes their reports, all on this machine.

Everything is started as an operator would start it: the sandbox, the broker and one process per node. The people are
played by a script that walks the real pages, unless a person does it with `--browser`.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from freehold.demo import client, platform, walk
from freehold.demo.client import Collected
from freehold.demo.platform import NodeProcess, Platform

DAYS = 90


@dataclass(frozen=True)
class Options:
    """What the demo is asked: how many clients, where its data go, and whether a person walks the pages."""

    data_dir: Path
    clients: int = 2
    browser: bool = False


@dataclass(frozen=True)
class Told:
    """How the demo tells what it does: `step` a line, `link` a link to open, `progress` (client, share of 1, doing)."""

    step: Callable[[str], None]
    link: Callable[[str, str], None]
    progress: Callable[[str, float, str], None]


@dataclass(frozen=True)
class Result:
    """What the demo did; `report` of each client is a file."""

    seconds: float
    clients: tuple[Collected, ...]
    platform: Platform = field(repr=False)

    def as_json(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        return {"seconds": round(self.seconds, 1), "clients": [done.as_json() for done in self.clients]}


async def run(options: Options, told: Told) -> Result:
    """Do the main job; the programs run on until `result.platform.stop()`. Raises `StartError`, `WalkError`."""
    started = time.monotonic()
    told.step("Starting the sandbox, the broker and one node for each client")
    running = await platform.start(options.data_dir, client.CAST[: options.clients])
    try:
        for node in running.nodes:
            told.step(f"{node.member.company_name} authorises through its connect link")
            await connect(running, node, told if options.browser else None)
        told.step(f"Collecting {DAYS} days within the limits")
        done = await asyncio.gather(*(client.collect(node, DAYS, told.progress) for node in running.nodes))
    except BaseException:
        await running.stop()
        raise
    return Result(time.monotonic() - started, tuple(done), running)


async def connect(running: Platform, node: NodeProcess, by_hand: Told | None = None) -> None:
    """Bring a grant home: from a fresh connect link to the ticked assets. `by_hand`: a person does it in a browser."""
    link = await running.connect_link(node.member.client_id)
    if by_hand is not None:
        by_hand.link(node.member.company_name, link)
        await client.wait_for_confirmation(node)
        return
    async with walk.new_session(running.broker_url, node.pages_url) as session:
        walker = walk.Walker(session)
        picker = await walk.connect(walker, link, node.member.person, client.consent(node.member))
        await walker.submit(client.choice(node.member)(picker.form()))
