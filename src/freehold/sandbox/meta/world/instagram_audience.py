"""Who an account's people are, and when they are online. Shares are the account's own and sum exactly to the people.

Age and gender cover everybody. Countries and cities are cut after the 45 largest; the rest is not shown.
"""

from functools import lru_cache
from itertools import product

from freehold.sandbox.meta.world.instagram_days import rhythm
from freehold.sandbox.meta.world.instagram_feed import Feed, followers_at_start
from freehold.sandbox.meta.world.randomness import draws

TOP = 45
AGES = (("13-17", 3), ("18-24", 21), ("25-34", 36), ("35-44", 22), ("45-54", 11), ("55-64", 5), ("65+", 2))
GENDERS = (("F", 60), ("M", 36), ("U", 4))
COUNTRIES = (
    "US", "GB", "DE", "JP", "NZ", "AU", "CA", "FR", "IT", "ES", "NL", "BE", "CH", "AT", "SE", "NO", "DK", "FI", "IE",
    "PT", "PL", "CZ", "BR", "MX", "AR", "CL", "CO", "IN", "ID", "PH", "TH", "VN", "KR", "TW", "SG", "MY", "ZA", "NG",
    "KE", "EG", "TR", "GR", "HU", "RO", "UA", "IL", "AE", "HK",
)  # fmt: skip
CITIES = {
    "US": ("Portland, Oregon", "Seattle, Washington", "Denver, Colorado", "Chicago, Illinois", "Austin, Texas"),
    "DE": (
        "Berlin, Berlin",
        "Hamburg, Hamburg",
        "Munich, Bavaria",
        "Leipzig, Saxony",
        "Cologne, North Rhine-Westphalia",
    ),
    "NZ": ("Auckland, Auckland", "Wellington, Wellington", "Tauranga, Bay of Plenty", "Nelson, Nelson"),
    "JP": ("Kyoto, Kyoto Prefecture", "Tokyo, Tokyo", "Osaka, Osaka Prefecture", "Nagoya, Aichi"),
    "GB": ("London, England", "Bristol, England", "Leeds, England", "Edinburgh, Scotland", "Cardiff, Wales"),
}
_ABROAD = ("Paris, Île-de-France", "Toronto, Ontario", "Sydney, New South Wales", "Madrid, Comunidad de Madrid")
_ONLINE = (9, 6, 4, 4, 5, 8, 14, 21, 26, 27, 27, 28, 30, 29, 27, 27, 29, 32, 36, 39, 40, 36, 27, 16)
"""Per cent of the followers who are online in each hour."""


@lru_cache(maxsize=4096)
def _weights(feed: Feed, axis: str) -> tuple[tuple[str, float], ...]:
    """The values of an axis and how common each is among this account's people."""
    if axis in {"age", "gender"}:
        rows = [(name, float(weight)) for name, weight in (AGES if axis == "age" else GENDERS)]
    elif axis == "country":
        home = feed.account.country
        rows = [(home, 70.0), *((name, 9.0 / (3 + rank)) for rank, name in enumerate(COUNTRIES) if name != home)]
    else:
        own = CITIES.get(feed.account.country, ())
        rows = [(name, 16.0 / (1 + rank)) for rank, name in enumerate(own)]
        rows += [(name, 2.0 / (1 + rank)) for rank, name in enumerate(_ABROAD)]
    chances = (draws(feed.seed, "audience", feed.account.id, axis, name)[0] for name, _ in rows)
    return tuple((name, weight * (0.75 + 0.5 * chance)) for (name, weight), chance in zip(rows, chances, strict=True))


def people_by(feed: Feed, axes: tuple[str, ...], count: int) -> dict[tuple[str, ...], int]:
    """So many people by the values of one or more axes, the largest first; whole people that add up to `count`."""
    tables = [_weights(feed, axis) for axis in axes]
    weights = {}
    for row in product(*tables):
        weight = 1.0
        for _, part in row:
            weight *= part
        weights[tuple(name for name, _ in row)] = weight
    shared = _apportion(weights, count)
    ranked = sorted(shared.items(), key=lambda item: (-item[1], item[0]))
    return dict(ranked[:TOP])


def _apportion(weights: dict[tuple[str, ...], float], count: int) -> dict[tuple[str, ...], int]:
    """Whole numbers in proportion to the weights, by largest remainder."""
    whole = sum(weights.values())
    exact = {key: count * weight / whole for key, weight in weights.items()}
    shared = {key: int(value) for key, value in exact.items()}
    left = count - sum(shared.values())
    for key in sorted(exact, key=lambda key: (shared[key] - exact[key], key))[:left]:
        shared[key] += 1
    return shared


def online_followers(feed: Feed, day: int) -> dict[str, int]:
    """How many followers were online in each hour of a day."""
    followers = followers_at_start(feed, day)
    level = followers * min(1.2, rhythm(day)) / 100
    return {str(hour): int(level * share) for hour, share in enumerate(_ONLINE)}
