"""The targeting spec of an ad set: what it must hold, and what is no longer taken."""

from typing import Any

from freehold.sandbox.meta.ads.parameters import refusal
from freehold.sandbox.meta.errors import GraphError

LOCATIONS = (
    "countries",
    "country_groups",
    "regions",
    "cities",
    "zips",
    "custom_locations",
    "geo_markets",
    "places",
)
EUROPEAN_UNION = frozenset(
    {
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU",
        "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
    }
)  # fmt: skip
PLATFORMS = frozenset({"facebook", "instagram", "audience_network", "messenger", "threads"})
DEVICES = frozenset({"mobile", "desktop"})
REMOVED_POSITIONS = {"instagram_positions": {"explore"}, "messenger_positions": {"story"}}
"""Placements that v26.0 took away."""
RESTRICTED = frozenset({"HOUSING", "EMPLOYMENT", "CREDIT", "FINANCIAL_PRODUCTS_SERVICES"})
YOUNGEST, OLDEST = 13, 65


def check(targeting: Any, categories: list[str]) -> dict[str, Any]:
    """The targeting, or the refusal of it. `categories` are the campaign's special ad categories."""
    if not isinstance(targeting, dict):
        raise refusal("(#100) The parameter targeting is required", blame="targeting")
    places = targeting.get("geo_locations")
    if not isinstance(places, dict) or not any(places.get(name) for name in LOCATIONS):
        if not targeting.get("custom_audiences"):
            raise refusal(
                "Invalid parameter",
                title="Location is missing",
                advice="Choose at least one location in targeting.geo_locations.",
                blame="targeting",
            )
    elif "location_types" in places:
        raise refusal(
            "Invalid parameter",
            subcode=1870199,
            title="Location types are no longer available",
            advice="Take location_types out of geo_locations.",
            blame="targeting",
        )
    _check_people(targeting)
    _check_placements(targeting)
    _check_automation(targeting, categories)
    return targeting


def _check_people(targeting: dict[str, Any]) -> None:
    youngest, oldest = targeting.get("age_min", 18), targeting.get("age_max", OLDEST)
    if not isinstance(youngest, int) or not isinstance(oldest, int) or not YOUNGEST <= youngest <= oldest <= OLDEST:
        raise refusal(
            f"(#100) age_min and age_max must lie between {YOUNGEST} and {OLDEST}, age_min not above age_max",
            blame="targeting",
        )
    if not set(targeting.get("genders") or ()) <= {1, 2}:
        raise refusal("(#100) genders may hold 1 and 2", blame="targeting")


def _check_placements(targeting: dict[str, Any]) -> None:
    if not set(targeting.get("publisher_platforms") or ()) <= PLATFORMS:
        raise refusal(f"(#100) publisher_platforms may hold {', '.join(sorted(PLATFORMS))}", blame="targeting")
    if not set(targeting.get("device_platforms") or ()) <= DEVICES:
        raise refusal("(#100) device_platforms may hold mobile and desktop", blame="targeting")
    for name, removed in REMOVED_POSITIONS.items():
        gone = removed & set(targeting.get(name) or ())
        if gone:
            raise refusal(
                "Invalid parameter",
                subcode=1487694,
                title="Targeting option is no longer available",
                advice=f"Take {', '.join(sorted(gone))} out of {name}.",
                blame="targeting",
            )


def _check_automation(targeting: dict[str, Any], categories: list[str]) -> None:
    automation = targeting.get("targeting_automation")
    chosen = automation.get("advantage_audience") if isinstance(automation, dict) else None
    if chosen not in {None, 0, 1}:
        raise refusal("(#100) advantage_audience must be 0 or 1", blame="targeting")
    if chosen is None and RESTRICTED & set(categories):
        raise refusal(
            "Invalid parameter",
            title="Advantage audience must be chosen",
            advice="With this special ad category, set targeting_automation.advantage_audience to 0 or 1.",
            blame="targeting",
        )


def countries(targeting: dict[str, Any]) -> set[str]:
    """The countries that a targeting names, those of regions and cities too where they say it."""
    places = targeting.get("geo_locations") or {}
    found = {str(code) for code in places.get("countries") or ()}
    for name in ("regions", "cities", "zips", "geo_markets", "custom_locations"):
        found |= {
            str(item["country"]) for item in places.get(name) or () if isinstance(item, dict) and "country" in item
        }
    if set(places.get("country_groups") or ()) & {"eea", "europe", "european_union"}:
        found |= EUROPEAN_UNION
    return found


def demand_payer(targeting: dict[str, Any], payor: str | None, beneficiary: str | None) -> None:
    """Refuse targeting the European Union without saying who pays and for whom (error 100/3858079)."""
    if not countries(targeting) & EUROPEAN_UNION:
        return
    for name, value in (("dsa_payor", payor), ("dsa_beneficiary", beneficiary)):
        if not value:
            raise GraphError(
                "Invalid parameter",
                code=100,
                subcode=3858079,
                user_title="Payer or beneficiary is missing",
                user_msg=f"Ads that are shown in the European Union need {name}.",
                error_data=f'{{"blame_field_specs":[["{name}"]]}}',
            )
