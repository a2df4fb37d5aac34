"""How people meet the node's tables in NocoDB: which come first, what they are about, and their grids."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Direction = Literal["asc", "desc"]

WHOLE = {"isLocaleString": True}
"""Format of a number: 12,345."""
TWO_PLACES = {"precision": 2, "isLocaleString": True}
"""Format of an amount: 1,234.50."""
FORMATS = frozenset({"isLocaleString", "precision"})
"""What formats speak of."""


@dataclass(frozen=True)
class Filter:
    """A condition on the rows of a grid, in NocoDB's words."""

    column: str
    comparison: str
    value: str | None = None
    within: str | None = None
    """With the comparison `isWithin`: pastMonth and the like."""


@dataclass(frozen=True)
class Formula:
    """A column that NocoDB reckons; its format, where it is not plain, is one that a column of ours cannot have."""

    title: str
    text: str
    display: Mapping[str, Any] = field(default_factory=dict)


def link(column: str, title: str = "Open") -> Formula:
    """A column to click on."""
    return Formula(title, f'URL({{{column}}}, "{title.lower()}")')


def percent(title: str, part: str, whole: str) -> Formula:
    """A share with two decimals."""
    text = f"ROUND({{{part}}} * 100 / {{{whole}}}, 2)"
    display = {"display_type": "Percent", "display_column_meta": {"meta": {"precision": 2, "is_progress": False}}}
    return Formula(title, text, display)


@dataclass(frozen=True)
class Grid:
    """A grid over a table: how its rows are sorted and filtered. The columns that it shows are its sheet's."""

    title: str
    """Empty: the one that the table comes with."""
    sorts: tuple[tuple[str, Direction], ...] = ()
    filters: tuple[Filter, ...] = ()


@dataclass(frozen=True)
class Sheet:
    """A table or view of the database as people meet it."""

    relation: str
    icon: str
    about: str
    columns: tuple[str, ...]
    """Those that show, in their order; the first is what a row is called by."""
    grids: tuple[Grid, ...] = (Grid(""),)
    formulas: tuple[Formula, ...] = ()
    formats: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def _numbers(*columns: str) -> dict[str, Mapping[str, Any]]:
    return dict.fromkeys(columns, WHOLE)


NOTES_ELSEWHERE = "Notes are written in {}, and show here."
NEWEST = Grid("", sorts=(("Published", "desc"),))
MONTH = "pastMonth"
_AD_COLUMNS = (
    "Status", "Spend", "Currency", "Impressions", "Clicks", "Click rate", "Link clicks", "Cost per link click",
    "Results", "Cost per result", "Note",
)  # fmt: skip
_AD_FORMATS = _numbers("Impressions", "Clicks", "Link clicks", "Results") | dict.fromkeys(
    ("Spend", "Cost per link click", "Cost per result"), TWO_PLACES
)
_AD_FORMULAS = (percent("Click rate", "Clicks", "Impressions"),)
_AD_GRIDS = (
    Grid("", sorts=(("Spend", "desc"),)),
    Grid("Cheapest results", sorts=(("Cost per result", "asc"),), filters=(Filter("Results", "gt", "0"),)),
    Grid("Spend without results", sorts=(("Spend", "desc"),), filters=(Filter("Results", "blank"),)),
)

SHEETS = (
    Sheet(
        "Instagram results",
        "📷",
        "Every post of your Instagram accounts with its newest numbers. " + NOTES_ELSEWHERE.format("instagram_posts"),
        ("Caption", "Account", "Kind", "Published", "Reach", "Views", "Interactions", "Likes", "Comments", "Saves",
         "Shares", "Open", "Note"),
        (
            NEWEST,
            Grid("Best reach", sorts=(("Reach", "desc"),)),
            Grid("Most saved", sorts=(("Saves", "desc"),)),
            Grid("Last 30 days", (("Reach", "desc"),), (Filter("Published", "isWithin", within=MONTH),)),
            Grid("Reels", (("Views", "desc"),), (Filter("Kind", "eq", "REELS"),)),
        ),
        (link("Link"),),
        _numbers("Reach", "Views", "Interactions", "Likes", "Comments", "Saves", "Shares"),
    ),
    Sheet(
        "Instagram days",
        "📈",
        "Your Instagram accounts day by day.",
        ("Account", "Day", "Reach", "Views", "People who engaged", "Interactions", "Likes", "Comments", "Saves",
         "Shares", "Taps on profile links", "Change of followers"),
        (
            Grid("", sorts=(("Day", "desc"),)),
            Grid("Best days", sorts=(("Reach", "desc"),)),
        ),
        formats=_numbers("Reach", "Views", "People who engaged", "Interactions", "Likes", "Comments", "Saves", "Shares",
                         "Taps on profile links", "Change of followers"),
    ),
    Sheet(
        "Facebook results",
        "📘",
        "Every post of your Facebook pages with its newest numbers. " + NOTES_ELSEWHERE.format("facebook_posts"),
        ("Text", "Page", "Published", "Viewers", "Views", "Clicks", "Reactions", "Comments", "Shares", "Open", "Note"),
        (
            NEWEST,
            Grid("Most viewers", sorts=(("Viewers", "desc"),)),
            Grid("Last 30 days", (("Viewers", "desc"),), (Filter("Published", "isWithin", within=MONTH),)),
        ),
        (link("Link"),),
        _numbers("Viewers", "Views", "Clicks", "Reactions", "Comments", "Shares"),
    ),
    Sheet(
        "Campaigns of 30 days",
        "💶",
        "What each campaign spent and brought in the last 30 days. " + NOTES_ELSEWHERE.format("ad_campaigns"),
        ("Campaign", "Objective", *_AD_COLUMNS),
        _AD_GRIDS,
        _AD_FORMULAS,
        _AD_FORMATS,
    ),
    Sheet(
        "Ads of 30 days",
        "🎯",
        "What each ad spent and brought in the last 30 days. " + NOTES_ELSEWHERE.format("ads"),
        ("Ad", "Campaign", *_AD_COLUMNS),
        _AD_GRIDS,
        _AD_FORMULAS,
        _AD_FORMATS,
    ),
    Sheet(
        "Campaign days",
        "📅",
        "What each campaign spent and brought on each day.",
        ("Campaign", "Day", *_AD_COLUMNS[1:-1]),
        (Grid("", sorts=(("Day", "desc"), ("Spend", "desc"))),),
        _AD_FORMULAS,
        _AD_FORMATS,
    ),
    Sheet(
        "instagram_posts",
        "📝",
        "Your Instagram posts. Write what you think of one into its note.",
        ("caption", "note", "product_type", "published_at", "likes", "comments", "Open"),
        (Grid("", (("published_at", "desc"),)), Grid("With notes", filters=(Filter("note", "notblank"),))),
        (link("permalink"),),
        _numbers("likes", "comments"),
    ),
    Sheet(
        "facebook_posts",
        "📝",
        "The posts of your Facebook pages. Write what you think of one into its note.",
        ("message", "note", "published_at", "reactions", "comments", "shares", "Open"),
        (Grid("", (("published_at", "desc"),)), Grid("With notes", filters=(Filter("note", "notblank"),))),
        (link("permalink"),),
        _numbers("reactions", "comments", "shares"),
    ),
    Sheet(
        "ad_campaigns",
        "📝",
        "Your campaigns. Write what you think of one into its note.",
        ("name", "note", "objective", "effective_status", "started_at", "stopped_at"),
        (Grid("", (("started_at", "desc"),)), Grid("Running", filters=(Filter("effective_status", "eq", "ACTIVE"),))),
    ),
    Sheet(
        "ad_sets",
        "📝",
        "Your ad sets. Write what you think of one into its note.",
        ("name", "note", "optimization_goal", "effective_status", "started_at", "ends_at"),
        (Grid("", (("started_at", "desc"),)),),
    ),
    Sheet(
        "ads",
        "📝",
        "Your ads. Write what you think of one into its note.",
        ("name", "note", "effective_status", "created_at"),
        (Grid("", (("created_at", "desc"),)),),
    ),
    Sheet(
        "ai_recommendations",
        "💡",
        "What Freehold recommends. Write what you think of it into the note.",
        ("title", "text", "status", "confidence", "effort", "note", "made_at", "acted_at", "kind"),
        (
            Grid("", (("made_at", "desc"),)),
            Grid("New", (("made_at", "desc"),), (Filter("status", "eq", "new"),)),
            Grid("Followed", (("made_at", "desc"),), (Filter("acted_at", "notblank"),)),
        ),
    ),
    Sheet(
        "competitor_ads",
        "🔭",
        "Ads of competitors that Meta's archive shows.",
        ("page_name", "bodies", "first_seen_on", "last_seen_on", "gone_on", "publisher_platforms", "Open", "note"),
        (Grid("", (("first_seen_on", "desc"),)), Grid("Running", filters=(Filter("gone_on", "blank"),))),
        (link("snapshot_url"),),
    ),
    Sheet(
        "competitor_posts",
        "🔭",
        "The newest posts of competitors.",
        ("caption", "note", "product_type", "published_at", "likes", "comments", "views", "Open"),
        (Grid("", (("published_at", "desc"),)), Grid("Most liked", (("likes", "desc"),))),
        (link("permalink"),),
        _numbers("likes", "comments", "views"),
    ),
    Sheet("competitors", "🔭", "Whom you watch.", ("name", "kind", "countries", "added_by", "added_at", "note")),
    Sheet(
        "meta_credentials",
        "🔑",
        "Who connected accounts to this machine, and until when. The tokens themselves are nowhere in NocoDB.",
        ("meta_user_id", "status", "status_reason", "scopes", "token_expires_at", "data_access_expires_at",
         "issued_at"),
        (Grid("", (("issued_at", "desc"),)),),
    ),
    Sheet(
        "connected_assets",
        "🔑",
        "The pages and accounts that are read.",
        ("name", "kind", "username", "currency", "timezone", "confirmed_at"),
    ),
)  # fmt: skip
"""In the order of the sidebar; tables that are not named here come after them, as they are."""
