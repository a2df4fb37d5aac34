"""Brings the workflow library to n8n: what is ours is updated, what somebody edited stays as they want it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from freehold.node.bootstrap import queries
from freehold.node.bootstrap.done import Done
from freehold.node.bootstrap.n8n.client import N8nApi
from freehold.node.bootstrap.n8n.library import ERRORS, Place, Shipped, digest, rendered, same
from freehold.node.bootstrap.n8n.machine import PRODUCT, Machine
from freehold.node.bootstrap.queries import Part

PREFIX = "workflow:"

Step = Literal["create", "keep", "update", "nothing"]


def step_for(part: Part | None, there: Mapping[str, Any] | None, wanted: Mapping[str, Any]) -> Step:
    """What to do about a workflow, given what we remember of it, what n8n has, and what we ship now.

    What is gone was removed by somebody, and what differs from what we wrote was edited by somebody.
    """
    if part is None:
        return "create"
    if there is None or there.get("isArchived") or digest(there) != part.digest:
        return "keep"
    return "nothing" if same(wanted, there) else "update"


async def bring(machine: Machine, workflows: list[Shipped], place: Place) -> list[Done]:
    """Bring every workflow, the error workflow before those that name it. Raises `N8nError`."""
    done = []
    for workflow in workflows:
        part, change = await _bring_one(machine, workflow, place)
        done.append(change)
        if workflow.name == ERRORS:
            place = replace(place, error_workflow=part.external_id)
    return done


async def _bring_one(machine: Machine, workflow: Shipped, place: Place) -> tuple[Part, Done]:
    wanted, name = rendered(workflow.content, place), PREFIX + workflow.name
    what = f'n8n workflow "{wanted["name"]}"'
    async with machine.database.reading() as session:
        part = (await queries.parts_of(session, PRODUCT)).get(name)
    there = None if part is None else await machine.api.get(f"workflows/{part.external_id}")
    step = step_for(part, there, wanted)
    if part is None or step == "create":
        return await _create(machine, name, wanted, active=workflow.active), Done(what, "created")
    if step == "update":
        written = await machine.api.write("PUT", f"workflows/{part.external_id}", wanted)
        part = replace(part, digest=digest(written))
        await _remember(machine, part)
        return part, Done(what, "updated")
    return part, Done(what, "kept" if step == "keep" else "unchanged")


async def _create(machine: Machine, name: str, wanted: dict[str, Any], *, active: bool) -> Part:
    """Create and activate a workflow, or take up one that a set-up left which did not come to its end."""
    made = await _left_behind(machine.api, wanted) or await machine.api.write("POST", "workflows", wanted)
    if active:
        await machine.api.write("POST", f"workflows/{made['id']}/activate", {})
    part = Part(name, made["id"], digest(made))
    await _remember(machine, part)
    return part


async def _left_behind(api: N8nApi, wanted: Mapping[str, Any]) -> dict[str, Any] | None:
    found = await api.get("workflows", name=wanted["name"])
    alike = [each for each in (found or {}).get("data", []) if not each.get("isArchived") and same(wanted, each)]
    return alike[0] if alike else None


async def _remember(machine: Machine, part: Part) -> None:
    async with machine.database.writing() as session:
        await queries.remember(session, PRODUCT, part, machine.clock.now())
