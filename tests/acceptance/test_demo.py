"""The main job in one command, and the proof that it leaves no secret behind."""

import asyncio
import contextlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.programs import freehold

from freehold.demo import processes

CALLS_PER_TOKEN = 200
pytestmark = pytest.mark.xdist_group("platform")


async def test_the_demo_does_the_main_job(tmp_path: Path) -> None:
    """Two clients connect, 90 days come home within the ceiling, each gets a report with pictures."""
    status, out, err = await freehold("demo", "--once", "--json", "--data", str(tmp_path / "demo"))
    assert status == 0, err
    told: dict[str, Any] = json.loads(out.splitlines()[-1])
    assert told["seconds"] > 0
    assert [client["client_id"] for client in told["clients"]] == ["lumen-ceramics", "northwind-coffee"]
    for client in told["clients"]:
        assert client["instagram_posts"] > 10
        assert client["instagram_insights"] > 90 * 12
        assert client["ad_campaigns"] > 3
        assert client["ad_insights"] > 500
        assert 0 < client["graph_calls"] <= CALLS_PER_TOKEN
        check_report(Path(client["report"]).read_text())
    check_logs(tmp_path / "demo")


def check_report(html: str) -> None:
    """Self-contained: pictures inside, no script, nothing loaded from anywhere."""
    assert html.count("<svg ") >= 6
    assert "<script" not in html
    assert not re.search(r"(?:src|href)=\"(?!#|data:|https://www\.(?:instagram|facebook)\.com/)", html)
    for words in ("Views and reach by day", "Best posts", "Cost per result", "is unavailable, not zero"):
        assert words in html


def check_logs(folder: Path) -> None:
    """Every line of every service is JSON; requests carry an id; no query string is written down."""
    for log in folder.glob("*.log"):
        for line in log.read_text().splitlines():
            event = json.loads(line)
            assert event["service"]
            if event["event"] == "http.answered":
                assert event["request_id"]
                assert "?" not in event["path"]


async def test_a_demo_that_is_told_to_stop_leaves_nothing_running(tmp_path: Path) -> None:
    """SIGTERM, as a supervisor sends it, ends the programs that the demo started too."""
    data = tmp_path / "demo"
    process = await asyncio.create_subprocess_exec(
        *processes.command("demo", "--clients", "1", "--data", str(data)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env=processes.inherited_environment(),
    )
    while not (data / "broker.log").exists() or "listener.ready" not in (data / "broker.log").read_text():
        assert process.returncode is None
        await asyncio.sleep(0.1)
    assert running_in(data)
    process.terminate()
    async with asyncio.timeout(30):
        assert await process.wait() == 143
    assert not running_in(data)


def running_in(folder: Path) -> list[str]:
    """The command lines of processes that name a folder, the demo itself left out."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = path.read_bytes().decode(errors="replace").split("\0")
            if any(word.startswith(str(folder)) for word in words) and "demo" not in words:
                found.append(" ".join(words))
    return found


async def test_a_full_folder_is_refused(tmp_path: Path) -> None:
    """The demo overwrites nothing, and says what to do."""
    (tmp_path / "something").touch()
    status, _, err = await freehold("demo", "--once", "--data", str(tmp_path))
    assert status == 1
    assert "is not empty" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
async def test_no_secret_is_left_behind(store: str, tmp_path: Path) -> None:
    """Marked tokens, codes and secrets are found nowhere centrally, and on the node only as ciphertext."""
    extra = ["--sqlite"] if store == "sqlite" else []
    status, out, err = await freehold("prove", "--json", "--data", str(tmp_path / "proof"), *extra)
    told = json.loads(out.splitlines()[-1])
    assert told["findings"] == []
    assert status == 0, err
    assert told["clean"]
    assert told["ciphertexts"] == 1
    assert {
        "token and code",
        "app secret",
        "node's key",
        "administrator's key",
        "one-time code",
        "one-time handle",
    } <= set(told["marks"])
    searched = {place["name"]: place["bytes"] for place in told["searched"]}
    assert all(searched.values())
    assert ("PostgreSQL's dump (registry, audit rows)" in searched) == (store == "postgresql")
    assert "Where the marks are" in Path(told["page"]).read_text()
