"""Connections: who authorised what for which client; metadata only."""
