"""The Graph API's manners, whatever is asked: errors, usage headers, pages, days and instants."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from freehold.kernel.replies import ApiReply
from freehold.providers.calls import (
    JSON,
    ApiCall,
    ProviderError,
    Rejected,
    Throttled,
    TokenRevoked,
    Unavailable,
)

INSTAGRAM_DAY: Final = ZoneInfo("America/Los_Angeles")
"""Instagram's account insights count days that end at midnight in this zone, whatever the account's own is."""

_THROTTLES: Final = frozenset({4, 17, 32, 341, 613, *range(80_000, 80_015)})
_TOKEN_CODES: Final = frozenset({102, 190})
_TRANSIENT: Final = frozenset({1, 2})
_POLICY_BLOCK: Final = 368
_TOO_MUCH_DATA: Final = frozenset({1_487_534, 1_504_018, 1_504_045})
"""Refused for its size, timed out, too large for a report: less at a time may be served."""
_SCORES: Final = frozenset({(17, 2_446_079), (613, 1_487_742)})
_MUTATIONS: Final = (613, 5_044_001)
_INSIGHTS_LOAD: Final = frozenset({(4, 1_504_022), (4, 1_504_039)})
_WAITS: Final = {4: 900.0, 17: 300.0, 32: 900.0, 341: 900.0, 613: 60.0, 368: 3600.0}
"""Seconds to wait where no header tells more."""
_SYSTEMS: Final = {
    4: "platform", 341: "platform", 17: "user", 32: "user", 368: "policy",
    80_000: "ads_insights", 80_001: "pages", 80_002: "instagram", 80_004: "ads_management",
}  # fmt: skip
"""Whose limit a code tells of; "platform" is the app's, "user" that of the person whose token was used."""
_UNSTORABLE: Final = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])|\xed[\xa0-\xbf]")
"""What JSON has where a text may hold the character of code 0, or half a character."""
_REDIRECTION: Final = 300
_REFUSED: Final = 400
_SERVER_ERROR: Final = 500
_PASSING: Final = frozenset({408, 425, 429})
"""Statuses of the 4xx that ask for another try."""

T = TypeVar("T")


@dataclass(frozen=True)
class Usage:
    """What a header told of one limit: `percent` of it is used; shut for `regain_seconds` when that is above 0."""

    system: str
    percent: float
    regain_seconds: float
    tier: str | None = None
    """The app's access to the Marketing API, where the header tells it."""


def parse(call: ApiCall, reply: ApiReply) -> JSON:
    """The JSON of a good answer, all its texts as a database takes them.

    Raises the `ProviderError` that any other answer means, whatever its HTTP status.
    """
    try:
        body = json.loads(reply.body)
    except ValueError as error:
        raise _by_status(reply) or Unavailable(f"the answer (status {reply.status}) is not JSON") from error
    if _UNSTORABLE.search(reply.body):
        body = _storable(body)
    if isinstance(body, dict) and "error" in body:
        raise failure(body["error"], reply)
    unexplained = _by_status(reply)
    if unexplained is not None:
        raise unexplained
    if not isinstance(body, dict):
        raise Unavailable(f"the answer to {call.method} is not an object")
    return body


def understood(read: Callable[[JSON], T], answer: JSON) -> T:
    """What `read` makes of an answer; raises `Unavailable` where a part that it needs is absent or of another type."""
    try:
        return read(answer)
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise Unavailable("the provider's answer is unreadable: a part is absent or of another type") from error


def failure(error: Any, reply: ApiReply) -> ProviderError:
    """The typed failure that an error envelope means."""
    if not isinstance(error, dict):
        return Unavailable("the provider's error is unreadable")
    message = text(error, "error_user_msg") or text(error, "message") or "no message"
    code, subcode = _number(error.get("code")), _number(error.get("error_subcode"))
    known: dict[str, Any] = {"code": code, "subcode": subcode}
    if code in _THROTTLES or code == _POLICY_BLOCK:
        system = _throttled_system(code, subcode)
        return Throttled(message, retry_after=_wait(code, subcode, reply), bucket=system, **known)
    if code in _TOKEN_CODES:
        return TokenRevoked(message, **known)
    if subcode in _TOO_MUCH_DATA or "reduce the amount of data" in message:
        return Rejected(message, reduce_data=True, **known)
    if code in _TRANSIENT or error.get("is_transient"):
        return Unavailable(message, **known)
    return Rejected(message, **known)


def usage(headers: Mapping[str, str]) -> list[Usage]:
    """Every limit that the usage headers (names in lower case) tell of; unreadable ones tell nothing."""
    found = list(_call_usage("platform", headers.get("x-app-usage", "")))
    found += _call_usage("user", headers.get("x-page-usage", ""))
    found += _business_usage(headers.get("x-business-use-case-usage", ""))
    found += _account_usage(headers.get("x-ad-account-usage", ""))
    found += _insights_usage(headers.get("x-fb-ads-insights-throttle", ""))
    return found


def next_cursor(answer: JSON) -> str | None:
    """The cursor of the next page; None on the last. The link itself is not used: it may carry the token."""
    paging = answer.get("paging") or {}
    if not paging.get("next"):
        return None
    after = (paging.get("cursors") or {}).get("after")
    return None if after is None else str(after)


def rows(answer: JSON) -> list[Mapping[str, Any]]:
    """The rows of a list; raises `KeyError` or `TypeError` where there is none: that is not an empty list."""
    found = answer["data"]
    if not isinstance(found, list):
        raise TypeError("`data` is no list")
    return found


def identifier(row: Mapping[str, Any], name: str) -> str:
    """The id under `name`; raises `KeyError` or `ValueError` where there is none."""
    value = row[name]
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        raise ValueError(f"`{name}` is no id")
    return str(value)


def text(row: Mapping[str, Any], name: str) -> str:
    """The text under `name`, as a database takes it; empty where there is none."""
    value = row.get(name)
    return "" if value is None else storable(str(value))


def storable(text: str) -> str:
    """Text of others without what no database keeps: the character of code 0, and halves of characters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def instant(text: str) -> datetime:
    """An instant as Meta writes it, in UTC."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").astimezone(UTC)


def midnight(day: date, zone: ZoneInfo = INSTAGRAM_DAY) -> datetime:
    """When a day begins as `zone` counts it."""
    return datetime.combine(day, datetime.min.time(), zone)


def zone_named(name: str | None) -> ZoneInfo:
    """The zone of an ad account as Meta names it; UTC where there is no name, or none that is known here."""
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def day_of_end_time(text: str) -> date:
    """The day whose end an insight's `end_time` marks."""
    return (instant(text) - timedelta(seconds=1)).astimezone(INSTAGRAM_DAY).date()


def bounds(first: date, last: date) -> tuple[int, int]:
    """`since` and `until` in Unix seconds for the days from `first` to `last`, both included."""
    since, until = midnight(first), midnight(last + timedelta(days=1))
    return int(since.timestamp()), int(until.timestamp()) - 1


def windows(first: date, last: date, days: int) -> Iterator[tuple[date, date]]:
    """The days from `first` to `last`, cut into windows of at most `days`, the newest first."""
    while last >= first:
        begin = max(first, last - timedelta(days=days - 1))
        yield begin, last
        last = begin - timedelta(days=1)


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {storable(name): _storable(item) for name, item in value.items()}
    return value


def _by_status(reply: ApiReply) -> ProviderError | None:
    """What an answer without an error envelope means by its status alone; None for a good one."""
    if reply.status < _REDIRECTION:
        return None
    told = f"the provider answered with status {reply.status}"
    refused = _REFUSED <= reply.status < _SERVER_ERROR and reply.status not in _PASSING
    return Rejected(told) if refused else Unavailable(told)


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) else int(value) if isinstance(value, str) and value.isdigit() else None


def _wait(code: int | None, subcode: int | None, reply: ApiReply) -> float:
    told = max((item.regain_seconds for item in usage(reply.headers)), default=0.0)
    if told > 0:
        return told
    if (code, subcode) == _MUTATIONS:
        return 1.0
    return 300.0 if (code, subcode) in _SCORES else _WAITS.get(code or 0, 300.0)


def _throttled_system(code: int | None, subcode: int | None) -> str:
    if (code, subcode) in _SCORES:
        return "ads_score"
    if (code, subcode) == _MUTATIONS:
        return "mutations"
    if (code, subcode) in _INSIGHTS_LOAD:
        return "ads_insights_app"
    return _SYSTEMS.get(code or 0, "throttle")


def _object(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None


def _highest(entry: Mapping[str, Any]) -> float:
    names = ("call_count", "total_time", "total_cputime")
    return max((float(entry[name]) for name in names if isinstance(entry.get(name), int | float)), default=0.0)


def _call_usage(system: str, text: str) -> Iterator[Usage]:
    entry = _object(text)
    if isinstance(entry, dict):
        yield Usage(system, _highest(entry), 0.0)


def _business_usage(text: str) -> Iterator[Usage]:
    """By business object, a list of entries; `estimated_time_to_regain_access` is in minutes."""
    found = _object(text)
    for entries in found.values() if isinstance(found, dict) else ():
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict):
                minutes = float(entry.get("estimated_time_to_regain_access") or 0)
                yield Usage(str(entry.get("type", "business")), _highest(entry), minutes * 60, _tier(entry))


def _account_usage(text: str) -> Iterator[Usage]:
    entry = _object(text)
    if isinstance(entry, dict) and isinstance(entry.get("acc_id_util_pct"), int | float):
        percent = float(entry["acc_id_util_pct"])
        full = percent >= 100  # noqa: PLR2004 - per cent
        regain = float(entry.get("reset_time_duration") or 0) if full else 0.0
        yield Usage("ads_score", percent, regain, _tier(entry))


def _insights_usage(text: str) -> Iterator[Usage]:
    entry = _object(text)
    if isinstance(entry, dict):
        for name, system in (("app_id_util_pct", "ads_insights_app"), ("acc_id_util_pct", "ads_insights")):
            if isinstance(entry.get(name), int | float):
                yield Usage(system, float(entry[name]), 0.0, _tier(entry))


def _tier(entry: Mapping[str, Any]) -> str | None:
    found = entry.get("ads_api_access_tier")
    return found if isinstance(found, str) else None
