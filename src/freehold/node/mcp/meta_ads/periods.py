"""Periods as people and Meta name them, as days of an account."""

from datetime import date, timedelta
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from freehold.node.mcp.tool import Day
from freehold.providers.meta import spec
from freehold.providers.meta.ad_insights import Span

Preset = Literal[
    "today", "yesterday", "last_3d", "last_7d", "last_14d", "last_28d", "last_30d", "last_90d", "this_week_mon_today",
    "last_week_mon_sun", "this_month", "last_month", "this_quarter", "last_quarter", "this_year", "last_year",
    "maximum",
]  # fmt: skip


class DateRange(BaseModel):
    """Days, both included, in the account's time zone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: Day
    until: Day

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.since > self.until:
            raise ValueError("since is after until")
        return self


TimeRange = Annotated[
    Preset | DateRange, Field(description='a preset, or {"since": "2026-11-01", "until": "2026-11-30"}')
]


def span_of(period: Preset | DateRange, today: date) -> Span:
    """The first and last day of a period, both included, when it is `today`."""
    if isinstance(period, DateRange):
        return period.since, period.until
    yesterday = today - timedelta(days=1)
    if period.startswith("last_") and period.endswith("d"):
        return today - timedelta(days=int(period[len("last_") : -1])), yesterday
    monday, month = today - timedelta(days=today.weekday()), today.replace(day=1)
    quarter, year = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1), date(today.year, 1, 1)
    begins = {
        "today": (today, today),
        "yesterday": (yesterday, yesterday),
        "this_week_mon_today": (monday, today),
        "last_week_mon_sun": (monday - timedelta(days=7), monday - timedelta(days=1)),
        "this_month": (month, today),
        "last_month": ((month - timedelta(days=1)).replace(day=1), month - timedelta(days=1)),
        "this_quarter": (quarter, today),
        "last_quarter": (_months_before(quarter, 3), quarter - timedelta(days=1)),
        "this_year": (year, today),
        "last_year": (date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
        "maximum": (_months_before(today, spec.AD_MONTHS) + timedelta(days=1), today),
    }
    return begins[period]


def _months_before(day: date, months: int) -> date:
    """The first of the month so many months before, and the same day of it where it has one."""
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, min(day.day, 28))
