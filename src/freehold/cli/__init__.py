"""The command line: parses, calls, prints; no logic of its own."""

from freehold.cli.application import build, main

__all__ = ["build", "main"]
