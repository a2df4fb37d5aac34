"""Whether the broker lives, is ready, and who it is."""
