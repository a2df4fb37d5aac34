"""What counts as wrong, and what as well again: pure decisions over what was read from the database.

Between the two lies a gap in which an alert stays as it is, so that none opens and closes all day long.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from freehold.kernel.backups import age

Kind = Literal["collection_stuck", "hourly_late", "throttled", "api_errors", "backup_late", "sign_in_failures"]
State = Literal["wrong", "well", "unclear"]

STUCK_AFTER = timedelta(hours=36)
"""Every asset is read daily; half a day is left for throttling and repairs."""
LATE_AFTER = timedelta(hours=3)
"""A story is gone after a day: three hours leave a person time to act."""
THROTTLED_FOR = timedelta(hours=1)
MANY_CALLS = 20
"""Fewer calls in an hour say nothing about how often they fail."""
FAILING_SHARE = 0.25
WORKING_SHARE = 0.10
MANY_REFUSALS = 10
"""Wrong keys, handles and links within an hour; a person who mistypes a key makes fewer."""
FEW_REFUSALS = 2


@dataclass(frozen=True)
class Finding:
    """The state of one thing that is watched: an asset, a workflow, or the node when `subject` is empty.

    `detail` is a fact for people.
    """

    kind: Kind
    state: State
    subject: str | None
    detail: str

    @property
    def key(self) -> str:
        """What is open once."""
        return f"{self.kind}:{self.subject or 'node'}"


@dataclass(frozen=True)
class Reading:
    """When an asset was ticked, and when all that it is collected for was last read."""

    asset_id: str
    confirmed_at: datetime
    last_read_at: datetime | None


@dataclass(frozen=True)
class Hourly:
    """A workflow that runs every hour, for one asset: when it was first ordered within a day, and when a run of it last
    ended well.
    """

    workflow: str
    ordered_since: datetime
    last_done_at: datetime | None


@dataclass(frozen=True)
class Backups:
    """When there was first something to back up, and when the newest backup was made."""

    wanted_since: datetime
    newest_at: datetime | None


@dataclass(frozen=True)
class Throttling:
    """One limit's asset (empty: all), until when the provider shut it, the last call that it let through, and the
    first one after that which it refused.
    """

    asset_id: str | None
    blocked_until: datetime | None
    last_ok_at: datetime | None
    refused_since: datetime | None


@dataclass(frozen=True)
class Calls:
    """Calls of the last hour, without those that were throttled."""

    answered: int
    failed: int


@dataclass(frozen=True)
class Refusals:
    """How often somebody was refused at the door within an hour, and from how many addresses."""

    count: int
    addresses: int


@dataclass(frozen=True)
class Changes:
    """Alerts to open, to close as well again, and to drop because nobody watches their subject any more."""

    opened: list[Finding]
    closed: list[Finding]
    dropped: list[str]

    @property
    def any(self) -> bool:
        """Whether anything changes."""
        return bool(self.opened or self.closed or self.dropped)


def judge_reading(reading: Reading, now: datetime) -> Finding:
    """Whether an asset's collection is stuck."""
    last = max(reading.confirmed_at, reading.last_read_at or reading.confirmed_at)
    state: State = "wrong" if now - last > STUCK_AFTER else "well"
    return Finding("collection_stuck", state, reading.asset_id, _written(reading.last_read_at))


def judge_hourly(hourly: Hourly, now: datetime) -> Finding:
    """Whether a workflow that should end well every hour does not."""
    last = hourly.last_done_at or hourly.ordered_since
    state: State = "wrong" if now - last > LATE_AFTER else "well"
    return Finding("hourly_late", state, hourly.workflow, _written(hourly.last_done_at))


def judge_backups(backups: Backups, now: datetime) -> Finding:
    """Whether the newest backup is too old, or there is none where there should be one."""
    last = backups.newest_at or backups.wanted_since
    state: State = "wrong" if now - last > age.LATE_AFTER else "well"
    return Finding("backup_late", state, None, _written(backups.newest_at))


def judge_throttling(throttling: Throttling, now: datetime) -> Finding:
    """Whether the provider has refused, or will refuse, for more than an hour."""
    until, since = throttling.blocked_until, throttling.refused_since
    shut = until is not None and until > now
    state: State = "well" if not shut and since is None else "unclear"
    if (
        shut
        and until is not None
        and (until - now > THROTTLED_FOR or (since is not None and now - since > THROTTLED_FOR))
    ):
        state = "wrong"
    return Finding("throttled", state, throttling.asset_id, _written(until))


def judge_calls(calls: Calls) -> Finding:
    """Whether too many calls fail."""
    total = calls.answered + calls.failed
    share = calls.failed / total if total else 0.0
    state: State = "unclear"
    if total >= MANY_CALLS and share >= FAILING_SHARE:
        state = "wrong"
    elif calls.answered and share < WORKING_SHARE:
        state = "well"
    return Finding("api_errors", state, None, f"{calls.failed} of {total}")


def judge_refusals(refusals: Refusals) -> Finding:
    """Whether somebody is trying keys."""
    state: State = "unclear"
    if refusals.count >= MANY_REFUSALS:
        state = "wrong"
    elif refusals.count <= FEW_REFUSALS:
        state = "well"
    places = "one address" if refusals.addresses == 1 else f"{refusals.addresses} addresses"
    return Finding("sign_in_failures", state, None, f"{refusals.count} times from {places}")


def changes(findings: Iterable[Finding], open_keys: Collection[str]) -> Changes:
    """What changes, given what is open: each alert opens once and closes once."""
    found = {finding.key: finding for finding in findings}
    return Changes(
        opened=[each for each in found.values() if each.state == "wrong" and each.key not in open_keys],
        closed=[each for each in found.values() if each.state == "well" and each.key in open_keys],
        dropped=[key for key in open_keys if key not in found],
    )


def judge(
    readings: Iterable[Reading],
    hourlies: Iterable[Hourly],
    limits: Iterable[Throttling],
    calls: Calls,
    refusals: Refusals,
    now: datetime,
) -> Iterator[Finding]:
    """Everything that is watched."""
    yield from (judge_reading(reading, now) for reading in readings)
    yield from _worst(judge_hourly(hourly, now) for hourly in hourlies)
    yield from _worst(judge_throttling(throttling, now) for throttling in limits)
    yield judge_calls(calls)
    yield judge_refusals(refusals)


def _written(at: datetime | None) -> str:
    return "never" if at is None else f"{at:%d %B %Y, %H:%M} UTC"


def _worst(findings: Iterable[Finding]) -> list[Finding]:
    """One finding for each key: an asset has several limits, and one that is shut is enough; a workflow that reads one
    of its assets no more is late.
    """
    order: dict[State, int] = {"wrong": 0, "unclear": 1, "well": 2}
    worst: dict[str, Finding] = {}
    for finding in sorted(findings, key=lambda each: order[each.state]):
        worst.setdefault(finding.key, finding)
    return list(worst.values())
