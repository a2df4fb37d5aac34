"""What helps a model to begin, and to read results rightly."""

from typing import Final

from freehold.node.mcp.tool import Prompt, Resource

OVERVIEW: Final = Prompt(
    "account_overview",
    "How the account is doing",
    "What was spent and what it brought over the last 28 days, against the 28 days before.",
    "Give an overview of the ad account. Call get_ad_accounts, then get_insights for last_28d by campaign, and again "
    "for the 28 days before. Say what was spent, what it brought and at which cost per result, which campaigns changed "
    "most, and what had no delivery. Name the currency, the time zone and up to which day conversions are settled; do "
    "not call a difference a trend that settling conversions explain.",
)
WASTE: Final = Prompt(
    "find_waste",
    "Where money brings little",
    "Ads that cost much and brought little, with the figures that say so.",
    "Find ads that spend without bringing results. Call get_insights for last_28d at level ad, page by page. "
    "Compare the cost per result with that of the same campaign. Leave out ads with too few results to judge, and say "
    "which those are. Propose nothing that the figures do not carry.",
)
GLOSSARY: Final = Resource(
    "freehold://meta-ads/glossary",
    "glossary",
    "What the figures mean",
    """# What the figures mean

- **…_minor**: minor units of the account's currency: 1250 with EUR is 12.50 EUR, with JPY 1250 yen. Amounts are whole.
  What one thing costs (**cpm_minor**, **cpc_minor**, **cost_per_result_minor**) is told to a hundredth of them:
  43.27 with EUR is 0.4327 EUR.
- **reach**: people, each counted once. It may not be added up, neither over days nor over ads or campaigns.
- **frequency**: impressions a person.
- **clicks**: every click on an ad; **link_clicks** those that lead to where it links. **ctr_percent** is of all clicks.
- **results**: what the campaign's objective is after; absent for awareness, which is after people reached.
- **actions** and **results**: by the attribution that the answer names, which an ad set may have narrowed, also where
  other windows (**…_by_window**) or parts (**actions_by_part**: by action, the count of each device or the like) are
  told beside.
  Meta goes on counting for 28 days: figures of days after `settled_until` may still grow.
- **complete**: the list ends with this page.
- **without_delivery**: objects that nobody was shown in these days, the first 50 of **without_delivery_total**.
  They have no row, which is not the same as a nought. Where it is absent, **without_delivery_unknown** says why.
- **source**: `stored` is the node's own record as of `as_of`; `live` is what Meta said just then.
- **status** is what somebody chose, **effective_status** what follows from it and from what stands above.
""",
)
