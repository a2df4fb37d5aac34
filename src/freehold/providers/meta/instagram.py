"""Instagram through Facebook Login: the calls for profile, posts and insights, and what their answers hold."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from freehold.providers.calls import JSON, ApiCall
from freehold.providers.meta import graph, spec


@dataclass(frozen=True)
class Profile:
    """An account as it is now."""

    account_id: str
    username: str
    name: str
    biography: str
    website: str
    picture_url: str
    followers: int
    follows: int
    posts: int


@dataclass(frozen=True)
class Post:
    """A post, reel or story; counts are None where the owner hides them."""

    post_id: str
    caption: str
    media_type: str
    product_type: str
    permalink: str
    shortcode: str
    thumbnail_url: str
    published_at: datetime
    likes: int | None
    comments: int | None


@dataclass(frozen=True)
class Insight:
    """One value of one metric. `day` is None for a lifetime value; `breakdown` and `part` are "" for a total."""

    metric: str
    period: str
    day: date | None
    value: float
    breakdown: str = ""
    part: str = ""


def profile_call(version: str, account_id: str) -> ApiCall:
    """Ask for the profile."""
    return _get(version, account_id, account_id, fields=",".join(spec.PROFILE_FIELDS))


def read_profile(answer: JSON) -> Profile:
    """The profile in an answer."""
    return Profile(
        account_id=graph.identifier(answer, "id"),
        username=graph.text(answer, "username"),
        name=graph.text(answer, "name"),
        biography=graph.text(answer, "biography"),
        website=graph.text(answer, "website"),
        picture_url=graph.text(answer, "profile_picture_url"),
        followers=int(answer.get("followers_count", 0)),
        follows=int(answer.get("follows_count", 0)),
        posts=int(answer.get("media_count", 0)),
    )


def posts_call(
    version: str,
    account_id: str,
    *,
    since: date,
    limit: int,
    after: str | None = None,
    metrics: Sequence[str] = spec.POST_METRICS,
) -> ApiCall:
    """Ask for a page of posts published since a day, newest first; with metrics that every kind of post has."""
    fields = ",".join(spec.POST_FIELDS)
    if metrics:
        fields += f",insights.metric({','.join(metrics)})"
    params = {"fields": fields, "limit": str(limit), "since": str(graph.bounds(since, since)[0])}
    if after is not None:
        params["after"] = after
    return _get(version, f"{account_id}/media", account_id, **params)


def read_posts(answer: JSON) -> list[tuple[Post, list[Insight]]]:
    """The posts of a page, each with the insights that came with it."""
    return [(_post(row), read_post_insights(row.get("insights") or {"data": []})) for row in graph.rows(answer)]


def post_insights_call(version: str, account_id: str, post_id: str, metrics: Sequence[str]) -> ApiCall:
    """Ask for metrics of one post."""
    return _get(version, f"{post_id}/insights", account_id, metric=",".join(metrics))


def read_post_insights(answer: JSON) -> list[Insight]:
    """The lifetime values in a post's insights, whichever of the two shapes they have."""
    found = []
    for row in graph.rows(answer):
        value = _single_value(row)
        if value is not None:
            found.append(Insight(graph.identifier(row, "name"), "lifetime", None, value))
    return found


def extra_metrics(product_type: str) -> tuple[str, ...]:
    """The metrics that only this kind of post has."""
    return {"FEED": spec.FEED_METRICS, "REELS": spec.REELS_METRICS}.get(product_type, ())


def series_call(version: str, account_id: str, metric: str, first: date, last: date) -> ApiCall:
    """Ask for a metric day by day, for at most 30 days."""
    since, until = graph.bounds(first, last)
    return _get(
        version,
        f"{account_id}/insights",
        account_id,
        metric=metric,
        period="day",
        metric_type="time_series",
        since=str(since),
        until=str(until),
    )


def read_series(answer: JSON) -> list[Insight]:
    """A value for each day that is there; a day that is not computed yet is absent."""
    return [
        Insight(
            graph.identifier(row, "name"), "day", graph.day_of_end_time(str(point["end_time"])), float(point["value"])
        )
        for row in graph.rows(answer)
        for point in row.get("values", [])
        if point.get("value") is not None
    ]


def totals_call(version: str, account_id: str, day: date, metrics: Sequence[str] = spec.ACCOUNT_TOTALS) -> ApiCall:
    """Ask for all totals of one day, or some of them, in one call."""
    since, until = graph.bounds(day, day)
    return _get(
        version,
        f"{account_id}/insights",
        account_id,
        metric=",".join(metrics),
        period="day",
        metric_type="total_value",
        since=str(since),
        until=str(until),
    )


def read_totals(answer: JSON, day: date) -> list[Insight]:
    """The totals of a day; a metric that is not computed yet is absent."""
    found = []
    for row in graph.rows(answer):
        value = _single_value(row)
        if value is not None:
            found.append(Insight(graph.identifier(row, "name"), "day", day, value))
    return found


def demographics_call(version: str, account_id: str, metric: str, breakdown: str) -> ApiCall:
    """Ask who the followers, or those who engaged this month, are."""
    return _get(
        version,
        f"{account_id}/insights",
        account_id,
        metric=metric,
        period="lifetime",
        metric_type="total_value",
        timeframe="this_month",
        breakdown=breakdown,
    )


def read_demographics(answer: JSON, day: date) -> list[Insight]:
    """The parts of a demographic as they stand on `day`; at most 45 a breakdown, none below 100 people."""
    found = []
    for row in graph.rows(answer):
        for group in (row.get("total_value") or {}).get("breakdowns", []):
            found += list(_parts(graph.identifier(row, "name"), group, day))
    return found


def _parts(metric: str, group: Mapping[str, Any], day: date) -> Iterator[Insight]:
    keys = [str(key) for key in group.get("dimension_keys", [])]
    shown = [place for place, key in enumerate(keys) if key != "timeframe"]
    for result in group.get("results", []):
        values = [str(value) for value in result["dimension_values"]]
        yield Insight(
            metric,
            "lifetime",
            day,
            float(result["value"]),
            breakdown=",".join(keys[place] for place in shown),
            part=",".join(values[place] for place in shown),
        )


def _single_value(row: Mapping[str, Any]) -> float | None:
    """`total_value.value`, or the only entry of `values`."""
    total = row.get("total_value")
    values: Iterable[Any] = row.get("values") or ()
    found = total.get("value") if isinstance(total, dict) else next((entry.get("value") for entry in values), None)
    return None if found is None else float(found)


def _post(row: Mapping[str, Any]) -> Post:
    return Post(
        post_id=graph.identifier(row, "id"),
        caption=graph.text(row, "caption"),
        media_type=graph.text(row, "media_type"),
        product_type=graph.text(row, "media_product_type"),
        permalink=graph.text(row, "permalink"),
        shortcode=graph.text(row, "shortcode"),
        thumbnail_url=graph.text(row, "thumbnail_url"),
        published_at=graph.instant(str(row["timestamp"])),
        likes=_count(row, "like_count"),
        comments=_count(row, "comments_count"),
    )


def _count(row: Mapping[str, Any], name: str) -> int | None:
    value = row.get(name)
    return None if value is None else int(value)


def _get(version: str, path: str, account_id: str, **params: str) -> ApiCall:
    return ApiCall("GET", f"/{version}/{path}", params, asset_id=account_id)
