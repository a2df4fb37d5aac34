"""Every table of collected data, room by room.

Every table has one primary key column and no declared foreign key, so that people may edit and annotate the rows in
NocoDB; columns that refer to other tables are indexed. Money is in minor units of `currency`.
"""

from freehold.node.store.ads.tables import (
    ad_accounts,
    ad_breakdowns,
    ad_campaigns,
    ad_changes,
    ad_creatives,
    ad_insight_restatements,
    ad_insights,
    ad_reach,
    ad_sets,
    ads,
)
from freehold.node.store.competitors.tables import (
    competitor_accounts,
    competitor_ad_matches,
    competitor_ads,
    competitor_posts,
    competitors,
)
from freehold.node.store.coverage.tables import coverage
from freehold.node.store.facebook.tables import facebook_page_insights, facebook_pages, facebook_posts
from freehold.node.store.instagram.tables import (
    instagram_accounts,
    instagram_children,
    instagram_feeds,
    instagram_insights,
    instagram_posts,
)
from freehold.node.store.recommendations.tables import ai_recommendations

__all__ = [
    "TABLES",
    "ad_accounts",
    "ad_breakdowns",
    "ad_campaigns",
    "ad_changes",
    "ad_creatives",
    "ad_insight_restatements",
    "ad_insights",
    "ad_reach",
    "ad_sets",
    "ads",
    "ai_recommendations",
    "competitor_accounts",
    "competitor_ad_matches",
    "competitor_ads",
    "competitor_posts",
    "competitors",
    "coverage",
    "facebook_page_insights",
    "facebook_pages",
    "facebook_posts",
    "instagram_accounts",
    "instagram_children",
    "instagram_feeds",
    "instagram_insights",
    "instagram_posts",
]

TABLES = (
    instagram_accounts,
    instagram_feeds,
    instagram_posts,
    instagram_children,
    instagram_insights,
    facebook_pages,
    facebook_posts,
    facebook_page_insights,
    ad_accounts,
    ad_campaigns,
    ad_sets,
    ads,
    ad_creatives,
    ad_insights,
    ad_insight_restatements,
    ad_breakdowns,
    ad_reach,
    ad_changes,
    competitors,
    competitor_accounts,
    competitor_posts,
    competitor_ads,
    competitor_ad_matches,
    ai_recommendations,
    coverage,
)
"""Everything that collection, analysis and people write."""
