"""A client's whole machine: the real PostgreSQL, NocoDB and n8n set up by one command, and n8n's keys to the node."""

import contextlib
import json
import secrets
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from aiohttp import web
from tests.stack.automation import BY_HAND, Automation, library, until
from tests.stack.n8n import EMAIL, STRANGER

from freehold.node.bootstrap.grants import VIEWS

pytestmark = pytest.mark.asyncio(loop_scope="session")

CREDENTIALS = ("Freehold workflows", "Freehold reading", "Freehold proposing")


async def test_one_command_sets_up_everything(stage: Automation) -> None:
    """On a machine whose roles are there and whose products are empty: tables, grids, people, keys and workflows."""
    made = {what for what, change in stage.first.items() if change == "created"}
    sheets = {f"NocoDB table {view}" for view in VIEWS}
    keys = {f'n8n credential "{name}"' for name in CREDENTIALS}
    workflows = {f'n8n workflow "{each.content["name"]}"' for each in library()}

    assert {*sheets, *keys, *workflows, "NocoDB base", f"n8n owner {EMAIL}"} <= made
    assert len(workflows) == len(library()) > 8
    assert "kept" not in stage.first.values()
    assert stage.first["PostgreSQL role nocodb_data"] == "unchanged"


async def test_the_command_again_changes_nothing(stage: Automation) -> None:
    """It says so in one line to people, in numbers to programs, and exits with 0."""
    told = stage.machine.run(nocodb=stage.nocodb, environment=stage.settings())
    printed = stage.machine.run("--json", nocodb=stage.nocodb, environment=stage.settings())
    done = json.loads(printed.stdout)

    assert (told.returncode, printed.returncode) == (0, 0)
    assert told.stdout.splitlines()[-1] == "Nothing had to change."
    assert {line.split()[0] for line in told.stdout.splitlines()[:-1]} == {"unchanged"}
    assert {each["what"] for each in done["done"]} == set(stage.first)
    assert (done["unchanged"], done["created"] + done["updated"] + done["kept"]) == (len(stage.first), 0)


async def test_one_part_alone(stage: Automation) -> None:
    """`--only` does one part; the parts together are everything."""
    parts = {
        name: [each.what for each in await stage.bootstrap("--only", name)] for name in ("postgres", "nocodb", "n8n")
    }

    assert [what for part in parts.values() for what in part] == list(stage.first)
    assert all(what.startswith("NocoDB") for what in parts["nocodb"])
    assert all(what.startswith("n8n") for what in parts["n8n"])
    assert min(map(len, parts.values())) > 5


Heard = list[Mapping[str, str]]
"""The headers of every request that reached a server."""


@contextlib.asynccontextmanager
async def listening(host: str, away: str = "") -> AsyncIterator[tuple[str, Heard]]:
    """A server at a loopback address, which answers, or sends everybody `away`."""
    heard: Heard = []

    async def hear(request: web.Request) -> web.Response:
        heard.append(dict(request.headers))
        return web.Response(status=307, headers={"Location": away}) if away else web.json_response({"heard": True})

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", hear)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, 0)
        await site.start()
        yield f"http://{host}:{runner.addresses[0][1]}/", heard
    finally:
        await runner.cleanup()


async def asked(stage: Automation, url: str, credential: str | None) -> tuple[str, str]:
    """Have a workflow of somebody's ask `url`; gives how it ended, and n8n's record of it, which is deleted then."""
    step: dict[str, Any] = {
        "id": "00000000-0000-4000-8000-000000000002",
        "name": "Ask",
        "type": "n8n-nodes-base.httpRequest",
        "typeVersion": 4.4,
        "position": [200, 0],
        "parameters": {"url": url, "options": {}},
    }
    if credential is not None:
        step["parameters"] |= {"authentication": "genericCredentialType", "genericAuthType": "httpHeaderAuth"}
        held = {"id": await stage.part_id(f"credential:{credential}"), "name": credential}
        step["credentials"] = {"httpHeaderAuth": held}
    workflow = {
        "name": f"Somebody's {secrets.token_hex(4)}",
        "nodes": [BY_HAND, step],
        "connections": {"By hand": {"main": [[{"node": "Ask", "type": "main", "index": 0}]]}},
        "settings": {"executionOrder": "v1", "saveManualExecutions": True},
    }
    workflow_id = str((await stage.api.write("POST", "workflows", workflow))["id"])
    execution = await stage.run(workflow_id)

    async def ended() -> bool:
        return (await stage.executions()).get(execution) in {"success", "error"}

    await until(ended, "it has ended")
    status = (await stage.executions())[execution]
    (row,) = await stage.n8n_rows('SELECT data FROM execution_data WHERE "executionId" = $1', int(execution))
    await stage.rest("POST", "executions/delete", {"ids": [execution]})
    await stage.rest("POST", f"workflows/{workflow_id}/archive")
    return status, row["data"]


@pytest.mark.parametrize("credential", CREDENTIALS)
async def test_a_key_goes_to_the_node_alone(stage: Automation, credential: str) -> None:
    """n8n refuses to send it to another host, which it reaches well without; the node takes it."""
    setting, path = {
        "Freehold workflows": ("WORKFLOWS", "/workflows"),
        "Freehold reading": ("RECEIVER", "/api/credentials"),
        "Freehold proposing": ("META_ADS", "/tools"),
    }[credential]
    own = stage.settings()[f"FREEHOLD_BOOTSTRAP_{setting}_URL"] + path
    async with listening(STRANGER) as (stranger, heard):
        refused, record = await asked(stage, stranger, credential)
        assert (refused, heard) == ("error", [])
        assert "Domain not allowed: This credential is restricted" in record
        reached, _ = await asked(stage, stranger, None)
        assert (reached, len(heard)) == ("success", 1)
        assert not any(name.lower() == "x-api-key" for name in heard[0])
    assert (await asked(stage, own, credential))[0] == "success"
    assert (await asked(stage, own, None))[0] == "error"


async def test_a_key_follows_no_redirect_away(stage: Automation) -> None:
    """Neither does it leave when a host that may have it sends n8n elsewhere."""
    async with (
        listening(STRANGER) as (stranger, heard),
        listening("127.0.0.1", away=stranger) as (near, asked_first),
    ):
        status, _ = await asked(stage, near.replace("127.0.0.1", "localhost"), "Freehold workflows")
    assert status == "error"
    assert [headers.get("X-API-Key", "")[:7] for headers in asked_first] == ["fhnode_"]
    assert heard == []
