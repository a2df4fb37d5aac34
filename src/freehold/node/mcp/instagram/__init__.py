"""Instagram Analytics: what the client's accounts and posts did."""
