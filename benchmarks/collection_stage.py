"""A sandbox, a broker and connected nodes as processes, and the sandbox's own count of what each run asks for."""

import http.client
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from freehold.demo import client, platform, processes, walk
from freehold.demo.platform import APP_ID, Member, NodeProcess, Platform, Secrets
from freehold.sandbox.meta.world.people import World, build_world
from freehold.sandbox.settings import SandboxSettings, Scale

APP_SECRET = "benchmark-app-secret"  # noqa: S105 - of an app that exists in the sandbox alone
INSTAGRAM = Member("lumen", "Lumen Ceramics", "10220000000000001", ("10500000000000001", "17841400000000001"))
ADS = Member("northwind", "Northwind Coffee", "10220000000000002", ("act_88800000000002",))
UNLIMITED = "1000000000"
SANDBOX_LIMITS = {
    f"FREEHOLD_SANDBOX_LIMITS__{name}": UNLIMITED
    for name in (
        "PLATFORM_APP_PER_USER_HOUR",
        "PLATFORM_USER_HOUR",
        "INSTAGRAM_DAY_MINIMUM",
        "PAGES_DAY",
        "ADS_MANAGEMENT_HOUR",
        "ADS_INSIGHTS_HOUR",
        "SCORE_MAXIMUM",
    )
} | {"FREEHOLD_SANDBOX_LIMITS__TIER": "standard_access", "FREEHOLD_SANDBOX_LIMITS__HEADERS_FROM_PERCENT": "0"}
"""Quotas that nobody reaches: what is compared is what a run asks for, not how long it then waits.

A node goes by the tier that each answer tells it, too: in the first one it keeps by itself to a read of ads in five
seconds after the first sixty.
"""
FAVOURS = {
    "FREEHOLD_SANDBOX_ADS_REPORT_SECONDS": "0.001",
    "FREEHOLD_SANDBOX_STRICT_TIMEFRAME": "false",
    "FREEHOLD_SANDBOX_UPGRADE_DEAD_VERSIONS": "true",
}
"""What spares the peers calls and time: ordered reports are ready at once, an omitted parameter is forgiven, and a
version that Meta has ended goes on as the newest."""
NODE_LIMITS = {
    "FREEHOLD_NODE_CEILING_PER_HOUR": UNLIMITED,
    "FREEHOLD_NODE_APP_SHARE_PER_USER": UNLIMITED,
    "FREEHOLD_NODE_ALLOWED_NETWORKS": platform.LOOPBACK,
}


@dataclass(frozen=True)
class Spent:
    """What a run took: Graph calls as the sandbox counts them, seconds, CPU seconds, MB at most."""

    calls: int
    wall: float
    cpu: float
    peak_megabytes: float
    output: str


@dataclass(frozen=True)
class Stage:
    """What is running. Its sandbox's world stands at `epoch`, when it started, and its time is the machine's."""

    folder: Path
    platform: Platform
    scale: Mapping[int, Scale]
    epoch: datetime

    def world(self) -> World:
        """The sandbox's world, made again from what it was made from."""
        settings = SandboxSettings(epoch=self.epoch, scale=dict(self.scale))
        return build_world(settings.seed, self.epoch, 0, settings.scale)

    def copy_of_node(self, member: Member, name: str) -> Path:
        """A connected node's folder as it was before anything was collected, for one run."""
        copy = self.folder / "copies" / name
        shutil.copytree(self.platform.data_dir / "nodes" / member.client_id, copy)
        return copy

    def token(self, member: Member) -> str:
        """A fresh user token of a member's person for the member's assets, got through the dialog."""
        redirect = f"{self.platform.broker_url}/callback/meta"
        asked = {"client_id": APP_ID, "redirect_uri": redirect, "state": "s", "scope": ",".join(SCOPES)}
        form = [("person", member.person), ("decision", "allow")]
        form += [("permission", scope) for scope in SCOPES] + [("asset", asset) for asset in member.assets]
        _, location = self._ask("POST", f"/v26.0/dialog/oauth?{urlencode(asked)}", urlencode(form))
        code = parse_qs(urlsplit(location).query)["code"][0]
        app = {"client_id": APP_ID, "client_secret": APP_SECRET}
        short = self._exchange({**app, "redirect_uri": redirect, "code": code})
        return self._exchange({**app, "grant_type": "fb_exchange_token", "fb_exchange_token": short})

    def _exchange(self, asked: Mapping[str, str]) -> str:
        body, _ = self._ask("GET", f"/v26.0/oauth/access_token?{urlencode(asked)}")
        return str(json.loads(body)["access_token"])

    def calls(self) -> int:
        """Graph calls since they were forgotten; each part of a batch is one."""
        body, _ = self._ask("GET", "/_sandbox/calls")
        return int(json.loads(body)["total"])

    def forget_calls(self) -> None:
        """Begin to count anew."""
        self._ask("DELETE", "/_sandbox/calls")

    def exact_calls(self) -> list[tuple[str, int]]:
        """The same by address, in the order in which each was first called, and how often."""
        body, _ = self._ask("GET", "/_sandbox/calls/exact")
        return [(row["url"], row["calls"]) for row in json.loads(body)]

    def spent(self, command: Sequence[str], environment: Mapping[str, str]) -> Spent:
        """Run a program to its end; raises `RuntimeError` with its last words when it fails."""
        self.forget_calls()
        with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
            started = time.perf_counter()
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env={**clean_environment(), **environment}
            )
            _, status, used = os.wait4(process.pid, 0)
            wall = time.perf_counter() - started
            process.returncode = os.waitstatus_to_exitcode(status)
            for stream in (out, err):
                stream.seek(0)
            printed, said = out.read(), err.read()
        if process.returncode:
            last_words = said[-1500:] + printed[-1500:]
            raise RuntimeError(f"{Path(command[0]).name} ended with {process.returncode}: {last_words}")
        return Spent(self.calls(), wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, printed)

    def _ask(self, method: str, target: str, body: str | None = None) -> tuple[str, str]:
        """Body and Location of the sandbox's answer."""
        url = urlsplit(self.platform.sandbox_url)
        connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=60)
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        connection.request(method, target, body, headers)
        answer = connection.getresponse()
        read = answer.read().decode()
        connection.close()
        if answer.status >= 400:
            raise RuntimeError(
                f"the sandbox answered {answer.status} to {method} {urlsplit(target).path}: {read[:300]}"
            )
        return read, answer.headers.get("Location", "")


SCOPES = (
    "pages_show_list",
    "pages_read_engagement",
    "business_management",
    "instagram_basic",
    "instagram_manage_insights",
    "ads_read",
    "ads_management",
)


def clean_environment() -> dict[str, str]:
    """This process's environment without what concerns other installations or Python's own paths."""
    return {name: value for name, value in processes.inherited_environment().items() if name != "PYTHONPATH"}


async def _connect(running: Platform, node: NodeProcess) -> None:
    """Bring a member's grant home and tick what is to be collected; a page is but the way to its Instagram account."""
    member = node.member
    collected = replace(member, assets=tuple(asset for asset in member.assets if not asset.startswith("105")))
    async with walk.new_session(running.broker_url, node.pages_url) as session:
        walker = walk.Walker(session)
        link = await running.connect_link(member.client_id)
        picker = await walk.connect(walker, link, member.person, client.consent(member))
        await walker.submit(client.choice(collected)(picker.form()))


@asynccontextmanager
async def staged(scale: Mapping[int, Scale], members: Sequence[Member]) -> AsyncIterator[Stage]:
    """Everything started and every member connected; `scale` is the sandbox's, by number of a business."""
    with tempfile.TemporaryDirectory(prefix="freehold-bench-") as folder:
        epoch = datetime.now(UTC).replace(microsecond=0)
        sandbox = {
            **SANDBOX_LIMITS,
            "FREEHOLD_SANDBOX_EPOCH": epoch.isoformat(),
            "FREEHOLD_SANDBOX_SCALE": json.dumps({number: size.model_dump() for number, size in scale.items()}),
            **FAVOURS,
        }
        running = await platform.start(
            Path(folder) / "platform", members, Secrets(APP_SECRET), sandbox_environment=sandbox
        )
        try:
            for node in running.nodes:
                await _connect(running, node)
                await node.program.stop()
            yield Stage(Path(folder), running, scale, epoch)
        finally:
            await running.stop()
