"""Passwords of accounts with which people sign in to NocoDB and n8n."""

import secrets


def new_password() -> str:
    """192 bits, as NocoDB and n8n demand it of people: with an upper-case letter, a digit and another character."""
    return f"Fh1-{secrets.token_urlsafe(24)}"
