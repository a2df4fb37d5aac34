"""What the numbers say, as pure functions: medians, comparisons and recommendations with their evidence."""
