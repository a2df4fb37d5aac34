"""The views for programs and people outside: what may leave as files, and be read by BI tools and questions in SQL.

Revisions make them; here stands which columns they have. Those of `WIDE` tell only of
assets that a person ticked. The guide `docs/guides/bi.md` says what each column means.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import BigInteger, Date, Float, TableClause, Text, column, table
from sqlalchemy.types import TypeEngine

from freehold.kernel.database import Instant


@dataclass(frozen=True)
class View:
    """A view, with the columns that choose and order its rows; an empty name where it has none to choose by."""

    source: TableClause
    about: str
    key: Sequence[str]
    """Which columns make a row one of its kind: the order of a file."""
    account: str = ""
    day: str = ""


Group = tuple[TypeEngine[Any], str]
_TEXT, _DAY, _AT, _COUNT, _RATE = Text(), Date(), Instant(), BigInteger(), Float()
_CAMPAIGN: Final = "ad_account_id ad_account_name campaign_id campaign_name objective"


def _view(name: str, about: str, key: str, chosen_by: str, *groups: Group) -> View:
    """A view whose columns come in groups of one type; `chosen_by` has the account's column and the day's, or less."""
    account, _, day = chosen_by.partition(" ")
    columns = [column(each, kind) for kind, names in groups for each in names.split()]
    return View(table(name, *columns), about, key.split(), account, day)


WIDE: Final = {
    view.source.name: view
    for view in (
        _view(
            "bi_account_days",
            "a row for each Instagram account and day",
            "account_id day",
            "account_id day",
            (_TEXT, "username account_id"),
            (_DAY, "day"),
            (_COUNT, "reach views accounts_engaged total_interactions likes comments saves shares replies reposts"),
            (_COUNT, "profile_views profile_links_taps website_clicks follower_change"),
            (_AT, "read_at"),
        ),
        _view(
            "bi_posts",
            "a row for each Instagram post, stories apart, with its newest numbers since publication",
            "account_id post_id",
            "account_id published_at",
            (_TEXT, "post_id account_id username product_type media_type caption permalink"),
            (_AT, "published_at"),
            (_COUNT, "views reach total_interactions likes comments saved shares follows profile_visits"),
            (_AT, "gone_at read_at"),
        ),
        _view(
            "bi_ad_days",
            "a row for each ad and day",
            "ad_account_id ad_id day",
            "ad_account_id day",
            (_TEXT, f"{_CAMPAIGN} ad_set_id ad_set_name ad_id ad_name"),
            (_DAY, "day"),
            (_TEXT, "currency"),
            (_COUNT, "spend_minor"),
            (_RATE, "spend"),
            (_COUNT, "impressions reach"),
            (_RATE, "frequency"),
            (_COUNT, "clicks link_clicks outbound_clicks results video_plays video_thruplays"),
            (_AT, "read_at"),
        ),
        _view(
            "bi_campaign_days",
            "a row for each campaign, day and currency",
            "ad_account_id campaign_id day currency",
            "ad_account_id day",
            (_TEXT, f"{_CAMPAIGN} status"),
            (_DAY, "day"),
            (_TEXT, "currency"),
            (_COUNT, "spend_minor"),
            (_RATE, "spend"),
            (_COUNT, "impressions clicks link_clicks results"),
            (_AT, "read_at"),
        ),
        _view(
            "bi_page_days",
            "a row for each Facebook page and day",
            "page_id day",
            "page_id day",
            (_TEXT, "page_name page_id"),
            (_DAY, "day"),
            (_COUNT, "views viewers page_visits engagements video_views actions"),
            (_COUNT, "new_followers lost_followers followers"),
            (_AT, "read_at"),
        ),
        _view(
            "bi_audience",
            "a row for each part of an Instagram account's audience, and day on which it was read",
            "account_id audience breakdown part day",
            "account_id day",
            (_TEXT, "account_id username"),
            (_DAY, "day"),
            (_TEXT, "audience breakdown part"),
            (_COUNT, "people"),
            (_AT, "read_at"),
        ),
        _view(
            "bi_competitor_ads",
            "a row for each watched competitor and ad of Meta's archive",
            "competitor_id ad_archive_id",
            "",
            (_COUNT, "competitor_id"),
            (_TEXT, "competitor ad_archive_id page_id page_name titles bodies snapshot_url"),
            (_TEXT, "publisher_platforms languages"),
            (_COUNT, "eu_total_reach"),
            (_DAY, "delivery_started_on delivery_stopped_on first_seen_on last_seen_on gone_on"),
            (_AT, "read_at"),
        ),
        _view(
            "bi_recommendations",
            "a row for each recommendation",
            "made_at recommendation_id",
            "",
            (_TEXT, "recommendation_id kind account_id title text action why evidence forecast outcome"),
            (_TEXT, "confidence effort status"),
            (_AT, "made_at"),
            (_DAY, "first_day last_day"),
            (_AT, "changed_at acted_at measured_at"),
        ),
    )
}
"""Name -> view, one row for one thing, with names beside ids."""

_OF_A_DAY: Final = "reach views accounts_engaged total_interactions likes comments saves shares"
NARROW: Final = {
    view.source.name: view
    for view in (
        _view(
            "instagram_account_days",
            "a row for each account and day",
            "account_id day",
            "account_id day",
            (_TEXT, "account_id"),
            (_DAY, "day"),
            (_RATE, f"{_OF_A_DAY} profile_links_taps follower_change"),
        ),
        _view(
            "instagram_post_results",
            "a row for each post and day on which it was read",
            "account_id post_id read_on",
            "account_id read_on",
            (_TEXT, "post_id account_id product_type caption permalink"),
            (_AT, "published_at"),
            (_DAY, "read_on"),
            (_RATE, "views reach total_interactions likes comments saved shares"),
        ),
        _view(
            "ad_campaign_days",
            "a row for each campaign, day and currency",
            "ad_account_id campaign_id day currency",
            "ad_account_id day",
            (_TEXT, "ad_account_id campaign_id campaign_name objective"),
            (_DAY, "day"),
            (_TEXT, "currency"),
            (_COUNT, "spend_minor impressions clicks link_clicks"),
            (_RATE, "results"),
        ),
    )
}
"""The first views for programs; those of `WIDE` say more."""
