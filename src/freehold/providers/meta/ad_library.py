"""Meta's archive of ads: what others advertise, within the archive's scope.

It holds ads of any kind that were delivered in the EU or the UK during the last year, and ads about politics. That it
shows none does not mean that there are none. Everything in it was written by others.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from freehold.providers.calls import JSON, ApiCall
from freehold.providers.meta import graph

FIELDS: Final = (
    "id", "page_id", "page_name", "ad_creative_bodies", "ad_creative_link_titles", "ad_creative_link_captions",
    "ad_creative_link_descriptions", "ad_delivery_start_time", "ad_delivery_stop_time", "ad_snapshot_url",
    "publisher_platforms", "languages", "eu_total_reach", "target_ages", "target_gender", "target_locations",
    "beneficiary_payers",
)  # fmt: skip
KEPT_DAYS: Final = 365
"""How long the archive shows an ad of any kind after its last delivery."""
MOST_PAGES: Final = 10
"""So many pages may be searched in one call."""
LONGEST_TERMS: Final = 100
SCOPE: Final = (
    "Meta's archive shows ads delivered in the EU or the UK within a year, and ads about politics; "
    "that it shows none does not mean that there are none"
)
_SECRETS: Final = frozenset({"access_token", "appsecret_proof"})


@dataclass(frozen=True)
class Search:
    """What is searched: the ads of pages, or ads with words; shown in any of these countries (ISO codes, or ALL)."""

    page_ids: tuple[str, ...] = ()
    terms: str = ""
    countries: tuple[str, ...] = ("ALL",)


@dataclass(frozen=True)
class ArchivedAd:
    """An ad of the archive. A day is None, a reach or a target empty, where the archive does not tell it."""

    ad_archive_id: str
    page_id: str
    page_name: str
    bodies: tuple[str, ...]
    titles: tuple[str, ...]
    captions: tuple[str, ...]
    descriptions: tuple[str, ...]
    snapshot_url: str
    delivery_started_on: date | None
    delivery_stopped_on: date | None
    publisher_platforms: tuple[str, ...]
    languages: tuple[str, ...]
    eu_total_reach: int | None
    target_ages: str
    target_gender: str
    target_locations: tuple[str, ...]
    payers: tuple[str, ...]


def ads_call(version: str, search: Search, since: date, *, limit: int, after: str | None = None) -> ApiCall:
    """Ask for a page of the ads that were delivered on `since` or later, running ones and others, newest first."""
    params = {
        "fields": ",".join(FIELDS),
        "ad_reached_countries": json.dumps(list(search.countries)),
        "ad_type": "ALL",
        "ad_active_status": "ALL",
        "ad_delivery_date_min": since.isoformat(),
        "limit": str(limit),
    }
    if search.page_ids:
        params["search_page_ids"] = json.dumps(list(search.page_ids))
    if search.terms:
        params["search_terms"] = search.terms
    if after is not None:
        params["after"] = after
    return ApiCall("GET", f"/{version}/ads_archive", params)


def read_ads(answer: JSON) -> list[ArchivedAd]:
    """The ads of a page, their texts as a database takes them, their addresses without any token."""
    return [_ad(row) for row in graph.rows(answer)]


def _ad(row: Mapping[str, Any]) -> ArchivedAd:
    reach = row.get("eu_total_reach")
    return ArchivedAd(
        ad_archive_id=graph.identifier(row, "id"),
        page_id=graph.text(row, "page_id"),
        page_name=graph.text(row, "page_name"),
        bodies=_texts(row, "ad_creative_bodies"),
        titles=_texts(row, "ad_creative_link_titles"),
        captions=_texts(row, "ad_creative_link_captions"),
        descriptions=_texts(row, "ad_creative_link_descriptions"),
        snapshot_url=without_secrets(graph.text(row, "ad_snapshot_url")),
        delivery_started_on=_day(row, "ad_delivery_start_time"),
        delivery_stopped_on=_day(row, "ad_delivery_stop_time"),
        publisher_platforms=_texts(row, "publisher_platforms"),
        languages=_texts(row, "languages"),
        eu_total_reach=None if reach is None else int(reach),
        target_ages="-".join(_texts(row, "target_ages")),
        target_gender=graph.text(row, "target_gender"),
        target_locations=_locations(row.get("target_locations") or []),
        payers=_named(row.get("beneficiary_payers") or [], "payer"),
    )


def without_secrets(url: str) -> str:
    """An address without the token that Meta puts into it: whoever reads it later signs in by themselves."""
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name.lower() not in _SECRETS]
    return urlunsplit(parts._replace(query=urlencode(kept), fragment=""))


def _texts(row: Mapping[str, Any], name: str) -> tuple[str, ...]:
    values: Sequence[Any] = row.get(name) or ()
    return tuple(graph.storable(str(value)) for value in values)


def _day(row: Mapping[str, Any], name: str) -> date | None:
    text = graph.text(row, name)
    return date.fromisoformat(text[: len("2026-01-01")]) if text else None


def _locations(entries: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The places that an ad aims at; one that it leaves out has a minus before it."""
    return tuple(f"{'-' if entry.get('excluded') else ''}{graph.text(entry, 'name')}" for entry in entries)


def _named(entries: Sequence[Mapping[str, Any]], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for entry in entries if (text := graph.text(entry, name))))
