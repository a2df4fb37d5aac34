"""Instagram: accounts, posts and their insights."""
