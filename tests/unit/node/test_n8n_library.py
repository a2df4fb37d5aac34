"""The workflow library as it ships: what each workflow has to have, and what tells ours from people's."""

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from freehold.node.bootstrap.n8n.credentials import PROPOSING, READING
from freehold.node.bootstrap.n8n.credentials import WORKFLOWS as ORDERING
from freehold.node.bootstrap.n8n.library import ERRORS, Place, Shipped, digest, rendered, same, shipped
from freehold.node.bootstrap.n8n.workflows import step_for
from freehold.node.bootstrap.queries import Part
from freehold.node.mcp.registry import SERVICES
from freehold.node.mcp.tool import Tool
from freehold.node.workflows.registry import WORKFLOWS
from freehold.node.workflows.schedule import Schedule

LIBRARY = [each for each in shipped() if each.active and each.name != ERRORS]
ALL = shipped()
ORDERING_RUNS = [each for each in ALL if each.name in WORKFLOWS]
"""Those that order a run; the ones that the node gives no time are not active."""
HERE = {f"http://node:{port}": f"http://here:{port}" for port in (3004, 3005, 3006, 3007)}
PLACE = Place(HERE, {"Freehold workflows": "cred1"}, "errors1")
TOOLS = {3004: "meta_ads", 3005: "instagram", 3007: "insights"}
"""Port -> the service of tools that is called there."""
ALLOWED = frozenset({
    "scheduleTrigger", "manualTrigger", "errorTrigger", "httpRequest", "wait", "if", "splitOut", "noOp", "stickyNote",
    "set", "nocoDb", "summarize", "sort", "limit",
})  # fmt: skip
SECRETIVE = re.compile(r"access_token|appsecret|EAA[A-Za-z0-9]{20}|fhnode_|api\.?key\b", re.IGNORECASE)


def name(workflow: Shipped) -> str:
    """How a workflow is called when a test of it fails."""
    return workflow.name


def nodes(workflow: Shipped, kind: str) -> list[dict[str, Any]]:
    """The nodes of a kind."""
    return [node for node in workflow.content["nodes"] if node["type"] == f"n8n-nodes-base.{kind}"]


def following(workflow: Shipped, node: str) -> list[list[str]]:
    """What comes after each output of a node."""
    return [
        [each["node"] for each in output] for output in workflow.content["connections"].get(node, {"main": []})["main"]
    ]


def reached(workflow: Shipped, nodes: list[str]) -> set[str]:
    """Nodes, and everything after them."""
    found: set[str] = set()
    while nodes:
        node = nodes.pop()
        if node not in found:
            found.add(node)
            nodes += [each for output in following(workflow, node) for each in output]
    return found


def tool_calls(workflow: Shipped) -> Iterator[tuple[Tool, dict[str, Any]]]:
    """The tools that a workflow calls, each with the step that does."""
    for node in nodes(workflow, "httpRequest"):
        found = re.fullmatch(r"http://node:(\d+)/tools/(\w+)", node["parameters"]["url"])
        if found:
            tools = {tool.name: tool for tool in SERVICES[TOOLS[int(found[1])]].tools}
            yield tools[found[2]], node


def cron(schedule: Schedule) -> str:
    """A schedule as n8n writes it; there Sunday is day 0 of the week."""
    hour, day = ("*" if each is None else str(each) for each in (schedule.hour, schedule.day))
    weekday = "*" if schedule.weekday is None else str((schedule.weekday + 1) % 7)
    return f"{schedule.minute} {hour} {day} * {weekday}"


def test_the_library_orders_everything_that_has_a_schedule() -> None:
    """With the node's own schedules off nothing is left out, and each is ordered at the same time."""
    begins = {each.name: nodes(each, "scheduleTrigger")[0]["parameters"]["rule"]["interval"][0] for each in LIBRARY}
    for workflow, known in WORKFLOWS.items():
        if known.schedule is not None:
            assert begins.pop(workflow) == {"field": "cronExpression", "expression": cron(known.schedule)}, workflow
    assert begins == {}


@pytest.mark.parametrize("workflow", ORDERING_RUNS, ids=name)
def test_a_workflow_orders_waits_looks_and_branches(workflow: Shipped) -> None:
    """By schedule and by hand; told by the callback, or by the clock; what counts is what the node has written down."""
    (schedule,), (hand,) = nodes(workflow, "scheduleTrigger"), nodes(workflow, "manualTrigger")
    assert following(workflow, schedule["name"]) == following(workflow, hand["name"]) == [["Order the run"]]
    assert following(workflow, "Order the run") == [["Until it has ended"]]
    assert following(workflow, "Until it has ended") == [["How it ended"]]
    assert following(workflow, "How it ended") == [["Did it go well?"]]
    well, badly = following(workflow, "Did it go well?")
    assert (len(well), badly) == (1, ["Tell that it did not"])
    by_name = {node["name"]: node["parameters"] for node in workflow.content["nodes"]}
    assert by_name["Order the run"]["url"] == f"http://node:3007/workflows/{workflow.name}/runs"
    told = f"callback_url: $execution.resumeUrl, scheduled: $('{schedule['name']}').isExecuted"
    assert by_name["Order the run"]["jsonBody"] == "={{ { " + told + " } }}"
    assert by_name["Tell that it did not"]["url"] == "http://node:3007/notifications"


@pytest.mark.parametrize("workflow", ORDERING_RUNS, ids=name)
def test_a_workflow_waits_as_long_as_its_run_may_take_and_no_longer(workflow: Shipped) -> None:
    """An hourly one is over before its next; the execution ends a little after the waiting."""
    (wait,) = (node["parameters"] for node in nodes(workflow, "wait"))
    seconds = wait["resumeAmount"] * {"hours": 3600, "minutes": 60}[wait["resumeUnit"]]
    hourly = WORKFLOWS[workflow.name].schedule is not None and WORKFLOWS[workflow.name].schedule.hour is None  # type: ignore[union-attr]
    assert wait["limitWaitTime"]
    assert seconds == (3300 if hourly else 43200)
    assert seconds < workflow.content["settings"]["executionTimeout"] < seconds + 3600
    assert workflow.content["settings"]["errorWorkflow"] == "Tell what went wrong"


@pytest.mark.parametrize("workflow", ALL, ids=name)
def test_a_workflow_needs_no_token_and_runs_no_code(workflow: Shipped) -> None:
    """Plain nodes alone; the key to the node is a credential of n8n's; steps keep their ids from version to version."""
    kinds = {node["type"].removeprefix("n8n-nodes-base.") for node in workflow.content["nodes"]}
    assert kinds <= ALLOWED
    assert not SECRETIVE.search(json.dumps(workflow.content))
    named = {each["name"] for node in workflow.content["nodes"] for each in node.get("credentials", {}).values()}
    own = {given.name for given in (ORDERING, READING, PROPOSING)}
    assert named <= ({ORDERING.name} if workflow.active else {*own, "NocoDB"})
    assert not any("id" in each for node in workflow.content["nodes"] for each in node.get("credentials", {}).values())
    ids = [node["id"] for each in ALL for node in each.content["nodes"]]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("workflow", ALL, ids=name)
def test_every_step_can_be_reached(workflow: Shipped) -> None:
    """From a trigger; notes stand beside."""
    triggers = [node["name"] for node in workflow.content["nodes"] if node["type"].endswith("Trigger")]
    there = {node["name"] for node in workflow.content["nodes"] if not node["type"].endswith("stickyNote")}
    assert reached(workflow, triggers) == there


@pytest.mark.parametrize("workflow", ALL, ids=name)
def test_a_workflow_is_made_for_a_machine(workflow: Shipped) -> None:
    """With its addresses, the ids of its credentials, and its error workflow."""
    made = rendered(workflow.content, PLACE)
    assert "http://node:" not in json.dumps(made)
    assert {
        each.get("id")
        for node in made["nodes"]
        for each in node.get("credentials", {}).values()
        if each["name"] == "Freehold workflows"
    } == {"cred1"}
    assert made["settings"].get("errorWorkflow", "errors1") == "errors1"
    assert "http://node:3007" in json.dumps(workflow.content), "what ships is not changed"


def test_examples_call_tools_of_ads_and_of_instagram() -> None:
    """And a workflow that is active by itself calls none that changes something."""
    called = {each.name: [tool for tool, _ in tool_calls(each)] for each in ALL}
    names = {tool.name for tools in called.values() for tool in tools}
    for service in ("meta_ads", "instagram"):
        assert names & {tool.name for tool in SERVICES[service].tools}, service
    assert all(tool.reads_only for each in LIBRARY for tool in called[each.name])


@pytest.mark.parametrize("workflow", [each for each in ALL if not each.active], ids=name)
def test_a_step_holds_the_key_that_its_tool_needs_and_no_more(workflow: Shipped) -> None:
    """It names arguments that the tool has; what changes something is repeated without being made twice."""
    for tool, node in tool_calls(workflow):
        sent = set(re.findall(r"[{,] (\w+): ", node["parameters"]["jsonBody"]))
        given = READING if tool.reads_only else PROPOSING
        assert node["credentials"]["httpHeaderAuth"]["name"] == given.name
        assert node["parameters"]["method"] == "POST"
        assert sent <= tool.arguments.model_fields.keys(), node["name"]
        assert tool.reads_only or "idempotency_key" in sent


def test_a_button_sends_test_messages_and_nothing_else_begins_it() -> None:
    """One call, with the key for notifications; not repeated, since it sends to people. Then it says what came."""
    (button,) = [each for each in ALL if each.name == "notification_test"]
    (send,), (hand,) = nodes(button, "httpRequest"), nodes(button, "manualTrigger")
    asked = send["parameters"]
    assert not button.active
    assert nodes(button, "scheduleTrigger") == []
    assert following(button, hand["name"]) == [[send["name"]]]
    assert following(button, send["name"]) == [["What came of it"]]
    assert (asked["method"], asked["url"]) == ("POST", "http://node:3007/notifications/test")
    assert asked["options"]["response"]["response"]["neverError"], "a refusal is told in the node's words"
    assert not send.get("retryOnFail", False)
    assert send["credentials"]["httpHeaderAuth"]["name"] == ORDERING.name


def test_no_key_of_n8ns_approves() -> None:
    """Whoever has n8n may propose; a person decides elsewhere. The keys that read change nothing."""
    for given in (ORDERING, READING, PROPOSING):
        assert not given.scopes & {"approve", "owner", "credentials:reveal"}
    assert "tools:write" not in ORDERING.scopes | READING.scopes


WANTED = rendered(LIBRARY[0].content, PLACE)
OURS = Part("workflow:x", "7", digest(WANTED))


def edited(**settings: Any) -> dict[str, Any]:
    """The workflow after somebody saved it with other settings."""
    return {**WANTED, "settings": {**WANTED["settings"], **settings}}


def test_what_nobody_touched_is_left_or_updated() -> None:
    """By whether we ship something else now."""
    newer = copy.deepcopy(WANTED)
    newer["nodes"][0]["position"] = [0, 0]
    assert step_for(None, None, WANTED) == "create"
    assert step_for(OURS, {**WANTED, "id": "7", "active": True}, WANTED) == "nothing"
    assert step_for(OURS, WANTED, newer) == "update"


@pytest.mark.parametrize(
    "there", [None, edited(timezone="Europe/Berlin"), {**WANTED, "name": "Mine"}, {**WANTED, "isArchived": True}]
)
def test_what_somebody_edited_or_removed_stays_so(there: dict[str, Any] | None) -> None:
    """Whatever we ship."""
    assert step_for(OURS, there, WANTED) == "keep"


def test_settings_that_n8n_adds_are_no_edit_of_ours() -> None:
    """They are part of what was written, and no difference to what is wanted."""
    there = edited(callerPolicy="workflowsFromSameOwner")
    assert same(WANTED, there)
    assert step_for(Part("workflow:x", "7", digest(there)), there, WANTED) == "nothing"
