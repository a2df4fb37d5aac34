"""`/ads_archive` within its real scope: ads shown in the EU or UK during the last year, and politics (of which this
world has none). An empty answer does not mean that a page does not advertise.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from freehold.sandbox.meta import paging
from freehold.sandbox.meta.ads.accounts import account_plan
from freehold.sandbox.meta.ads.insight_dates import day_text
from freehold.sandbox.meta.ads.parameters import choice, missing, names, refusal
from freehold.sandbox.meta.ads.values import absent
from freehold.sandbox.meta.errors import GraphError
from freehold.sandbox.meta.graph import JSON, OMITTED, Call, NodeType, asked_of, render
from freehold.sandbox.meta.world import ads_archive, ads_reach
from freehold.sandbox.meta.world.ads_archive import ArchivedAd
from freehold.sandbox.meta.world.ads_breakdowns import AGES, COUNTRIES, GENDERS
from freehold.sandbox.meta.world.ads_delivery import CPM_CENTS

KEPT_DAYS = 365
DEFAULT_LIMIT, MOST_LIMIT = 25, 2000
LONGEST_TERMS, MOST_PAGES = 100, 10
AD_TYPES = frozenset(
    {
        "ALL",
        "POLITICAL_AND_ISSUE_ADS",
        "HOUSING_ADS",
        "EMPLOYMENT_ADS",
        "FINANCIAL_PRODUCTS_AND_SERVICES_ADS",
    }
)
MEDIA_TYPES = frozenset({"ALL", "IMAGE", "MEME", "VIDEO", "NONE"})
PLATFORMS = frozenset({"FACEBOOK", "INSTAGRAM", "AUDIENCE_NETWORK", "MESSENGER", "WHATSAPP", "OCULUS", "THREADS"})
SHOWN_ON = ("facebook", "instagram", "audience_network", "messenger")
LANGUAGES = {"DE": "de", "FR": "fr", "JP": "ja"}


def read(call: Call) -> JSON:
    """`GET /ads_archive`."""
    _check_access(call)
    reached = _reached(call)
    pages = names(call.params, "search_page_ids")
    terms = call.params.get("search_terms", "").strip()
    if len(pages) > MOST_PAGES:
        raise refusal(f"(#100) search_page_ids may hold {MOST_PAGES} pages", blame="search_page_ids")
    if len(terms) > LONGEST_TERMS:
        raise refusal(f"(#100) search_terms may have {LONGEST_TERMS} characters", blame="search_terms")
    if not pages and not terms:
        raise missing("search_terms or search_page_ids")
    tests = _tests(call, terms)
    found = [ad for ad in _all(call, pages, reached) if all(test(ad) for test in tests)]
    page = paging.cut(call.params, found, limit=DEFAULT_LIMIT, max_limit=MOST_LIMIT)
    selections = asked_of(call, ARCHIVED_AD)
    answer: JSON = {"data": [render(call, ARCHIVED_AD, ad, selections) for ad in page.rows]}
    links = paging.links(call.base_url + call.path, call.params, page, only_after=True)
    return answer | ({"paging": links} if links else {})


def _check_access(call: Call) -> None:
    """Only a person who has confirmed who they are, with a user token; nobody without a role on the app has."""
    person = call.sandbox.world.person(call.caller.user_id or "")
    if call.caller.kind != "USER" or person is None or not person.role:
        raise GraphError(
            "(#10) Application does not have permission for this action",
            code=10,
            user_title="Identity is not confirmed",
            user_msg="The archive is open to people who confirmed their identity at facebook.com/ID.",
        )


def _reached(call: Call) -> frozenset[str]:
    codes = frozenset(code.upper() for code in names(call.params, "ad_reached_countries"))
    if not codes:
        raise missing("ad_reached_countries")
    for code in codes - {"ALL"}:
        if len(code) != len("DE") or not code.isalpha():
            raise refusal(
                "(#100) ad_reached_countries must hold ISO country codes or ALL", blame="ad_reached_countries"
            )
    return ads_archive.EUROPE if "ALL" in codes else codes & ads_archive.EUROPE


def _all(call: Call, page_ids: list[str], reached: frozenset[str]) -> list[ArchivedAd]:
    """Every ad that was shown in one of the countries within the last year, newest first."""
    if choice(call.params, "ad_type", AD_TYPES) not in {None, "ALL"}:
        return []
    world, today = call.sandbox.world, call.now.date().toordinal()
    found: list[ArchivedAd] = []
    for page in world.pages:
        if page_ids and page.id not in page_ids:
            continue
        account = next((known for known in world.ad_accounts if known.business_id == page.business_id), None)
        if account is None:
            plan, countries = ads_archive.unlisted_plan(world, page)
        else:
            plan = account_plan(world, account)
            countries = ads_archive.countries_of(plan)
        if countries & reached:
            found += ads_archive.of_page(plan, page, countries, today - KEPT_DAYS, today)
    return sorted(found, key=lambda ad: (ad.start, ad.id), reverse=True)


Test = Callable[[ArchivedAd], bool]


def _tests(call: Call, terms: str) -> list[Test]:
    """What an ad must be, by the call's parameters."""
    tests: list[Test] = [_active(choice(call.params, "ad_active_status", frozenset({"ACTIVE", "INACTIVE", "ALL"})))]
    exact = choice(call.params, "search_type", frozenset({"KEYWORD_UNORDERED", "KEYWORD_EXACT_PHRASE"}))
    if terms:
        words = [terms.lower()] if exact == "KEYWORD_EXACT_PHRASE" else terms.lower().split()
        tests.append(lambda ad: all(word in _text(ad) for word in words))
    media = choice(call.params, "media_type", MEDIA_TYPES)
    if media not in {None, "ALL"}:
        tests.append(lambda ad: _media(ad) == media)
    platforms = {name.upper() for name in names(call.params, "publisher_platforms")}
    if platforms - PLATFORMS:
        raise refusal(
            f"(#100) publisher_platforms may hold {', '.join(sorted(PLATFORMS))}", blame="publisher_platforms"
        )
    if platforms:
        tests.append(lambda _: bool(platforms & {name.upper() for name in SHOWN_ON}))
    languages = set(names(call.params, "languages"))
    if languages:
        tests.append(lambda ad: bool(languages & set(_languages(ad))))
    earliest, latest = _day(call, "ad_delivery_date_min"), _day(call, "ad_delivery_date_max")
    tests.append(lambda ad: (ad.stop is None or ad.stop >= earliest) and ad.start <= (latest or ad.start))
    return tests


def _active(status: str | None) -> Test:
    if status == "ALL":
        return lambda _: True
    return lambda ad: (ad.stop is None) == (status != "INACTIVE")


def _day(call: Call, name: str) -> int:
    text = call.params.get(name)
    if not text:
        return 0
    try:
        return date.fromisoformat(text).toordinal()
    except ValueError:
        raise refusal(f"(#100) Param {name} must be a date written YYYY-MM-DD", blame=name) from None


def _title(ad: ArchivedAd) -> str:
    return f"{ad.campaign.name.split(' | ')[1]}: {ad.ad.name.split(' - ')[0]}"


def _body(ad: ArchivedAd) -> str:
    return f"{ad.campaign.name.split(' | ')[1]} from {ad.page.name}: made by hand, made to last."


def _text(ad: ArchivedAd) -> str:
    return f"{_title(ad)} {_body(ad)} {ad.page.name}".lower()


def _media(ad: ArchivedAd) -> str:
    return "VIDEO" if ad.ad.name.startswith(("Video", "Reel", "Maker")) else "IMAGE"


def _languages(ad: ArchivedAd) -> list[str]:
    return sorted({LANGUAGES.get(country, "en") for country in ad.countries & ads_archive.EUROPE})


def _reach(call: Call, ad: ArchivedAd) -> int:
    """About how many people of the EU and UK the ad reached: its share of its ad set's budget, within its audience."""
    until = ad.stop if ad.stop is not None else call.now.date().toordinal()
    spent = ad.ad_set.daily_budget / ad.ad_set.currency_factor * (until - ad.start + 1) / len(ad.ad_set.ads)
    share = sum(part for country, part in _shares(ad).items() if country in ads_archive.EUROPE)
    impressions = int(spent * 1000 / CPM_CENTS[ad.ad_set.objective] * share)
    return int(ads_reach.pool_reach(impressions, ad.ad_set.pool * share))


def _shares(ad: ArchivedAd) -> dict[str, float]:
    """Which part of an ad's audience lives in each of its countries."""
    shares = {code: part for row in COUNTRIES.values() for code, part in row if code in ad.countries}
    return {code: part / sum(shares.values()) for code, part in shares.items()}


def _by_people(call: Call, ad: ArchivedAd) -> list[JSON]:
    """Reach by country, age and gender."""
    reach = _reach(call, ad)
    return [
        {
            "country": country,
            "age_gender_breakdowns": [
                {
                    "age_range": age,
                    **{gender: int(reach * share * first * second) for gender, second in GENDERS},
                }
                for age, first in AGES
            ],
        }
        for country, share in sorted(_shares(ad).items())
        if country in ads_archive.EUROPE
    ]


def _by_place(call: Call, ad: ArchivedAd) -> list[JSON]:
    shares = sorted(_shares(ad).items())
    reach = _reach(call, ad)
    return [{"key": country, "value": int(reach * share)} for country, share in shares if country in ads_archive.EUROPE]


def _stopped(_: Call, ad: ArchivedAd) -> Any:
    return OMITTED if ad.stop is None else day_text(ad.stop)


ARCHIVED_AD = NodeType(
    name="ArchivedAd",
    fields={
        "id": lambda _, ad: ad.id,
        "ad_creation_time": lambda _, ad: day_text(ad.start),
        "ad_delivery_start_time": lambda _, ad: day_text(ad.start),
        "ad_delivery_stop_time": _stopped,
        "ad_creative_bodies": lambda _, ad: [_body(ad)],
        "ad_creative_link_titles": lambda _, ad: [_title(ad)],
        "ad_creative_link_captions": lambda _, ad: [ad.website.removeprefix("https://").rstrip("/")],
        "ad_creative_link_descriptions": lambda _, ad: [ad.page.category],
        "ad_snapshot_url": lambda _, ad: f"https://www.facebook.com/ads/archive/render_ad/?id={ad.id}",
        "page_id": lambda _, ad: ad.page.id,
        "page_name": lambda _, ad: ad.page.name,
        "publisher_platforms": lambda _, __: list(SHOWN_ON),
        "languages": lambda _, ad: _languages(ad),
        "eu_total_reach": _reach,
        "age_country_gender_reach_breakdown": _by_people,
        "beneficiary_payers": lambda _, ad: [{"payer": ad.page.name, "beneficiary": ad.page.name, "current": True}],
        "target_ages": lambda _, __: ["18", "65+"],
        "target_gender": lambda _, __: "All",
        "target_locations": lambda _, ad: [
            {"name": code, "num_obfuscated": 0, "type": "countries", "excluded": False} for code in sorted(ad.countries)
        ],
        "total_reach_by_location": _by_place,
        **absent(
            "spend impressions currency bylines demographic_distribution delivery_by_region estimated_audience_size "
            "br_total_reach"
        ),
    },
)
