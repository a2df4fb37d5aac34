"""Which metrics Meta refuses, and of how much: one refusal is about one thing, until it is known to be about more."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from freehold.node.store.coverage.upserts import Coverage
from freehold.providers.calls import ProviderError, Rejected, Unavailable

INVALID_PARAMETER = 100
"""Meta's code for a parameter that cannot be, such as a metric that it has taken away."""
UNKNOWN_METRIC = ("must be one of the following values", "must be a valid insights metric")
"""Meta's words for a name that it does not know, of whatever it is asked."""
RETIRED = ("no longer supported", "no longer available", "deprecated", "has been removed")
"""Its words for what it has taken away from one kind of thing."""
ENOUGH = 2
"""So many things of a kind that refuse the same metric speak for their kind."""
EVERY_KIND = ""


def about_a_metric(error: Rejected) -> bool:
    """Whether one of the metrics is refused, and not the thing or the permission to read it."""
    return error.code == INVALID_PARAMETER and error.subcode is None


def reason_of(error: ProviderError) -> str:
    """Why something is missing: Meta's words, with its code and subcode where they do not hold them."""
    if error.code is None:
        return error.message
    code = f"#{error.code}/{error.subcode}" if error.subcode else f"#{error.code}"
    return error.message if f"{code})" in error.message else f"({code}) {error.message}"


def missing(subject_id: str, reasons: Mapping[str, str], days: Collection[date]) -> list[Coverage]:
    """Coverage of metrics that are not there on some days, with why each is not."""
    return [Coverage(subject_id, metric, day, "missing", reason) for metric, reason in reasons.items() for day in days]


@dataclass
class Refusals:
    """The metrics refused in one run: of which things, by kind, and why."""

    finding_out: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while the metrics of one thing are tried apart, so that what it shows need not be tried again."""
    _things: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    _gone: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, kind: str, thing: str, metric: str, error: Rejected) -> None:
        """One thing of a kind refuses one metric that it alone was asked for."""
        refused = self._things.setdefault((kind, metric), set())
        refused.add(thing)
        message = error.message.lower()
        if any(words in message for words in UNKNOWN_METRIC):
            self._gone[EVERY_KIND, metric] = reason_of(error)
        elif len(refused) >= ENOUGH or any(words in message for words in RETIRED):
            self._gone[kind, metric] = reason_of(error)

    def gone(self, kind: str, metrics: Iterable[str]) -> dict[str, str]:
        """Those of the metrics that nothing of this kind has, with Meta's reason."""
        reasons = {metric: self._reason(kind, metric) for metric in metrics}
        return {metric: reason for metric, reason in reasons.items() if reason is not None}

    def left(self, kind: str, metrics: Iterable[str]) -> tuple[str, ...]:
        """Those of the metrics that are not known to be gone from this kind."""
        return tuple(metric for metric in metrics if self._reason(kind, metric) is None)

    def _reason(self, kind: str, metric: str) -> str | None:
        return self._gone.get((EVERY_KIND, metric), self._gone.get((kind, metric)))


@dataclass(frozen=True)
class Subject:
    """A thing that has metrics, such as a day or a post, and how they are read and written down as missing.

    `read` asks for metrics in one call and keeps the answer; `lose` is told why each metric is not there.
    """

    kind: str
    name: str
    read: Callable[[Sequence[str]], Awaitable[None]]
    lose: Callable[[dict[str, str]], Awaitable[None]]


async def read_metrics(subject: Subject, metrics: Sequence[str], refusals: Refusals) -> None:
    """Read metrics in one call, by halves where one of them is refused; only what is refused is lost."""
    if await _try(subject, metrics, refusals):
        return
    async with refusals.finding_out:
        await _read_apart(subject, metrics, refusals)


async def _read_apart(subject: Subject, metrics: Sequence[str], refusals: Refusals) -> None:
    """Read metrics of which one at least is refused."""
    gone = refusals.gone(subject.kind, metrics)
    if gone and await _try(subject, metrics, refusals):
        return
    left = [metric for metric in metrics if metric not in gone]
    half = len(left) // 2
    for part in (left[:half], left[half:]):
        if not await _try(subject, part, refusals):
            await _read_apart(subject, part, refusals)


async def _try(subject: Subject, metrics: Sequence[str], refusals: Refusals) -> bool:
    """Read what is not known to be gone; False when one of several metrics is refused and it is not clear which."""
    gone = refusals.gone(subject.kind, metrics)
    asked = refusals.left(subject.kind, metrics)
    if gone:
        await subject.lose(gone)
    if not asked:
        return True
    try:
        await subject.read(asked)
    except (Rejected, Unavailable) as error:
        if isinstance(error, Rejected) and about_a_metric(error):
            if len(asked) > 1:
                return False
            refusals.add(subject.kind, subject.name, asked[0], error)
        await subject.lose(dict.fromkeys(asked, reason_of(error)))
    return True
