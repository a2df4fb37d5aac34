"""`filtering`: [{field, operator, value}] over objects and insight rows, with Meta's operators."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from freehold.sandbox.meta.ads.parameters import refusal, structure


@dataclass(frozen=True)
class Filter:
    """One condition; `field` is dotted ("ad.effective_status") or plain."""

    field: str
    operator: str
    value: Any

    @property
    def owner(self) -> str:
        """The object the field belongs to ("campaign", "adset", "ad"), or "" for the row itself."""
        head, dot, _ = self.field.rpartition(".")
        return head if dot else ""

    @property
    def name(self) -> str:
        """The field without its owner."""
        return self.field.rpartition(".")[2]


def _number(value: Any) -> float:
    if isinstance(value, datetime):
        return value.timestamp()
    try:
        return float(value)
    except (TypeError, ValueError):
        return _seconds(value)


def _seconds(value: Any) -> float:
    try:
        return datetime.fromisoformat(str(value)).timestamp()
    except ValueError:
        raise refusal(f"Filter value {value} must be a number or a time", blame="filtering") from None


def _many(value: Any) -> list[Any]:
    if isinstance(value, str) and value.startswith("["):
        value = json.loads(value)
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    return str(value).lower()


def _among(actual: Any, value: Any) -> bool:
    known = {_text(item) for item in _many(value)}
    return any(_text(item) in known for item in _many(actual))


def _within(actual: Any, value: Any) -> bool:
    low, high = _many(value)[:2]
    return _number(low) <= _number(actual) <= _number(high)


def _equal(actual: Any, value: Any) -> bool:
    if isinstance(value, int | float):
        return _number(actual) == float(value)
    return _text(actual) == _text(value)


OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "EQUAL": _equal,
    "NOT_EQUAL": lambda actual, value: not _equal(actual, value),
    "GREATER_THAN": lambda actual, value: _number(actual) > _number(value),
    "GREATER_THAN_OR_EQUAL": lambda actual, value: _number(actual) >= _number(value),
    "LESS_THAN": lambda actual, value: _number(actual) < _number(value),
    "LESS_THAN_OR_EQUAL": lambda actual, value: _number(actual) <= _number(value),
    "IN_RANGE": _within,
    "NOT_IN_RANGE": lambda actual, value: not _within(actual, value),
    "CONTAIN": lambda actual, value: _text(value) in _text(actual),
    "NOT_CONTAIN": lambda actual, value: _text(value) not in _text(actual),
    "CONTAINS_ANY": lambda actual, value: any(_text(item) in _text(actual) for item in _many(value)),
    "CONTAINS_ALL": lambda actual, value: all(_text(item) in _text(actual) for item in _many(value)),
    "NOT_CONTAINS_ANY": lambda actual, value: not any(_text(item) in _text(actual) for item in _many(value)),
    "STEM_MATCH": lambda actual, value: any(word.startswith(_text(value)) for word in _text(actual).split()),
    "IN": _among,
    "NOT_IN": lambda actual, value: not _among(actual, value),
    "STARTS_WITH": lambda actual, value: _text(actual).startswith(_text(value)),
    "ENDS_WITH": lambda actual, value: _text(actual).endswith(_text(value)),
    "ANY": _among,
    "ALL": lambda actual, value: {_text(item) for item in _many(value)} <= {_text(item) for item in _many(actual)},
    "AFTER": lambda actual, value: _number(actual) > _number(value),
    "BEFORE": lambda actual, value: _number(actual) < _number(value),
    "ON_OR_AFTER": lambda actual, value: _number(actual) >= _number(value),
    "ON_OR_BEFORE": lambda actual, value: _number(actual) <= _number(value),
    "NONE": lambda actual, value: not _among(actual, value),
    "TOP": lambda _actual, _value: True,
}


def filters(params: Mapping[str, str]) -> tuple[Filter, ...]:
    """The parsed `filtering` parameter."""
    rows = structure(params, "filtering")
    if rows is None:
        return ()
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise refusal("Param filtering must be an array of objects", blame="filtering")
    return tuple(_filter(row) for row in rows)


def _filter(row: dict[str, Any]) -> Filter:
    if not {"field", "operator", "value"} <= row.keys():
        raise refusal("Param filtering needs field, operator and value in each of its objects", blame="filtering")
    operator = str(row["operator"]).upper()
    if operator not in OPERATORS:
        raise refusal(
            f"Param filtering[0][operator] must be one of {{{', '.join(sorted(OPERATORS))}}}", blame="filtering"
        )
    return Filter(str(row["field"]), operator, row["value"])


def holds(condition: Filter, actual: Any) -> bool:
    """Whether a value passes a condition; an absent value passes only negations."""
    if actual is None:
        return condition.operator in {"NOT_EQUAL", "NOT_IN", "NOT_CONTAIN", "NOT_CONTAINS_ANY", "NONE"}
    return OPERATORS[condition.operator](actual, condition.value)


def all_hold(conditions: Sequence[Filter], read: Callable[[Filter], Any]) -> bool:
    """Whether every condition holds for what `read` gives."""
    return all(holds(condition, read(condition)) for condition in conditions)
