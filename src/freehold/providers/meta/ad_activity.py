"""The history of an ad account, as Meta keeps it: what was changed, by whom, from what to what."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from freehold.providers.calls import JSON, ApiCall
from freehold.providers.meta import graph

FIELDS = "event_type,event_time,object_id,object_name,actor_name,extra_data"
PAGE = 200


@dataclass(frozen=True)
class Activity:
    """One event; `old` and `new` as Meta gives them, None where it gives none."""

    at: datetime
    event: str
    object_id: str
    object_name: str
    actor: str
    old: Any
    new: Any


def activities_call(version: str, account_id: str, since: datetime, after: str | None = None) -> ApiCall:
    """Ask for a page of an account's history, the newest first."""
    params = {"fields": FIELDS, "since": str(int(since.timestamp())), "limit": str(PAGE)}
    return ApiCall(
        "GET", f"/{version}/{account_id}/activities", params | ({"after": after} if after else {}), asset_id=account_id
    )


def read_activities(answer: JSON) -> list[Activity]:
    """The events of a page."""
    found = []
    for row in graph.rows(answer):
        extra = _extra(graph.text(row, "extra_data"))
        found.append(
            Activity(
                at=graph.instant(str(row["event_time"])),
                event=graph.text(row, "event_type"),
                object_id=graph.text(row, "object_id"),
                object_name=graph.text(row, "object_name"),
                actor=graph.text(row, "actor_name"),
                old=extra.get("old_value"),
                new=extra.get("new_value"),
            )
        )
    return found


def _extra(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
