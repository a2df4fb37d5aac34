"""oauth_events: what happened in each flow, append-only, metadata only: no token, code, secret or user id."""

from freehold.broker.audit.log import AuditEvent, AuditLog, Outcome

__all__ = ["AuditEvent", "AuditLog", "Outcome"]
