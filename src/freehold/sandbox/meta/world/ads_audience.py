"""Whom ads can be shown to: how many people live where, what they like, and how many a targeting reaches."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from freehold.sandbox.meta.world.ads_breakdowns import REGIONS
from freehold.sandbox.meta.world.randomness import draws

PEOPLE = {
    "US": ("United States", 246_000_000),
    "DE": ("Germany", 47_000_000),
    "FR": ("France", 44_000_000),
    "GB": ("United Kingdom", 52_000_000),
    "NZ": ("New Zealand", 3_600_000),
    "AU": ("Australia", 19_000_000),
    "JP": ("Japan", 62_000_000),
    "IN": ("India", 520_000_000),
    "CA": ("Canada", 28_000_000),
    "ES": ("Spain", 33_000_000),
    "IT": ("Italy", 38_000_000),
    "NL": ("Netherlands", 13_000_000),
    "AT": ("Austria", 6_000_000),
}
"""Country code: its name, and about how many of its people see ads."""
CITIES = (
    ("Portland", "US", "Oregon", 0.010),
    ("Seattle", "US", "Washington", 0.013),
    ("Los Angeles", "US", "California", 0.045),
    ("New York", "US", "New York", 0.055),
    ("Austin", "US", "Texas", 0.011),
    ("Berlin", "DE", "Berlin", 0.055),
    ("Hamburg", "DE", "Hamburg", 0.03),
    ("Munich", "DE", "Bayern", 0.03),
    ("London", "GB", "England", 0.16),
    ("Edinburgh", "GB", "Scotland", 0.012),
    ("Paris", "FR", "Île-de-France", 0.09),
    ("Auckland", "NZ", "Auckland", 0.33),
    ("Wellington", "NZ", "Wellington Region", 0.09),
    ("Tokyo", "JP", "Tokyo", 0.2),
    ("Kyoto", "JP", "Kyoto Prefecture", 0.02),
    ("Sydney", "AU", "New South Wales", 0.21),
    ("Toronto", "CA", "Ontario", 0.12),
)
INTERESTS = {
    "Hobbies and activities": (
        "Pottery", "Ceramics", "Handicraft", "Gardening", "Interior design", "Home decor", "Do it yourself (DIY)",
        "Photography", "Stationery", "Calligraphy", "Origami", "Reading", "Travel", "Yoga", "Surfing", "Hiking",
        "Camping", "Rock climbing", "Cycling", "Running",
    ),
    "Food and drink": (
        "Coffee", "Espresso", "Specialty coffee", "Tea", "Baking", "Bread", "Cooking",
        "Wine", "Organic food",
    ),
    "Shopping and fashion": (
        "Online shopping", "Boutiques", "Vintage clothing", "Sustainable fashion", "Gifts", "Candles",
    ),
    "Entertainment": ("Books", "Literature", "Bookselling", "Music", "Films", "Museums"),
    "Business and industry": ("Small business", "Marketing", "Retail", "Entrepreneurship"),
}  # fmt: skip
OTHER_CLASSES = {
    "behaviors": (
        "Engaged shoppers", "Frequent travellers", "Small business owners", "Mobile device users", "Commuters",
    ),
    "demographics": ("University graduates", "Recently moved", "Parents (all)", "Away from home town"),
    "life_events": ("Newly engaged", "Newlywed", "Birthday in this month", "New job"),
    "industries": ("Arts, entertainment, sport and media", "Education and libraries", "Food and restaurants"),
    "income": ("Household income: top 10 %", "Household income: top 25 %"),
    "family_statuses": ("Parents with toddlers", "Parents with teenagers", "New parents"),
    "user_device": ("iPhone 15", "Pixel 8", "Galaxy S24"),
    "user_os": ("iOS", "Android"),
}  # fmt: skip
STUDIES_AND_WORK = {
    "adeducationschool": ("University of Oregon", "Kyoto University", "Freie Universität Berlin"),
    "adeducationmajor": ("Fine art", "Design", "Marketing", "Literature"),
    "adworkemployer": ("Self-employed", "City of Portland", "National Health Service"),
    "adworkposition": ("Teacher", "Nurse", "Designer", "Owner"),
}


@dataclass(frozen=True)
class Option:
    """Something that people can be chosen by. `share` is the part of people whom it describes."""

    id: str
    name: str
    kind: str
    path: tuple[str, ...]
    share: float

    @property
    def people(self) -> int:
        """How many people it describes in the whole world."""
        return int(2_100_000_000 * self.share)

    @property
    def bounds(self) -> tuple[int, int]:
        """The size as it is shown: a range."""
        return round_people(self.people * 0.92), round_people(self.people * 1.08)


@lru_cache(maxsize=1)
def options() -> tuple[Option, ...]:
    """Every interest, behaviour and trait, in a fixed order."""
    return tuple(_options())


def _options() -> Iterator[Option]:
    number = 0
    for group, labels in INTERESTS.items():
        for label in labels:
            number += 1
            yield _option(number, label, "interests", ("Interests", group, label))
    for kind, labels in OTHER_CLASSES.items():
        for label in labels:
            number += 1
            yield _option(number, label, kind, (kind.replace("_", " ").title(), label))


def _option(number: int, label: str, kind: str, path: tuple[str, ...]) -> Option:
    chance = draws(0, "option", number)
    return Option(f"6003{number:09d}", label, kind, path, 0.002 + 0.1 * chance[0] ** 3)


@dataclass(frozen=True)
class Place:
    """A country, region or city; `share` is its part of the country's people."""

    key: str
    name: str
    kind: str
    country: str
    region: str
    share: float


@lru_cache(maxsize=1)
def places() -> tuple[Place, ...]:
    """Every place, countries first."""
    found = [Place(code, name, "country", code, "", 1.0) for code, (name, _) in PEOPLE.items()]
    for code, regions in REGIONS.items():
        found += [
            Place(str(3800 + len(found) + index), name, "region", code, name, share)
            for index, (name, share) in enumerate(regions)
        ]
    start = 2_400_000 + len(found)
    found += [
        Place(str(start + index), name, "city", code, region, share)
        for index, (name, code, region, share) in enumerate(CITIES)
    ]
    return tuple(found)


def place(key: str) -> Place | None:
    """The place with this key."""
    return next((known for known in places() if known.key == key), None)


def round_people(count: float) -> int:
    """A number of people as estimates show it: two leading digits."""
    whole = max(1000, int(count))
    step = int("1" + "0" * (len(str(whole)) - 2))
    return whole // step * step


def people_reached(targeting: dict[str, Any]) -> int:
    """About how many people a targeting spec describes."""
    reached = _people_in(targeting.get("geo_locations") or {})
    youngest, oldest = int(targeting.get("age_min", 18)), int(targeting.get("age_max", 65))
    reached *= max(0.02, min(1.0, (min(oldest, 65) - max(youngest, 13) + 1) / 48))
    if len(targeting.get("genders") or ()) == 1:
        reached *= 0.5
    for spec in (targeting, *(targeting.get("flexible_spec") or ())):
        chosen = [item for kind in ("interests", "behaviors", "life_events") for item in spec.get(kind) or ()]
        if chosen:
            reached *= min(0.9, sum(_share(item) for item in chosen) * 4)
    return round_people(reached)


def _share(item: object) -> float:
    identity = str(item.get("id") if isinstance(item, dict) else item)
    return next((option.share for option in options() if option.id == identity), 0.01)


def _people_in(geography: dict[str, Any]) -> float:
    countries = {str(code) for code in geography.get("countries") or ()}
    reached = float(sum(PEOPLE.get(code, ("", 4_000_000))[1] for code in countries))
    for name in ("regions", "cities"):
        for item in geography.get(name) or ():
            found = place(str(item.get("key")))
            if found is not None and found.country not in countries:
                reached += found.share * PEOPLE.get(found.country, ("", 4_000_000))[1]
    small = sum(len(geography.get(name) or ()) for name in ("zips", "custom_locations", "places"))
    return reached + 25_000 * small
