"""What the public archive of ads holds: ads that were delivered to the European Union or the United Kingdom.

Pages with an ad account show that account's ads; other pages advertise too, in their own country alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from freehold.sandbox.meta.world import ads_plan
from freehold.sandbox.meta.world.ads_breakdowns import COUNTRIES
from freehold.sandbox.meta.world.ads_plan import AdPlan, AdSeed, AdSetSeed, CampaignSeed
from freehold.sandbox.meta.world.people import Page, World

EUROPE = frozenset(
    {
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GR", "HR", "HU", "IE", "IT", "LT",
        "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
    }
)  # fmt: skip
"""The European Union and the United Kingdom."""
CURRENCIES = {"US": "USD", "DE": "EUR", "GB": "GBP", "NZ": "NZD", "JP": "JPY"}
FIRST_UNLISTED = 800
"""Plans of pages without an ad account are numbered from here on, so that no object id finds them."""
UNLISTED_ADS = 36


@dataclass(frozen=True)
class ArchivedAd:
    """One ad of the archive with the countries it was shown in; days are ordinals, `stop` None while it runs."""

    id: str
    page: Page
    campaign: CampaignSeed
    ad_set: AdSetSeed
    ad: AdSeed
    countries: frozenset[str]
    website: str
    start: int
    stop: int | None


def unlisted_plan(world: World, page: Page) -> tuple[AdPlan, frozenset[str]]:
    """What a page without an ad account in this world advertises, and where: in its own country."""
    account = next((known for known in world.instagram_accounts if known.page_id == page.id), None)
    country = account.country if account else "US"
    plan = AdPlan(
        seed=world.seed,
        ordinal=FIRST_UNLISTED + world.pages.index(page),
        account_id=page.id,
        currency=CURRENCIES.get(country, "USD"),
        timezone_name=account.timezone_name if account else "UTC",
        epoch=world.epoch.date().toordinal(),
        ad_count=UNLISTED_ADS,
        page_id=page.id,
        instagram_id=account.id if account else None,
        website=account.website if account else "",
    )
    return plan, frozenset({country})


def countries_of(plan: AdPlan) -> frozenset[str]:
    """The countries in which an ad account's ads are shown."""
    return frozenset(code for code, _ in COUNTRIES.get(plan.currency, COUNTRIES["USD"]))


@lru_cache(maxsize=64)
def of_page(plan: AdPlan, page: Page, countries: frozenset[str], first: int, today: int) -> tuple[ArchivedAd, ...]:
    """A page's ads that were delivered at some time from the day `first` until `today`, newest first."""
    found = sorted(_of_page(plan, page, countries, first, today), key=lambda one: (one.start, one.id), reverse=True)
    return tuple(found)


def _of_page(plan: AdPlan, page: Page, countries: frozenset[str], first: int, today: int) -> Iterator[ArchivedAd]:
    for campaign in ads_plan.campaigns(plan):
        if campaign.start > today or campaign.end <= first:
            continue
        for ad_set in ads_plan.ad_sets(plan, campaign):
            for ad in ad_set.ads:
                if ad.start <= today and ad.end > first and ad.start < ad.end:
                    stop = ad.end - 1 if ad.end <= today else None
                    archive_id = f"9{ad.id[5:]}7"
                    yield ArchivedAd(archive_id, page, campaign, ad_set, ad, countries, plan.website, ad.start, stop)
