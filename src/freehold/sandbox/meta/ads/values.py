"""How a stored value of an ad object is shown as a field."""

from datetime import datetime
from typing import Any

from freehold.sandbox.meta.ads.objects import AdObject
from freehold.sandbox.meta.ads.parameters import stamp
from freehold.sandbox.meta.graph import OMITTED, Call, Reader

MONEY = frozenset(
    {
        "daily_budget",
        "lifetime_budget",
        "budget_remaining",
        "spend_cap",
        "daily_min_spend_target",
        "daily_spend_cap",
        "lifetime_min_spend_target",
        "lifetime_spend_cap",
    }
)
"""Amounts in minor units that are shown as text."""


def shown(value: Any, name: str, timezone_name: str) -> Any:
    """A stored value as the API writes it; what is not there is left out."""
    if value is None:
        return OMITTED
    if isinstance(value, datetime):
        return stamp(value, timezone_name)
    return str(value) if name in MONEY else value


def stored(*names: str) -> dict[str, Reader]:
    """Readers of fields that an ad object holds under the same names."""
    return {name: _reader(name) for name in names}


def _reader(name: str) -> Reader:
    def read(_: Call, value: AdObject) -> Any:
        return shown(value.values.get(name), name, value.plan.timezone_name)

    return read


def absent(names: str) -> dict[str, Reader]:
    """Readers of fields that exist but that no object of this world has; `names` are separated by spaces."""
    return dict.fromkeys(names.split(), _omitted)


def _omitted(_: Call, __: Any) -> Any:
    return OMITTED
