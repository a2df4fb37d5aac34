"""Which rows of which table are no longer needed."""

from datetime import datetime

from sqlalchemy import and_, exists, not_

from freehold.broker.audit.tables import oauth_events
from freehold.broker.authorization.tables import authorization_states
from freehold.broker.enrolment.tables import enrolment_codes
from freehold.broker.links.tables import connect_links
from freehold.broker.platform_events.tables import deletion_requests, platform_event_outbox
from freehold.kernel.database import Old


def audited(before: datetime) -> Old:
    """Events that happened before then."""
    return oauth_events, oauth_events.c.at < before


def forwarded(before: datetime) -> Old:
    """Meta's callbacks from before then that reached their node, or were given up."""
    table = platform_event_outbox.c
    return platform_event_outbox, and_(table.created_at < before, table.next_attempt_at.is_(None))


def deletions(before: datetime) -> Old:
    """Requests for deletion from before then of which no node has to hear any more; their codes are then unknown."""
    outstanding = exists().where(platform_event_outbox.c.event_id == deletion_requests.c.event_id)
    return deletion_requests, and_(deletion_requests.c.received_at < before, not_(outstanding))


def states(before: datetime) -> Old:
    """One-time state that expired before then."""
    return authorization_states, authorization_states.c.expires_at < before


def links(before: datetime) -> Old:
    """Connect links that expired before then."""
    return connect_links, connect_links.c.expires_at < before


def codes(before: datetime) -> Old:
    """Enrolment codes that expired before then."""
    return enrolment_codes, enrolment_codes.c.expires_at < before
