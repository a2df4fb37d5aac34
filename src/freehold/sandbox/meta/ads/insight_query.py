"""What a report asks for, read from a call's parameters and refused where Meta refuses it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from freehold.sandbox.meta.ads import insight_dates, insight_fields
from freehold.sandbox.meta.ads.filtering import Filter, filters
from freehold.sandbox.meta.ads.insight_actions import ACTION_BREAKDOWNS, WINDOWS
from freehold.sandbox.meta.ads.insight_dates import Window
from freehold.sandbox.meta.ads.insight_describe import LEVELS
from freehold.sandbox.meta.ads.parameters import choice, names, refusal
from freehold.sandbox.meta.errors import GraphError
from freehold.sandbox.meta.world.ads_breakdowns import ALLOWED, HOURLY, KNOWN

DEFAULT_FIELDS = ("account_id", "impressions", "spend")


@dataclass(frozen=True)
class Query:
    """One report: what each row is about, which days, which columns, cut how, filtered and sorted how."""

    level: str
    windows: tuple[Window, ...]
    fields: tuple[str, ...]
    breakdowns: tuple[str, ...]
    action_breakdowns: tuple[str, ...]
    attribution_windows: tuple[str, ...]
    conditions: tuple[Filter, ...]
    sort: tuple[str, bool] | None
    """Field and whether it ascends."""

    @property
    def hourly(self) -> bool:
        """Whether rows are hours of the day, which have no reach."""
        return any(name in HOURLY for name in self.breakdowns)


def parse(params: Mapping[str, str], asked: tuple[str, ...], kind: str, today: int, *, asynchronous: bool) -> Query:
    """The report that the parameters describe on an object of `kind`; raises what Meta answers to a bad one."""
    level = choice(params, "level", frozenset(LEVELS)) or kind
    if LEVELS.index(level) < LEVELS.index(kind):
        raise refusal(f"(#100) level {level} is above the object, which is of level {kind}", blame="level")
    windows = insight_dates.windows(params, today)
    query = Query(
        level=level,
        windows=windows,
        fields=_fields(asked or tuple(names(params, "fields"))),
        breakdowns=_breakdowns(params),
        action_breakdowns=_known(params, "action_breakdowns", ACTION_BREAKDOWNS) or ("action_type",),
        attribution_windows=_known(params, "action_attribution_windows", WINDOWS),
        conditions=filters(params),
        sort=_sort(params),
    )
    return _retained(query, today, asynchronous=asynchronous)


def _fields(asked: tuple[str, ...]) -> tuple[str, ...]:
    for name in asked:
        if name not in insight_fields.KNOWN:
            raise refusal(f"(#100) {name} is not valid for fields param. It must be a field of AdsInsights")
    return tuple(dict.fromkeys(asked)) or DEFAULT_FIELDS


def _breakdowns(params: Mapping[str, str]) -> tuple[str, ...]:
    asked = tuple(dict.fromkeys(_known(params, "breakdowns", KNOWN)))
    if frozenset(asked) not in ALLOWED:
        raise GraphError(
            f"(#2) Current combination of data breakdown columns ({', '.join(asked)}) is invalid",
            code=2,
            subcode=1504041,
            error_data={"blame_field_specs": [["breakdowns"]]},
        )
    return asked


def _known(params: Mapping[str, str], name: str, allowed: frozenset[str]) -> tuple[str, ...]:
    asked = tuple(names(params, name))
    for item in asked:
        if item not in allowed:
            raise refusal(f"(#100) {name}[0] must be one of the following values: {', '.join(sorted(allowed))}")
    return asked


def _sort(params: Mapping[str, str]) -> tuple[str, bool] | None:
    asked = names(params, "sort")
    if not asked:
        return None
    field, _, direction = asked[0].rpartition("_")
    if len(asked) > 1 or direction not in {"ascending", "descending"} or field not in insight_fields.KNOWN:
        raise refusal("(#100) Param sort must hold one field, followed by _ascending or _descending", blame="sort")
    return field, direction == "ascending"


def _retained(query: Query, today: int, *, asynchronous: bool) -> Query:
    """Thirteen months for uniques with breakdowns and for hours; reach is then left out instead of refused."""
    limit = insight_dates.months_before(today, insight_dates.UNIQUE_MONTHS)
    if not query.breakdowns or min(window.since for window in query.windows) >= limit:
        return query
    unique = [name for name in query.fields if name.startswith(("unique_", "cost_per_unique_"))]
    if unique or query.hourly:
        raise GraphError(
            f"(#3018) With these breakdowns, {', '.join(unique) or 'hourly data'} is kept for 13 months",
            code=3018,
        )
    if asynchronous:
        return query
    kept = tuple(name for name in query.fields if name not in insight_fields.ON_REACH)
    return replace(query, fields=kept)
