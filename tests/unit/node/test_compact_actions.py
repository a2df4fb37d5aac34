"""Of actions that are counted by several names one is told: the one that holds them all."""

from freehold.node.mcp.meta_ads.insight_rows import compacted


def test_the_name_that_counts_most_stays() -> None:
    """Purchases in shops are in the larger number alone; where both are the same the short name is told."""
    told = compacted(
        {
            "purchase": 10,
            "omni_purchase": 12,
            "offsite_conversion.fb_pixel_purchase": 9,
            "add_to_cart": 5,
            "omni_add_to_cart": 5,
            "onsite_conversion.post_save": 3,
            "link_click": 40,
        }
    )

    assert told == {"omni_purchase": 12, "add_to_cart": 5, "onsite_conversion.post_save": 3, "link_click": 40}
