"""Cursor paging: a page of a sequence, and the links to its neighbours.

A cursor counts from the far end of a newest-first list, so that what is added in front does not move it.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from freehold.sandbox.meta.errors import GraphError


@dataclass(frozen=True)
class Page:
    """The rows of one page, and where it begins and ends in the whole."""

    rows: Sequence[Any]
    start: int
    end: int
    total: int


def cut(params: Mapping[str, str], rows: Sequence[Any], *, limit: int, max_limit: int) -> Page:
    """The page that `limit`, `after` and `before` ask for; a limit above the edge's maximum is cut down to it."""
    size = min(_limit(params.get("limit"), limit), max_limit)
    total = len(rows)
    if params.get("after"):
        start = max(0, total - _decode(params["after"]) + 1)
    elif params.get("before"):
        end = max(0, total - _decode(params["before"]))
        start = max(0, end - size)
        return Page(rows[start:end], start, end, total)
    else:
        start = 0
    end = min(total, start + size)
    return Page(rows[start:end], start, end, total)


def links(url: str, params: Mapping[str, str], page: Page, *, only_after: bool = False) -> dict[str, Any]:
    """`cursors`, `next` and `previous` of a page of `url`; nothing for an empty one. The last page has no `next`."""
    if not page.rows:
        return {}
    before, after = _encode(page.total - page.start), _encode(page.total - page.end + 1)
    found: dict[str, Any] = {"cursors": {"after": after} if only_after else {"before": before, "after": after}}
    if page.end < page.total:
        found["next"] = address(url, params, after=after)
    if page.start > 0 and not only_after:
        found["previous"] = address(url, params, before=before)
    return found


def address(url: str, params: Mapping[str, str], **changed: str) -> str:
    """`url` with other paging parameters. Like Meta's own links, it carries the token where the call's query did."""
    kept = {name: value for name, value in params.items() if name not in {"after", "before", *changed}}
    return f"{url}?{urlencode(kept | changed)}"


def _limit(text: str | None, default: int) -> int:
    if text is None or text == "":
        return default
    if not text.isdigit() or int(text) < 1:
        raise GraphError("(#100) Param limit must be a positive integer", code=100)
    return int(text)


def _encode(position: int) -> str:
    return base64.urlsafe_b64encode(f"c{position}".encode()).decode().rstrip("=")


def _decode(cursor: str) -> int:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError):
        text = ""
    if not text.startswith("c") or not text[1:].isdigit():
        raise GraphError("(#100) Invalid cursor: it does not belong to this list", code=2642)
    return int(text[1:])
