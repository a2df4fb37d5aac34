"""Further lists of an ad account: what was done in it, and its audiences."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import BaseModel

from freehold.kernel.problems import Problem
from freehold.node.mcp.cursors import cursor, place_of
from freehold.node.mcp.meta_ads.arguments import AccountId, After, Limit, Listed
from freehold.node.mcp.meta_ads.labels import labelled
from freehold.node.mcp.meta_ads.reading import account_of, timezone_of
from freehold.node.mcp.tool import Arguments, Call, Day, UntrustedText, words
from freehold.providers.calls import JSON
from freehold.providers.meta import ad_objects, graph
from freehold.providers.meta.ad_objects import Slice

WEEK = timedelta(days=7)


class ActivityAsked(Arguments):
    """Of which days; the last seven by default, in the account's time zone."""

    account_id: AccountId = None
    since: Day | None = None
    until: Day | None = None
    limit: Limit = 25
    after: After = None


class Activity(BaseModel):
    """One thing that was done in an account."""

    time: datetime
    event: str
    object_type: str
    object_id: str
    object_name: UntrustedText | None
    actor: UntrustedText | None
    application: UntrustedText | None
    extra: dict[str, Any] | None


class Activities(Listed):
    """What was done, the newest first."""

    activities: list[Activity]


class AudiencesAsked(Arguments):
    """How many audiences are wanted."""

    account_id: AccountId = None
    limit: Limit = 25
    after: After = None


class Audience(BaseModel):
    """A custom or lookalike audience; Meta tells its size as a range."""

    id: str
    name: UntrustedText | None
    subtype: str
    description: UntrustedText | None
    people_from: int | None
    people_to: int | None
    delivery: str
    created: datetime | None


class Audiences(Listed):
    """Audiences of an account."""

    audiences: list[Audience]


async def get_activity_log(call: Call, asked: ActivityAsked) -> Activities:
    """Who changed what in an ad account, and when; also what Meta itself did."""
    account = await account_of(call, asked.account_id)
    zone = graph.zone_named(await timezone_of(call, account))
    last = asked.until or call.now().astimezone(zone).date()
    first = asked.since or last - WEEK
    if first > last:
        raise Problem(422, "invalid_arguments", "since is after until.", "Give the earlier day as since.")
    bounds = {
        "since": str(int(graph.midnight(first, zone).timestamp())),
        "until": str(int(graph.midnight(last + timedelta(days=1), zone).timestamp())),
    }
    listed, rows = await _read(call, account.asset_id, "activities", ad_objects.ACTIVITY_FIELDS, asked, **bounds)
    return Activities(**listed, activities=[_activity(row) for row in rows])


async def get_custom_audiences(call: Call, asked: AudiencesAsked) -> Audiences:
    """Custom and lookalike audiences of an ad account, with about how many people each has."""
    account = await account_of(call, asked.account_id)
    listed, rows = await _read(call, account.asset_id, "customaudiences", ad_objects.AUDIENCE_FIELDS, asked)
    return Audiences(**listed, audiences=[_audience(row) for row in rows])


async def _read(
    call: Call, account_id: str, edge: str, fields: Sequence[str], asked: ActivityAsked | AudiencesAsked, **further: str
) -> tuple[dict[str, Any], list[JSON]]:
    """A page of a list at Meta: what the answer says of it, and its rows."""
    part = Slice(asked.limit, place_of(call, asked.after).get("after"))
    answer = await call.send(ad_objects.list_call(call.version, account_id, edge, fields, part, **further))
    following = graph.next_cursor(answer)
    told = {
        "source": "live",
        "as_of": call.now(),
        "account_id": account_id,
        "next_cursor": cursor(call, {"after": following}) if following else None,
    }
    return told, [dict(row) for row in graph.understood(graph.rows, answer)]


def _activity(row: JSON) -> Activity:
    extra = graph.text(row, "extra_data")
    try:
        told = json.loads(extra) if extra else None
    except ValueError:
        told = None
    return Activity(
        time=graph.instant(graph.text(row, "event_time")),
        event=graph.text(row, "translated_event_type") or graph.text(row, "event_type"),
        object_type=graph.text(row, "object_type"),
        object_id=graph.text(row, "object_id"),
        object_name=words(graph.text(row, "object_name")),
        actor=words(graph.text(row, "actor_name")),
        application=words(graph.text(row, "application_name")),
        extra=labelled(told) if isinstance(told, dict) and told else None,
    )


def _audience(row: JSON) -> Audience:
    created = row.get("time_created")
    return Audience(
        id=graph.identifier(row, "id"),
        name=words(graph.text(row, "name")),
        subtype=graph.text(row, "subtype"),
        description=words(graph.text(row, "description")),
        people_from=_people(row.get("approximate_count_lower_bound")),
        people_to=_people(row.get("approximate_count_upper_bound")),
        delivery=graph.text(row.get("delivery_status") or {}, "description"),
        created=None if created is None else datetime.fromtimestamp(int(created), UTC),
    )


def _people(value: Any) -> int | None:
    """A count that Meta tells; below 0 it withholds it."""
    return None if value is None or int(value) < 0 else int(value)
