"""Ads: campaigns, ad sets, ads, what they did, and what was changed."""
