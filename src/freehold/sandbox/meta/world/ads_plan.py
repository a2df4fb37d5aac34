"""The seeded campaigns, ad sets and ads of an ad account: who exists, when, with which budget and quality.

Everything is a pure function of (seed, account, numbers), so nothing is stored; ids carry the numbers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from freehold.sandbox.meta.world.randomness import draws, lognormal

HISTORY_DAYS = 1130
"""How far before the world's epoch an account began: a little over 37 months."""
FUTURE_DAYS = 400
"""How far after the epoch seeded campaigns keep starting, for a sandbox whose time is moved."""
FOREVER = 10**7
SHARING = 0.35
"""The part of campaigns whose budget stands on the campaign."""
FIRST_ADS = 2
"""How many ads an ad set begins with; the others join later."""
LOSING = 0.85
"""Ads below this quality are paused after a while."""

OBJECTIVES = (
    ("OUTCOME_SALES", 0.42),
    ("OUTCOME_LEADS", 0.16),
    ("OUTCOME_TRAFFIC", 0.18),
    ("OUTCOME_ENGAGEMENT", 0.14),
    ("OUTCOME_AWARENESS", 0.10),
)
GOALS = {
    "OUTCOME_SALES": "OFFSITE_CONVERSIONS",
    "OUTCOME_LEADS": "LEAD_GENERATION",
    "OUTCOME_TRAFFIC": "LINK_CLICKS",
    "OUTCOME_ENGAGEMENT": "POST_ENGAGEMENT",
    "OUTCOME_AWARENESS": "REACH",
    "OUTCOME_APP_PROMOTION": "APP_INSTALLS",
}
MINOR_PER_CENT = {"USD": 1.0, "EUR": 0.92, "GBP": 0.79, "JPY": 1.5, "INR": 83.0, "AUD": 1.5, "NZD": 1.65, "KRW": 13.5}
"""Minor units of a currency that one US cent buys; JPY and KRW have no minor unit, so there it is whole units."""
ZERO_DECIMAL = frozenset({"JPY", "KRW"})
THEMES = (
    "Evergreen",
    "New collection",
    "Gift guide",
    "Bestsellers",
    "Story of the maker",
    "Restock",
    "Weekend",
    "Club",
)
AUDIENCES = (
    "Broad 25-54",
    "Lookalike 2 %",
    "Retargeting 30 days",
    "Interests: home",
    "Engaged followers",
    "Advantage+",
)
FORMATS = ("Video 15 s", "Carousel", "Single image", "Reel", "Collection", "Maker portrait")


@dataclass(frozen=True)
class AdPlan:
    """What decides an ad account's whole history; `epoch` is a local day as a proleptic ordinal."""

    seed: int
    ordinal: int
    account_id: str
    currency: str
    timezone_name: str
    epoch: int
    ad_count: int
    page_id: str
    instagram_id: str | None
    website: str


@dataclass(frozen=True, eq=False)
class AdSeed:
    """One ad as delivery sees it. Days are ordinals in the account's zone; `end` is the first day without delivery."""

    id: str
    set_id: str
    campaign_id: str
    number: int
    name: str
    start: int
    end: int
    quality: float
    fatigue_days: float


@dataclass(frozen=True, eq=False)
class AdSetSeed:
    """One ad set as delivery sees it; `daily_budget` in minor units, `pool` in people it can reach."""

    id: str
    campaign_id: str
    number: int
    name: str
    objective: str
    start: int
    end: int
    daily_budget: int
    pool: int
    currency_factor: float
    aov: int
    ads: tuple[AdSeed, ...]


@dataclass(frozen=True, eq=False)
class CampaignSeed:
    """One campaign; with `shares_budget` the budget stands on the campaign instead of on its ad sets."""

    id: str
    number: int
    name: str
    objective: str
    start: int
    end: int
    shares_budget: bool
    set_sizes: tuple[int, ...]


def make_id(kind: int, ordinal: int, campaign: int, ad_set: int = 0, ad: int = 0) -> str:
    """The id of a seeded object: kind 1 campaign, 2 ad set, 3 ad, 4 creative."""
    return f"1202{kind}{ordinal:03d}{campaign:04d}{ad_set:02d}{ad:02d}"


def read_id(text: str) -> tuple[int, int, int, int, int] | None:
    """(kind, account ordinal, campaign, ad set, ad) of a seeded id, else None."""
    if len(text) != len("1202") + 12 or not text.startswith("1202") or not text.isdigit() or text[4] not in "1234":
        return None
    return int(text[4]), int(text[5:8]), int(text[8:12]), int(text[12:14]), int(text[14:16])


@lru_cache(maxsize=64)
def structure(plan: AdPlan) -> tuple[tuple[int, ...], ...]:
    """Ads per ad set for every campaign; those started before the epoch hold exactly `ad_count` ads."""
    sizes: list[tuple[int, ...]] = []
    left = plan.ad_count
    while left > 0:
        sizes.append(_set_sizes(plan, len(sizes), left))
        left -= sum(sizes[-1])
    past = len(sizes)
    future = past * FUTURE_DAYS // HISTORY_DAYS + 1
    sizes.extend(_set_sizes(plan, past + index, plan.ad_count) for index in range(future))
    return tuple(sizes)


def _set_sizes(plan: AdPlan, number: int, left: int) -> tuple[int, ...]:
    chance = draws(plan.seed, "sizes", plan.account_id, number)
    sizes: list[int] = []
    for index in range(1 + int(chance[0] * 4)):
        size = min(2 + int(chance[1 + index] * 4), left)
        if size <= 0:
            break
        sizes.append(size)
        left -= size
    return tuple(sizes)


@lru_cache(maxsize=64)
def _past_campaigns(plan: AdPlan) -> int:
    left, count = plan.ad_count, 0
    for sizes in structure(plan):
        if left <= 0:
            break
        left -= sum(sizes)
        count += 1
    return count


@lru_cache(maxsize=4096)
def campaign(plan: AdPlan, number: int) -> CampaignSeed:
    """The seeded campaign with this number (from 0)."""
    past = _past_campaigns(plan)
    step = HISTORY_DAYS / past
    chance = draws(plan.seed, "campaign", plan.account_id, number)
    start = plan.epoch - HISTORY_DAYS + int((number + chance[0] * 0.9) * step)
    life = max(28, int(max(4, past / 16) * step * (0.6 + chance[1])))
    objective = _objective(chance[2])
    theme = THEMES[int(chance[3] * len(THEMES))]
    name = f"{objective.removeprefix('OUTCOME_').title()} | {theme} | {number + 1:03d}"
    return CampaignSeed(
        make_id(1, plan.ordinal, number),
        number,
        name,
        objective,
        start,
        start + life,
        chance[4] < SHARING,
        structure(plan)[number],
    )


def _objective(chance: float) -> str:
    for objective, weight in OBJECTIVES:
        if chance < weight:
            return objective
        chance -= weight
    return OBJECTIVES[0][0]


@lru_cache(maxsize=4096)
def ad_set(plan: AdPlan, campaign_number: int, number: int) -> AdSetSeed:
    """The seeded ad set `number` (from 1) of a campaign, with its ads."""
    parent = campaign(plan, campaign_number)
    chance = draws(plan.seed, "set", plan.account_id, campaign_number, number)
    factor = MINOR_PER_CENT.get(plan.currency, 1.0)
    start = parent.start + int(chance[0] * 6)
    set_id = make_id(2, plan.ordinal, campaign_number, number)
    return AdSetSeed(
        set_id,
        parent.id,
        number,
        f"{AUDIENCES[int(chance[3] * len(AUDIENCES))]} - {number}",
        parent.objective,
        start,
        parent.end,
        round(4500 * lognormal(chance[1], chance[2], 0.55) * factor / 100) * 100,
        int(180_000 * lognormal(chance[4], chance[5], 0.8)) + 8_000,
        factor,
        int((3_500 + 6_000 * chance[6]) * factor),
        tuple(
            _ad(plan, parent, set_id, start, campaign_number, number, k) for k in range(parent.set_sizes[number - 1])
        ),
    )


def _ad(
    plan: AdPlan, parent: CampaignSeed, set_id: str, set_start: int, campaign_number: int, set_number: int, index: int
) -> AdSeed:
    """The first ad carries its ad set to the end; later ones join during its life, and losers are paused early."""
    chance = draws(plan.seed, "ad", plan.account_id, campaign_number, set_number, index)
    quality = lognormal(chance[0], chance[1], 0.4)
    life = parent.end - set_start
    start = set_start if index < FIRST_ADS else set_start + int(chance[2] * 0.6 * life)
    end = parent.end
    if index and quality < LOSING:
        end = min(end, start + 8 + int(chance[3] * 20))
    name = f"{FORMATS[int(chance[4] * len(FORMATS))]} - v{index + 1}"
    ad_id = make_id(3, plan.ordinal, campaign_number, set_number, index + 1)
    return AdSeed(ad_id, set_id, parent.id, index + 1, name, start, end, quality, 25 + 60 * chance[5])


def campaigns(plan: AdPlan) -> Iterator[CampaignSeed]:
    """All seeded campaigns, oldest first, those that start after the epoch too."""
    for number in range(len(structure(plan))):
        yield campaign(plan, number)


def ad_sets(plan: AdPlan, parent: CampaignSeed) -> Iterator[AdSetSeed]:
    """The seeded ad sets of one campaign."""
    for number in range(1, len(parent.set_sizes) + 1):
        yield ad_set(plan, parent.number, number)
