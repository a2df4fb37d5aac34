"""The days that are not known, and whose they are."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby

from freehold.node.measures.question import Span


@dataclass(frozen=True)
class Unread:
    """Days that are not known, in order, by the account that lacks them."""

    by_account: Mapping[str, Sequence[date]]

    @cached_property
    def days(self) -> Sequence[date]:
        """Those that any of the accounts lacks, in order."""
        return sorted({day for days in self.by_account.values() for day in days})

    @property
    def each(self) -> set[tuple[str, date]]:
        """Every account with every day that it lacks."""
        return {(account, day) for account, days in self.by_account.items() for day in days}

    def touches(self, span: Span, account: str | None = None) -> bool:
        """Whether one of the days lies in a span: of one account, or of any."""
        days = self.days if account is None else self.by_account.get(account, ())
        place = bisect_left(days, span.first)
        return place < len(days) and days[place] <= span.last

    def stretches(self) -> Iterator[tuple[Span, list[str]]]:
        """The days in a row that the same accounts lack, in order."""
        lacking = defaultdict[date, list[str]](list)
        for account, days in self.by_account.items():
            for day in days:
                lacking[day].append(account)
        runs = groupby(enumerate(self.days), lambda each: (each[1].toordinal() - each[0], lacking[each[1]]))
        for (_, accounts), run in runs:
            days = [day for _, day in run]
            yield Span(days[0], days[-1]), accounts
