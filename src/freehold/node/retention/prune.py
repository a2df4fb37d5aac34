"""Deletes what is older than the settings say, a few rows at a time, and tells how much went."""

import asyncio
import shutil
from datetime import datetime, timedelta

from freehold.kernel.database import Old, delete_old
from freehold.node.context import Node
from freehold.node.reports.editions import folder_of
from freehold.node.reports.queries import made_before
from freehold.node.retention import queries

ENDED_SESSIONS_DAYS = 1


async def prune(node: Node) -> dict[str, int]:
    """Delete old rows; gives how many went, by table. Raises `Problem` 503 when the database is away."""
    reports = node.clock.now() - timedelta(days=node.settings.keep_reports_days)
    await _delete_files(node, reports)
    return await delete_old(node.database, [queries.editions(reports), *_old(node)])


async def _delete_files(node: Node, before: datetime) -> None:
    """Of reports made before then the files: first, as nothing would lead to them without their rows."""
    async with node.database.reading() as session:
        old = await made_before(session, before)
    for each in old:
        await asyncio.to_thread(shutil.rmtree, folder_of(node, each), ignore_errors=True)


def _old(node: Node) -> list[Old]:
    now, settings = node.clock.now(), node.settings
    access, calls, told, received = (
        now - timedelta(days=days)
        for days in (
            settings.keep_access_log_days,
            settings.keep_api_calls_days,
            settings.keep_notifications_days,
            settings.keep_received_days,
        )
    )
    return [
        queries.requests(access),
        queries.report_readings(access),
        queries.links_to_reports(access),
        queries.incidents(now - timedelta(days=settings.keep_security_events_days)),
        queries.calls(calls),
        queries.asked_of_models(now - timedelta(days=settings.keep_model_calls_days)),
        queries.deliveries_of_notifications(told),
        queries.told(told),
        queries.received(received),
        queries.events(received),
        queries.sessions(now - timedelta(days=ENDED_SESSIONS_DAYS)),
    ]
