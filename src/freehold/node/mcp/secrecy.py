"""The last look at what leaves a tool: no token, no key of this node, no address of the provider's API.

Tools read named fields, so there should be none to find. But Meta's own words pass through here, in errors and in
texts, and what a later tool forgets is caught here, too.
"""

import re
from typing import Any, Final

from freehold.kernel.logs import REDACTED
from freehold.kernel.problems import Problem

_KEYS: Final = r"EAA[A-Za-z0-9]{40,}|\bfh[a-z]{1,8}_[A-Za-z0-9_-]{40,}"
_PARAMETER: Final = (
    r"\b(?:access_token|appsecret_proof|client_secret|fb_exchange_token)[\\\"'\s]*[=:][\\\"'\s]*[^\s&\"'\\]+"
)
_API: Final = r"https?://graph(?:-video)?\.(?:facebook|instagram)\.com[^\s\"'<>]*"
_MARKS: Final = ("EAA", "fh", "access_token", "appsecret_proof", "client_secret", "fb_exchange_token", "://graph")
"""What is in a text that may hold a secret: to look for these costs a hundredth of what the whole pattern does."""
CURSOR: Final = "next_cursor"
"""Sealed by this node: it may look like anything."""
PICTURE: Final = "base64"
"""Drawn by this node, its bytes may look like anything, too."""


class Scrubber:
    """Takes secrets out of answers of a node that asks the API at `graph_url`."""

    def __init__(self, graph_url: str) -> None:
        self._marks = (*_MARKS, graph_url)
        self._secret = re.compile(f"{_KEYS}|{_PARAMETER}|{_API}|{re.escape(graph_url)}[^\\s\"'<>]*")

    def answer(self, value: dict[str, Any], text: str) -> dict[str, Any]:
        """An answer, whose JSON is `text`, without what is secret in it; the same object where there is nothing."""
        if not any(mark in text for mark in self._marks) or self._secret.search(text) is None:
            return value
        found: dict[str, Any] = self._clean(value)
        return found

    def problem(self, problem: Problem) -> Problem:
        """A problem whose words hold nothing secret; the same object where they do not."""
        detail, hint = (self._secret.sub(REDACTED, words) for words in (problem.detail, problem.hint))
        if (detail, hint) == (problem.detail, problem.hint):
            return problem
        return Problem(
            problem.status, problem.code, detail, hint, retry_after=problem.retry_after, headers=problem.headers
        )

    def _clean(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._secret.sub(REDACTED, value)
        if isinstance(value, list):
            return [self._clean(item) for item in value]
        if isinstance(value, dict):
            return {name: item if name in {CURSOR, PICTURE} else self._clean(item) for name, item in value.items()}
        return value
