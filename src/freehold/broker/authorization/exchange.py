"""From the provider's code to a token that is known to be ours, with the permissions that are needed and its assets."""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from freehold.broker.authorization.discovery import Discovered, discover
from freehold.broker.authorization.state import StateRecord
from freehold.broker.context import Broker
from freehold.kernel.problems import Problem
from freehold.providers.calls import ProviderError, Rejected, Throttled, TokenRevoked
from freehold.providers.meta import oauth
from freehold.providers.meta.oauth import Inspection, TokenAnswer

LONG_LIVED_SECONDS = 30 * 86_400
"""A token that lives longer than this needs no exchange for a long-lived one."""


@dataclass(frozen=True, repr=False)
class Authorized:
    """A token, what it is, what it may do and what it reaches."""

    access_token: str
    inspection: Inspection
    scopes: tuple[str, ...]
    found: Discovered


async def exchange(broker: Broker, record: StateRecord, code: str) -> Authorized:
    """Exchange a code; raises `Problem` when the provider refuses, or when the token is not what it has to be."""
    with provider_problems():
        answer = await broker.meta.exchange_code(code, broker.settings.redirect_uri(record.provider), record.verifier)
        token = await _long_lived(broker, answer)
        inspection, granted = await asyncio.gather(broker.meta.inspect(token), broker.meta.permissions(token))
        check_ours(broker, inspection)
        scopes = frozenset(inspection.scopes) if inspection.kind == "SYSTEM_USER" else granted
        _check_scopes(broker, scopes)
        found = await discover(broker.meta, token, inspection) if broker.settings.discover else Discovered()
    return Authorized(token, inspection, tuple(sorted(scopes)), found)


def check_ours(broker: Broker, inspection: Inspection) -> None:
    """Refuse (`Problem` 400) a token of another app, one that is not valid, and one that names nobody."""
    if inspection.app_id != broker.settings.meta_app_id:
        raise Problem(
            400,
            "token_of_other_app",
            "The authorisation was given to another app.",
            "Start again from the link that you were given. The operator finds the attempt in the events.",
        )
    if not inspection.is_valid or not inspection.user_id:
        raise Problem(
            400,
            "token_invalid",
            "Facebook says that the authorisation is no longer valid.",
            "Start again; if it repeats, remove the app in Facebook's settings first.",
        )


@contextlib.contextmanager
def provider_problems() -> Iterator[None]:
    """Turn the provider's failures into problems that people understand."""
    try:
        yield
    except Throttled as error:
        raise Problem(
            503,
            "provider_throttled",
            "Facebook takes no more requests of this app for the moment.",
            "Wait a minute, then start again.",
            retry_after=error.retry_after,
        ) from error
    except (Rejected, TokenRevoked) as error:
        raise Problem(
            400,
            "code_refused",
            "Facebook did not accept the authorisation that it had given.",
            "Start again. If it repeats, the operator checks app id, secret and redirect address with "
            "`freehold doctor --meta`.",
        ) from error
    except ProviderError as error:
        raise Problem(
            502,
            "provider_unavailable",
            "Facebook did not answer as it should.",
            "Nothing was connected. Start again in a minute.",
        ) from error


async def _long_lived(broker: Broker, answer: TokenAnswer) -> str:
    if answer.expires_in is None and broker.settings.meta_config_id is not None:
        return answer.access_token  # a system user's token, which never expires
    if answer.expires_in is not None and answer.expires_in > LONG_LIVED_SECONDS:
        return answer.access_token
    return (await broker.meta.extend(answer.access_token)).access_token


def _check_scopes(broker: Broker, granted: frozenset[str]) -> None:
    missing = [scope for scope in broker.settings.meta_required_scopes if scope not in granted]
    if missing:
        words = "; ".join(f"{oauth.SCOPE_MEANINGS.get(scope, scope)} ({scope})" for scope in missing)
        raise Problem(
            422,
            "scopes_missing",
            f"Facebook did not give these permissions: {words}.",
            "Start again and leave all switches on in Facebook's window. Nothing was connected.",
        )
