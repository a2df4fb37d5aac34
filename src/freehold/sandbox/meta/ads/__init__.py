"""The Marketing API: accounts, campaigns, ad sets, ads, creatives, insights, targeting and the ads library."""
