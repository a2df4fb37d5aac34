"""Reading the parameters of an insights call, and the refusals that every kind of insights shares."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime

from freehold.sandbox.meta.errors import GraphError, unknown_field
from freehold.sandbox.meta.fields import Selection
from freehold.sandbox.meta.graph import JSON, Call

RESULT_FIELDS = frozenset({"name", "period", "values", "title", "description", "total_value", "id"})


def invalid(message: str, subcode: int | None = None) -> GraphError:
    """Error 100: a parameter that cannot be."""
    return GraphError(f"(#100) {message}", code=100, subcode=subcode)


def unknown_error() -> GraphError:
    """Error 1, which the API gives for a breakdown that a metric does not have."""
    return GraphError("An unknown error has occurred.", code=1)


def names(params: Mapping[str, str], name: str) -> tuple[str, ...]:
    """A list parameter, written with commas or as a JSON list."""
    text = params.get(name, "").strip().removeprefix("[").removesuffix("]")
    return tuple(part for part in (part.strip().strip('"') for part in text.split(",")) if part)


def required(params: Mapping[str, str], name: str) -> tuple[str, ...]:
    """A list parameter without which there is no answer."""
    found = names(params, name)
    if not found:
        raise invalid(f"The parameter {name} is required")
    return found


def among(asked: Iterable[str], known: Collection[str], name: str) -> None:
    """Refuse a name that is not in the list, and tell the whole list."""
    for index, one in enumerate(asked):
        if one not in known:
            raise invalid(f"{name}[{index}] must be one of the following values: {', '.join(known)}")


def offered(call: Call, metrics: Iterable[str]) -> list[str]:
    """The metrics that this sandbox has not retired."""
    return [name for name in metrics if name not in call.sandbox.settings.retired_metrics]


def chosen(rows: list[JSON], asked: tuple[Selection, ...]) -> list[JSON]:
    """Results with only the fields asked for; all of them where none are."""
    wanted = {selection.name for selection in asked}
    for name in sorted(wanted - RESULT_FIELDS):
        raise unknown_field(name, "InstagramInsightsResult")
    return [{name: value for name, value in row.items() if not wanted or name in wanted | {"id"}} for row in rows]


def one_of(params: Mapping[str, str], name: str, known: Collection[str], default: str = "") -> str:
    """A parameter with one value out of a list."""
    value = params.get(name, "") or default
    if value and value not in known:
        raise invalid(f"{name} must be one of the following values: {', '.join(known)}")
    return value


def instant(params: Mapping[str, str], name: str) -> int | None:
    """A moment in Unix seconds, or a date or time as ISO 8601 writes it."""
    text = params.get(name, "").strip()
    if not text:
        return None
    if text.removeprefix("-").isdigit():
        return int(text)
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise invalid(f"{name} param is not valid. It should be a Unix timestamp") from None
    return int((when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp())
