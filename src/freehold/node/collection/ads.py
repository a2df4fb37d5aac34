"""Everything that is read of an ad account, stream by stream."""

from freehold.node.collection.ad_breakdowns import read_ad_breakdowns
from freehold.node.collection.ad_days import read_ad_days, read_ad_today
from freehold.node.collection.ad_reach import read_ad_reach
from freehold.node.collection.ad_structure import read_ad_account, read_ad_structure
from freehold.node.collection.streams import Stream
from freehold.providers.meta import spec

KIND = "ad_account"
HORIZON_DAYS = spec.AD_MONTHS * 30
"""About how far back Meta keeps what ads did."""

TODAY = Stream("ad_today", KIND, read_ad_today)
"""Today so far, which is read apart, hour by hour."""
STREAMS = (
    Stream("ad_account", KIND, read_ad_account, gate=True),
    Stream("ad_structure", KIND, read_ad_structure),
    Stream("ad_days", KIND, read_ad_days, horizon_days=HORIZON_DAYS),
    Stream("ad_reach", KIND, read_ad_reach, horizon_days=HORIZON_DAYS),
    Stream("ad_breakdowns", KIND, read_ad_breakdowns, horizon_days=HORIZON_DAYS),
)
"""What a day's collection reads, in this order."""
