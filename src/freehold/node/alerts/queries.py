"""The SQL of alerts: what they are judged by, and which are open."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, delete, func, select

from freehold.kernel.database import ReadSession, WriteSession, insert
from freehold.node.access.tables import security_events
from freehold.node.alerts.conditions import Calls, Finding, Hourly, Reading, Refusals, Throttling
from freehold.node.alerts.tables import open_alerts
from freehold.node.assets import ConnectedAsset
from freehold.node.governor.tables import api_calls, governor_ledger
from freehold.node.runs.tables import workflow_runs
from freehold.node.store.coverage.tables import coverage

RECENT = timedelta(days=2)
"""How far back calls are looked at: no limit of the provider's shuts for longer."""
DONE = ("complete", "incomplete")
"""Outcomes of a run that read something: whatever it does not name as failed."""
NO_ATTEMPTS = ("credentials_revealed", "key_missing", "scope_missing")
"""Security events in which nobody tried to be somebody."""
FAILED = ("rejected", "unavailable", "revoked")


async def readings(
    session: ReadSession, assets: Sequence[ConnectedAsset], essential: Mapping[str, Collection[str]]
) -> list[Reading]:
    """When each of these assets was last read: by that of its kind's `essential` metrics that was read longest ago."""
    ids = tuple(asset.asset_id for asset in assets)
    metrics = {metric for of_kind in essential.values() for metric in of_kind}
    query = (
        select(coverage.c.subject_id, coverage.c.metric, func.max(coverage.c.read_at).label("at"))
        .where(coverage.c.subject_id.in_(ids), coverage.c.metric.in_(metrics), coverage.c.state != "missing")
        .group_by(coverage.c.subject_id, coverage.c.metric)
    )
    last = {(row.subject_id, row.metric): row.at for row in (await session.execute(query)).all()}
    found = []
    for asset in assets:
        if asset.confirmed_at is not None:
            read = [last.get((asset.asset_id, metric)) for metric in essential[asset.kind]]
            known = [at for at in read if at is not None]
            found.append(Reading(asset.asset_id, asset.confirmed_at, min(known) if len(known) == len(read) else None))
    return found


async def hourlies(
    session: ReadSession, workflows: Mapping[str, Sequence[ConnectedAsset]], now: datetime
) -> list[Hourly]:
    """Those of these workflows that were ordered within the last day, for each asset that they read: a schedule that is
    switched off is not late, and a run has ended well for the assets that it does not name as failed.
    """
    of = workflow_runs.c
    query = select(of.workflow, of.parameters, of.created_at, of.ended_at, of.outcome, of.failures).where(
        of.workflow.in_(tuple(workflows)), of.created_at > now - timedelta(days=1)
    )
    runs: dict[str, list[Any]] = {}
    for row in (await session.execute(query)).all():
        runs.setdefault(row.workflow, []).append(row)
    return [_hourly(name, asset, of_workflow) for name, of_workflow in runs.items() for asset in workflows[name]]


def _hourly(workflow: str, asset: ConnectedAsset, runs: Sequence[Any]) -> Hourly:
    """How a workflow's runs of a day went for one asset."""
    since = min(run.created_at for run in runs)
    done = [run.ended_at for run in runs if run.outcome in DONE and _read(run, asset.asset_id)]
    return Hourly(workflow, max(since, asset.confirmed_at or since), max(done, default=None))


def _read(run: Any, asset_id: str) -> bool:
    """Whether a run was for the asset, and could read it."""
    chosen = json.loads(run.parameters).get("asset_ids")
    failed = {place.partition(":")[0] for place in json.loads(run.failures)}
    return asset_id not in failed and (not chosen or asset_id in chosen)


async def throttlings(session: ReadSession, now: datetime) -> list[Throttling]:
    """Every limit that is shut or was lately, or that an alert is open for, with the calls that tell for how long."""
    of = governor_ledger.c
    query = select(of.asset_id, of.blocked_until).where(of.blocked_until > now - RECENT)
    limits = [(row.asset_id, row.blocked_until) for row in (await session.execute(query)).all()]
    told = select(open_alerts.c.subject).where(open_alerts.c.kind == "throttled")
    limits += [(asset_id, None) for asset_id in (await session.execute(told)).scalars()]
    return [await _throttling(session, asset_id, until, now) for asset_id, until in limits]


async def _throttling(session: ReadSession, asset_id: str | None, until: datetime | None, now: datetime) -> Throttling:
    def calls(outcome: str, at: Any, *after: Any) -> Any:
        mine = [api_calls.c.asset_id == asset_id] if asset_id is not None else []
        return select(at).where(api_calls.c.at > now - RECENT, api_calls.c.outcome == outcome, *mine, *after)

    last_ok = (await session.execute(calls("ok", func.max(api_calls.c.at)))).scalar()
    later = [api_calls.c.at > last_ok] if last_ok is not None else []
    since = (await session.execute(calls("throttled", func.min(api_calls.c.at), *later))).scalar()
    return Throttling(asset_id, until, last_ok, since)


async def calls_since(session: ReadSession, at: datetime) -> Calls:
    """How many calls the provider answered and how many failed; those that it throttled are neither."""
    failed = func.sum(case((api_calls.c.outcome.in_(FAILED), 1), else_=0))
    answered = func.sum(case((api_calls.c.outcome == "ok", 1), else_=0))
    row = (await session.execute(select(answered, failed).where(api_calls.c.at >= at))).one()
    return Calls(answered=row[0] or 0, failed=row[1] or 0)


async def refusals_since(session: ReadSession, at: datetime) -> Refusals:
    """How often a key, handle or link was refused. Who comes without any has not tried one."""
    of = security_events.c
    query = select(func.count(), func.count(of.address.distinct())).where(of.at >= at, of.kind.not_in(NO_ATTEMPTS))
    count, addresses = (await session.execute(query)).one()
    return Refusals(count, addresses)


async def open_keys(session: ReadSession) -> set[str]:
    """The keys of all alerts that are open."""
    return set((await session.execute(select(open_alerts.c.key))).scalars())


async def open_alert(session: WriteSession, finding: Finding, now: datetime) -> bool:
    """Open an alert; False when another process was first."""
    values = {"key": finding.key, "kind": finding.kind, "subject": finding.subject, "opened_at": now}
    statement = insert(session, open_alerts).values(**values).on_conflict_do_nothing().returning(open_alerts.c.key)
    return (await session.execute(statement)).scalar() is not None


async def close_alerts(session: WriteSession, keys: Collection[str]) -> dict[str, datetime]:
    """Close alerts; gives those that were open until now, with when they were opened."""
    gone = delete(open_alerts).where(open_alerts.c.key.in_(tuple(keys)))
    rows = await session.execute(gone.returning(open_alerts.c.key, open_alerts.c.opened_at))
    return {row.key: row.opened_at for row in rows.all()}
