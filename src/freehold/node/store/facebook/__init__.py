"""Facebook pages: posts and insights."""
