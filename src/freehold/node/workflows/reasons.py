"""Why something could not be read, in words of our own: what runs, logs and DBOS remember of a provider's failure.

The provider's words may quote what somebody wrote; they stand in coverage, beside the data that they are about.
"""

from freehold.node.collection.source import OutageError
from freehold.providers.calls import ProviderError, Rejected, Throttled, TokenRevoked

MINUTE = 60.0


def told(error: ProviderError) -> str:
    """What a failure means for what was to be read, with the provider's code where it gave one."""
    return f"{_meaning(error)}{_code(error)}"


def _meaning(error: ProviderError) -> str:
    if isinstance(error, TokenRevoked):
        return "the authorisation has ended, have the client connect again"
    if isinstance(error, Throttled):
        minutes = max(1, round(error.retry_after / MINUTE))
        return f"the budget of calls is used up, or Meta asks to wait; it can go on in about {minutes} minutes"
    if isinstance(error, OutageError):
        return "call after call failed at Meta; what is left is for a later run"
    if isinstance(error, Rejected):
        return "Meta refuses it; `freehold doctor --meta` and `freehold node coverage` say more"
    return "Meta or the way to it failed; a later run reads it"


def _code(error: ProviderError) -> str:
    if error.code is None:
        return ""
    return f" (code {error.code})" if error.subcode is None else f" (code {error.code}/{error.subcode})"
