"""Asynchronous reports: ordered with POST, looked at until complete, then read like any other report."""

from datetime import datetime, timedelta
from typing import Any

from freehold.sandbox.meta.ads import absent_fields, insight_query, insight_rows, insights
from freehold.sandbox.meta.ads.accounts import account_plan, covers, written
from freehold.sandbox.meta.ads.insight_dates import day_text
from freehold.sandbox.meta.ads.insight_rows import Subject
from freehold.sandbox.meta.ads.parameters import names, refusal
from freehold.sandbox.meta.ads.values import absent
from freehold.sandbox.meta.fields import Selection
from freehold.sandbox.meta.graph import JSON, OMITTED, Call, Edge, NodeType
from freehold.sandbox.meta.world.ads_overlay import ReportRun
from freehold.sandbox.meta.world.ads_visible import local_day

KEPT = timedelta(days=30)
STAGES = ((0.1, "Job Not Started"), (0.3, "Job Started"), (0.85, "Job Running"))
"""Until which part of its duration a run has which status; the last part says completed with less than 100 %."""
FAILURES = {
    "failed": (-2, 2490547, "The report failed", "Something went wrong while this report was made. Order it again."),
    "too_large": (-3, 1504045, "The report is too large", "Ask for fewer days, objects, fields or breakdowns."),
}
NOT_KEPT = frozenset({"access_token", "appsecret_proof", "method", "after", "before", "limit"})


def order(call: Call, subject: Subject) -> JSON:
    """`POST /{object}/insights`: check the report and begin it."""
    limits = written(call).limits
    today = local_day(subject.plan.timezone_name, call.now)
    query = insight_query.parse(call.params, (), subject.kind, today, asynchronous=True)
    report = insight_rows.report(call, subject, query, call.now)
    outcome = "too_large" if report.cost > limits.max_async_cost else "complete"
    if limits.fail_next_reports:
        limits.fail_next_reports -= 1
        outcome = "failed"
    run = ReportRun(
        id=written(call).next_id(9, subject.plan.ordinal),
        account_id=subject.plan.account_id,
        subject_id=subject.id,
        subject_kind=subject.kind,
        params={name: text for name, text in call.params.items() if name not in NOT_KEPT},
        requested_at=call.now,
        duration_seconds=min(limits.async_seconds, 1.0 + report.cost / 5_000),
        date_start=day_text(min(window.since for window in query.windows)),
        date_stop=day_text(max(window.until for window in query.windows)),
        outcome=outcome,
    )
    written(call).runs[run.id] = run
    return {"report_run_id": run.id}


def find(call: Call, run_id: str) -> ReportRun | None:
    """The run with this id, while it is kept and where the caller's grant covers its account."""
    run = written(call).runs.get(run_id)
    if run is None or call.now > run.requested_at + KEPT:
        return None
    account = call.sandbox.world.ad_account(run.account_id)
    return run if account is not None and covers(call, account) else None


def _finished_at(run: ReportRun) -> datetime:
    return run.requested_at + timedelta(seconds=run.duration_seconds)


def _progress(call: Call, run: ReportRun) -> float:
    return min(1.0, (call.now - run.requested_at).total_seconds() / run.duration_seconds)


def _status(call: Call, run: ReportRun) -> str:
    progress = _progress(call, run)
    for until, status in STAGES:
        if progress < until:
            return status
    if run.outcome != "complete":
        return "Job Failed" if progress >= 1.0 else STAGES[-1][1]
    return "Job Completed"


def _percent(call: Call, run: ReportRun) -> int:
    progress = _progress(call, run)
    return 100 if progress >= 1.0 and run.outcome == "complete" else int(progress * 99)


def _ended(call: Call, run: ReportRun) -> Any:
    return int(_finished_at(run).timestamp()) if _progress(call, run) >= 1.0 else OMITTED


def _failure(position: int) -> Any:
    def read(call: Call, run: ReportRun) -> Any:
        failed = run.outcome in FAILURES and _progress(call, run) >= 1.0
        return FAILURES[run.outcome][position] if failed else OMITTED

    return read


def _insights(call: Call, run: ReportRun, asked: tuple[Selection, ...]) -> JSON:
    """The rows of a completed run, as they were known when it completed."""
    if _percent(call, run) < 100:  # noqa: PLR2004 - per cent
        raise refusal(f"(#100) The report run {run.id} is not complete: its status is {_status(call, run)}")
    account = call.sandbox.world.ad_account(run.account_id)
    if account is None:
        raise refusal("(#100) The account of this report is gone")
    plan = account_plan(call.sandbox.world, account)
    subject = Subject(plan, run.subject_kind, run.subject_id)
    chosen = tuple(selection.name for selection in asked) or tuple(names(run.params, "fields"))
    today = local_day(plan.timezone_name, run.requested_at)
    query = insight_query.parse(run.params, chosen, subject.kind, today, asynchronous=True)
    return insights.page(call, insight_rows.report(call, subject, query, _finished_at(run)))


REPORT_RUN = NodeType(
    name="AdReportRun",
    fields={
        "id": lambda _, run: run.id,
        "account_id": lambda _, run: run.account_id,
        "time_ref": lambda _, run: int(run.requested_at.timestamp()),
        "time_completed": _ended,
        "async_status": _status,
        "async_percent_completion": _percent,
        "is_running": lambda call, run: _progress(call, run) < 1.0,
        "date_start": lambda _, run: run.date_start,
        "date_stop": lambda _, run: run.date_stop,
        "error_code": _failure(0),
        "error_subcode": _failure(1),
        "error_message": _failure(2),
        "error_user_title": _failure(2),
        "error_user_msg": _failure(3),
        **absent(absent_fields.REPORT_RUN),
    },
    default=(
        "id",
        "account_id",
        "time_ref",
        "time_completed",
        "async_status",
        "async_percent_completion",
        "date_start",
        "date_stop",
        "is_running",
        "error_code",
        "error_subcode",
        "error_message",
        "error_user_title",
        "error_user_msg",
    ),
    edges={"insights": Edge(answer=_insights)},
)
