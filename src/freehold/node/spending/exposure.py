"""How much an object may spend: pure arithmetic over its budget, its dates, and whether it runs.

Meta may spend up to 75 % more than a daily budget on one day, and makes up for it within the week. So the worst of a
day is 1.75 budgets, and the worst of a longer time one budget a day and the excess of one of them. A lifetime budget
may go on one day. Where something runs only after today, its first day counts. Amounts are minor units, rounded up;
None is without a limit.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

EXCESS = Fraction(3, 4)
DAY = timedelta(days=1)
NO_TIME = timedelta(0)


@dataclass(frozen=True)
class Carrier:
    """What a budget hangs on: a campaign, or an ad set of a campaign without one.

    `remaining` is what is left of a lifetime budget. `boosts` are periods in which the daily budget is higher by so
    much: begin, end, amount.
    """

    daily: int | None
    lifetime: int | None
    remaining: int | None
    starts: datetime | None
    ends: datetime | None
    runs: bool
    boosts: tuple[tuple[datetime, datetime, int], ...] = ()


@dataclass(frozen=True)
class Exposure:
    """What may be spent until midnight of the account's day, and until the end: as expected, and at the worst.

    `later_worst` is the worst of the first day of what begins only after today.
    """

    today_projected: int
    today_worst: int
    total_projected: int | None
    total_worst: int | None
    later_worst: int = 0


NOTHING = Exposure(0, 0, 0, 0)


def added(before: Exposure, after: Exposure) -> int:
    """What a change adds to a day: to the worst of today or of a first day after it, or to what is expected today."""
    worst = after.today_worst - before.today_worst
    later = after.later_worst - before.later_worst
    return max(0, worst, worst + later, after.today_projected - before.today_projected)


def pace(carriers: Iterable["Carrier"], now: datetime) -> int:
    """What is left of lifetime budgets, for each day that is left: an earlier end or a later start makes it more."""
    return sum(_pace(each, now) for each in carriers if each.lifetime is not None)


def _pace(carrier: "Carrier", now: datetime) -> int:
    begins = max(now, carrier.starts or now)
    if carrier.ends is not None and carrier.ends <= begins:
        return 0
    left = (carrier.lifetime or 0) if carrier.remaining is None else carrier.remaining
    part = Fraction(1) if carrier.ends is None else min(Fraction(1), _ratio(DAY, carrier.ends - begins))
    return math.ceil(left * part)


def midnight_after(now: datetime, zone: ZoneInfo) -> datetime:
    """When the account's day ends."""
    local = now.astimezone(zone)
    return datetime.combine(local.date() + DAY, datetime.min.time(), zone)


def of_all(carriers: Iterable[Carrier], now: datetime, zone: ZoneInfo) -> Exposure:
    """What several may spend together."""
    found = [exposure(each, now, zone) for each in carriers]
    return Exposure(
        sum(each.today_projected for each in found),
        sum(each.today_worst for each in found),
        _sum(each.total_projected for each in found),
        _sum(each.total_worst for each in found),
        sum(each.later_worst for each in found),
    )


def exposure(carrier: Carrier, now: datetime, zone: ZoneInfo) -> Exposure:
    """What one may spend from `now` on."""
    midnight = midnight_after(now, zone)
    begins = max(now, carrier.starts or now)
    if not carrier.runs or (carrier.ends is not None and carrier.ends <= begins):
        return NOTHING
    if carrier.lifetime is not None:
        return _of_lifetime(carrier, begins, midnight)
    return _of_daily(carrier, begins, midnight) if carrier.daily is not None else NOTHING


def _of_lifetime(carrier: Carrier, begins: datetime, midnight: datetime) -> Exposure:
    left = (carrier.lifetime or 0) if carrier.remaining is None else carrier.remaining
    today = begins < midnight
    part = Fraction(1)
    if carrier.ends is not None and carrier.ends > midnight:
        part = _ratio(max(midnight - begins, NO_TIME), carrier.ends - begins)
    return Exposure(math.ceil(left * part), left if today else 0, left, left, 0 if today else left)


def _of_daily(carrier: Carrier, begins: datetime, midnight: datetime) -> Exposure:
    daily = Fraction(carrier.daily or 0)
    until = midnight if carrier.ends is None else min(midnight, carrier.ends)
    today = min(_ratio(max(until - begins, NO_TIME), DAY), Fraction(1))
    boosted = sum(amount for begin, end, amount in carrier.boosts if begin < midnight and end > begins)
    worst = math.ceil((daily + boosted) * (1 + EXCESS)) if begins < midnight else 0
    to_come = sum(amount for begin, end, amount in carrier.boosts if begin >= midnight and end > begins)
    later = math.ceil((to_come + (daily if begins >= midnight else 0)) * (1 + EXCESS))
    if carrier.ends is None:
        return Exposure(math.ceil(daily * today) + boosted, worst, None, None, later)
    days = _ratio(carrier.ends - begins, DAY)
    extra = sum(amount * math.ceil((end - begin) / DAY) for begin, end, amount in carrier.boosts if end > begins)
    total = math.ceil(daily * days) + extra
    longest = math.ceil(daily * (days + EXCESS)) + math.ceil(extra * (1 + EXCESS))
    return Exposure(math.ceil(daily * today) + boosted, worst, total, max(longest, worst), later)


def _ratio(part: timedelta, whole: timedelta) -> Fraction:
    moment = timedelta.resolution
    return Fraction(part // moment, whole // moment)


def _sum(amounts: Iterable[int | None]) -> int | None:
    """A sum that is without a limit where one of them is."""
    found = list(amounts)
    return None if None in found else sum(amount for amount in found if amount is not None)
