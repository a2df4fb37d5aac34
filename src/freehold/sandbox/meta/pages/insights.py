"""`GET /{page-id}/insights` and `GET /{post-id}/insights`."""

from typing import Any

from freehold.sandbox.meta.errors import GraphError
from freehold.sandbox.meta.graph import JSON, Call
from freehold.sandbox.meta.instagram.questions import instant, invalid, names, one_of
from freehold.sandbox.meta.pages.metrics import PAGE_METRICS, PERIODS, POST_METRICS, PageMetric
from freehold.sandbox.meta.pages.shown import PagePost
from freehold.sandbox.meta.paging import address
from freehold.sandbox.meta.world.instagram_account import AccountDay, shown_day
from freehold.sandbox.meta.world.instagram_days import DAY_SECONDS, day_end, days_within, written
from freehold.sandbox.meta.world.instagram_feed import Feed, followers_at
from freehold.sandbox.meta.world.pages import REACTIONS, fans, page_feed, page_totals, post_totals, reactions
from freehold.sandbox.meta.world.people import Page

MAX_WINDOW = 90 * DAY_SECONDS
KEPT = 730 * DAY_SECONDS
DEFAULT_WINDOW = 2 * DAY_SECONDS
FEW_FANS = 100
LENGTHS = {"day": 1, "week": 7, "days_28": 28}
PRESETS = {"last_3d": 3, "last_7d": 7, "last_14d": 14, "last_28d": 28, "last_30d": 30, "last_90d": 90, "yesterday": 1}


def page_answer(call: Call, page: Page, _asked: object) -> JSON:
    """The insights of a page, day by day; a page with fewer than FEW_FANS likes has none."""
    call.demand("pages_read_engagement", "read_insights")
    metrics = _metrics(call, PAGE_METRICS)
    period = one_of(call.params, "period", PERIODS)
    since, until = _window(call)
    now = int(call.now.timestamp())
    feed = page_feed(call.sandbox.world, page)
    data: list[JSON] = []
    if fans(followers_at(feed, now)) >= FEW_FANS:
        for metric in metrics:
            for kind in metric.periods if not period else _supported(metric, period):
                values = _daily(call, feed, metric, kind, range_of(since, until, now))
                if values:
                    data.append(_described(page.id, metric, kind, values))
    return {"data": data, "paging": _links(call, since, until)}


def range_of(since: int, until: int, now: int) -> range:
    """The days of a window for which anything is kept."""
    return days_within(max(since, now - KEPT), min(until, now))


def _supported(metric: PageMetric, period: str) -> tuple[str, ...]:
    return (period,) if period in metric.periods else ()


def _daily(call: Call, feed: Feed, metric: PageMetric, period: str, days: range) -> list[JSON]:
    now = int(call.now.timestamp())
    call.spend(1 + len(days))
    values: list[JSON] = []
    for day in days:
        if shown_day(feed, day, now) is None:
            continue
        trailing = (shown_day(feed, one, now) for one in range(day - LENGTHS[period] + 1, day + 1))
        values.append(
            {"value": _page_value(feed, metric, [one for one in trailing if one]), "end_time": written(day_end(day))}
        )
    return values


def _page_value(feed: Feed, metric: PageMetric, days: list[AccountDay]) -> Any:
    totals = page_totals(feed, days)
    if metric.shows == "by_reaction":
        return {kind: totals[kind] for kind in REACTIONS if totals[kind]}
    return totals[metric.shows]


def post_answer(call: Call, shown: PagePost, _asked: object) -> JSON:
    """The lifetime insights of a page post."""
    call.demand("pages_read_engagement", "read_insights")
    metrics = _metrics(call, POST_METRICS)
    period = one_of(call.params, "period", PERIODS)
    call.spend(len(metrics))
    if period not in {"", "lifetime"}:
        return {"data": []}
    totals = post_totals(shown.post, int(call.now.timestamp()))
    data = [
        _described(shown.id, metric, "lifetime", [{"value": _post_value(shown, metric, totals)}]) for metric in metrics
    ]
    return {"data": data}


def _post_value(shown: PagePost, metric: PageMetric, totals: dict[str, int]) -> Any:
    by_reaction = reactions(totals["reactions"])
    if metric.shows == "by_reaction":
        return {kind: count for kind, count in by_reaction.items() if count}
    if metric.shows == "by_action":
        named = {"share": totals["shares"], "like": totals["reactions"], "comment": totals["comments"]}
        return {action: count for action, count in named.items() if count}
    if metric.shows == "video_views":
        return totals["views"] if shown.post.media_type == "VIDEO" else 0
    return by_reaction[metric.shows] if metric.shows in by_reaction else totals[metric.shows]


def _metrics(call: Call, known: dict[str, PageMetric]) -> list[PageMetric]:
    asked = names(call.params, "metric")
    if not asked:
        raise GraphError(
            "(#3001) No metric was specified to be fetched. "
            "Please specify one or more metrics to be fetched and try again.",
            code=3001,
            subcode=1504028,
        )
    if any(name not in known for name in asked):
        raise invalid("The value must be a valid insights metric")
    return [known[name] for name in dict.fromkeys(asked)]


def _window(call: Call) -> tuple[int, int]:
    now = int(call.now.timestamp())
    preset = call.params.get("date_preset", "")
    if preset and preset not in PRESETS:
        raise invalid(f"date_preset must be one of the following values: {', '.join(PRESETS)}")
    since, until = instant(call.params, "since"), instant(call.params, "until")
    end = now if until is None else until
    length = PRESETS[preset] * DAY_SECONDS if preset else DEFAULT_WINDOW
    start = end - length if since is None else since
    if start > end:
        raise invalid("since param should not be greater than until param")
    if end - start > MAX_WINDOW:
        raise invalid("There cannot be more than 90 days (7776000 s) between since and until")
    return start, end


def _links(call: Call, since: int, until: int) -> dict[str, str]:
    url, length = call.base_url + call.path, until - since
    return {
        "previous": address(url, call.params, since=str(since - length), until=str(since)),
        "next": address(url, call.params, since=str(until), until=str(until + length)),
    }


def _described(owner: str, metric: PageMetric, period: str, values: list[JSON]) -> JSON:
    titles = {"day": "Daily ", "week": "Weekly ", "days_28": "28 Days ", "lifetime": "Lifetime "}
    return {
        "name": metric.name,
        "period": period,
        "values": values,
        "title": titles.get(period, "") + metric.title,
        "description": f"{metric.title} of the {'post' if period == 'lifetime' else 'page'}.",
        "id": f"{owner}/insights/{metric.name}/{period}",
    }
