"""The command line: parses, calls, prints; no logic of its own."""

from freehold.cli.application import app, main

__all__ = ["app", "main"]
