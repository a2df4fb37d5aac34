"""The floor of an ad account's breakdowns and windows of reach, each counted from the sandbox's world alone.

Like `floor`, it shares no code with the client.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from urllib.parse import parse_qs, urlsplit

from benchmarks.floor import ROWS_A_PAGE, ad_sets, pages

from freehold.sandbox.meta.world import ads, ads_breakdowns, ads_visible
from freehold.sandbox.meta.world.ads_plan import AdPlan, AdSeed

BREAKDOWNS = (
    ("age", "gender"),
    ("country",),
    ("publisher_platform", "platform_position"),
    ("publisher_platform", "impression_device"),
)
"""What ads' days are cut by."""
LEVELS = ("account", "campaign", "adset", "ad")
Span = tuple[date, date]
Delivery = tuple[AdSeed, str, int, list[int]]
"""Ad, its campaign, day (ordinal) and what it delivered."""


@dataclass
class Asked:
    """What a collection asked of insights beside the days: calls by breakdown, and by level and windows of reach.

    Calls for a report that was ordered, which do not name what it is of, belong to what was asked for last.
    """

    breakdowns: Counter[tuple[str, ...]] = field(default_factory=Counter)
    reach: Counter[tuple[str, tuple[Span, ...]]] = field(default_factory=Counter)

    def windows(self, level: str) -> set[Span]:
        """The windows that a level was asked for."""
        return {span for asked, spans in self.reach if asked == level for span in spans}

    def calls(self, level: str, span: Span) -> int:
        """The calls whose answers tell of a level's window; other windows come with them."""
        return sum(calls for (asked, spans), calls in self.reach.items() if asked == level and span in spans)


def asked(urls: Iterable[tuple[str, int]]) -> Asked:
    """What was asked for, of addresses in the order of their first calls and how often each was called."""
    found, breakdown, reach = Asked(), (), None
    for url, calls in urls:
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        if "level" in query:
            breakdown = tuple(json.loads(query.get("breakdowns", "[]")))
            reach = _windows(query) if "time_ranges" in query else None
        if breakdown:
            found.breakdowns[breakdown] += calls
        elif reach is not None:
            found.reach[reach] += calls
    return found


def _windows(query: Mapping[str, str]) -> tuple[str, tuple[Span, ...]]:
    spans = json.loads(query["time_ranges"])
    return query["level"], tuple(
        (date.fromisoformat(each["since"]), date.fromisoformat(each["until"])) for each in spans
    )


def whole_days(plan: AdPlan, days: int, now: datetime) -> Span:
    """The last whole days of an account as it counts them."""
    today = ads_visible.local_day(plan.timezone_name, now)
    return date.fromordinal(today - days), date.fromordinal(today - 1)


def breakdown(plan: AdPlan, names: tuple[str, ...], span: Span, now: datetime) -> int:
    """The calls for the parts of all days of a span by one breakdown."""
    return pages(sum(_parts(plan, names, of, now) for of in _delivered(plan, span, now)), ROWS_A_PAGE)


def reach(plan: AdPlan, level: str, spans: Iterable[Span], now: datetime) -> int:
    """The calls for how many people each object of a level reached in some windows, all in one report."""
    return pages(sum(len({_object(level, of) for of in _delivered(plan, span, now)}) for span in spans), ROWS_A_PAGE)


def _parts(plan: AdPlan, names: tuple[str, ...], of: Delivery, now: datetime) -> int:
    ad, _, day, vector = of
    passed = ads_visible.elapsed(plan.timezone_name, day, now)
    return len(ads_breakdowns.split_day(plan.seed, plan.currency, ad, day, vector, names, passed))


def _object(level: str, of: Delivery) -> str:
    ad, campaign_id, _, _ = of
    return {"account": "", "campaign": campaign_id, "adset": ad.set_id, "ad": ad.id}[level]


def _delivered(plan: AdPlan, span: Span, now: datetime) -> Iterator[Delivery]:
    first, last = (day.toordinal() for day in span)
    for ad_set in ad_sets(plan, now):
        team = ads.LineUp(ad_set, ad_set.ads)
        for ad in ad_set.ads:
            for day, vector in ads.ad_days(plan, team, ad, first, last, now, ads.NO_WRITES):
                yield ad, ad_set.campaign_id, day, vector
