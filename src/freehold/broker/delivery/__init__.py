"""Hands a grant to the client's node, sealed and signed, and keeps nothing."""
