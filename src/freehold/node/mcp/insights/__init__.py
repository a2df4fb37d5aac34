"""Insights: questions to everything that the node has collected, and answers that name their evidence."""
