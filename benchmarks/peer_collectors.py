"""Other collectors, unmodified: each is installed by pip into an environment of its own and run as its own program.

They know nothing of the sandbox: `peers/redirect/sitecustomize.py`, which Python imports at its start, sends what they
ask of Meta's Graph API there.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from benchmarks.collection_stage import Spent, Stage, clean_environment

PYTHON = "python3.11"
"""airbyte-source-instagram 4.1 needs a Python before 3.12."""
REDIRECT = Path(__file__).parent / "peers" / "redirect"
TAP_STREAMS = ("campaigns", "adsets", "ads", "adcreative", "ads_insights")
TAP_BUFFER_DAYS = 28
"""The tap begins so many days before its start date."""


@dataclass(frozen=True)
class Peer:
    """A program from the package index at one version."""

    package: str
    version: str
    program: str

    @property
    def name(self) -> str:
        """How tables call it."""
        return f"{self.package} {self.version}"


AIRBYTE = Peer("airbyte-source-instagram", "4.1.0", "source-instagram")
TAP = Peer("tap-facebook", "1.26.0", "tap-facebook")


def installed(peer: Peer) -> Path:
    """The peer's program, installed once for each version under the user's cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "freehold" / "peers" / f"{peer.package}-{peer.version}"
    program, complete = folder / "bin" / peer.program, folder / "complete"
    if not complete.exists():
        interpreter = shutil.which(PYTHON)
        if interpreter is None:
            raise RuntimeError(f"{peer.name} needs {PYTHON}, which is not installed")
        subprocess.run([interpreter, "-m", "venv", "--clear", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        command = [*pip, f"{peer.package}=={peer.version}"]
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=clean_environment())
        if done.returncode:
            raise RuntimeError(f"{peer.name} could not be installed: {done.stderr[-1000:]}")
        complete.touch()
    return program


def start_airbyte(stage: Stage) -> Spent:
    """Start the program and have it do nothing but say what it is."""
    return _spent(stage, AIRBYTE, ["spec"])


def start_tap(stage: Stage, token: str, account_id: str) -> Spent:
    """Start the program and have it do nothing but say what it offers, for which it looks up the account."""
    config = _written(_folder(stage, TAP) / "config.json", _tap_config(token, account_id, stage.epoch.date(), 1))
    return _spent(stage, TAP, ["--config", config, "--discover"])


def run_airbyte(stage: Stage, token: str, days: int) -> Spent:
    """A first sync of all streams, as its own catalog offers them."""
    folder = _folder(stage, AIRBYTE)
    start = stage.epoch.date() - timedelta(days=days)
    config = _written(folder / "config.json", {"access_token": token, "start_date": f"{start}T00:00:00Z"})
    printed = _printed(stage, AIRBYTE, ["discover", "--config", config])
    messages = [json.loads(line) for line in printed.splitlines() if line.startswith("{")]
    streams = next(message["catalog"]["streams"] for message in messages if message["type"] == "CATALOG")
    chosen = [
        {
            "stream": stream,
            "sync_mode": "incremental" if "incremental" in stream["supported_sync_modes"] else "full_refresh",
            "destination_sync_mode": "append",
        }
        for stream in streams
    ]
    catalog = _written(folder / "catalog.json", {"streams": chosen})
    return _spent(stage, AIRBYTE, ["read", "--config", config, "--catalog", catalog])


def airbyte_records(output: str) -> dict[str, int]:
    """How many records of each stream a sync printed."""
    messages = (json.loads(line) for line in output.splitlines() if line.startswith('{"type":"RECORD"'))
    return _counted([message["record"]["stream"] for message in messages])


def run_tap(stage: Stage, token: str, account_id: str, days: int) -> Spent:
    """A first sync of the account's structure and of its ads' insights on the last `days` whole days."""
    folder, last = _folder(stage, TAP), stage.epoch.date() - timedelta(days=1)
    config = _written(folder / "config.json", _tap_config(token, account_id, last, days))
    catalog = json.loads(_printed(stage, TAP, ["--config", config, "--discover"]))
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            entry["metadata"]["selected"] = stream["tap_stream_id"] in TAP_STREAMS
    chosen = _written(folder / "catalog.json", catalog)
    return _spent(stage, TAP, ["--config", config, "--properties", chosen])


def _tap_config(token: str, account_id: str, last: date, days: int) -> dict[str, str]:
    begins = last - timedelta(days=days - 1)
    return {
        "access_token": token,
        "account_id": account_id.removeprefix("act_"),
        "start_date": f"{begins + timedelta(days=TAP_BUFFER_DAYS)}T00:00:00Z",
        "end_date": f"{last}T00:00:00Z",
        "insights_buffer_days": str(TAP_BUFFER_DAYS),
    }


def tap_records(output: str) -> dict[str, int]:
    """How many records of each stream a sync printed."""
    messages = (json.loads(line) for line in output.splitlines() if line.startswith('{"type": "RECORD"'))
    return _counted([message["stream"] for message in messages])


def _counted(names: Sequence[str]) -> dict[str, int]:
    return {name: names.count(name) for name in sorted(set(names))}


def _folder(stage: Stage, peer: Peer) -> Path:
    folder = stage.folder / peer.package
    folder.mkdir(exist_ok=True)
    return folder


def _written(path: Path, content: Any) -> str:
    path.write_text(json.dumps(content))
    return str(path)


def _printed(stage: Stage, peer: Peer, arguments: Sequence[str]) -> str:
    return _spent(stage, peer, arguments).output


def _spent(stage: Stage, peer: Peer, arguments: Sequence[str]) -> Spent:
    there = {"GRAPH_SANDBOX": stage.platform.sandbox_url, "PYTHONPATH": str(REDIRECT)}
    return stage.spent([str(installed(peer)), *arguments], there)
