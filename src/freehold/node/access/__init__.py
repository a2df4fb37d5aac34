"""Who may call the node: keys with scopes, the log of every request, and security events."""

from freehold.node.access.keys import (
    SCOPES,
    KeyRefusedError,
    NewKey,
    Scope,
    create_key,
    find_caller,
    revoke_older,
    usable_key,
)
from freehold.node.access.log import ADDRESS_LENGTH, AccessLog, storable
from freehold.node.access.queries import AccessKey, insert_security_event, list_keys, revoke_key

__all__ = [
    "ADDRESS_LENGTH",
    "SCOPES",
    "AccessKey",
    "AccessLog",
    "KeyRefusedError",
    "NewKey",
    "Scope",
    "create_key",
    "find_caller",
    "insert_security_event",
    "list_keys",
    "revoke_key",
    "revoke_older",
    "storable",
    "usable_key",
]
