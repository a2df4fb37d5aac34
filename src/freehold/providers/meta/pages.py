"""Facebook pages: the calls for a page, its posts and their insights, and what the answers hold.

Each call goes out with the page's own token, so it counts towards the page's own limit.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from freehold.providers.calls import JSON, ApiCall
from freehold.providers.meta import graph, page_spec


@dataclass(frozen=True)
class Page:
    """A page as it is now; `fans` is None where Meta does not tell."""

    page_id: str
    name: str
    username: str
    category: str
    about: str
    website: str
    link: str
    fans: int | None
    followers: int
    verification: str


@dataclass(frozen=True)
class PagePost:
    """A post of a page with its counts as they are now; a count is None where Meta does not tell it."""

    post_id: str
    message: str
    story: str
    permalink: str
    picture_url: str
    status_type: str
    published_at: datetime
    updated_at: datetime | None
    shares: int
    reactions: int | None
    comments: int | None


@dataclass(frozen=True)
class PageInsight:
    """One value of one metric. `day` is the day with which the period ends, None for a lifetime value."""

    metric: str
    period: str
    day: date | None
    value: float


def page_call(version: str, page_id: str) -> ApiCall:
    """Ask for the page itself."""
    return _get(version, page_id, page_id, fields=",".join(page_spec.PAGE_FIELDS))


def read_page(answer: JSON) -> Page:
    """The page in an answer."""
    return Page(
        page_id=graph.identifier(answer, "id"),
        name=graph.text(answer, "name"),
        username=graph.text(answer, "username"),
        category=graph.text(answer, "category"),
        about=graph.text(answer, "about"),
        website=graph.text(answer, "website"),
        link=graph.text(answer, "link"),
        fans=int(answer["fan_count"]) if "fan_count" in answer else None,
        followers=int(answer.get("followers_count", 0)),
        verification=graph.text(answer, "verification_status"),
    )


def posts_call(
    version: str,
    page_id: str,
    *,
    since: datetime,
    until: datetime | None = None,
    limit: int,
    after: str | None = None,
    metrics: Sequence[str] = page_spec.POST_METRICS,
) -> ApiCall:
    """Ask for a page of posts published from `since` to `until` (None: until now), newest first, with metrics."""
    fields = ",".join((*page_spec.POST_FIELDS, *page_spec.COUNTED))
    if metrics:
        fields += f",insights.metric({','.join(metrics)})"
    params = {"fields": fields, "limit": str(limit), "since": str(int(since.timestamp()))}
    if until is not None:
        params["until"] = str(int(until.timestamp()))
    if after is not None:
        params["after"] = after
    return _get(version, f"{page_id}/posts", page_id, **params)


def read_posts(answer: JSON) -> list[tuple[PagePost, list[PageInsight]]]:
    """The posts of a page of the list, each with the insights that came with it."""
    return [(_post(row), read_insights(row.get("insights") or {"data": []})) for row in graph.rows(answer)]


def post_insights_call(version: str, page_id: str, post_id: str, metrics: Sequence[str]) -> ApiCall:
    """Ask for metrics of one post."""
    return _get(version, f"{post_id}/insights", page_id, metric=",".join(metrics))


def page_insights_call(
    version: str, page_id: str, period: str, metrics: Sequence[str], first: date, last: date
) -> ApiCall:
    """Ask for metrics of one period, for the days from `first` to `last`: at most 90."""
    since, until = graph.bounds(first, last)
    return _get(
        version,
        f"{page_id}/insights",
        page_id,
        metric=",".join(metrics),
        period=period,
        since=str(since),
        until=str(until),
    )


def read_insights(answer: JSON) -> list[PageInsight]:
    """A value for each metric and day that is there; a day that is not computed yet is absent."""
    return [insight for row in graph.rows(answer) for insight in _values(row)]


def _values(row: Mapping[str, Any]) -> Iterator[PageInsight]:
    name, period = graph.identifier(row, "name"), graph.identifier(row, "period")
    for point in row.get("values", []):
        value = point.get("value")
        if value is None:
            continue
        day = graph.day_of_end_time(str(point["end_time"])) if "end_time" in point else None
        yield PageInsight(name, period, day, float(value))


def _post(row: Mapping[str, Any]) -> PagePost:
    updated = row.get("updated_time")
    return PagePost(
        post_id=graph.identifier(row, "id"),
        message=graph.text(row, "message"),
        story=graph.text(row, "story"),
        permalink=graph.text(row, "permalink_url"),
        picture_url=graph.text(row, "full_picture"),
        status_type=graph.text(row, "status_type"),
        published_at=graph.instant(str(row["created_time"])),
        updated_at=None if updated is None else graph.instant(str(updated)),
        shares=int((row.get("shares") or {}).get("count", 0)),
        reactions=_total(row, "reactions"),
        comments=_total(row, "comments"),
    )


def _total(row: Mapping[str, Any], edge: str) -> int | None:
    count = ((row.get(edge) or {}).get("summary") or {}).get("total_count")
    return None if count is None else int(count)


def _get(version: str, path: str, page_id: str, **params: str) -> ApiCall:
    return ApiCall("GET", f"/{version}/{path}", params, asset_id=page_id, token=page_id)
