"""Meta's rate limits: one meter for each system and key, the headers that tell of them, the errors when they are full.

Systems: platform (app and user), instagram and pages (business use case, 24 h), ads_management and ads_insights
(business use case, 1 h), the ad account's score, and mutations a second.
"""

import json
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from freehold.sandbox.settings import LimitNumbers

HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)
READ_SCORE = 1
WRITE_SCORE = 3


class QuotaUsedUpError(Exception):
    """A call came when the quota of `system` was used up; `headers` tell of it."""

    def __init__(self, system: str, headers: dict[str, str]) -> None:
        super().__init__(system)
        self.system = system
        self.headers = headers


@dataclass(frozen=True)
class Metered:
    """What a call counts towards: its system, the account or page that owns the quota, and that owner's size.

    `users` is how many people use the app.
    """

    system: str
    app_id: str
    user_id: str
    owner: str
    size: int
    insights: bool
    writes: bool
    users: int = 1
    by_person: bool = True
    """Whether the token is a person's own: its calls to pages count towards the platform's limit."""


@dataclass
class Meter:
    """Calls of one key in a rolling window."""

    system: str
    key: str
    window: timedelta
    quota: float
    calls: deque[datetime] = field(default_factory=deque)
    refusing: bool = False
    """Whether the last call was refused; one that is refused next came too early."""

    def add(self, now: datetime) -> None:
        """Count one call and forget those that left the window."""
        self.calls.append(now)
        while self.calls and self.calls[0] <= now - self.window:
            self.calls.popleft()

    def counted(self, now: datetime) -> int:
        """Calls in the window that ends now."""
        return sum(call > now - self.window for call in self.calls)

    def percent(self) -> float:
        """How much of the quota is used."""
        return 100.0 * len(self.calls) / self.quota

    def minutes_to_regain(self, now: datetime) -> int:
        """Minutes until the quota is no longer exceeded; 0 while it is not."""
        over = len(self.calls) - int(self.quota)
        if over <= 0:
            return 0
        leaves = self.calls[min(over, len(self.calls)) - 1] + self.window
        return max(1, -int((now - leaves).total_seconds() // 60))


@dataclass
class Score:
    """An ad account's score: reads and writes add to it, and it runs out evenly."""

    level: float = 0.0
    at: datetime | None = None
    blocked_until: datetime | None = None


class Limits:
    """All meters of a sandbox."""

    def __init__(self, numbers: LimitNumbers) -> None:
        self.numbers = numbers
        self._meters: dict[tuple[str, str], Meter] = {}
        self._scores: dict[str, Score] = {}
        self.punished: Counter[str] = Counter()
        """By system, calls that came although the caller had been refused and the limit was still used up."""

    def count(self, metered: Metered, now: datetime) -> dict[str, str]:
        """Count one call and give the headers that tell of it; raises `QuotaUsedUpError` when a quota is used up."""
        meters = list(self._meters_of(metered))
        for meter in meters:
            meter.add(now)
        headers = self._headers(metered, meters, now)
        full = [meter for meter in meters if self._is_full(meter)]
        if full:
            raise QuotaUsedUpError(full[0].system, headers)
        return headers | self._score(metered, headers, now) if metered.system == "ads" else headers

    def levels(self, now: datetime) -> list[dict[str, object]]:
        """Every meter and score: whose it is, how much it counts, and of how many."""
        meters = [
            {"system": each.system, "owner": each.key, "counted": each.counted(now), "quota": each.quota}
            for each in self._meters.values()
        ]
        scores = [
            {"system": "score", "owner": owner, "counted": self._level(score, now), "quota": self.numbers.score_maximum}
            for owner, score in self._scores.items()
        ]
        return meters + scores

    def _is_full(self, meter: Meter) -> bool:
        full = len(meter.calls) > meter.quota
        if full and meter.refusing:
            self.punished[meter.system] += 1
        meter.refusing = full
        return full

    def _meters_of(self, metered: Metered) -> Iterable[Meter]:
        numbers = self.numbers
        if metered.system == "platform":
            yield self._meter("app", metered.app_id, HOUR, numbers.platform_app_per_user_hour * max(1, metered.users))
            if metered.user_id:
                yield self._meter("user", metered.user_id, HOUR, numbers.platform_user_hour)
        elif metered.system == "instagram":
            quota = max(numbers.instagram_day_minimum, numbers.instagram_day_per_impression * metered.size / 3)
            yield self._meter("instagram", metered.owner, DAY, quota)
        elif metered.system == "pages" and metered.by_person:
            yield self._meter("page_user", metered.user_id, HOUR, numbers.platform_user_hour)
        elif metered.system == "pages":
            yield self._meter("pages", metered.owner, DAY, numbers.pages_day)
        elif metered.insights:
            quota = numbers.ads_insights_hour + numbers.ads_insights_per_active_ad * metered.size
            yield self._meter("ads_insights", metered.owner, HOUR, quota)
        else:
            quota = numbers.ads_management_hour + numbers.ads_management_per_active_ad * metered.size
            yield self._meter("ads_management", metered.owner, HOUR, quota)
        if metered.writes and metered.system == "ads":
            yield self._meter("mutations", metered.owner, timedelta(seconds=1), numbers.mutations_per_second)

    def _meter(self, system: str, key: str, window: timedelta, quota: float) -> Meter:
        found = self._meters.get((system, key))
        if found is None:
            found = self._meters[system, key] = Meter(system, key, window, quota)
        found.quota = quota
        return found

    def _headers(self, metered: Metered, meters: list[Meter], now: datetime) -> dict[str, str]:
        headers: dict[str, str] = {}
        business: dict[str, list[dict[str, object]]] = {}
        for meter in meters:
            percent = meter.percent()
            if percent < self.numbers.headers_from_percent or meter.system == "mutations":
                continue
            used = {
                "call_count": round(percent),
                "total_time": round(percent * 0.6),
                "total_cputime": round(percent * 0.4),
            }
            if meter.system == "app":
                headers["X-App-Usage"] = json.dumps(used)
            elif meter.system == "page_user":
                headers["X-Page-Usage"] = json.dumps(used)
            elif meter.system != "user":
                entry = {"type": meter.system, **used, "estimated_time_to_regain_access": meter.minutes_to_regain(now)}
                if metered.system == "ads":
                    entry["ads_api_access_tier"] = self.numbers.tier
                business.setdefault(metered.owner.removeprefix("act_"), []).append(entry)
        if business:
            headers["X-Business-Use-Case-Usage"] = json.dumps(business)
        if metered.insights and metered.system == "ads":
            share = max((meter.percent() for meter in meters), default=0.0)
            told = {"app_id_util_pct": 0, "acc_id_util_pct": round(share, 2), "ads_api_access_tier": self.numbers.tier}
            headers["X-FB-Ads-Insights-Throttle"] = json.dumps(told)
        return headers

    def _score(self, metered: Metered, headers: dict[str, str], now: datetime) -> dict[str, str]:
        """Add a call to the account's score; calling on while blocked begins the block anew."""
        score = self._scores.setdefault(metered.owner, Score())
        if score.blocked_until is not None and now < score.blocked_until:
            self.punished["score"] += 1
            raise self._blocked(score, headers, now)
        score.level = self._level(score, now)
        score.at = now
        score.level += WRITE_SCORE if metered.writes else READ_SCORE
        if score.level > self.numbers.score_maximum:
            raise self._blocked(score, headers, now)
        percent = round(100 * score.level / self.numbers.score_maximum, 2)
        if percent < self.numbers.headers_from_percent:
            return {}
        return self._account_usage(percent, self.numbers.score_decay_seconds)

    def _level(self, score: Score, now: datetime) -> float:
        """What is left of the score by now."""
        elapsed = 0.0 if score.at is None else (now - score.at).total_seconds()
        return max(0.0, score.level - elapsed * self.numbers.score_maximum / self.numbers.score_decay_seconds)

    def _blocked(self, score: Score, headers: dict[str, str], now: datetime) -> QuotaUsedUpError:
        score.blocked_until = now + timedelta(seconds=self.numbers.score_block_seconds)
        return QuotaUsedUpError("score", headers | self._account_usage(100.0, self.numbers.score_block_seconds))

    def _account_usage(self, percent: float, seconds: int) -> dict[str, str]:
        told = {
            "acc_id_util_pct": percent,
            "reset_time_duration": seconds,
            "ads_api_access_tier": self.numbers.tier,
        }
        return {"X-Ad-Account-Usage": json.dumps(told)}
