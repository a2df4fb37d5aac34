"""Where a browser is sent in the end."""

from freehold.broker.registry.queries import Client


def success_url(client: Client, handle: str | None) -> str:
    """Where the browser lands: the address registered for the client, and no other."""
    return client.success_url if handle is None else f"{client.success_url}?handle={handle}"
