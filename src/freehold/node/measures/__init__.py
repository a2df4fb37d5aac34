"""What the collected data can be asked: metrics by name, what they may be split by, and their sums."""
