"""The node's side of the child process that asks a model: orders it, reads its answers, ends it."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncGenerator, Sequence
from dataclasses import asdict
from typing import Any

from freehold.node.context import Node
from freehold.node.narrative.allowance import Asking
from freehold.node.narrative.facts import Draft, Language

AUTHOR = "freehold.node.narrative.author"
DEFAULT_URLS = {"openai": "https://api.openai.com/v1", "anthropic": "https://api.anthropic.com"}
START_SECONDS = 30.0
"""For the child to load its libraries, beside the time of a draft."""
MAX_LINE = 256 * 1024
_ENVIRONMENT = ("LANG", "PATH", "PYTHONPATH", "SSL_CERT_DIR", "SSL_CERT_FILE", "TZ")
"""What the child sees of our environment: no proxy, no setting, no secret."""


async def answers(node: Node, asked: Sequence[Asking], language: Language) -> AsyncGenerator[dict[str, Any]]:
    """What the model says to each request, in their order, until it says nothing more.

    Ends early when the child ends, or is silent for longer than a draft may take.
    """
    if not asked:
        return
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        AUTHOR,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=MAX_LINE,
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
    )
    try:
        assert child.stdin is not None
        assert child.stdout is not None
        with contextlib.suppress(ConnectionError):
            child.stdin.write(json.dumps(_order(node, asked, language)).encode())
            await child.stdin.drain()
        child.stdin.close()
        for _ in asked:
            async with asyncio.timeout(START_SECONDS + node.settings.model_timeout):
                line = await child.stdout.readline()
            if not line:
                return
            yield json.loads(line)
    except (TimeoutError, ValueError):
        return
    finally:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()


def _order(node: Node, asked: Sequence[Asking], language: Language) -> dict[str, Any]:
    """What the child is told to do."""
    settings = node.settings
    assert settings.model_provider is not None
    return {
        "provider": settings.model_provider,
        "model": settings.model_name,
        "url": settings.model_url or DEFAULT_URLS[settings.model_provider],
        "key": settings.model_key.get_secret_value() if settings.model_key else "",
        "networks": settings.allowed_networks,
        "language": language,
        "seconds": settings.model_timeout,
        "drafts": [_drafted(each.draft) | {"request": each.request} for each in asked],
    }


def _drafted(draft: Draft) -> dict[str, Any]:
    """A disguised draft as JSON."""
    facts = asdict(draft.facts) | {"dates": [day.isoformat() for day in draft.facts.dates]}
    return {"title": draft.title, "text": draft.text, "facts": facts}
