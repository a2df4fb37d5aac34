"""When a workflow begins by itself: the slots of an hourly, daily, weekly or monthly schedule, in UTC."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self

from freehold.kernel.problems import ExplainedError

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LAST_DAY = 28
"""The last day that every month has."""
_CLOCK = r" (?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)"
_DAYS = rf"daily|weekly (?P<weekday>{'|'.join(WEEKDAYS)})|monthly (?P<day>[1-9]|1\d|2[0-8])"
_WRITTEN = re.compile(rf"hourly :(?P<past>[0-5]\d)|(?:{_DAYS}){_CLOCK}")


class ScheduleError(ExplainedError):
    """A schedule that cannot be read; the message says how one is written."""


@dataclass(frozen=True)
class Schedule:
    """Every day at `hour`:`minute`, or every hour at `minute` where `hour` is None.

    With a `weekday` (0 is Monday) or a `day` of the month (1 to 28) on such days alone.
    """

    minute: int
    hour: int | None = None
    weekday: int | None = None
    day: int | None = None

    @classmethod
    def read(cls, text: str) -> Self:
        """From "hourly :20", "daily 09:10", "weekly monday 06:30" or "monthly 1 06:30". Raises `ScheduleError`."""
        found = _WRITTEN.fullmatch(text.strip())
        if found is None:
            raise ScheduleError(
                f'"{text}" is no schedule; write "hourly :20", "daily 09:10" (UTC), "weekly monday 06:30", '
                f'"monthly 1 06:30" (days 1 to {LAST_DAY}), or "off"'
            )
        if found["past"] is not None:
            return cls(int(found["past"]))
        weekday = None if found["weekday"] is None else WEEKDAYS.index(found["weekday"])
        day = None if found["day"] is None else int(found["day"])
        return cls(int(found["minute"]), int(found["hour"]), weekday, day)

    def __str__(self) -> str:
        if self.hour is None:
            return f"hourly :{self.minute:02}"
        clock = f"{self.hour:02}:{self.minute:02}"
        if self.weekday is not None:
            return f"weekly {WEEKDAYS[self.weekday]} {clock}"
        return f"daily {clock}" if self.day is None else f"monthly {self.day} {clock}"

    def latest(self, now: datetime) -> datetime:
        """The newest slot that has begun."""
        at = now.astimezone(UTC).replace(minute=self.minute, second=0, microsecond=0)
        if self.hour is None:
            return at if at <= now else at - timedelta(hours=1)
        at = at.replace(hour=self.hour)
        while at > now or not self._falls_on(at):
            at -= timedelta(days=1)
        return at

    def _falls_on(self, at: datetime) -> bool:
        return self.weekday in {None, at.weekday()} and self.day in {None, at.day}


def slot_id(workflow: str, slot: datetime) -> str:
    """The id of the one run that a slot has: the same in every process."""
    return f"{workflow}:{slot:%Y-%m-%dT%H}"
