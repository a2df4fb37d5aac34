"""Everything that one look is taken at, as plain rows: what a client's store says, before anything is concluded.

Nothing here imports a library of statistics, so that a node may gather inputs and hand them to a child process.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from freehold.node.analysis.pacing import Budget
from freehold.node.analysis.results import Result
from freehold.node.analysis.rivals import RivalAd
from freehold.node.analysis.stories import StoryResult


@dataclass(frozen=True)
class Daily:
    """A metric of `subject` by day; days that are not known are not in `values`, days of nothing are zero."""

    metric: str
    subject: str
    values: Mapping[date, float]


@dataclass(frozen=True)
class SplitRow:
    """What one group of a dimension had on one day: a value, or for rates what they are made of.

    For cost per result `value` is spend in minor units and `below` results; for click-through rate clicks and
    impressions. For what may be added `below` is None.
    """

    day: date
    group: str
    value: float
    below: float | None = None


@dataclass(frozen=True)
class Split:
    """The same metric of the same subject as a `Daily` or the days of a cost, by one dimension.

    Dimensions are those of questions: post, format, campaign, position. Only for what may be added, and for rates.
    """

    metric: str
    subject: str
    dimension: str
    rows: tuple[SplitRow, ...]


@dataclass(frozen=True)
class ReachWindow:
    """How many people `subject` reached from `first` to `last`, each counted once: as Meta counted, never summed."""

    subject: str
    first: date
    last: date
    reach: float


@dataclass(frozen=True)
class AdDay:
    """An ad on one day. `frequency` is impressions a person in the window that ends with it, as long on each day."""

    day: date
    impressions: int
    clicks: int
    frequency: float


@dataclass(frozen=True)
class CostDay:
    """What was spent on one day, in minor units, and the results of that day, settled or not."""

    day: date
    spend: int
    results: float


@dataclass(frozen=True)
class AccountRows:
    """An Instagram account or a Facebook page. Days are those of the account's time zone.

    `series` are asked for spikes, silent weeks, trends and changes; a year of days says more than the period alone.
    `posts` are judged by `posts_metric`, one result each; `new_followers` is by day. `splits` say what drove a change
    of one of `series`. `reach` are windows of any lengths.
    """

    account_id: str
    series: tuple[Daily, ...] = ()
    new_followers: Mapping[date, float] = field(default_factory=dict)
    posts: tuple[Result, ...] = ()
    posts_metric: str = "reach"
    stories: tuple[StoryResult, ...] = ()
    splits: tuple[Split, ...] = ()
    reach: tuple[ReachWindow, ...] = ()


@dataclass(frozen=True)
class BudgetRows:
    """A budget, and what was spent by day so far in minor units of its currency."""

    budget: Budget
    spend: Mapping[date, int]


@dataclass(frozen=True)
class AdAccountRows:
    """An ad account, in minor units of `currency`. Costs are of settled days alone.

    `costs` are by campaign, and under the account's own id of the account as a whole; `ad_sets` hold the days of each
    ad by ad set and ad. `splits` say what drove a change of one of `series`, or of an entry of `costs` (their metric
    is then cost_per_result).
    """

    ad_account_id: str
    currency: str
    series: tuple[Daily, ...] = ()
    costs: Mapping[str, tuple[CostDay, ...]] = field(default_factory=dict)
    ad_sets: Mapping[str, Mapping[str, tuple[AdDay, ...]]] = field(default_factory=dict)
    budgets: tuple[BudgetRows, ...] = ()
    splits: tuple[Split, ...] = ()
    reach: tuple[ReachWindow, ...] = ()


@dataclass(frozen=True)
class Inputs:
    """What a look at the days from `first` to `last` is taken at; four whole weeks serve best.

    `now` is the instant of the look, which says what is old enough to be judged. `slot_hours` is the length of the
    parts of the day that posts are compared by, `zone` the name of the time zone that these are of.
    """

    first: date
    last: date
    now: datetime
    accounts: tuple[AccountRows, ...] = ()
    ad_accounts: tuple[AdAccountRows, ...] = ()
    rivals: tuple[RivalAd, ...] = ()
    slot_hours: int = 3
    zone: str = "UTC"
