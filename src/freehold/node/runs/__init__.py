"""Runs of workflows: what was ordered, how far it has come, what it cost, how it ended."""
