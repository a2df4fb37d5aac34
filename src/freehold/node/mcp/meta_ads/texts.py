"""What helps a model to begin, and to read results rightly."""

from typing import Final

from freehold.node.mcp.tool import Prompt, Resource

OVERVIEW: Final = Prompt(
    "account_overview",
    "How the account is doing",
    "What was spent and what it brought over the last 30 days, against the 30 days before.",
    "Give an overview of the ad account. Call get_ad_accounts, then get_insights for last_30d by campaign, and again "
    "for the 30 days before. Say what was spent, what it brought and at which cost per result, which campaigns changed "
    "most, and what had no delivery. Name the currency, the time zone and up to which day conversions are settled; do "
    "not call a difference a trend that settling conversions explain.",
)
WASTE: Final = Prompt(
    "find_waste",
    "Where money brings little",
    "Ads that cost much and brought little, with the figures that say so.",
    "Find ads that spend without bringing results. Call get_insights for last_30d at level ad, page by page. "
    "Compare the cost per result with that of the same campaign. Leave out ads with too few results to judge, and say "
    "which those are. Propose nothing that the figures do not carry.",
)
GLOSSARY: Final = Resource(
    "freehold://meta-ads/glossary",
    "glossary",
    "What the figures mean",
    """# What the figures mean

- **…_minor**: a whole number in minor units of the account's currency: 1250 with EUR is 12.50 EUR, with JPY 1250 yen.
- **reach**: people, each counted once. It may not be added up, neither over days nor over ads or campaigns.
- **frequency**: impressions a person.
- **clicks**: every click on an ad; **link_clicks** those that lead to where it links. **ctr_percent** is of all clicks.
- **results**: what the campaign's objective is after; absent for awareness, which is after people reached.
- **actions**: counted by the attribution that the answer names. Meta goes on counting for 28 days: figures of days
  after `settled_until` may still grow.
- **without_delivery**: objects that nobody was shown in these days. They have no row,
  which is not the same as a nought.
- **source**: `stored` is the node's own record as of `as_of`; `live` is what Meta said just then.
- **status** is what somebody chose, **effective_status** what follows from it and from what stands above.
""",
)
