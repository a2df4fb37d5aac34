"""Sends what a peer sends to Meta's Graph API to the sandbox instead; the peer itself is unmodified.

Python imports this at its start from PYTHONPATH. GRAPH_SANDBOX is the sandbox's origin.
"""

import importlib
import os
from typing import Any
from urllib.parse import urlsplit, urlunsplit

GRAPH = {"graph.facebook.com", "graph.instagram.com"}


def redirect(origin: str) -> None:
    """Let `requests` reach `origin` wherever it is asked for the Graph API, and nothing else."""
    adapters = importlib.import_module("requests.adapters")
    send, there = adapters.HTTPAdapter.send, urlsplit(origin)

    def sent(self: Any, request: Any, *arguments: Any, **named: Any) -> Any:
        url = urlsplit(request.url)
        if url.hostname in GRAPH:
            request.url = urlunsplit(url._replace(scheme=there.scheme, netloc=there.netloc))
        elif url.netloc != there.netloc:
            raise adapters.ConnectionError(f"{url.hostname} is not the sandbox")
        return send(self, request, *arguments, **named)

    adapters.HTTPAdapter.send = sent


if os.environ.get("GRAPH_SANDBOX"):
    redirect(os.environ["GRAPH_SANDBOX"])
