"""When a workflow begins by itself: the slots of an hourly or daily schedule, in UTC."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from freehold.kernel.problems import ExplainedError

_WRITTEN = re.compile(r"(?:hourly :(?P<past>[0-5]\d)|daily (?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d))")


class ScheduleError(ExplainedError):
    """A schedule that cannot be read; the message says how one is written."""


@dataclass(frozen=True)
class Schedule:
    """Every day at `hour`:`minute`, or every hour at `minute` where `hour` is None."""

    minute: int
    hour: int | None = None

    @classmethod
    def read(cls, text: str) -> Self:
        """From "hourly :20" or "daily 09:10". Raises `ScheduleError`."""
        found = _WRITTEN.fullmatch(text.strip())
        if found is None:
            raise ScheduleError(f'"{text}" is no schedule; write "hourly :20", "daily 09:10" (UTC), or "off"')
        if found["past"] is not None:
            return cls(int(found["past"]))
        return cls(int(found["minute"]), int(found["hour"]))

    def __str__(self) -> str:
        return f"hourly :{self.minute:02}" if self.hour is None else f"daily {self.hour:02}:{self.minute:02}"

    def latest(self, now: datetime) -> datetime:
        """The newest slot that has begun."""
        at = now.astimezone(UTC).replace(minute=self.minute, second=0, microsecond=0)
        if self.hour is not None:
            at = at.replace(hour=self.hour)
        return at if at <= now else at - (timedelta(hours=1) if self.hour is None else timedelta(days=1))


def slot_id(workflow: str, slot: datetime) -> str:
    """The id of the one run that a slot has: the same in every process."""
    return f"{workflow}:{slot:%Y-%m-%dT%H}"
