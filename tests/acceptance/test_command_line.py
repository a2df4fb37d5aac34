"""The operator's day at the command line, against a running broker."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from tests.acceptance.programs import freehold

from freehold.demo.platform import Platform
from freehold.node.context import open_node
from freehold.node.runs.queries import Order, create
from freehold.node.settings import NodeSettings

pytestmark = pytest.mark.xdist_group("platform")


def of(running: Platform) -> dict[str, str]:
    """How the commands find the broker."""
    return {"FREEHOLD_BROKER_URL": running.broker_url, "FREEHOLD_ADMIN_KEY": running.admin_key}


async def test_the_operator_manages_clients_and_testers(running: Platform) -> None:
    """List, show, change, link, withdraw, rotate, record testers, look at events: each tells what it did as JSON."""
    environment = of(running)

    async def told(*arguments: str) -> object:
        status, out, err = await freehold(*arguments, "--json", environment=environment)
        assert status == 0, err
        return json.loads(out.strip().splitlines()[-1])

    clients = await told("clients", "list")
    assert isinstance(clients, list)
    assert {client["client_id"] for client in clients} == {"lumen-ceramics", "northwind-coffee"}
    assert "fhvm_" not in json.dumps(clients)
    changed = await told("clients", "update", "lumen-ceramics", "--set", "vm_url=http://127.0.0.1:3999")
    assert isinstance(changed, dict)
    assert changed["status"] == "paused"
    refused = await freehold("clients", "link", "lumen-ceramics", environment=environment)
    assert refused[0] == 1
    assert "Traceback" not in refused[2]
    await told("clients", "confirm", "lumen-ceramics")
    link = await told("clients", "link", "lumen-ceramics", "--hours", "1")
    assert isinstance(link, dict)
    assert link["url"].startswith(f"{running.broker_url}/auth/meta?client_id=lumen-ceramics&link=")
    withdrawn = await freehold(
        "clients", "link", "lumen-ceramics", "--revoke", link["link_id"], environment=environment
    )
    assert withdrawn[0] == 0
    key = await told("clients", "rotate-key", "lumen-ceramics")
    assert isinstance(key, dict)
    assert key["vm_api_key"].startswith("fhvm_")
    added = await told("testers", "add", "Mara", "mara.lindqvist", "--client-id", "lumen-ceramics")
    assert isinstance(added, dict)
    assert await told("testers", "list") == [added]
    events = await told("events", "--client", "lumen-ceramics")
    assert isinstance(events, list)
    assert {"link.made", "admin.client_changed"} <= {event["step"] for event in events}
    removed = await freehold("clients", "remove", "lumen-ceramics", "--yes", environment=environment)
    assert removed[0] == 0


MISTAKES = (
    (("clients", "show", "nobody"), "client_unknown"),
    (("clients", "update", "lumen-ceramics", "--set", "vm_url=http://169.254.169.254/"), "address"),
    (("clients", "update", "lumen-ceramics", "--set", "nothing"), "name=value"),
    (("clients", "add", "--registration", __file__), "not JSON"),
)


async def test_a_mistake_is_answered_with_a_clear_line(running: Platform) -> None:
    """Unknown client, refused address, malformed change, wrong file: one line that says what and what to do."""
    for arguments, says in MISTAKES:
        status, _, err = await freehold(*arguments, environment=of(running))
        assert status != 0
        assert "Traceback" not in err
        assert says in err


async def test_a_wrong_key_and_a_broker_that_is_away_are_told_apart(running: Platform, tmp_path: Path) -> None:
    """Neither shows a stack trace."""
    wrong = await freehold(
        "clients",
        "list",
        environment={"FREEHOLD_BROKER_URL": running.broker_url, "FREEHOLD_ADMIN_KEY": "fhadmin_wrong"},
    )
    away = await freehold(
        "clients", "list", environment={"FREEHOLD_BROKER_URL": "http://127.0.0.1:9", "FREEHOLD_ADMIN_KEY": "x"}
    )
    nowhere = await freehold("node", "collect", "--data", str(tmp_path / "nothing"))
    for status, _, err in (wrong, away, nowhere):
        assert status == 1
        assert "Traceback" not in err
    assert "admin_key_wrong" in wrong[2]
    assert "admin_key_wrong" not in away[2]


async def test_a_rotated_key_is_taken_by_the_node(running: Platform) -> None:
    """The node's old key is refused by the broker; after the new one is set the node is served again."""
    node, environment = running.nodes[0], of(running)
    _, out, _ = await freehold("clients", "rotate-key", node.member.client_id, "--json", environment=environment)
    key = json.loads(out)["vm_api_key"]
    data = str(node.data_dir)
    assert (await freehold("node", "connect-link", "--data", data))[0] == 1
    assert (await freehold("node", "set-broker-key", "--data", data, "--key", key))[0] == 0
    status, out, err = await freehold("node", "connect-link", "--data", data, "--json")
    assert status == 0, err
    assert json.loads(out)["client_id"] == node.member.client_id


async def test_runs_are_listed_and_shown_as_the_guide_says(running: Platform) -> None:
    """The options stand behind the command; machines get times as the API gives them, people whole names of runs."""
    node = running.nodes[0]
    data = ("--data", str(node.data_dir))
    run_id = "ads_daily:written-by-a-test"
    async with open_node(NodeSettings.load(node.data_dir)) as opened, opened.database.writing() as session:
        await create(session, Order(run_id, "ads_daily", "command"), opened.clock.now())
    status, out, err = await freehold("node", "runs", "show", run_id, *data, "--json")
    assert status == 0, err
    assert datetime.fromisoformat(json.loads(out)["created_at"]).tzinfo is not None
    assert "T" in json.loads(out)["created_at"]
    status, out, err = await freehold("node", "runs", *data)
    assert status == 0, err
    assert run_id in out
    unknown = await freehold("node", "runs", "cancel", "nothing", *data)
    assert unknown[0] == 1
    assert "no run nothing" in unknown[2]
    without = await freehold("node", "runs")
    assert without[0] != 0
    assert "--data" in without[2]
