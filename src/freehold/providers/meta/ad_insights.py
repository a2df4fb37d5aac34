"""What ads did: questions to Meta's insights, asked at once or as a report that it prepares, and the answers' rows."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Literal

from freehold.providers.calls import JSON, ApiCall, Rejected
from freehold.providers.meta import graph, money, spec

Level = Literal["account", "campaign", "adset", "ad"]
Span = tuple[date, date]
"""First and last day, both included."""

RESULT_ACTIONS = {
    "OUTCOME_SALES": ("omni_purchase", "purchase", "offsite_conversion.fb_pixel_purchase"),
    "OUTCOME_LEADS": ("lead", "onsite_conversion.lead_grouped", "offsite_conversion.fb_pixel_lead"),
    "OUTCOME_TRAFFIC": ("link_click",),
    "OUTCOME_ENGAGEMENT": ("post_engagement", "page_engagement"),
    "OUTCOME_APP_PROMOTION": ("omni_app_install", "mobile_app_install", "app_install"),
}
"""Objective -> the action that counts as its result, the first that is there; awareness counts people reached."""
OBJECT_IDS: Mapping[Level, str] = {"campaign": "campaign_id", "adset": "adset_id", "ad": "ad_id"}
TOO_LARGE = -3
"""The code of a report that has to be made smaller."""
NO_CURRENCY = "the account's currency is not known, so no amount of money can be told"
_COMPLETE = 100


@dataclass(frozen=True)
class Question:
    """What a report is to tell: rows of a level, day by day or whole for each of several spans.

    `breakdowns` are Meta's names, `attribution` the windows beside the default by which conversions are kept apart.
    """

    level: Level
    fields: Sequence[str]
    days: Span | None = None
    spans: Sequence[Span] = ()
    breakdowns: Sequence[str] = ()
    attribution: Sequence[str] = ()
    action_breakdowns: Sequence[str] = ()


@dataclass(frozen=True)
class Delivery:
    """What an ad did on one of its account's days, or one part of it; money in minor units.

    `actions` and `action_values_minor` are by action type, by Meta's default attribution. `reach` counts people and may
    not be summed; it is None where Meta does not keep it.
    """

    campaign_id: str
    ad_set_id: str
    ad_id: str
    day: date
    currency: str
    impressions: int
    reach: int | None
    clicks: int
    link_clicks: int
    spend_minor: int
    actions: Mapping[str, int]
    action_values_minor: Mapping[str, int]


@dataclass(frozen=True)
class AdDay:
    """An ad's day: what it delivered, its videos, and its conversions by attribution window (action -> window)."""

    delivery: Delivery
    frequency: float
    outbound_clicks: int
    video_plays: int
    video_thruplays: int
    video_p25: int
    video_p50: int
    video_p75: int
    video_p100: int
    actions_by_window: Mapping[str, Mapping[str, int]]
    action_values_by_window_minor: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class AdPart:
    """One part of an ad's day, such as women of 25 to 34; `second` is empty where the breakdown has one side."""

    delivery: Delivery
    first: str
    second: str


@dataclass(frozen=True)
class Reach:
    """How many people an object reached in a span, each counted once; `object_id` is empty for the account itself."""

    object_id: str
    first_day: date
    last_day: date
    reach: int
    impressions: int
    frequency: float


@dataclass(frozen=True)
class Result:
    """What one object did in a span, or one part of it; money in minor units of `currency`.

    `about` are ids and names, `parts` the values of breakdowns; `reach` is None where Meta has none. Actions are by
    action type and Meta's default attribution; beside it `…_by_window` by each window that was asked for, and
    `…_by_part` by the action breakdowns, joined by " / " (action type -> part -> how often).
    """

    about: Mapping[str, str]
    parts: Mapping[str, str]
    first_day: date
    last_day: date
    currency: str
    impressions: int
    reach: int | None
    clicks: int
    link_clicks: int
    spend_minor: int
    actions: Mapping[str, int]
    action_values_minor: Mapping[str, int]
    actions_by_window: Mapping[str, Mapping[str, int]]
    action_values_by_window_minor: Mapping[str, Mapping[str, int]]
    actions_by_part: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class ReportRun:
    """How far Meta has come with a report; `error` says why it came to nothing."""

    status: str
    percent: int
    code: int | None
    subcode: int | None
    error: str

    @property
    def done(self) -> bool:
        """Whether its rows can be read: "completed" alone is said before it is whole."""
        return self.status == "Job Completed" and self.percent >= _COMPLETE

    @property
    def failed(self) -> bool:
        """Whether it will never be done."""
        return self.status in {"Job Failed", "Job Skipped"}


def insights_call(
    version: str,
    account_id: str,
    question: Question,
    *,
    limit: int,
    after: str | None = None,
    object_id: str | None = None,
) -> ApiCall:
    """Ask a question about an account, or about one object of it, at once: one page of its answer."""
    params = {**_params(question), "limit": str(limit)} | ({"after": after} if after is not None else {})
    return ApiCall("GET", f"/{version}/{object_id or account_id}/insights", params, asset_id=account_id)


def order_call(version: str, account_id: str, question: Question, object_id: str | None = None) -> ApiCall:
    """Order a report that answers a question."""
    return ApiCall("POST", f"/{version}/{object_id or account_id}/insights", _params(question), asset_id=account_id)


def report_call(version: str, account_id: str, run_id: str) -> ApiCall:
    """Ask how far a report is."""
    fields = "async_status,async_percent_completion,error_code,error_subcode,error_message,error_user_msg"
    return ApiCall("GET", f"/{version}/{run_id}", {"fields": fields}, asset_id=account_id)


def report_rows_call(version: str, account_id: str, run_id: str, *, limit: int, after: str | None = None) -> ApiCall:
    """Ask for one page of a report that is done."""
    params = {"limit": str(limit)} | ({"after": after} if after is not None else {})
    return ApiCall("GET", f"/{version}/{run_id}/insights", params, asset_id=account_id)


def read_order(answer: JSON) -> str:
    """The id of the report that was ordered."""
    return graph.identifier(answer, "report_run_id")


def read_report(answer: JSON) -> ReportRun:
    """How far a report is."""
    code, subcode = answer.get("error_code"), answer.get("error_subcode")
    return ReportRun(
        status=graph.identifier(answer, "async_status"),
        percent=int(answer.get("async_percent_completion") or 0),
        code=None if code is None else int(code),
        subcode=None if subcode is None else int(subcode),
        error=graph.text(answer, "error_user_msg") or graph.text(answer, "error_message"),
    )


def read_days(answer: JSON, currency: str) -> list[AdDay]:
    """The ads' days of a page; an ad without delivery on a day has none. `currency` is that of rows that name none.

    Raises `Rejected` where it is empty and a row names none.
    """
    return [_day(row, graph.text(row, "account_currency") or currency) for row in graph.rows(answer)]


def read_parts(answer: JSON, currency: str, breakdowns: Sequence[str]) -> list[AdPart]:
    """The parts of ads' days of a page; `currency` as for days."""
    return [
        AdPart(
            _delivery(row, graph.text(row, "account_currency") or currency),
            first=graph.storable(str(row[breakdowns[0]])),
            second=graph.storable(str(row[breakdowns[1]])) if len(breakdowns) > 1 else "",
        )
        for row in graph.rows(answer)
    ]


def read_reach(answer: JSON, level: Level) -> list[Reach]:
    """The reach of a page's objects in their spans; one without delivery in a span is absent."""
    name = OBJECT_IDS.get(level)
    return [
        Reach(
            object_id="" if name is None else graph.identifier(row, name),
            first_day=date.fromisoformat(row["date_start"]),
            last_day=date.fromisoformat(row["date_stop"]),
            reach=int(row.get("reach", 0)),
            impressions=int(row.get("impressions", 0)),
            frequency=float(row.get("frequency", 0)),
        )
        for row in graph.rows(answer)
    ]


def read_results(answer: JSON, currency: str, question: Question) -> list[Result]:
    """The results of a page; an object without delivery has none. `currency` is that of rows that name none."""
    return [_result(row, graph.text(row, "account_currency") or currency, question) for row in graph.rows(answer)]


def result(actions: Mapping[str, int], objective: str) -> int | None:
    """How often the result that an objective is after happened; None where results are people reached."""
    wanted = RESULT_ACTIONS.get(objective)
    if wanted is None:
        return None
    return next((actions[name] for name in wanted if name in actions), 0)


def _params(question: Question) -> dict[str, str]:
    fields = list(question.fields)
    if question.level in OBJECT_IDS and OBJECT_IDS[question.level] not in fields:
        fields.insert(0, OBJECT_IDS[question.level])
    params = {"level": question.level, "fields": ",".join(fields)}
    if question.days is not None:
        params |= {"time_range": json.dumps(_range(question.days)), "time_increment": "1"}
    else:
        params["time_ranges"] = json.dumps([_range(span) for span in question.spans])
    if question.breakdowns:
        params["breakdowns"] = json.dumps(question.breakdowns)
    if question.action_breakdowns:
        # Without the type beside them, parts of all actions would come as one.
        params["action_breakdowns"] = json.dumps(tuple(dict.fromkeys(("action_type", *question.action_breakdowns))))
    if question.attribution:
        params["action_attribution_windows"] = json.dumps(question.attribution)
    return params


def _range(span: Span) -> dict[str, str]:
    return {"since": span[0].isoformat(), "until": span[1].isoformat()}


def _delivery(row: Mapping[str, Any], currency: str) -> Delivery:
    if not currency:
        raise Rejected(NO_CURRENCY)
    reach = row.get("reach")
    return Delivery(
        campaign_id=graph.identifier(row, "campaign_id"),
        ad_set_id=graph.text(row, "adset_id"),
        ad_id=graph.identifier(row, "ad_id"),
        day=date.fromisoformat(row["date_start"]),
        currency=currency,
        impressions=int(row.get("impressions", 0)),
        reach=None if reach is None else int(reach),
        clicks=int(row.get("clicks", 0)),
        link_clicks=int(row.get("inline_link_clicks", 0)),
        spend_minor=money.minor_units(str(row.get("spend", "0")), currency),
        actions=_amounts(row, "actions", _count),
        action_values_minor=_amounts(row, "action_values", partial(money.minor_units, currency=currency)),
    )


def _result(row: Mapping[str, Any], currency: str, question: Question) -> Result:
    if not currency:
        raise Rejected(NO_CURRENCY)
    reach, windows = row.get("reach"), question.attribution
    parts = [name for name in question.action_breakdowns if name != "action_type"]
    worth = partial(money.minor_units, currency=currency)
    return Result(
        about={name: graph.text(row, name) for name in question.fields if name.endswith(("_id", "_name", "objective"))},
        parts={name: graph.text(row, name) for name in question.breakdowns},
        first_day=date.fromisoformat(row["date_start"]),
        last_day=date.fromisoformat(row["date_stop"]),
        currency=currency,
        impressions=int(row.get("impressions", 0)),
        reach=None if reach is None else int(reach),
        clicks=int(row.get("clicks", 0)),
        link_clicks=int(row.get("inline_link_clicks", 0)),
        spend_minor=worth(str(row.get("spend", "0"))),
        actions=_amounts(row, "actions", _count),
        action_values_minor=_amounts(row, "action_values", worth),
        actions_by_window=_by_window(row, "actions", _count, windows),
        action_values_by_window_minor=_by_window(row, "action_values", worth, windows),
        actions_by_part=_by_part(row, parts) if parts else {},
    )


def _day(row: Mapping[str, Any], currency: str) -> AdDay:
    return AdDay(
        delivery=_delivery(row, currency),
        frequency=float(row.get("frequency", 0)),
        outbound_clicks=_total(row, "outbound_clicks"),
        video_plays=_total(row, "video_play_actions"),
        video_thruplays=_total(row, "video_thruplay_watched_actions"),
        video_p25=_total(row, "video_p25_watched_actions"),
        video_p50=_total(row, "video_p50_watched_actions"),
        video_p75=_total(row, "video_p75_watched_actions"),
        video_p100=_total(row, "video_p100_watched_actions"),
        actions_by_window=_by_window(row, "actions", _count, spec.ATTRIBUTION),
        action_values_by_window_minor=_by_window(
            row, "action_values", partial(money.minor_units, currency=currency), spec.ATTRIBUTION
        ),
    )


def _amounts(row: Mapping[str, Any], name: str, read: Callable[[str], int]) -> dict[str, int]:
    """The default amount of each action type, its parts added up; without those that only other windows have."""
    found: dict[str, int] = {}
    for item in row.get(name) or ():
        amount = read(str(item.get("value", "0")))
        if amount:
            kind = graph.storable(str(item["action_type"]))
            found[kind] = found.get(kind, 0) + amount
    return found


def _by_window(
    row: Mapping[str, Any], name: str, read: Callable[[str], int], windows: Sequence[str]
) -> dict[str, dict[str, int]]:
    """Amounts of each action type in each of `windows`, its parts added up."""
    found: dict[str, dict[str, int]] = {}
    for item in row.get(name) or ():
        amounts = {window: read(str(item[window])) for window in windows if window in item}
        if amounts:
            known = found.setdefault(graph.storable(str(item["action_type"])), {})
            known |= {window: known.get(window, 0) + amount for window, amount in amounts.items()}
    return found


def _by_part(row: Mapping[str, Any], parts: Sequence[str]) -> dict[str, dict[str, int]]:
    """How often each action type happened in each part, such as on which device; those that have none are left out."""
    found: dict[str, dict[str, int]] = {}
    for item in row.get("actions") or ():
        named = [graph.storable(str(item[part])) for part in parts if part in item]
        count = _count(str(item.get("value", "0")))
        if named and count:
            of_type = found.setdefault(graph.storable(str(item["action_type"])), {})
            of_type[" / ".join(named)] = of_type.get(" / ".join(named), 0) + count
    return found


def _total(row: Mapping[str, Any], name: str) -> int:
    """The sum of a list of actions; Meta leaves the list out where it is 0."""
    return sum(_count(item["value"]) for item in row.get(name) or ())


def _count(text: Any) -> int:
    return int(float(text))
