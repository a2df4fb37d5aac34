"""Fifty questions to Insights, and their answers, worked out from the sandbox's world and from nothing that is stored.

The ceramics company stands still at the instant that it is asked about; a node has collected its last two weeks.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any, Final
from zoneinfo import ZoneInfo

from mcp import Client
from tests.integration.collection import ads_oracle, oracle
from tests.integration.collection.ads_oracle import Delivered
from tests.integration.mcp.week import DAYS, FIRST, LAST, WEEK, WEEK_BEFORE
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, NOW

from freehold.sandbox.meta.instagram.ids import media_id
from freehold.sandbox.meta.state import Sandbox
from freehold.sandbox.meta.world.instagram_posts import Post, lifetime

Read = Callable[[dict[str, Any]], Any]
Sums = dict[str, int]

EARLIER: Final = [day - timedelta(days=7) for day in DAYS]
FORTNIGHT: Final = {"since": str(EARLIER[0]), "until": str(LAST)}
QUARTER: Final = {"since": str(LAST - timedelta(days=89)), "until": str(LAST)}
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
COUNTS: Final = ("spend_minor", "impressions", "clicks", "link_clicks")
RATES: Final = {
    "ctr": ("clicks", "impressions", 1),
    "link_ctr": ("link_clicks", "impressions", 1),
    "cpc_minor": ("spend_minor", "clicks", 1),
    "cpm_minor": ("spend_minor", "impressions", 1_000),
}
"""Rate -> what is divided by what, and times what."""
PARTS: Final = {
    "age": ("age_gender", 0),
    "gender": ("age_gender", 1),
    "country": ("country", 0),
    "platform": ("placement", 0),
    "position": ("placement", 1),
    "device": ("device", 1),
}
"""Dimension -> the breakdown that has it, and its place there."""
ACCOUNT: Final = {
    "account_views": "views",
    "account_interactions": "total_interactions",
    "account_likes": "likes",
    "account_comments": "comments",
    "account_saves": "saves",
    "account_shares": "shares",
    "new_followers": "follower_count",
}
OF_ACCOUNTS: Final = {*ACCOUNT, "account_reach", "accounts_engaged"}
VIEWS: Final = {
    "bi_account_days", "bi_posts", "bi_ad_days", "bi_campaign_days", "bi_page_days", "bi_audience",
    "bi_competitor_ads", "bi_recommendations",
}  # fmt: skip


@dataclass(frozen=True)
class Known:
    """A question, what is true, and where the answer says it."""

    tool: str
    arguments: Mapping[str, Any]
    truth: Any
    read: Read

    def wrong(self, answer: dict[str, Any]) -> str:
        """How the answer differs from what is true; empty if it does not."""
        told = self.read(answer)
        return "" if alike(told, self.truth) else f"{self.tool} {dict(self.arguments)}: {told} is not {self.truth}"


def alike(told: Any, truth: Any) -> bool:
    """Whether they are the same, rates to the sixth decimal."""
    if isinstance(truth, dict):
        return (
            isinstance(told, dict)
            and told.keys() == truth.keys()
            and all(alike(told[key], truth[key]) for key in truth)
        )
    if isinstance(truth, float):
        return isinstance(told, int | float) and math.isclose(told, truth, abs_tol=2e-6)
    return bool(told == truth)


@dataclass(frozen=True)
class Truth:
    """What the sandbox's world says of the ceramics company."""

    sandbox: Sandbox

    @cached_property
    def delivered(self) -> dict[ads_oracle.Day, Delivered]:
        """Each ad's days of both weeks."""
        plan = oracle.plan_of(self.sandbox, CERAMICS_ADS)
        return ads_oracle.delivered(plan, ads_oracle.seeded_sets(plan), [*EARLIER, *DAYS], NOW)

    @cached_property
    def account(self) -> dict[oracle.Key, float]:
        """The account's own days of both weeks."""
        return oracle.account_insights(oracle.feed_of(self.sandbox, CERAMICS), [*EARLIER, *DAYS], NOW)

    def ads(self, metric: str, by: str = "", days: Collection[date] = DAYS) -> Sums:
        """A count of ads, added up."""
        found: Counter[str] = Counter()
        for (ad, day), of in self.delivered.items():
            if day in days:
                found[_key(by, ad, day, of)] += int(str(ads_oracle.day_row(of)[metric]))
        return dict(found)

    def rate(self, name: str, by: str = "", days: Collection[date] = DAYS) -> dict[str, float]:
        """A rate of ads, from the sums."""
        above, below, times = RATES[name]
        divisors = self.ads(below, by, days)
        return {key: float(value * times / divisors[key]) for key, value in self.ads(above, by, days).items()}

    @cached_property
    def parts(self) -> dict[ads_oracle.Part, dict[str, object]]:
        """The same of the week by whom and where ads were shown."""
        week = {key: of for key, of in self.delivered.items() if key[1] in DAYS}
        return ads_oracle.parts(oracle.plan_of(self.sandbox, CERAMICS_ADS), week, NOW)

    def ad_parts(self, metric: str, dimension: str) -> Sums:
        """A count of ads by a dimension of a breakdown, over the week."""
        breakdown, place = PARTS[dimension]
        found: Counter[str] = Counter()
        for key, row in self.parts.items():
            _, _, name, *shown = key
            if name == breakdown:
                found[str(shown[place])] += int(str(row[metric]))
        return dict(found)

    def of_account(self, stored: str, days: Iterable[date] = DAYS) -> float:
        """A sum over the account's days."""
        return sum(self.account[CERAMICS, stored, "day", "", "", day] for day in days)

    def posts(self, first: date = FIRST) -> list[Post]:
        """The posts published since a day that have numbers."""
        return [
            post
            for post in oracle.measured(oracle.feed_of(self.sandbox, CERAMICS), NOW)
            if first <= self.local(post).date() <= LAST
        ]

    def local(self, post: Post) -> datetime:
        """When a post was published, by the clock of its owner's ad account."""
        zone = ZoneInfo(oracle.plan_of(self.sandbox, CERAMICS_ADS).timezone_name)
        return datetime.fromtimestamp(post.at, UTC).astimezone(zone)


def _key(by: str, ad: str, day: date, of: Delivered) -> str:
    keys = {
        "": "",
        "ad": ad,
        "ad_set": of.ad_set.id,
        "campaign": of.ad_set.campaign_id,
        "ad_account": CERAMICS_ADS,
        "day": str(day),
        "week": str(day - timedelta(days=day.weekday())),
    }
    return keys[by]


def gathered(post: Post, metric: str) -> float:
    """What a post has gathered by now."""
    return float(lifetime(post, int(NOW.timestamp()))[metric])


def format_of(post: Post) -> str:
    """What a reader would call a post."""
    return {"REELS": "reel"}.get(post.product_type) or {"CAROUSEL_ALBUM": "carousel"}.get(
        post.media_type, post.media_type.lower()
    )


def fifty(sandbox: Sandbox) -> list[Known]:
    """The questions, every tool among them."""
    truth = Truth(sandbox)
    made = [*_of_ads(truth), *_of_parts(truth), *_of_accounts(truth), *_of_posts(truth), *_compared(truth)]
    return [*made, *_explained(truth), *_ranked(truth), *_drawn(truth), *_others(truth)]


def _query(metric: str, truth: Any, by: str = "", grain: str = "total", period: Mapping[str, str] = WEEK) -> Known:
    asked = {"metrics": [metric], "period": period, "grain": grain, "dimensions": [by] if by else [], "limit": 500}
    return Known("query_metrics", asked, truth, lambda answer: _rows(answer, metric))


def _rows(answer: dict[str, Any], metric: str) -> dict[str, Any]:
    """The values of an answer by its only dimension or its first day."""
    return {
        next(iter(row["dimensions"].values()), row.get("since", "")): row["values"].get(metric)
        for row in answer["rows"]
    }


def _of_ads(truth: Truth) -> Iterator[Known]:
    for metric in COUNTS:
        yield _query(metric, truth.ads(metric))
        yield _query(metric, truth.ads(metric, "campaign"), "campaign")
    for by in ("ad", "ad_set", "ad_account"):
        yield _query("spend_minor", truth.ads("spend_minor", by), by)
    yield _query("impressions", truth.ads("impressions", "day"), grain="day")
    both = [*EARLIER, *DAYS]
    weeks = {max(key, str(EARLIER[0])): value for key, value in truth.ads("clicks", "week", both).items()}
    yield _query("clicks", weeks, grain="week", period=FORTNIGHT)
    for name in RATES:
        yield _query(name, truth.rate(name))
    yield _query("ctr", truth.rate("ctr", "campaign"), "campaign")


def _of_parts(truth: Truth) -> Iterator[Known]:
    for dimension in PARTS:
        yield _query("impressions", truth.ad_parts("impressions", dimension), dimension)


def _of_accounts(truth: Truth) -> Iterator[Known]:
    for metric in ("account_views", "account_interactions", "account_saves", "new_followers"):
        yield _query(metric, {"": truth.of_account(ACCOUNT[metric])})
    by_day = {str(day): truth.account[CERAMICS, "reach", "day", "", "", day] for day in DAYS}
    yield _query("account_reach", by_day, grain="day")


def _of_posts(truth: Truth) -> Iterator[Known]:
    posts, by_format = truth.posts(date.fromisoformat(QUARTER["since"])), defaultdict(list)
    for post in posts:
        by_format[format_of(post)].append(post)
    yield _query("posts", {"": len(posts)}, period=QUARTER)
    yield _query(
        "posts", dict(Counter(WEEKDAYS[truth.local(post).weekday()] for post in posts)), "weekday", period=QUARTER
    )
    yield _query("posts", dict(Counter(f"{truth.local(post).hour:02}" for post in posts)), "hour", period=QUARTER)
    views = {name: sum(gathered(post, "views") for post in of) for name, of in by_format.items()}
    yield _query("post_views", views, "format", period=QUARTER)
    average = {name: sum(gathered(post, "reach") for post in of) / len(of) for name, of in by_format.items()}
    yield _query("reach_per_post", average, "format", period=QUARTER)
    reached = sum(gathered(post, "reach") for post in posts)
    rate = sum(gathered(post, "total_interactions") for post in posts if gathered(post, "reach")) / reached
    yield _query("engagement_rate", {"": rate}, period=QUARTER)


def _compared(truth: Truth) -> Iterator[Known]:
    def changes(answer: dict[str, Any], metric: str) -> dict[str, Any]:
        return {
            next(iter(row["dimensions"].values()), ""): row["metrics"][metric].get("change") for row in answer["rows"]
        }

    spent, before = truth.ads("spend_minor")[""], truth.ads("spend_minor", days=EARLIER)[""]
    asked = {"metrics": ["spend_minor"], "period": WEEK}
    yield Known("compare_periods", asked, {"": spent - before}, lambda answer: changes(answer, "spend_minor"))
    viewed = truth.of_account("views") - truth.of_account("views", EARLIER)
    asked = {"metrics": ["account_views"], "period": WEEK, "against": WEEK_BEFORE}
    yield Known("compare_periods", asked, {"": viewed}, lambda answer: changes(answer, "account_views"))
    rate = truth.rate("ctr")[""] - truth.rate("ctr", days=EARLIER)[""]
    asked = {"metrics": ["ctr"], "period": WEEK}
    yield Known("compare_periods", asked, {"": rate}, lambda answer: changes(answer, "ctr"))


def _explained(truth: Truth) -> Iterator[Known]:
    def parts(answer: dict[str, Any]) -> dict[str, Any]:
        (split,) = [each for each in answer["splits"] if each["dimension"] == "campaign"]
        return {each["group"]: each["contribution"] for each in split["drivers"] if each["contribution"]}

    for metric in ("spend_minor", "clicks"):
        now, before = truth.ads(metric, "campaign"), truth.ads(metric, "campaign", EARLIER)
        moved = {key: now.get(key, 0) - before.get(key, 0) for key in {*now, *before}}
        asked = {"metric": metric, "period": WEEK, "limit": 25}
        yield Known("explain_change", asked, {key: value for key, value in moved.items() if value}, parts)
    viewed = truth.of_account("views") - truth.of_account("views", EARLIER)
    yield Known("explain_change", {"metric": "account_views", "period": WEEK}, viewed, lambda answer: answer["change"])


def _ranked(truth: Truth) -> Iterator[Known]:
    def order(answer: dict[str, Any]) -> list[str]:
        return [each["post"] for each in answer["posts"]]

    posts = sorted(truth.posts(date.fromisoformat(QUARTER["since"])), key=lambda post: gathered(post, "views"))
    best = [media_id(post) for post in reversed(posts)]
    asked = {"metric": "post_views", "period": QUARTER, "limit": 5}
    yield Known("top_posts", asked, best[:5], order)
    yield Known("top_posts", {**asked, "direction": "least"}, best[:-6:-1], order)
    reels = [media_id(post) for post in reversed(posts) if format_of(post) == "reel"]
    yield Known("top_posts", {**asked, "formats": ["reel"]}, reels[:5], order)


def _drawn(truth: Truth) -> Iterator[Known]:
    spent = truth.ads("spend_minor", "day")
    yield Known(
        "draw_chart",
        {"metric": "spend_minor", "period": WEEK},
        {str(day): spent.get(str(day), 0) for day in DAYS},
        lambda answer: {point["since"]: point["value"] for point in answer["series"][0]["points"]},
    )


def _others(truth: Truth) -> Iterator[Known]:
    yield Known(
        "list_metrics",
        {"source": "account_days"},
        OF_ACCOUNTS,
        lambda answer: {each["name"] for each in answer["metrics"]},
    )
    yield Known("list_views", {}, VIEWS, lambda answer: {each["name"] for each in answer["views"]})
    summed = f"SELECT campaign_id, SUM(spend_minor) FROM bi_ad_days WHERE day BETWEEN '{FIRST}' AND '{LAST}' GROUP BY 1"
    yield Known("run_sql", {"sql": summed}, truth.ads("spend_minor", "campaign"), lambda answer: dict(answer["rows"]))
    yield Known("recommendations", {}, [], lambda answer: answer["recommendations"])
    yield Known(
        "generate_report",
        {"kind": "week"},
        {"since": "2026-11-16", "until": "2026-11-22"},
        lambda answer: answer["days"],
    )


async def wrong_answers(client: Client, asked: Iterable[Known]) -> list[str]:
    """Ask everything; gives what was told otherwise than it is, or not at all."""
    found = []
    for each in asked:
        result = await client.call_tool(each.tool, dict(each.arguments))
        answer = result.structured_content
        told = f"{each.tool}: {result.content}" if result.is_error or answer is None else each.wrong(answer)
        found += [told] if told else []
    return found
