"""What a report says: the figures of each account, as they stand in the store, with what is missing named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final, Literal

from freehold.kernel.database import ReadSession
from freehold.node.advice.periods import ARRIVING_DAYS
from freehold.node.advice.standing import Standing
from freehold.node.assets import ConnectedAsset
from freehold.node.collection.source import window, zone_of
from freehold.node.measures.question import Span
from freehold.node.reports import figures, page_figures, restatements
from freehold.node.reports.figures import Asking, Days, Figure, Source, Told
from freehold.node.reports.periods import Period
from freehold.node.reports.restatements import Earlier, Restatement
from freehold.node.store.ads import queries as ads
from freehold.node.store.ads.queries import CampaignResult
from freehold.node.store.facebook import queries as facebook
from freehold.node.store.instagram import queries as instagram
from freehold.node.store.instagram.queries import PostResult
from freehold.providers.meta import graph, spec

BEST_POSTS: Final = 6
SHOWN_PARTS: Final = 6
FEWEST_SHOWN: Final = 90
"""Days that charts show at least: a week is nothing without those before it. More are not collected at first."""
ACCOUNT_FIGURES: Final = ("account_views", "account_interactions", "new_followers", "account_saves", "account_shares")
REACH: Final = "account_reach"
UNIONS: Final = {"week": ("week", 7), "month": ("days_28", 28)}
"""Of a kind of report the window in which Meta counts people once, and its days."""
AD_FIGURES: Final = ("spend_minor", "impressions", "link_clicks", "link_ctr", "cpm_minor")
RESULT_FIGURES: Final = ("results", "cost_per_result_minor")
KINDS: Final = ("instagram", "facebook", "ads")
"""Of sections, in their order."""
COUNTED: Final = (
    "OUTCOME_SALES",
    "OUTCOME_LEADS",
    "OUTCOME_TRAFFIC",
    "OUTCOME_ENGAGEMENT",
    "OUTCOME_APP_PROMOTION",
)
"""Objectives whose results are counted; awareness counts people reached, which is not summed."""


@dataclass(frozen=True)
class Gap:
    """Days of the report of which a metric is not known."""

    metric: str
    days: tuple[date, ...]


@dataclass(frozen=True)
class Section:
    """One account. `days` are the daily values that charts and tables show; money is in minor units of `currency`.

    `people` is how many followed it when it was read last. `reach_window` is whether campaigns' reach is known.
    """

    kind: Literal["instagram", "facebook", "ads"]
    account_id: str
    name: str
    zone: str
    figures: tuple[Figure, ...]
    sources: tuple[Source, ...]
    days: Mapping[str, Days]
    gaps: tuple[Gap, ...]
    restated: tuple[Restatement, ...]
    told: Mapping[str, Mapping[str, float]]
    currency: str = ""
    people: int | None = None
    posts: int = 0
    best_posts: tuple[PostResult, ...] = ()
    audience: Mapping[str, Mapping[str, float]] | None = None
    campaigns: tuple[CampaignResult, ...] = ()
    reach_known: bool = True


@dataclass(frozen=True)
class Report:
    """Everything that one report says; `ended` and `unread` name the assets of which little or nothing can be told."""

    company: str
    period: Period
    shown: Span
    made_at: datetime
    sections: tuple[Section, ...]
    advice: tuple[Standing, ...]
    ended: tuple[str, ...]
    unread: tuple[str, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing is stored of its days."""
        return not any(source.rows for section in self.sections for source in section.sources)


async def gather(
    session: ReadSession,
    company: str,
    assets: Sequence[ConnectedAsset],
    period: Period,
    now: datetime,
    earlier: Earlier,
    advice: Sequence[Standing] = (),
) -> Report:
    """Read a report's numbers for the ticked `assets` from the store; each asset's days are its own calendar's.

    `earlier` is what other editions told, `advice` what is recommended.
    """
    profiles = {each.account_id: each for each in await instagram.profiles(session, [each.asset_id for each in assets])}
    first = min(period.now.first, period.now.last - timedelta(days=FEWEST_SHOWN - 1))
    shown = Span(first, period.now.last)
    fresh = window(now, 1).last - period.now.last < timedelta(days=ARRIVING_DAYS)
    sections = []
    for asset in assets:
        as_told = earlier.figures.get(asset.asset_id, {})
        asking = Asking(asset.asset_id, asset.currency or "", str(zone_of(asset)), period, shown, fresh, as_told)
        days = earlier.days.get(asset.asset_id, {})
        if asset.asset_id in profiles:
            sections.append(await _instagram(session, asking, days))
        elif asset.kind == "ad_account":
            sections.append(await _ads(session, asking, asset, days))
        elif asset.kind == "facebook_page":
            sections.append(await _page(session, asking, asset.name, days))
    return Report(
        company=company,
        period=period,
        shown=shown,
        made_at=now,
        sections=tuple(sorted(sections, key=lambda each: KINDS.index(each.kind))),
        advice=tuple(advice),
        ended=tuple(_called(asset) for asset in assets if asset.credential_status != "active"),
        unread=tuple(
            _called(asset) for asset in assets if asset.kind == "instagram_account" and asset.asset_id not in profiles
        ),
    )


def _called(asset: ConnectedAsset) -> str:
    return f"@{asset.username}" if asset.username else asset.name


async def _instagram(session: ReadSession, asking: Asking, earlier: Mapping[str, Days]) -> Section:
    account, span = asking.account_id, asking.period.now
    told = await figures.tell(session, asking, (*ACCOUNT_FIGURES, REACH), 0)
    begin, end = (
        datetime.fromtimestamp(seconds, graph.INSTAGRAM_DAY) for seconds in graph.bounds(span.first, span.last)
    )
    posts = await instagram.posts(session, account, begin, end)
    best = sorted(posts, key=lambda post: post.values.get("total_interactions", 0.0), reverse=True)
    (profile,) = await instagram.profiles(session, [account])
    compared = {key: told.days[key] for key in ACCOUNT_FIGURES}
    return Section(
        kind="instagram",
        account_id=account,
        name=f"@{profile.username}",
        zone=asking.zone,
        figures=(*told.figures, *await _union(session, asking)),
        sources=(told.source,),
        days=told.days,
        gaps=_gaps(told),
        people=profile.followers,
        posts=len(posts),
        best_posts=_dated(best[:BEST_POSTS]),
        audience=await _audience(session, account),
        restated=restatements.restated(earlier, compared),
        told=restatements.telling(compared, earlier, span.first, span.last),
    )


async def _union(session: ReadSession, asking: Asking) -> list[Figure]:
    """How many different people were reached in the report's days, where Meta counted them as one window."""
    if asking.period.kind not in UNIONS:
        return []
    name, _ = UNIONS[asking.period.kind]
    values: list[float | None] = []
    for span in (asking.period.now, asking.period.before, asking.period.year):
        found = await instagram.account_values(session, asking.account_id, ["reach"], span.last, span.last, period=name)
        values.append(found[0].value if found else None)
    if values[0] is None:
        return []
    return [figures.set_beside(f"reach_{name}", "people", 0, asking.period, values, adds_up=False)]


async def _audience(session: ReadSession, account: str) -> dict[str, dict[str, float]]:
    shown = {}
    for breakdown in spec.DEMOGRAPHIC_BREAKDOWNS:
        parts = await instagram.demographics(session, account, "follower_demographics", breakdown)
        if parts:
            shown[breakdown] = dict(list(parts.items())[:SHOWN_PARTS])
    return shown


async def _page(session: ReadSession, asking: Asking, name: str, earlier: Mapping[str, Days]) -> Section:
    span = asking.period.now
    told = await page_figures.tell(session, asking)
    begin, end = (datetime.combine(day, time(), graph.INSTAGRAM_DAY) for day in (span.first, span.last + timedelta(1)))
    posts = await facebook.posts(session, asking.account_id, begin, end)
    best = sorted(posts, key=lambda post: post.values.get("total_interactions", 0.0), reverse=True)
    return Section(
        kind="facebook",
        account_id=asking.account_id,
        name=name,
        zone=asking.zone,
        figures=told.figures,
        sources=(told.source,),
        days=told.days,
        gaps=_gaps(told),
        people=await facebook.followers(session, asking.account_id),
        posts=len(posts),
        best_posts=_dated(best[:BEST_POSTS]),
        restated=restatements.restated(earlier, told.days),
        told=restatements.telling(told.days, earlier, span.first, span.last),
    )


def _dated(posts: Sequence[PostResult]) -> tuple[PostResult, ...]:
    """Posts with the day on which Meta counts them."""
    return tuple(replace(each, published_at=each.published_at.astimezone(graph.INSTAGRAM_DAY)) for each in posts)


async def _ads(session: ReadSession, asking: Asking, asset: ConnectedAsset, earlier: Mapping[str, Days]) -> Section:
    account, span = asking.account_id, asking.period.now
    currency = await ads.currency(session, account) or asking.currency
    asking = replace(asking, currency=currency)
    campaigns = await ads.campaign_results(session, account, span.first, span.last)
    told = [await figures.tell(session, asking, AD_FIGURES, 0)]
    for objective in COUNTED:
        if any(each.objective == objective for each in campaigns):
            filters = {"campaign": tuple(await ads.campaigns_with(session, account, objective))}
            told.append(
                await figures.tell(session, asking, RESULT_FIGURES, len(told), prefix=f"{objective}:", filters=filters)
            )
    days = {key: values for each in told for key, values in each.days.items()}
    compared = {key: values for key, values in days.items() if key.endswith(("spend_minor", "results"))}
    return Section(
        kind="ads",
        account_id=account,
        name=asset.name,
        zone=asking.zone,
        figures=tuple(figure for each in told for figure in each.figures),
        sources=tuple(each.source for each in told),
        days=days,
        gaps=_gaps(told[0])[:1],
        currency=currency,
        campaigns=tuple(campaigns),
        reach_known=not campaigns or await ads.campaign_reach_covered(session, account, span.first, span.last),
        restated=restatements.restated(earlier, compared),
        told=restatements.telling(compared, earlier, span.first, span.last),
    )


def _gaps(told: Told) -> tuple[Gap, ...]:
    return tuple(Gap(metric, days) for metric, days in told.unread.items() if days)
