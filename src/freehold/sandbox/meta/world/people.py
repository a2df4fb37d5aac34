"""Who and what exists in the world: people, businesses, pages, Instagram accounts, ad accounts.

The first businesses are the cast of the demo; further ones come with `extra`. The same seed gives the same world.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from freehold.sandbox.meta.world.randomness import draws
from freehold.sandbox.settings import Scale

Role = str
NO_SCALE: Mapping[int, Scale] = MappingProxyType({})


@dataclass(frozen=True)
class Person:
    """Someone who can sign in. `role` on the app: administrators, developers, testers, insights users, or ""."""

    id: str
    name: str
    role: str


@dataclass(frozen=True)
class Business:
    """A business portfolio."""

    id: str
    name: str
    people: tuple[str, ...]


@dataclass(frozen=True)
class InstagramAccount:
    """An account; `size` is its followers at the epoch, `posts` how many it has published by then."""

    id: str
    username: str
    name: str
    biography: str
    website: str
    kind: str
    business_id: str
    page_id: str | None
    size: int
    posts: int
    country: str
    timezone_name: str
    always_professional: bool = False


@dataclass(frozen=True)
class Page:
    """A Facebook page. `listed` False: `me/accounts` omits it although it can be granted (New Pages Experience)."""

    id: str
    name: str
    category: str
    business_id: str
    instagram_id: str | None
    people: tuple[str, ...]
    listed: bool = True


@dataclass(frozen=True)
class AdAccount:
    """An ad account; `id` is `act_` and `account_id`. `ad_count` is how many ads it had made by the epoch."""

    id: str
    account_id: str
    name: str
    business_id: str
    currency: str
    timezone_name: str
    ad_count: int
    status: int = 1


@dataclass(frozen=True)
class World:
    """Everybody and everything, at `epoch`."""

    seed: int
    epoch: datetime
    people: tuple[Person, ...]
    businesses: tuple[Business, ...]
    pages: tuple[Page, ...]
    instagram_accounts: tuple[InstagramAccount, ...]
    ad_accounts: tuple[AdAccount, ...]

    def person(self, person_id: str) -> Person | None:
        """The person with this id."""
        return next((person for person in self.people if person.id == person_id), None)

    def page(self, page_id: str) -> Page | None:
        """The page with this id."""
        return next((page for page in self.pages if page.id == page_id), None)

    def business(self, business_id: str) -> Business | None:
        """The business with this id."""
        return next((business for business in self.businesses if business.id == business_id), None)

    def instagram(self, account_id: str) -> InstagramAccount | None:
        """The Instagram account with this id."""
        return next((account for account in self.instagram_accounts if account.id == account_id), None)

    def instagram_by_name(self, username: str) -> InstagramAccount | None:
        """The Instagram account with this user name."""
        return next((account for account in self.instagram_accounts if account.username == username), None)

    def ad_account(self, account_id: str) -> AdAccount | None:
        """The ad account with this id, with or without `act_`."""
        number = account_id.removeprefix("act_")
        return next((account for account in self.ad_accounts if account.account_id == number), None)

    def businesses_of(self, person_id: str) -> list[Business]:
        """The businesses in which a person works."""
        return [business for business in self.businesses if person_id in business.people]

    def pages_of(self, person_id: str) -> list[Page]:
        """The pages on which a person has a role."""
        return [page for page in self.pages if person_id in page.people]

    def ad_accounts_of(self, person_id: str) -> list[AdAccount]:
        """The ad accounts of a person's businesses."""
        mine = {business.id for business in self.businesses_of(person_id)}
        return [account for account in self.ad_accounts if account.business_id in mine]


@dataclass(frozen=True)
class _Sketch:
    """What a business of the cast is made from."""

    number: int
    name: str
    username: str
    category: str
    biography: str
    country: str
    timezone_name: str
    currency: str
    followers: int
    posts: int
    ads: int
    staff: tuple[str, ...]
    kind: str = "BUSINESS"
    listed: bool = True
    has_instagram: bool = True
    has_ads: bool = True
    always_professional: bool = False


AGENCY = "agency"
CAST = (
    _Sketch(1, "Lumen Ceramics", "lumen.ceramics", "Home decor", "Stoneware, thrown by hand in Portland.", "US",
            "America/Los_Angeles", "USD", 18_400, 260, 90, ("mara", AGENCY)),
    _Sketch(2, "Northwind Coffee", "northwind.coffee", "Coffee shop", "Small roasts from Berlin.", "DE",
            "Europe/Berlin", "EUR", 9_700, 180, 60, ("jonas", AGENCY)),
    _Sketch(3, "Tidewater Surf School", "tidewater.surf", "Sports", "Lessons for every level.", "NZ",
            "Pacific/Auckland", "NZD", 3_100, 120, 24, ("aroha",)),
    _Sketch(4, "Hanami Stationery", "hanami.papers", "Stationery", "Paper goods from Kyoto.", "JP",
            "Asia/Tokyo", "JPY", 42_000, 520, 140, ("kenji",)),
    _Sketch(5, "Fern & Fable Books", "fernandfable", "Bookshop", "Stories, second-hand and new.", "GB",
            "Europe/London", "GBP", 84, 40, 6, ("mara",), listed=False),
    _Sketch(6, "Basalt Outdoor", "basalt.outdoor", "Outdoor gear", "Made for weather.", "US",
            "America/Denver", "USD", 910_000, 10_000, 5_000, ("olive",)),
    _Sketch(7, "Quiet Harbour Yoga", "quietharbour", "Yoga studio", "Breathe out.", "GB",
            "Europe/London", "GBP", 2_300, 75, 0, ("olive",), kind="PERSONAL", has_ads=False),
    _Sketch(8, "Plain Page Bakery", "plainpage", "Bakery", "Bread.", "US",
            "America/Chicago", "USD", 0, 0, 12, ("aroha",), has_instagram=False),
    _Sketch(9, "Ember & Oak", "ember.oak", "Home decor", "Candles and quiet evenings.", "US",
            "America/New_York", "USD", 26_500, 300, 0, ("nobody",), has_ads=False),
    _Sketch(10, "Slate Coffee Works", "slate.coffeeworks", "Coffee shop", "Espresso, mostly.", "DE",
            "Europe/Berlin", "EUR", 14_200, 210, 0, ("nobody",), has_ads=False),
)  # fmt: skip
PEOPLE = (
    ("mara", 1, "Mara Lindqvist", "testers"),
    ("jonas", 2, "Jonas Brandt", "testers"),
    ("aroha", 3, "Aroha Ngata", "testers"),
    ("kenji", 4, "Kenji Mori", "insights users"),
    ("olive", 5, "Olive Hart", "developers"),
    (AGENCY, 6, "Sam Okafor", "administrators"),
    ("stranger", 7, "Robin Vale", "testers"),
    ("outsider", 8, "Casey Wren", ""),
)
"""Who can sign in: key, number, name, role on the app."""


def person_id(number: int) -> str:
    """The app-scoped id of the person with this number."""
    return f"10220000000000{number:03d}"


def page_id(number: int) -> str:
    """The id of the page of the business with this number."""
    return f"10500000000000{number:03d}"


def instagram_id(number: int) -> str:
    """The id of the Instagram account of the business with this number."""
    return f"17841400000000{number:03d}"


def ad_account_id(number: int) -> str:
    """The id, without `act_`, of the ad account of the business with this number."""
    return f"88800000000{number:03d}"


def build_world(seed: int, epoch: datetime, extra: int = 0, scale: Mapping[int, Scale] = NO_SCALE) -> World:
    """The cast, changed by `scale`, and `extra` more businesses, as they are at `epoch`."""
    cast = [_scaled(sketch, scale.get(sketch.number, Scale())) for sketch in CAST]
    sketches = [*cast, *(_another(seed, len(CAST) + 1 + index) for index in range(extra))]
    ids = {key: person_id(number) for key, number, _, _ in PEOPLE}
    ids |= {f"owner{sketch.number}": person_id(100 + sketch.number) for sketch in sketches[len(CAST) :]}
    people = [Person(person_id(number), name, role) for _, number, name, role in PEOPLE]
    people += [Person(ids[sketch.staff[0]], f"Owner of {sketch.name}", "testers") for sketch in sketches[len(CAST) :]]
    return World(
        seed=seed,
        epoch=epoch,
        people=tuple(people),
        businesses=tuple(
            Business(f"20300000000000{sketch.number:03d}", sketch.name, _staff(sketch, ids)) for sketch in sketches
        ),
        pages=tuple(_page(sketch, ids) for sketch in sketches),
        instagram_accounts=tuple(_instagram(sketch) for sketch in sketches if sketch.has_instagram),
        ad_accounts=tuple(_ad_accounts(sketches)),
    )


def _scaled(sketch: _Sketch, scale: Scale) -> _Sketch:
    chosen = {name: value for name, value in scale.model_dump().items() if value is not None}
    return replace(sketch, **chosen)


def _staff(sketch: _Sketch, ids: dict[str, str]) -> tuple[str, ...]:
    return tuple(ids[key] for key in sketch.staff if key in ids)


def _page(sketch: _Sketch, ids: dict[str, str]) -> Page:
    return Page(
        id=page_id(sketch.number),
        name=sketch.name,
        category=sketch.category,
        business_id=f"20300000000000{sketch.number:03d}",
        instagram_id=instagram_id(sketch.number) if sketch.has_instagram and sketch.kind != "PERSONAL" else None,
        people=_staff(sketch, ids),
        listed=sketch.listed,
    )


def _instagram(sketch: _Sketch) -> InstagramAccount:
    return InstagramAccount(
        id=instagram_id(sketch.number),
        username=sketch.username,
        name=sketch.name,
        biography=sketch.biography,
        website=f"https://{sketch.username.replace('.', '-')}.example/",
        kind=sketch.kind,
        business_id=f"20300000000000{sketch.number:03d}",
        page_id=page_id(sketch.number) if sketch.kind != "PERSONAL" else None,
        size=sketch.followers,
        posts=sketch.posts,
        country=sketch.country,
        timezone_name=sketch.timezone_name,
        always_professional=sketch.always_professional,
    )


def _ad_accounts(sketches: Iterable[_Sketch]) -> Iterable[AdAccount]:
    for sketch in sketches:
        if sketch.has_ads:
            number = ad_account_id(sketch.number)
            yield AdAccount(
                id=f"act_{number}",
                account_id=number,
                name=f"{sketch.name} Ads",
                business_id=f"20300000000000{sketch.number:03d}",
                currency=sketch.currency,
                timezone_name=sketch.timezone_name,
                ad_count=sketch.ads,
            )


def _another(seed: int, number: int) -> _Sketch:
    chance = draws(seed, "business", number)
    return _Sketch(
        number,
        f"Harbour Street {number}",
        f"harbour.street{number}",
        "Local business",
        "Around the corner.",
        "US",
        "America/New_York",
        "USD",
        int(500 + chance[0] * 40_000),
        int(60 + chance[1] * 300),
        int(10 + chance[2] * 80),
        (f"owner{number}",),
    )
