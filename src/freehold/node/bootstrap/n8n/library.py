"""The workflow library as it ships, and as it is for one machine: its addresses, credentials and error workflow."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

ERRORS = "errors"
"""The workflow that runs when another stops by an error; it is there before the others, which name it."""
COMPARED = ("name", "nodes", "connections", "settings")
"""What of a workflow is written, and compared."""


@dataclass(frozen=True)
class Shipped:
    """A workflow of a folder of ours: its file's name, its content, and whether it is to be active."""

    name: str
    content: dict[str, Any]
    active: bool


@dataclass(frozen=True)
class Place:
    """What is particular to one machine: where n8n finds the node's listeners, and its credentials' ids by name."""

    urls: Mapping[str, str]
    """An address as it ships -> what it is here."""
    credentials: Mapping[str, str]
    error_workflow: str = ""


def shipped() -> list[Shipped]:
    """Every workflow, the error workflow first; last those that nothing begins by itself: buttons, then examples."""
    folder = files(__package__)
    found = [
        Shipped(file.name.removesuffix(".json"), json.loads(file.read_text(encoding="utf-8")), active=active)
        for name, active in (("library", True), ("buttons", False), ("examples", False))
        for file in sorted((folder / name).iterdir(), key=lambda file: file.name)
        if file.name.endswith(".json")
    ]
    return sorted(found, key=lambda each: (not each.active, each.name != ERRORS))


def rendered(content: Mapping[str, Any], place: Place) -> dict[str, Any]:
    """A workflow's content for one machine. What names a credential that is not there is left for people to choose."""
    text = json.dumps({name: content[name] for name in COMPARED})
    for shipped_url, url in place.urls.items():
        text = text.replace(shipped_url, url)
    made: dict[str, Any] = json.loads(text)
    for node in made["nodes"]:
        for credential in node.get("credentials", {}).values():
            if credential["name"] in place.credentials:
                credential["id"] = place.credentials[credential["name"]]
    if "errorWorkflow" in made["settings"]:
        made["settings"]["errorWorkflow"] = place.error_workflow
    return made


def digest(workflow: Mapping[str, Any]) -> str:
    """What tells a workflow as n8n has it from one that somebody edited."""
    text = json.dumps({name: workflow[name] for name in COMPARED}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def same(wanted: Mapping[str, Any], there: Mapping[str, Any]) -> bool:
    """Whether n8n has what is wanted; settings that it added by itself do not count."""
    settings = {name: there["settings"].get(name) for name in wanted["settings"]}
    return wanted["settings"] == settings and all(
        wanted[name] == there[name] for name in COMPARED if name != "settings"
    )
