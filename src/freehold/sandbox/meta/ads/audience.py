"""Targeting search and estimates: `/search`, `targetingsearch`, `reachestimate`, `delivery_estimate`."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from freehold.sandbox.meta.ads import targeting
from freehold.sandbox.meta.ads.accounts import READ_SCOPES
from freehold.sandbox.meta.ads.goals import OPTIMIZATION_GOALS
from freehold.sandbox.meta.ads.objects import AdObject
from freehold.sandbox.meta.ads.parameters import choice, mapping, missing, names, refusal, structure, whole
from freehold.sandbox.meta.errors import GraphError
from freehold.sandbox.meta.fields import Selection
from freehold.sandbox.meta.graph import JSON, Call
from freehold.sandbox.meta.world import ads_audience
from freehold.sandbox.meta.world.ads_audience import Option, Place

SEARCH_LIMIT = 8
LOCATION_TYPES = frozenset({"country", "country_group", "region", "city", "zip", "geo_market", "electoral_district"})
LOCALES = ((6, "English (US)"), (24, "English (UK)"), (5, "German"), (9, "French"), (11, "Japanese"), (23, "Spanish"))


def search(call: Call) -> JSON:
    """`GET /search?type=...`."""
    if not READ_SCOPES & call.caller.scopes:
        raise GraphError("(#200) Targeting search needs ads_read or ads_management", code=200, status=403)
    kind = call.params.get("type", "")
    if kind not in SEARCHES:
        raise refusal(f"(#100) type must be one of the following values: {', '.join(sorted(SEARCHES))}", blame="type")
    rows = SEARCHES[kind](call)
    return {"data": rows[: whole(call.params, "limit", least=1) or SEARCH_LIMIT]}


def _query(call: Call) -> str:
    if "q" not in call.params:
        raise missing("q")
    return call.params["q"].strip().lower()


def _sizes(option: Option) -> JSON:
    low, high = option.bounds
    return {"audience_size_lower_bound": low, "audience_size_upper_bound": high}


def described(option: Option) -> JSON:
    """An option with its type, path and size."""
    return {
        "id": option.id,
        "name": option.name,
        "type": option.kind,
        "path": list(option.path),
        "description": "",
        **_sizes(option),
    }


def _interest(option: Option) -> JSON:
    return {
        "id": option.id,
        "name": option.name,
        **_sizes(option),
        "path": list(option.path),
        "description": None,
        "topic": option.path[1],
    }


def _matching(text: str, kinds: Iterable[str] = ()) -> list[Option]:
    wanted = frozenset(kinds)
    return [
        option
        for option in ads_audience.options()
        if text in option.name.lower() and (not wanted or option.kind in wanted)
    ]


def _interests(call: Call) -> list[JSON]:
    return [_interest(option) for option in _matching(_query(call), ("interests",))]


def _suggested(call: Call) -> list[JSON]:
    """Interests of the same group as the given ones."""
    given = {name.lower() for name in names(call.params, "interest_list")}
    known = _matching("", ("interests",))
    groups = {option.path[1] for option in known if option.name.lower() in given}
    return [
        {
            "id": option.id,
            "name": option.name,
            "audience_size": option.people,
            "path": list(option.path),
            "description": None,
        }
        for option in known
        if option.path[1] in groups and option.name.lower() not in given
    ]


def _valid(call: Call) -> list[JSON]:
    known = _matching("", ("interests",))
    by_name = {option.name.lower(): option for option in known}
    by_id = {option.id: option for option in known}
    wanted = [(text, by_name.get(text.lower())) for text in names(call.params, "interest_list")]
    wanted += [(text, by_id.get(text)) for text in names(call.params, "interest_fbid_list")]
    return [
        {"id": option.id, "name": option.name, "valid": True, "audience_size": option.people}
        if option
        else {"name": text, "valid": False}
        for text, option in wanted
    ]


def _categories(call: Call) -> list[JSON]:
    kind = call.params.get("class", "interests")
    if kind != "interests" and kind not in ads_audience.OTHER_CLASSES:
        raise refusal("(#100) class is not a targeting class", blame="class")
    return [described(option) for option in _matching(call.params.get("q", "").lower(), (kind,))]


def _place(found: Place) -> JSON:
    shown: JSON = {
        "key": found.key,
        "name": found.name,
        "type": found.kind,
        "country_code": found.country,
        "country_name": ads_audience.PEOPLE[found.country][0],
        "supports_region": found.kind in {"country", "city"},
        "supports_city": found.kind != "city",
    }
    if found.kind == "city":
        home = next(known for known in ads_audience.places() if known.kind == "region" and known.name == found.region)
        shown |= {"region": home.name, "region_id": int(home.key)}
    return shown


def _locations(call: Call) -> list[JSON]:
    text = call.params.get("q", "").strip().lower()
    kinds = names(call.params, "location_types")
    if not set(kinds) <= LOCATION_TYPES:
        raise refusal(f"(#100) location_types may hold {', '.join(sorted(LOCATION_TYPES))}", blame="location_types")
    country = call.params.get("country_code", "")
    return [
        _place(found)
        for found in ads_audience.places()
        if found.name.lower().startswith(text) and (not kinds or found.kind in kinds) and country in {"", found.country}
    ]


def _location_facts(call: Call) -> list[JSON]:
    keys = [key for name in ("countries", "regions", "cities") for key in names(call.params, name)]
    return [_place(found) for found in map(ads_audience.place, keys) if found is not None]


def _locales(call: Call) -> list[JSON]:
    text = call.params.get("q", "").lower()
    return [{"key": key, "name": name} for key, name in LOCALES if name.lower().startswith(text)]


def _statuses(call: Call) -> list[JSON]:
    known = {option.id for option in ads_audience.options()}
    asked = names(call.params, "targeting_option_list")
    return [{"id": item, "current_status": "NORMAL" if item in known else "DEPRECATED"} for item in asked]


def _studies_and_work(call: Call) -> list[JSON]:
    text, kind = _query(call), call.params["type"]
    labels = ads_audience.STUDIES_AND_WORK[kind]
    return [
        {"id": f"1059{index:09d}", "name": label, "coverage": 0, "subtext": ""}
        for index, label in enumerate(labels)
        if label.lower().startswith(text)
    ]


def _radius(call: Call) -> list[JSON]:
    """A radius around a point that holds enough people."""
    for name in ("latitude", "longitude"):
        if name not in call.params:
            raise missing(name)
    unit = choice(call.params, "distance_unit", frozenset({"mile", "kilometer"})) or "kilometer"
    return [{"suggested_radius": 10 if unit == "mile" else 16, "distance_unit": unit}]


SEARCHES: dict[str, Callable[[Call], list[JSON]]] = {
    "adinterest": _interests,
    "adinterestsuggestion": _suggested,
    "adinterestvalid": _valid,
    "adTargetingCategory": _categories,
    "adgeolocation": _locations,
    "adgeolocationmeta": _location_facts,
    "adradiussuggestion": _radius,
    **dict.fromkeys(ads_audience.STUDIES_AND_WORK, _studies_and_work),
    "adlocale": _locales,
    "targetingoptionstatus": _statuses,
}


def targeting_search(call: Call, _: Any) -> Sequence[Option]:
    """`GET /act_X/targetingsearch?q=`: options of every class, or of `limit_type`."""
    text = _query(call)
    kind = call.params.get("limit_type")
    return _matching(text, (kind,) if kind else ())


def targeting_browse(call: Call, _: Any) -> Sequence[Option]:
    """`GET /act_X/targetingbrowse`: everything there is."""
    kind = call.params.get("limit_type")
    return _matching("", (kind,) if kind else ())


def targeting_suggestions(call: Call, _: Any) -> Sequence[Option]:
    """`GET /act_X/targetingsuggestions`: options beside the given ones."""
    given = structure(call.params, "targeting_list") or []
    ids = {str(item.get("id")) for item in given if isinstance(item, dict)}
    paths = {option.path[:2] for option in ads_audience.options() if option.id in ids}
    return [option for option in ads_audience.options() if option.path[:2] in paths and option.id not in ids]


def targeting_validation(call: Call, _: Any, __: tuple[Selection, ...]) -> JSON:
    """`GET /act_X/targetingvalidation`: which of the given options can be used."""
    given = structure(call.params, "targeting_list") or []
    wanted = [str(item.get("id")) for item in given if isinstance(item, dict)] + names(call.params, "id_list")
    known = {option.id: option for option in ads_audience.options()}
    return {
        "data": [
            described(known[item]) | {"valid": True} if item in known else {"id": item, "valid": False}
            for item in wanted
        ]
    }


def _spec(call: Call) -> dict[str, Any]:
    spec = mapping(call.params, "targeting_spec")
    if spec is None:
        raise missing("targeting_spec")
    return targeting.check(spec, [])


def reach_estimate(call: Call, _: Any, __: tuple[Selection, ...]) -> JSON:
    """`GET /act_X/reachestimate`: how many people a targeting describes; -1 where custom audiences hide it."""
    spec = _spec(call)
    low, high = _bounds(spec)
    return {"data": {"users_lower_bound": low, "users_upper_bound": high, "estimate_ready": True}}


def _bounds(spec: dict[str, Any]) -> tuple[int, int]:
    if spec.get("custom_audiences") or spec.get("excluded_custom_audiences"):
        return -1, -1
    people = ads_audience.people_reached(spec)
    return ads_audience.round_people(people * 0.92), ads_audience.round_people(people * 1.08)


def delivery_estimate(call: Call, value: Any, _: tuple[Selection, ...]) -> JSON:
    """`GET /{act_X|ad set}/delivery_estimate`, with the fields that v26.0 has."""
    if isinstance(value, AdObject):
        spec = mapping(call.params, "targeting_spec") or value.values["targeting"]
    else:
        if choice(call.params, "optimization_goal", OPTIMIZATION_GOALS) is None:
            raise missing("optimization_goal")
        spec = _spec(call)
    low, high = _bounds(spec)
    return {
        "data": [
            {
                "estimate_ready": True,
                "estimate_mau_lower_bound": low,
                "estimate_mau_upper_bound": high,
                "targeting_optimization_types": [],
            }
        ]
    }


def sentence_lines(call: Call, _: Any, __: tuple[Selection, ...]) -> JSON:
    """`GET /act_X/targetingsentencelines`: a targeting in words."""
    spec = _spec(call)
    where = sorted(targeting.countries(spec))
    lines = [{"content": "Location:", "children": [ads_audience.PEOPLE.get(code, (code,))[0] for code in where]}]
    lines.append({"content": "Age:", "children": [f"{spec.get('age_min', 18)} - {spec.get('age_max', 65)}+"]})
    return {"targetingsentencelines": lines, "data": [{"targetingsentencelines": lines}]}
