"""What goes wrong below our interfaces, as they tell it: a stable code, the wait in seconds, and what to do next."""

from collections.abc import Mapping
from typing import Final

from freehold.kernel.problems import Problem
from freehold.node.keys import KeysMissingError
from freehold.node.vault.vault import TokensUnreadableError
from freehold.providers.calls import ProviderError, Rejected, Throttled, TokenRevoked

RETRYABLE: Final = frozenset({
    "provider_throttled", "provider_unavailable", "too_many_requests", "database_unavailable", "redis_unavailable",
    "account_busy",
})  # fmt: skip
"""Codes of failures after which the same call may succeed, once some time is over."""
PERMISSIONS: Final = range(200, 300)
"""Meta's codes of missing permissions, beside 3 and 10."""
_PERMISSION = "The permission for this is missing: have the client connect again and tick it."
HINTS: Final[Mapping[int | None, str]] = {
    3: _PERMISSION,
    10: _PERMISSION,
    33: "Meta has no such object, or not for this client: take the id from a listing tool.",
    100: "An argument is not as Meta takes it: read its message, correct that, and call again.",
    506: "Meta refuses the same content twice: change it.",
    1_885_621: "A budget stands on the campaign or on its ad sets, never on both: leave one out.",
    2_635: "The node asks by a version that Meta has ended: the operator upgrades it.",
}
"""What to do, by Meta's subcode or code."""


def problem_of(error: ProviderError | TokensUnreadableError | KeysMissingError) -> Problem:
    """What a failure of the provider, or of the node's own keys, means for whoever called us."""
    if isinstance(error, Throttled):
        hint = "Wait for as many seconds as Retry-After says."
        return Problem(429, "provider_throttled", error.message, hint, retry_after=error.retry_after)
    if isinstance(error, TokenRevoked):
        return Problem(409, "credential_revoked", error.message, "Have the client connect again with a new link.")
    if isinstance(error, Rejected):
        return Problem(422, "provider_rejected", f"{error.message}{_numbers(error)}", _hint(error))
    if isinstance(error, ProviderError):
        return Problem(502, "provider_unavailable", "Meta could not be reached or failed.", "Try again in a minute.")
    if isinstance(error, TokensUnreadableError):
        hint = "Restore the keyring from its backup, or have the person connect again."
        return Problem(503, "tokens_unreadable", "The stored token does not open with this node's keyring.", hint)
    hint = "The operator restores the keys from their backup; see the node's folder."
    return Problem(503, "keys_missing", "A key of this node is missing or damaged.", hint)


def asset_refused() -> Problem:
    """The answer about an asset that is not confirmed for this client, or not for the caller's key."""
    return Problem(
        403,
        "asset_not_confirmed",
        "This is not confirmed for this client, or not for this key.",
        "Choose one of those that are; the operator sees them with `freehold node assets`.",
    )


def retryable(problem: Problem) -> bool:
    """Whether the same call may succeed later: never a change that Meta may have made already."""
    return problem.code in RETRYABLE


def _hint(error: Rejected) -> str:
    """What to do about a refusal, by Meta's subcode or code."""
    if error.reduce_data:
        return "Ask for less: a smaller limit, fewer days or fewer breakdowns."
    for number in (error.subcode, error.code):
        if number in HINTS:
            return HINTS[number]
    if error.code is not None and error.code in PERMISSIONS:
        return (
            "A permission is missing: have the client connect again and tick it; the operator checks the app's access."
        )
    return "Check the asset with `freehold node assets`, and the call against Meta's reference."


def _numbers(error: ProviderError) -> str:
    """The provider's own code and subcode, where it gave any."""
    if error.code is None:
        return ""
    return f" (Meta's code {error.code}{f', subcode {error.subcode}' if error.subcode else ''})"
