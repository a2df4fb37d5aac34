"""Instagram through Facebook Login: the calls for profile, posts and insights, and what their answers hold."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from freehold.providers.calls import JSON, ApiCall
from freehold.providers.meta import graph, spec

STORIES = 100
"""More stories than anybody has in a day, and as many as one page may hold."""


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
class Child:
    """A picture or video inside a carousel; the address of the picture is valid for some days only."""

    child_id: str
    media_type: str
    media_url: str
    thumbnail_url: str


@dataclass(frozen=True)
class Post:
    """A post, reel or story; counts are None where the owner hides them. `children` are a carousel's, in order."""

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
    children: tuple[Child, ...] = ()
    total_views: int | None = None
    """All views, where they were asked for and the owner does not hide them."""


@dataclass(frozen=True)
class Insight:
    """One value of one metric. `day` is None for a lifetime value; `breakdown` and `part` are "" for a total."""

    metric: str
    period: str
    day: date | None
    value: float
    breakdown: str = ""
    part: str = ""


def profile_call(version: str, account_id: str, series: ApiCall | None = None) -> ApiCall:
    """Ask for the profile and, in the same call, for what a `series` call would."""
    fields = ",".join(spec.PROFILE_FIELDS)
    if series is not None:
        fields += ",insights" + "".join(f".{name}({value})" for name, value in series.params.items())
    return _get(version, account_id, account_id, fields=fields)


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
    limit: int,
    since: datetime | None = None,
    until: datetime | None = None,
    after: str | None = None,
    metrics: Sequence[str] = spec.POST_METRICS,
) -> ApiCall:
    """Ask for a page of posts published in a time, both ends included, newest first; with metrics that all have."""
    params = {"fields": _post_fields(metrics), "limit": str(limit)}
    if since is not None:
        params["since"] = str(int(since.timestamp()))
    if until is not None:
        params["until"] = str(int(until.timestamp()))
    if after is not None:
        params["after"] = after
    return _get(version, f"{account_id}/media", account_id, **params)


def stories_call(version: str, account_id: str, metrics: Sequence[str] = spec.STORY_METRICS) -> ApiCall:
    """Ask for the stories that are live, newest first, with metrics or without."""
    return _get(version, f"{account_id}/stories", account_id, fields=_story_fields(metrics), limit=str(STORIES))


def fresh_call(
    version: str, account_id: str, *, since: datetime, limit: int, of_stories: Sequence[str], of_posts: Sequence[str]
) -> ApiCall:
    """Ask in one call for the live stories and for posts published since an instant, each with its metrics."""
    stories = f"stories.limit({STORIES}){{{_story_fields(of_stories)}}}"
    posts = f"media.since({int(since.timestamp())}).limit({limit}){{{_post_fields(of_posts)}}}"
    return _get(version, account_id, account_id, fields=f"{stories},{posts}")


def read_fresh(answer: JSON) -> tuple[list[tuple[Post, list[Insight]]], list[tuple[Post, list[Insight]]]]:
    """The stories and the posts in an answer; an edge without anything is absent."""
    stories, posts = (answer.get(edge) or {"data": []} for edge in ("stories", "media"))
    return read_posts(stories), read_posts(posts)


def read_posts(answer: JSON) -> list[tuple[Post, list[Insight]]]:
    """The posts of a page, each with the insights that came with it."""
    return [(_post(row), read_post_insights(row.get("insights") or {"data": []})) for row in graph.rows(answer)]


def post_insights_call(version: str, account_id: str, post_id: str, metrics: Sequence[str]) -> ApiCall:
    """Ask for metrics of one post."""
    return _get(version, f"{post_id}/insights", account_id, metric=",".join(metrics))


def read_post_insights(answer: JSON) -> list[Insight]:
    """The lifetime values in a post's insights, whichever of the two shapes they have."""
    return _single_values(answer, "lifetime", None)


def extra_metrics(product_type: str) -> tuple[str, ...]:
    """The metrics that posts of this kind have and others have not."""
    return {"FEED": spec.FEED_METRICS, "REELS": spec.REELS_METRICS}.get(product_type, ())


def windows(days: Collection[date]) -> Iterator[tuple[date, date]]:
    """The fewest windows of at most 30 days that hold all the days, the newest first."""
    left = sorted(days, reverse=True)
    while left:
        inside = [day for day in left if left[0] - day < timedelta(days=spec.WINDOW_DAYS)]
        yield inside[-1], left[0]
        left = left[len(inside) :]


def bounds(first: date, last: date) -> tuple[int, int]:
    """`since` and `until` in Unix seconds for a window of days, never longer than Meta allows.

    Thirty days among which the clocks go back last an hour too long: such a window begins an hour late. The first day
    is in it all the same, since Meta counts by whole days, by the end of each.
    """
    since, until = graph.bounds(first, last)
    return max(since, until - spec.WINDOW_DAYS * 86_400), until


def series_call(
    version: str, account_id: str, metrics: Sequence[str], first: date, last: date, period: str = "day"
) -> ApiCall:
    """Ask for metrics day by day, for at most 30 days; with a longer `period`, for the unions that end on each day."""
    return _window_call(
        version, account_id, first, last, metric=",".join(metrics), period=period, metric_type="time_series"
    )


def read_series(answer: JSON) -> list[Insight]:
    """A value for each day that is there; a day that is not computed yet is absent."""
    return [
        Insight(
            graph.identifier(row, "name"),
            graph.text(row, "period") or "day",
            graph.day_of_end_time(str(point["end_time"])),
            float(point["value"]),
        )
        for row in graph.rows(answer)
        for point in row.get("values", [])
        if point.get("value") is not None
    ]


def online_followers_call(version: str, account_id: str, first: date, last: date) -> ApiCall:
    """Ask how many followers were online in each hour of each day."""
    return _window_call(version, account_id, first, last, metric="online_followers", period="lifetime")


def read_online_followers(answer: JSON) -> list[Insight]:
    """A value for each hour, "00" to "23", of each day that is there."""
    return [
        Insight(
            "online_followers",
            "day",
            graph.day_of_end_time(str(point["end_time"])),
            float(count),
            "hour",
            f"{int(hour):02}",
        )
        for row in graph.rows(answer)
        for point in row.get("values", [])
        for hour, count in (point.get("value") or {}).items()
    ]


def totals_call(version: str, account_id: str, day: date, metrics: Sequence[str] = spec.ACCOUNT_TOTALS) -> ApiCall:
    """Ask for all totals of one day, or some of them, in one call."""
    return span_totals_call(version, account_id, metrics, day, day)


def span_totals_call(version: str, account_id: str, metrics: Sequence[str], first: date, last: date) -> ApiCall:
    """Ask for the totals of a whole window, at most 30 days; people who came on several days count once."""
    return _window_call(
        version, account_id, first, last, metric=",".join(metrics), period="day", metric_type="total_value"
    )


def read_totals(answer: JSON, day: date) -> list[Insight]:
    """The totals of a day; a metric that is not computed yet is absent."""
    return _single_values(answer, "day", day)


def breakdown_call(
    version: str, account_id: str, metrics: Sequence[str], breakdown: str, first: date, last: date
) -> ApiCall:
    """Ask for the totals of a whole window, at most 30 days, by a breakdown."""
    return _window_call(
        version,
        account_id,
        first,
        last,
        metric=",".join(metrics),
        period="day",
        metric_type="total_value",
        breakdown=breakdown,
    )


def read_breakdown(answer: JSON, first: date, last: date) -> list[Insight]:
    """The totals of a window and their parts. Their period is the window, `days_30`: nobody sums them with days."""
    found, period = [], f"days_{(last - first).days + 1}"
    for row in graph.rows(answer):
        name, total = graph.identifier(row, "name"), row.get("total_value") or {}
        if total.get("value") is not None:
            found.append(Insight(name, period, last, float(total["value"])))
        for group in total.get("breakdowns", []):
            found += list(_parts(name, group, last, period))
    return found


def demographics_call(version: str, account_id: str, metric: str, breakdown: str) -> ApiCall:
    """Ask who the followers, or those who engaged this month, are."""
    return _insights_call(
        version,
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


def _parts(metric: str, group: Mapping[str, Any], day: date, period: str = "lifetime") -> Iterator[Insight]:
    keys = [graph.storable(str(key)) for key in group.get("dimension_keys", [])]
    shown = [place for place, key in enumerate(keys) if key != "timeframe"]
    for result in group.get("results", []):
        values = [graph.storable(str(value)) for value in result["dimension_values"]]
        yield Insight(
            metric,
            period,
            day,
            float(result["value"]),
            breakdown=",".join(keys[place] for place in shown),
            part=",".join(values[place] for place in shown),
        )


def _single_values(answer: JSON, period: str, day: date | None) -> list[Insight]:
    """The one value of each metric in an answer; a metric without one is absent."""
    return [
        Insight(graph.identifier(row, "name"), period, day, value)
        for row in graph.rows(answer)
        if (value := _single_value(row)) is not None
    ]


def _single_value(row: Mapping[str, Any]) -> float | None:
    """`total_value.value`, or the only entry of `values`."""
    total = row.get("total_value")
    values: Iterable[Any] = row.get("values") or ()
    found = total.get("value") if isinstance(total, dict) else next((entry.get("value") for entry in values), None)
    return None if found is None else float(found)


def _post_fields(metrics: Sequence[str]) -> str:
    return f"{','.join(spec.POST_FIELDS)},children{{{','.join(spec.CHILD_FIELDS)}}}{_nested(metrics)}"


def _story_fields(metrics: Sequence[str]) -> str:
    return ",".join(spec.STORY_FIELDS) + _nested(metrics)


def _nested(metrics: Sequence[str]) -> str:
    return f",insights.metric({','.join(metrics)})" if metrics else ""


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
        children=tuple(_child(child) for child in (row.get("children") or {}).get("data", [])),
        total_views=_count(row, "total_views_count"),
    )


def _child(row: Mapping[str, Any]) -> Child:
    return Child(
        child_id=graph.identifier(row, "id"),
        media_type=graph.text(row, "media_type"),
        media_url=graph.text(row, "media_url"),
        thumbnail_url=graph.text(row, "thumbnail_url"),
    )


def _count(row: Mapping[str, Any], name: str) -> int | None:
    value = row.get(name)
    return None if value is None else int(value)


def _window_call(version: str, account_id: str, first: date, last: date, **params: str) -> ApiCall:
    """Ask for insights of the account in a window of days."""
    since, until = bounds(first, last)
    return _insights_call(version, account_id, **params, since=str(since), until=str(until))


def _insights_call(version: str, account_id: str, **params: str) -> ApiCall:
    return _get(version, f"{account_id}/insights", account_id, **params)


def _get(version: str, path: str, account_id: str, **params: str) -> ApiCall:
    return ApiCall("GET", f"/{version}/{path}", params, asset_id=account_id)
