"""Reading a call's parameters: JSON or plain lists, numbers, times; and the refusals that Meta words for bad ones."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from freehold.sandbox.meta.errors import GraphError

INVALID: Final = 100


def refusal(
    message: str,
    *,
    subcode: int | None = None,
    title: str | None = None,
    advice: str | None = None,
    blame: str | None = None,
    code: int = INVALID,
) -> GraphError:
    """An "invalid parameter" error; `blame` names the parameter in error_data as Meta does."""
    data = None if blame is None else {"blame_field_specs": [[blame]]}
    return GraphError(
        message=message if message.startswith("(#") else f"(#{code}) {message}",
        code=code,
        subcode=subcode,
        user_title=title,
        user_msg=advice,
        error_data=data,
    )


def missing(name: str) -> GraphError:
    """The error for a required parameter that is not there."""
    return refusal(f"The parameter {name} is required", blame=name)


def structure(params: Mapping[str, str], name: str) -> Any:
    """A parameter holding JSON, with either kind of quotes; None when absent."""
    text = params.get(name)
    if text is None or text == "":
        return None
    for candidate in (text, text.replace("'", '"')):
        try:
            return json.loads(candidate)
        except ValueError:
            continue
    raise refusal(f"Param {name} must be valid JSON", blame=name)


def names(params: Mapping[str, str], name: str) -> list[str]:
    """A list of words: JSON array, JSON string, or comma-separated text; empty when absent."""
    text = (params.get(name) or "").strip()
    if not text:
        return []
    if text[0] in '["':
        value = structure(params, name)
        return [str(item) for item in (value if isinstance(value, list) else [value])]
    return [part.strip() for part in text.split(",") if part.strip()]


def mapping(params: Mapping[str, str], name: str) -> dict[str, Any] | None:
    """A JSON object; None when absent."""
    value = structure(params, name)
    if value is not None and not isinstance(value, dict):
        raise refusal(f"Param {name} must be a JSON object", blame=name)
    return value


def whole(params: Mapping[str, str], name: str, *, least: int = 0) -> int | None:
    """An integer of at least `least`; None when absent."""
    text = params.get(name)
    if text is None or text == "":
        return None
    try:
        value = int(text.strip('"'))
    except ValueError:
        raise refusal(f"Param {name} must be an integer", blame=name) from None
    if value < least:
        raise refusal(f"Param {name} must be greater than or equal to {least}", blame=name)
    return value


def truth(params: Mapping[str, str], name: str) -> bool | None:
    """A boolean as clients send it; None when absent."""
    text = params.get(name)
    if text is None or text == "":
        return None
    if text.lower() not in {"true", "false", "1", "0"}:
        raise refusal(f"Param {name} must be a boolean", blame=name)
    return text.lower() in {"true", "1"}


def choice(params: Mapping[str, str], name: str, allowed: frozenset[str]) -> str | None:
    """One word out of a set; None when absent."""
    text = params.get(name)
    if text is None or text == "":
        return None
    if text not in allowed:
        raise refusal(f"Param {name} must be one of {{{', '.join(sorted(allowed))}}}", blame=name)
    return text


def instant(params: Mapping[str, str], name: str, timezone_name: str) -> datetime | None:
    """A time as Unix seconds or ISO 8601 (local to the account without an offset); None when absent or 0."""
    text = (params.get(name) or "").strip('"')
    if text in {"", "0"}:
        return None
    if text.isdigit():
        return datetime.fromtimestamp(int(text), UTC)
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise refusal(f"Param {name} must be a valid date time", blame=name) from None
    if value.tzinfo is None:
        value = value.replace(tzinfo=ZoneInfo(timezone_name))
    return value.astimezone(UTC)


def stamp(value: datetime, timezone_name: str) -> str:
    """An instant as Meta writes it in an ad account's answers."""
    return value.astimezone(ZoneInfo(timezone_name)).strftime("%Y-%m-%dT%H:%M:%S%z")
