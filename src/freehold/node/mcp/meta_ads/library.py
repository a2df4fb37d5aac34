"""Meta's archive of ads: what others advertise. Their words are marked as what they are."""

from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from freehold.node.mcp.cursors import cursor, place_of
from freehold.node.mcp.meta_ads.arguments import After, Limit
from freehold.node.mcp.tool import Answer, Arguments, Call, UntrustedText
from freehold.providers.meta import ad_library, graph
from freehold.providers.meta.ad_library import ArchivedAd, Search

Country = Annotated[str, Field(pattern=r"^([A-Z]{2}|ALL)$")]


class ArchiveAsked(Arguments):
    """Words that the ads hold, and the countries that they reached."""

    search_terms: Annotated[str, Field(min_length=1, max_length=ad_library.LONGEST_TERMS)]
    ad_reached_countries: list[Country] = Field(min_length=1, max_length=30)
    ad_type: Literal["ALL"] = "ALL"
    limit: Limit = 10
    fields: str = Field(default="", max_length=2_000, description="accepted for compatibility; all are told")
    after: After = None


class LibraryAd(BaseModel):
    """An ad of the archive."""

    id: str
    page_id: str
    page_name: UntrustedText
    texts: list[UntrustedText]
    started: date | None
    stopped: date | None
    platforms: list[str]
    eu_total_reach: int | None
    target_ages: str | None
    target_locations: list[str]
    payers: list[UntrustedText]
    snapshot_url: str


class LibraryAds(Answer):
    """Ads of the archive, the newest first; `scope` says what the archive does not show."""

    ads: list[LibraryAd]
    scope: str
    next_cursor: str | None = None


async def search_ads_archive(call: Call, asked: ArchiveAsked) -> LibraryAds:
    """Ads of anybody in Meta's archive (EU and UK, last year) by words in them."""
    search = Search(terms=asked.search_terms, countries=tuple(asked.ad_reached_countries))
    since = call.now().date() - timedelta(days=ad_library.KEPT_DAYS)
    after = place_of(call, asked.after).get("after")
    answer = await call.send(ad_library.ads_call(call.version, search, since, limit=asked.limit, after=after))
    following = graph.next_cursor(answer)
    return LibraryAds(
        source="live",
        as_of=call.now(),
        ads=[_shown(ad) for ad in graph.understood(ad_library.read_ads, answer)],
        scope=ad_library.SCOPE,
        next_cursor=cursor(call, {"after": following}) if following else None,
    )


def _shown(ad: ArchivedAd) -> LibraryAd:
    words = (*ad.titles, *ad.bodies, *ad.captions, *ad.descriptions)
    return LibraryAd(
        id=ad.ad_archive_id,
        page_id=ad.page_id,
        page_name=UntrustedText(untrusted_text=ad.page_name),
        texts=[UntrustedText(untrusted_text=text) for text in dict.fromkeys(words)],
        started=ad.delivery_started_on,
        stopped=ad.delivery_stopped_on,
        platforms=list(ad.publisher_platforms),
        eu_total_reach=ad.eu_total_reach,
        target_ages=ad.target_ages or None,
        target_locations=list(ad.target_locations),
        payers=[UntrustedText(untrusted_text=payer) for payer in ad.payers],
        snapshot_url=ad.snapshot_url,
    )
