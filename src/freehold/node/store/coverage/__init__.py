"""Coverage: what is there, what Meta does not give, and what is missing."""
