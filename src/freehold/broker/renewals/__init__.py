"""Renews a token for the node that holds it: only the broker has the app secret."""
