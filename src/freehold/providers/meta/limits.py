"""Which of Meta's limits a call counts towards. There are many, and most know nothing of each other.

Marketing API calls are under none of the platform's limits. Instagram and page calls have limits of their own as well,
except business discovery and hashtag search, which are the platform's like all that concerns no asset. Where two could
apply, the business use case wins. Meta's numbers depend on audiences that only Meta knows; what is written here is what
it promises at least.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import parse_qs, urlsplit

from freehold.contracts.grant import AssetKind
from freehold.providers.calls import ApiCall

FULL_ACCESS: Final = "standard_access"
"""The tier that headers name when the app has Full access to the Marketing API; any other is Limited."""
READ_POINTS: Final = 1
WRITE_POINTS: Final = 3


class System(StrEnum):
    """A limit of Meta's, named as its headers name it where they do."""

    PLATFORM = "platform"
    USER = "user"
    INSTAGRAM = "instagram"
    PAGES = "pages"
    ADS_MANAGEMENT = "ads_management"
    ADS_INSIGHTS = "ads_insights"
    ADS_INSIGHTS_APP = "ads_insights_app"
    ADS_SCORE = "ads_score"
    MUTATIONS = "mutations"
    HASHTAGS = "hashtags"


SHARED: Final = frozenset({System.PLATFORM, System.ADS_INSIGHTS_APP})
"""Limits of the whole app: every asset and person fills them."""


@dataclass(frozen=True)
class Rule:
    """How a limit counts: `minutes` after which a call no longer counts, `step` minutes that are counted together.

    `limited` and `full` are the calls (points of a score) that an app of each tier has at least; None: not known.
    What `leaks` has no window: its points run out evenly within `minutes`.
    """

    minutes: float
    step: int = 1
    limited: int | None = None
    full: int | None = None
    leaks: bool = False


HOUR: Final = Rule(60)
DAY: Final = Rule(24 * 60, step=30)
RULES: Final[Mapping[System, Rule]] = {
    System.PLATFORM: HOUR,
    System.USER: HOUR,
    System.INSTAGRAM: DAY,
    System.PAGES: DAY,
    System.ADS_MANAGEMENT: Rule(60, limited=300, full=100_000),
    System.ADS_INSIGHTS: Rule(60, limited=600, full=190_000),
    System.ADS_INSIGHTS_APP: HOUR,
    System.ADS_SCORE: Rule(5, limited=60, full=9_000, leaks=True),
    # A hundred a second: fifty at once and fifty that run out within a second never are more in any second.
    System.MUTATIONS: Rule(1 / 60, limited=50, full=50, leaks=True),
    # Thirty different ones a week; a repeated search is counted again here, which Meta does not.
    System.HASHTAGS: Rule(7 * 24 * 60, step=360, limited=30, full=30),
}


def systems_of(call: ApiCall, kind: AssetKind | None) -> Counter[System]:
    """What `call`, about an asset of `kind`, costs in each limit that counts it; the parts of a batch one by one."""
    found: Counter[System] = Counter()
    for method, path, params in _parts(call):
        found.update(_of_part(call, kind, method, path, params))
    return found


def _of_part(
    call: ApiCall, kind: AssetKind | None, method: str, path: str, params: Mapping[str, str]
) -> dict[System, int]:
    edge = path.rstrip("/").rpartition("/")[2]
    if kind == "ad_account" and edge != "ads_archive":
        writes = call.mutates or (method != "GET" and edge != "insights")
        counted = [System.ADS_INSIGHTS, System.ADS_INSIGHTS_APP] if edge == "insights" else [System.ADS_MANAGEMENT]
        counted += [System.MUTATIONS] if writes else []
        return {**dict.fromkeys(counted, 1), System.ADS_SCORE: WRITE_POINTS if writes else READ_POINTS}
    if edge == "ig_hashtag_search":
        return dict.fromkeys((System.PLATFORM, System.USER, System.HASHTAGS), 1)
    hashtag = "user_id" in params and edge in {"recent_media", "top_media"}
    if kind == "instagram_account" and not hashtag and "business_discovery" not in params.get("fields", ""):
        return {System.INSTAGRAM: 1}
    if kind == "facebook_page" and call.token != "user":  # noqa: S105 - which token, not a token
        return {System.PAGES: 1}
    return dict.fromkeys((System.PLATFORM, System.USER), 1)


def _parts(call: ApiCall) -> list[tuple[str, str, Mapping[str, str]]]:
    """Method, path and parameters of the call, or of each part of a batch."""
    try:
        parts = json.loads(call.params["batch"]) if "batch" in call.params else None
    except ValueError:
        parts = None
    if not isinstance(parts, list) or not parts:
        return [(call.method, call.path.partition("?")[0], call.params)]
    urls = [(part, urlsplit(str(part.get("relative_url", "")))) for part in parts if isinstance(part, dict)]
    return [
        (str(part.get("method", "GET")), url.path, {name: values[0] for name, values in parse_qs(url.query).items()})
        for part, url in urls
    ]
