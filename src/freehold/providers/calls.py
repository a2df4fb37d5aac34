"""A call to a provider as data, its reply, and the four ways in which it fails.

ProviderError
├── Throttled      wait `retry_after` seconds, then the same call may succeed
├── TokenRevoked   the person has to authorise again
├── Rejected       the call is wrong or not permitted; repeating it changes nothing
└── Unavailable    the provider failed; a later try may succeed
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from freehold.kernel.problems import ExplainedError

JSON = dict[str, Any]


@dataclass(frozen=True)
class ApiCall:
    """One HTTP call. The token is not in it: whoever sends the call adds it as `Authorization: Bearer`.

    `path` begins with a slash and a version ("/v26.0/me"). `params` go into the query of a GET or DELETE and into the
    form body of a POST. `asset_id` names the connected asset that the call concerns (an Instagram account, page or ad
    account), for budgets and for the refusal of assets that are not the client's; None for calls about the token.
    `token` is "user", or the id of the page whose token has to be used.
    """

    method: Literal["GET", "POST", "DELETE"]
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    asset_id: str | None = None
    token: str = "user"  # noqa: S105 - which token, not a token
    mutates: bool = False


class ProviderError(ExplainedError):
    """A failed call. `code` and `subcode` are the provider's own numbers, where it gave any."""

    def __init__(self, message: str, *, code: int | None = None, subcode: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.subcode = subcode


class Throttled(ProviderError):  # noqa: N818 - named for what happened
    """A rate limit; `retry_after` is in seconds, and `bucket` names the limit where the provider told it."""

    def __init__(
        self, message: str, *, retry_after: float, bucket: str = "", code: int | None = None, subcode: int | None = None
    ) -> None:
        super().__init__(message, code=code, subcode=subcode)
        self.retry_after = retry_after
        self.bucket = bucket


class TokenRevoked(ProviderError):  # noqa: N818 - named for what happened
    """The token is expired, revoked, or its data access has ended."""


class Rejected(ProviderError):  # noqa: N818 - named for what happened
    """The provider understood the call and refuses it. `reduce_data` says that a smaller page might be served."""

    def __init__(
        self, message: str, *, code: int | None = None, subcode: int | None = None, reduce_data: bool = False
    ) -> None:
        super().__init__(message, code=code, subcode=subcode)
        self.reduce_data = reduce_data


class Unavailable(ProviderError):  # noqa: N818 - named for what happened
    """The provider or the way to it failed: time-out, connection lost, 5xx, an unreadable body, a transient error."""
