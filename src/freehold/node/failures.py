"""What goes wrong below our interfaces, as they tell it: a stable code, the wait in seconds, and what to do next."""

from freehold.kernel.problems import Problem
from freehold.node.keys import KeysMissingError
from freehold.node.vault.vault import TokensUnreadableError
from freehold.providers.calls import ProviderError, Rejected, Throttled, TokenRevoked


def problem_of(error: ProviderError | TokensUnreadableError | KeysMissingError) -> Problem:
    """What a failure of the provider, or of the node's own keys, means for whoever called us."""
    if isinstance(error, Throttled):
        hint = "Wait for as many seconds as Retry-After says."
        return Problem(429, "provider_throttled", error.message, hint, retry_after=error.retry_after)
    if isinstance(error, TokenRevoked):
        return Problem(409, "credential_revoked", error.message, "Have the client connect again with a new link.")
    if isinstance(error, Rejected):
        hint = "Check the asset with `freehold node assets`, and the call against Meta's reference."
        return Problem(422, "provider_rejected", f"{error.message}{_numbers(error)}", hint)
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


def _numbers(error: ProviderError) -> str:
    """The provider's own code and subcode, where it gave any."""
    if error.code is None:
        return ""
    return f" (Meta's code {error.code}{f', subcode {error.subcode}' if error.subcode else ''})"
