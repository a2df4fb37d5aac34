"""What one target wants to hear of, and when: its topics, how grave, what can wait for the digest, its quiet hours."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, PlainSerializer, PlainValidator

from freehold.node.notifications.notice import Severity

Topic = Literal["accounts", "ads", "findings", "node", "reports", "security", "workflows"]
TOPICS: Final[dict[Topic, frozenset[str]]] = {
    "accounts": frozenset({"authorisation_ended", "data_access", "token_expiry"}),
    "ads": frozenset({"ad_bands"}),
    "findings": frozenset({"anomaly", "recommendation"}),
    "node": frozenset({
        "api_errors", "backup_failed", "backup_late", "collection_stuck", "hourly_late", "throttled",
    }),
    "reports": frozenset({"report"}),
    "security": frozenset({"sign_in_failures"}),
    "workflows": frozenset({"workflow"}),
}  # fmt: skip
"""What people choose by, and the kinds of notices in each."""
DIGEST: Final = "digest"
"""The kind of a notice that holds others; it goes to one target alone."""
GRAVITY: Final[dict[Severity, int]] = {"info": 0, "warning": 1, "critical": 2}
SPARE: Final = timedelta(hours=1)
"""What a warning has to live at least when quiet hours are over: sending may take several attempts."""
_QUIET = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d) (\S{1,64})")


@dataclass(frozen=True)
class QuietHours:
    """From one time of day to another in a time zone, over midnight where the end is not after the beginning."""

    begin: time
    end: time
    zone: ZoneInfo

    @classmethod
    def read(cls, text: str) -> Self:
        """Hours as they are written, "22:00-07:00 Europe/Berlin". Raises `ValueError`."""
        found = _QUIET.fullmatch(" ".join(text.split()))
        if found is None:
            raise ValueError("write quiet hours as 22:00-07:00 Europe/Berlin")
        *hours, zone = found.groups()
        try:
            place = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("the time zone of quiet hours is written as Europe/Berlin or UTC") from error
        begin, end = (time(int(hour), int(minute)) for hour, minute in (hours[:2], hours[2:]))
        if begin == end:
            raise ValueError("quiet hours begin and end at different times")
        return cls(begin, end, place)

    def __str__(self) -> str:
        return f"{self.begin:%H:%M}-{self.end:%H:%M} {self.zone.key}"

    def over(self, at: datetime) -> datetime:
        """When it is no longer quiet: `at` itself outside of these hours, in UTC."""
        today = at.astimezone(self.zone).date()
        over_midnight = timedelta(days=int(self.end <= self.begin))
        for day in (today - timedelta(days=1), today):
            begin = datetime.combine(day, self.begin, self.zone).astimezone(UTC)
            end = datetime.combine(day + over_midnight, self.end, self.zone).astimezone(UTC)
            if begin <= at < end:
                return end
        return at


Written = Annotated[
    QuietHours,
    PlainValidator(lambda given: given if isinstance(given, QuietHours) else QuietHours.read(str(given))),
    PlainSerializer(str, return_type=str),
]


class Wishes(BaseModel):
    """What a target wants; without any wish it is told of everything, at once.

    No `topics`: all. Less grave than `least`: not told. Less grave than `at_once`: kept for the daily digest. What is
    critical is sent in quiet hours, too, and so is a warning that would lapse in them or within `SPARE` after.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    topics: tuple[Topic, ...] = ()
    least: Severity = "info"
    at_once: Severity = "info"
    quiet: Written | None = None

    def hears(self, kind: str, severity: Severity) -> bool:
        """Whether it wants to be told of this at all."""
        chosen = not self.topics or any(kind in TOPICS[topic] for topic in self.topics)
        return chosen and GRAVITY[severity] >= GRAVITY[self.least]

    def collects(self, kind: str, severity: Severity) -> bool:
        """Whether this waits for its digest; reports and what has a date of its own are for others to hold back."""
        return kind not in TOPICS["reports"] | {DIGEST} and GRAVITY[severity] < GRAVITY[self.at_once]

    def earliest(self, severity: Severity, at: datetime, valid_until: datetime | None = None) -> datetime:
        """The earliest moment from `at` on at which this may be sent; for what is no warning that may be too late."""
        over = at if self.quiet is None or severity == "critical" else self.quiet.over(at)
        lapses = valid_until is not None and valid_until < over + SPARE
        return at if lapses and severity != "info" else over


def unheard(wishes: Collection[Wishes]) -> list[Topic]:
    """The topics of which nobody hears what is critical."""
    return [
        topic
        for topic, kinds in TOPICS.items()
        if topic != "reports" and not any(each.hears(kind, "critical") for each in wishes for kind in kinds)
    ]
