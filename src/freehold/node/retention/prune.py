"""Deletes what is older than the settings say, a few rows at a time, and tells how much went."""

from datetime import timedelta

from freehold.kernel.database import Old, delete_old
from freehold.node.context import Node
from freehold.node.retention import queries

ENDED_SESSIONS_DAYS = 1


async def prune(node: Node) -> dict[str, int]:
    """Delete old rows; gives how many went, by table. Raises `Problem` 503 when the database is away."""
    return await delete_old(node.database, _old(node))


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
