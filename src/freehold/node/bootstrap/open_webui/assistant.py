"""The assistant that people ask in Open WebUI: a model with a prompt, tools and suggestions; theirs once edited."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from freehold.kernel.clock import Clock
from freehold.kernel.database import Database
from freehold.node.bootstrap import queries
from freehold.node.bootstrap.done import Change, Done
from freehold.node.bootstrap.open_webui.client import PRODUCT, OpenWebUiApi
from freehold.node.bootstrap.open_webui.connections import EVERYBODY
from freehold.node.bootstrap.queries import Part

_PART = "assistant"
_RECORD = "api/v1/models/model"
_MODELS = "api/v1/configs/models"


@dataclass(frozen=True)
class Assistant:
    """What is particular to one machine: whose numbers it knows, which model words it, and which services it calls."""

    company: str
    model: str
    services: Collection[str]


async def bring_assistant(api: OpenWebUiApi, database: Database, clock: Clock, assistant: Assistant) -> list[Done]:
    """Make the assistant, or bring it up to date, and have new chats begin with it; gives what was done.

    It is a record on the model itself, so that people are granted that and no bare model: Open WebUI lets nobody use
    what is based on a model that they could not use. What people edited, removed or chose instead is left as they want
    it. Raises `OpenWebUiError`.
    """
    wanted = _rendered(assistant)
    async with database.reading() as session:
        part = (await queries.parts_of(session, PRODUCT)).get(_PART)
    former = "" if part is None or part.external_id == assistant.model else part.external_id
    there = await api.get(_RECORD, id=assistant.model)
    change = _change(None if former else part, there, wanted)
    if change in {"created", "updated"}:
        path = "create" if there is None else "model/update"
        written = await api.post(f"api/v1/models/{path}", {**wanted, "is_active": True, "access_grants": [EVERYBODY]})
        if former and part is not None:
            await _retire(api, part)
        async with database.writing() as session:
            await queries.remember(session, PRODUCT, Part(_PART, assistant.model, _digest(written)), clock.now())
    return [Done(f'Open WebUI assistant "{_name(assistant)}"', change), await _choose(api, assistant.model, former)]


async def _retire(api: OpenWebUiApi, part: Part) -> None:
    """Take away the assistant on a model that is used no more, unless somebody made it theirs."""
    there = await api.get(_RECORD, id=part.external_id)
    if there is not None and _digest(there) == part.digest:
        await api.post("api/v1/models/model/delete", {"id": part.external_id})


async def _choose(api: OpenWebUiApi, model: str, former: str) -> Done:
    there = await api.get(_MODELS)
    chosen, what = there["DEFAULT_MODELS"] or "", "Open WebUI's first choice of model"
    if chosen not in {"", former}:
        return Done(what, "unchanged" if chosen == model else "kept")
    await api.post(_MODELS, {**there, "DEFAULT_MODELS": model})
    return Done(what, "updated" if chosen else "created")


def _change(part: Part | None, there: Mapping[str, Any] | None, wanted: Mapping[str, Any]) -> Change:
    """What to do: what is gone was removed by somebody, and what differs from what we wrote was edited."""
    if part is None:
        return "created"
    if there is None or _digest(there) != part.digest:
        return "kept"
    return "unchanged" if _digest(there) == _digest(wanted) else "updated"


def _rendered(assistant: Assistant) -> dict[str, Any]:
    """The assistant's record for one machine."""
    text = files(__package__).joinpath("assistant.json").read_text(encoding="utf-8")
    shipped = json.loads(text)
    return {
        "id": assistant.model,
        "base_model_id": None,
        "name": _name(assistant),
        "params": {"system": shipped["system"].replace("{company}", assistant.company)},
        "meta": {
            "description": shipped["description"],
            "toolIds": [f"server:mcp:{service}" for service in assistant.services],
            "suggestion_prompts": shipped["suggestions"],
            # Its own tools (notes, calendar, search in chats, …) are not what this assistant is for.
            "capabilities": {"builtin_tools": False, "web_search": False, "code_interpreter": False, "vision": False},
        },
    }


def _name(assistant: Assistant) -> str:
    return f"{assistant.company}: numbers"


def _digest(record: Mapping[str, Any]) -> str:
    """What tells the assistant as we wrote it from one that somebody edited."""
    meta = record.get("meta") or {}
    told = {
        **{name: record.get(name) for name in ("base_model_id", "name")},
        "system": (record.get("params") or {}).get("system"),
        **{name: meta.get(name) for name in ("description", "toolIds", "suggestion_prompts", "capabilities")},
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
