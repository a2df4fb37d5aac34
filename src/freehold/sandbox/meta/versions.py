"""Which versions of the API live when, and what a call to a dead one meets."""

import re
from datetime import UTC, datetime
from typing import Final

from freehold.sandbox.meta.errors import GraphError

NEWEST: Final = "v26.0"
_GRAPH_UNTIL = {
    "v26.0": None,
    "v25.0": datetime(2028, 7, 29, tzinfo=UTC),
    "v24.0": datetime(2028, 2, 18, tzinfo=UTC),
    "v23.0": datetime(2027, 10, 8, tzinfo=UTC),
    "v22.0": datetime(2027, 5, 20, tzinfo=UTC),
    "v21.0": datetime(2027, 1, 21, tzinfo=UTC),
    "v20.0": datetime(2026, 9, 24, tzinfo=UTC),
}
_ADS_UNTIL = {
    "v26.0": None,
    "v25.0": None,
    "v24.0": datetime(2026, 10, 6, tzinfo=UTC),
    "v23.0": datetime(2026, 6, 9, tzinfo=UTC),
}
_VERSION = re.compile(r"^v(\d+)\.(\d+)$")


def is_version(segment: str) -> bool:
    """Whether a path segment is a version."""
    return bool(_VERSION.match(segment))


def living(version: str, now: datetime) -> str:
    """The version that answers a call to `version`: itself, or the oldest living one when it is dead."""
    alive = [name for name, until in _GRAPH_UNTIL.items() if until is None or now < until]
    if version in alive:
        return version
    if _number(version) > _number(NEWEST):
        raise GraphError(f"Unknown path components: /{version}", code=2500)
    return alive[-1]


def check_ads(asked: str, now: datetime, *, upgrade: bool) -> None:
    """Refuse (error 2635) a call to ads through a dead version, unless it is upgraded."""
    until = _ADS_UNTIL.get(asked, datetime.min.replace(tzinfo=UTC))
    if until is None or now < until or upgrade:
        return
    raise GraphError(
        f"(#2635) You are calling a deprecated version of the Ads API. Please update to the latest version: {NEWEST}.",
        code=2635,
    )


def _number(version: str) -> tuple[int, int]:
    major, minor = _VERSION.match(version).groups()  # type: ignore[union-attr]
    return int(major), int(minor)
