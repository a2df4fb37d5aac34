"""What the programs log while people connect: JSON alone, and one request's way from broker to node."""

import json
from pathlib import Path
from typing import Any

import pytest

from freehold.demo import client, walk
from freehold.demo.platform import Platform, run_command

pytestmark = pytest.mark.xdist_group("platform")


def logged(file: Path) -> list[dict[str, Any]]:
    """Every line of a log; each has to be a JSON object."""
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert all({"event", "level", "timestamp", "service"} <= line.keys() for line in lines)
    return lines


def answered(lines: list[dict[str, Any]], path: str) -> dict[str, Any]:
    """The line of the one request to a path."""
    (line,) = [line for line in lines if line["event"] == "http.answered" and line["path"] == path]
    return line


async def test_a_request_is_followed_from_broker_to_node(running: Platform) -> None:
    """The node's line of a delivery names the broker's request; a command of the node's answers none."""
    node = running.nodes[0]
    bare = f"{running.broker_url}/auth/meta?client_id={node.member.client_id}"
    async with walk.new_session(running.broker_url, node.pages_url) as session:
        await walk.connect(walk.Walker(session), bare, node.member.person, client.consent(node.member))
    await run_command(["node", "connect-link", "--data", str(node.data_dir)])

    folder = node.data_dir.parent.parent
    broker, receiver = logged(folder / "broker.log"), logged(folder / f"node-{node.member.client_id}.log")
    callback = answered(broker, "/callback/meta")
    assert answered(receiver, "/api/credentials")["caused_by"] == callback["request_id"]
    assert answered(receiver, "/api/credentials")["request_id"] != callback["request_id"]
    assert "caused_by" not in answered(broker, "/connect-links")  # a command of ours answers no request
