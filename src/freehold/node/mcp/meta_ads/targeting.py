"""Whom ads may be shown to: interests, behaviours, demographics and places, and about how many people they are."""

import json
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, Field

from freehold.kernel.problems import Problem
from freehold.node.mcp.meta_ads.arguments import AccountId, Limit, Structure
from freehold.node.mcp.meta_ads.reading import account_of
from freehold.node.mcp.tool import Answer, Arguments, Call, UntrustedText, words
from freehold.providers.calls import JSON, ApiCall
from freehold.providers.meta import graph

LIFE: Final = timedelta(days=1)
"""For so long what Meta offers for targeting is not asked again."""
Words = Annotated[str, Field(min_length=1, max_length=200)]
PlaceType = Literal["country", "country_group", "region", "city", "zip", "geo_market", "electoral_district"]
Demographic = Literal[
    "demographics", "life_events", "industries", "income", "family_statuses", "user_device", "user_os"
]


class WordsAsked(Arguments):
    """Part of the name of what is wanted."""

    query: Words
    limit: Limit = 25


class SuggestionsAsked(Arguments):
    """Interests like which others are wanted, by name."""

    interest_list: list[Words] = Field(min_length=1, max_length=50)
    limit: Limit = 25


class BehaviorsAsked(Arguments):
    """How many are wanted."""

    limit: Limit = 50


class DemographicsAsked(Arguments):
    """Which class of demographics is wanted."""

    demographic_class: Demographic = "demographics"
    limit: Limit = 50


class PlacesAsked(Arguments):
    """The beginning of a place's name, and which kinds of places."""

    query: Words
    location_types: list[PlaceType] = Field(default=[], max_length=7)
    limit: Limit = 25


class EstimateAsked(Arguments):
    """A targeting to be estimated, or interests to be looked up by name or id."""

    account_id: AccountId = None
    targeting: Structure | None = Field(default=None, description="Meta's targeting spec")
    optimization_goal: Annotated[str, Field(pattern=r"^[A-Z_]{0,60}$")] = ""
    interest_list: list[Words] = Field(default=[], max_length=50)
    interest_fbid_list: list[Annotated[str, Field(pattern=r"^\d{1,40}$")]] = Field(default=[], max_length=50)


class Option(BaseModel):
    """Something that ads can be aimed at, and about how many people it describes; pages gave many their names."""

    id: str
    name: UntrustedText | None
    type: str | None
    path: list[UntrustedText] | None
    people_from: int | None
    people_to: int | None
    valid: bool | None


class Options(Answer):
    """What was found."""

    options: list[Option]


class Place(BaseModel):
    """A place; `key` is what a targeting names it by."""

    key: str
    name: str
    type: str
    country_code: str | None
    region: str | None
    supports_region: bool | None
    supports_city: bool | None


class Places(Answer):
    """The places that were found."""

    places: list[Place]


class Estimate(Answer):
    """About how many people a targeting reaches in a month (withheld for custom audiences), or interests."""

    people_from: int | None = None
    people_to: int | None = None
    ready: bool | None = None
    interests: list[Option] | None = None


async def search_interests(call: Call, asked: WordsAsked) -> Options:
    """Interests for targeting, by part of their name."""
    return await _options(call, "adinterest", asked.limit, q=asked.query)


async def get_interest_suggestions(call: Call, asked: SuggestionsAsked) -> Options:
    """Interests like those given."""
    return await _options(call, "adinterestsuggestion", asked.limit, interest_list=json.dumps(asked.interest_list))


async def search_behaviors(call: Call, asked: BehaviorsAsked) -> Options:
    """Behaviours that ads can be aimed at."""
    return await _options(call, "adTargetingCategory", asked.limit, **{"class": "behaviors"})


async def search_demographics(call: Call, asked: DemographicsAsked) -> Options:
    """Demographics that ads can be aimed at: life events, industries, income, families, devices."""
    return await _options(call, "adTargetingCategory", asked.limit, **{"class": asked.demographic_class})


async def search_geo_locations(call: Call, asked: PlacesAsked) -> Places:
    """Countries, regions, cities and other places, with the keys that a targeting names them by."""
    kinds = {"location_types": json.dumps(asked.location_types)} if asked.location_types else {}
    rows, at = await _search(call, "adgeolocation", asked.limit, q=asked.query, **kinds)
    return Places(source="live", as_of=at, places=[_place(row) for row in rows])


async def estimate_audience_size(call: Call, asked: EstimateAsked) -> Estimate:
    """About how many people a targeting reaches, or which of some interests are valid and how large they are."""
    if asked.interest_list or asked.interest_fbid_list:
        rows, at = await _search(
            call,
            "adinterestvalid",
            100,
            interest_list=json.dumps(asked.interest_list),
            interest_fbid_list=json.dumps(asked.interest_fbid_list),
        )
        return Estimate(source="live", as_of=at, interests=[_option(row) for row in rows])
    if asked.targeting is None:
        raise Problem(
            422,
            "invalid_arguments",
            "Nothing is there to be estimated.",
            "Give targeting, interest_list or interest_fbid_list.",
        )
    account = await account_of(call, asked.account_id)
    spec = {"targeting_spec": json.dumps(asked.targeting)}
    goal = {"optimization_goal": asked.optimization_goal} if asked.optimization_goal else {}
    edge = "delivery_estimate" if goal else "reachestimate"
    path = f"/{call.version}/{account.asset_id}/{edge}"
    answer = await call.send(ApiCall("GET", path, spec | goal, asset_id=account.asset_id))
    return _estimate(call, answer)


async def _options(call: Call, kind: str, limit: int, **asked: str) -> Options:
    rows, at = await _search(call, kind, limit, **asked)
    return Options(source="live", as_of=at, options=[_option(row) for row in rows])


async def _search(call: Call, kind: str, limit: int, **asked: str) -> tuple[list[JSON], datetime]:
    """The rows of a search, and as of when: Meta's catalogue is the same for everybody, and for a day."""
    params = {"type": kind, "limit": str(limit), **asked}
    ask = ApiCall("GET", f"/{call.version}/search", params)
    answer, at = await call.node.recall.answer(ask, LIFE, call.send)
    return [dict(row) for row in graph.understood(graph.rows, answer)], at


def _option(row: JSON) -> Option:
    size = row.get("audience_size")
    return Option(
        id=graph.text(row, "id"),
        name=words(graph.text(row, "name")),
        type=graph.text(row, "type") or None,
        path=[UntrustedText(untrusted_text=str(part)) for part in row.get("path") or ()] or None,
        people_from=_people(row.get("audience_size_lower_bound", size)),
        people_to=_people(row.get("audience_size_upper_bound", size)),
        valid=row.get("valid"),
    )


def _place(row: JSON) -> Place:
    return Place(
        key=graph.identifier(row, "key"),
        name=graph.text(row, "name"),
        type=graph.text(row, "type"),
        country_code=graph.text(row, "country_code") or None,
        region=graph.text(row, "region") or None,
        supports_region=row.get("supports_region"),
        supports_city=row.get("supports_city"),
    )


def _estimate(call: Call, answer: JSON) -> Estimate:
    """`reachestimate` gives an object, `delivery_estimate` a list of one."""
    found = answer.get("data")
    row = found[0] if isinstance(found, list) and found else found if isinstance(found, dict) else answer
    return Estimate(
        source="live",
        as_of=call.now(),
        people_from=_people(row.get("users_lower_bound", row.get("estimate_mau_lower_bound"))),
        people_to=_people(row.get("users_upper_bound", row.get("estimate_mau_upper_bound"))),
        ready=row.get("estimate_ready"),
    )


def _people(value: Any) -> int | None:
    """A count that Meta tells; below 0 it withholds it."""
    return None if value is None or int(value) < 0 else int(value)
