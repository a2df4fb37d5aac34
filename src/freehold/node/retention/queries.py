"""Which rows of which table are no longer needed."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, not_, or_, select

from freehold.kernel.database import Old
from freehold.node.access.tables import access_log, security_events
from freehold.node.countdowns import KINDS
from freehold.node.governor.tables import api_calls
from freehold.node.narrative.tables import model_calls
from freehold.node.notifications.tables import notification_deliveries, notifications
from freehold.node.pages.tables import success_sessions
from freehold.node.receiver.tables import platform_events_received, received_deliveries
from freehold.node.reports.tables import report_editions
from freehold.node.sharing.tables import report_links, report_reads


def requests(before: datetime) -> Old:
    """Requests that were answered before then."""
    return access_log, access_log.c.at < before


def report_readings(before: datetime) -> Old:
    """Readings of shared reports before then."""
    return report_reads, report_reads.c.at < before


def links_to_reports(before: datetime) -> Old:
    """Links that had ended by then."""
    return report_links, report_links.c.until < before


def incidents(before: datetime) -> Old:
    """What went wrong at the door before then."""
    return security_events, security_events.c.at < before


def calls(before: datetime) -> Old:
    """Calls to the provider made before then; budgets do not depend on them, the ledger has its own memory."""
    return api_calls, api_calls.c.at < before


def asked_of_models(before: datetime) -> Old:
    """What models were asked before then; what the months used is counted elsewhere, and stays."""
    return model_calls, model_calls.c.at < before


def deliveries_of_notifications(before: datetime) -> Old:
    """How notifications that may go went to each target."""
    mine = notification_deliveries.c.notification_id
    return notification_deliveries, mine.in_(select(notifications.c.id).where(_told_before(before)))


def told(before: datetime) -> Old:
    """Notifications made before then to which nothing more will happen."""
    return notifications, _told_before(before)


def received(before: datetime) -> Old:
    """Deliveries of the broker's taken before then: one that came again would be refused for its age."""
    return received_deliveries, received_deliveries.c.received_at < before


def events(before: datetime) -> Old:
    """Platform events taken before then, whose sender has long stopped to repeat them."""
    return platform_events_received, platform_events_received.c.received_at < before


def editions(before: datetime) -> Old:
    """Reports that were made before then."""
    return report_editions, report_editions.c.made_at < before


def sessions(before: datetime) -> Old:
    """Sessions whose handle and cookie had both ended by then."""
    table = success_sessions.c
    ended = or_(table.session_expires_at.is_(None), table.session_expires_at < before)
    return success_sessions, and_(table.handle_expires_at < before, ended)


def _told_before(before: datetime) -> ColumnElement[bool]:
    """A reminder of an authorisation stays: it is told once, and its row is how that is known."""
    mine = notification_deliveries.c
    waits = exists().where(mine.notification_id == notifications.c.id, or_(mine.next_at.is_not(None), mine.held))
    return and_(notifications.c.created_at < before, notifications.c.kind.not_in(KINDS), not_(waits))
