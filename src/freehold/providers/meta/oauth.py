"""Facebook Login as the broker uses it: the dialog's address, the calls of an exchange, and what the answers mean.

Nothing here does I/O. A call that carries a secret or a token in its parameters is a POST, so that none is in a URL.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from freehold.kernel.replies import ApiReply
from freehold.providers.calls import ApiCall, Rejected, Throttled, TokenRevoked, Unavailable

_Given = TypeVar("_Given")
_Shape = TypeVar("_Shape")

SCOPE_MEANINGS: Mapping[str, str] = {
    "instagram_basic": "See your Instagram profile and posts",
    "instagram_manage_insights": "See the statistics of your Instagram account",
    "pages_show_list": "See which Facebook pages you manage",
    "pages_read_engagement": "See posts and reactions on those pages",
    "read_insights": "See the statistics of those pages",
    "ads_read": "See your ads and their results",
    "ads_management": "Prepare changes to your ads; each one waits for an approval at your company",
    "business_management": "Find pages and accounts that belong to your business portfolio",
}
"""What each permission lets us do, in words for the person who is asked."""

THROTTLE_CODES = frozenset({4, 17, 32, 613})
TOKEN_CODES = frozenset({102, 190, 463, 467})
TRANSIENT_CODES = frozenset({1, 2})
THROTTLE_SECONDS = 60.0


@dataclass(frozen=True)
class MetaApp:
    """The Meta app and the version of its Graph API."""

    app_id: str
    version: str


@dataclass(frozen=True, repr=False)
class TokenAnswer:
    """A token; `expires_in` is in seconds, None where Meta did not say."""

    access_token: str
    expires_in: int | None


@dataclass(frozen=True)
class Inspection:
    """What debug_token says about a token; `granular` maps a scope to the assets it was limited to."""

    app_id: str
    is_valid: bool
    user_id: str
    kind: str
    scopes: tuple[str, ...]
    granular: Mapping[str, tuple[str, ...]]
    expires_at: datetime | None
    data_access_expires_at: datetime | None


@dataclass(frozen=True)
class ConsentRefusal:
    """A callback without a code: the stable reason and what to tell the person."""

    code: str
    detail: str
    hint: str


def dialog_url(
    dialog: str,
    app: MetaApp,
    *,
    redirect_uri: str,
    state: str,
    scopes: Sequence[str],
    config_id: str | None,
    challenge: str | None,
    again: bool,
) -> str:
    """Where the browser is sent to authorise; `again` asks once more for what was declined before."""
    query = {"client_id": app.app_id, "redirect_uri": redirect_uri, "state": state, "response_type": "code"}
    if config_id is not None:
        query |= {"config_id": config_id, "override_default_response_type": "true"}
    else:
        query["scope"] = ",".join(scopes)
    if challenge is not None:
        query |= {"code_challenge": challenge, "code_challenge_method": "S256"}
    if again:
        query["auth_type"] = "rerequest"
    return f"{dialog}/{app.version}/dialog/oauth?{urlencode(query)}"


def challenge_of(verifier: str) -> str:
    """The S256 code challenge (RFC 7636) of a verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def classify_refusal(query: Mapping[str, str]) -> ConsentRefusal:
    """Why a callback has no code: Meta answers in three shapes, one of them without `error`."""
    message = query.get("error_message", "") + query.get("error_description", "")
    if query.get("error") == "access_denied" or query.get("error_reason") == "user_denied":
        return ConsentRefusal(
            "consent_refused",
            "The request was cancelled at Facebook, so nothing was connected.",
            "If that was not intended, start again and choose Continue in Facebook's window.",
        )
    if query.get("error_code") == "100" or "invalid scopes" in message.lower():
        return ConsentRefusal(
            "scopes_invalid",
            "Facebook does not know one of the permissions that were asked for.",
            "The operator checks the app: it has to be made as Other, then Business, with the needed products added.",
        )
    if query.get("error_code") == "200":
        return ConsentRefusal(
            "consent_not_permitted",
            "Facebook did not let this person grant the permissions.",
            "Accept the tester invitation at developers.facebook.com/requests first, and use an account that manages "
            "the pages. Then start again.",
        )
    return ConsentRefusal(
        "callback_without_code",
        "Facebook sent you back without an authorisation.",
        "Start again; if it repeats, give the operator the request id below.",
    )


def exchange_code(app: MetaApp, secret: str, *, code: str, redirect_uri: str, verifier: str | None) -> ApiCall:
    """A code for a token."""
    form = {"client_id": app.app_id, "client_secret": secret, "redirect_uri": redirect_uri, "code": code}
    if verifier is not None:
        form["code_verifier"] = verifier
    return ApiCall("POST", f"/{app.version}/oauth/access_token", form)


def extend_token(app: MetaApp, secret: str, token: str) -> ApiCall:
    """A token for one that lives about 60 days."""
    form = {
        "grant_type": "fb_exchange_token",
        "client_id": app.app_id,
        "client_secret": secret,
        "fb_exchange_token": token,
    }
    return ApiCall("POST", f"/{app.version}/oauth/access_token", form)


def app_token(app: MetaApp, secret: str) -> ApiCall:
    """The app's own token; it succeeds only with the right secret."""
    form = {"grant_type": "client_credentials", "client_id": app.app_id, "client_secret": secret}
    return ApiCall("POST", f"/{app.version}/oauth/access_token", form)


def inspect_token(app: MetaApp, token: str) -> ApiCall:
    """Ask about a token; a GET in the form of a POST, so that the token is not in the URL."""
    return ApiCall("POST", f"/{app.version}/debug_token", {"input_token": token, "method": "GET"})


def permissions(app: MetaApp) -> ApiCall:
    """What the person granted and declined."""
    return ApiCall("GET", f"/{app.version}/me/permissions", {"limit": "100"})


def roles(app: MetaApp, after: str | None) -> ApiCall:
    """The people with a role on the app."""
    return ApiCall("GET", f"/{app.version}/{app.app_id}/roles", {"limit": "100"} | ({"after": after} if after else {}))


def app_details(app: MetaApp) -> ApiCall:
    """The app's name and domains."""
    return ApiCall("GET", f"/{app.version}/{app.app_id}", {"fields": "id,name,app_domains"})


def parse_reply(reply: ApiReply) -> dict[str, Any]:
    """The JSON object of a reply; raises `Throttled`, `TokenRevoked`, `Rejected` or `Unavailable`."""
    try:
        content = json.loads(reply.body)
    except (ValueError, RecursionError) as error:
        raise Unavailable(f"Meta answered {reply.status} with an unreadable body") from error
    if not isinstance(content, dict):
        raise Unavailable("Meta answered with something that is not an object")
    if isinstance(content.get("error"), dict):
        raise _failure(reply.status, content["error"])
    if reply.status >= 400:  # noqa: PLR2004 - HTTP's own number
        raise Unavailable(f"Meta answered {reply.status}")
    return content


def _failure(status: int, error: Mapping[str, Any]) -> Exception:
    """Meta's error by its code; its message is not kept, since it may quote what was sent."""
    code, subcode = _number(error.get("code")), _number(error.get("error_subcode"))
    told = f"Meta refused the call (code {code}, subcode {subcode})"
    if code in THROTTLE_CODES:
        return Throttled(told, retry_after=THROTTLE_SECONDS, code=code, subcode=subcode)
    if code in TOKEN_CODES:
        return TokenRevoked(told, code=code, subcode=subcode)
    if error.get("is_transient") is True or code in TRANSIENT_CODES or status >= 500:  # noqa: PLR2004
        return Unavailable(told, code=code, subcode=subcode)
    return Rejected(told, code=code, subcode=subcode)


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def read_shape(read: Callable[[_Given], _Shape], given: _Given) -> _Shape:
    """What `read` makes of a part of an answer; raises `Unavailable` where Meta gave it another form."""
    try:
        return read(given)
    except (LookupError, TypeError, AttributeError, ValueError, OverflowError, OSError) as error:
        raise Unavailable("Meta answered in an unexpected form") from error


def entries(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The entries of one page of a list; raises `Unavailable` when there is no list of objects."""
    listed = content.get("data") or []
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise Unavailable("Meta answered with something that is not a list")
    return listed


def parse_token(content: Mapping[str, Any]) -> TokenAnswer:
    """The token of an exchange; raises `Unavailable` when there is none."""
    token = content.get("access_token")
    if not isinstance(token, str) or not token:
        raise Unavailable("Meta answered the exchange without a token")
    return TokenAnswer(token, _number(content.get("expires_in")))


def parse_inspection(content: Mapping[str, Any]) -> Inspection:
    """What debug_token answered."""
    data = content.get("data")
    if not isinstance(data, dict):
        raise Unavailable("Meta answered the inspection without data")
    granular = {
        str(item.get("scope")): tuple(str(target) for target in item.get("target_ids") or ())
        for item in data.get("granular_scopes") or ()
    }
    return Inspection(
        app_id=str(data.get("app_id", "")),
        is_valid=data.get("is_valid") is True,
        user_id=str(data.get("user_id") or data.get("profile_id") or ""),
        kind=str(data.get("type") or "USER"),
        scopes=tuple(str(scope) for scope in data.get("scopes") or ()),
        granular=granular,
        expires_at=_instant(data.get("expires_at")),
        data_access_expires_at=_instant(data.get("data_access_expires_at")),
    )


def granted_scopes(content: Mapping[str, Any]) -> frozenset[str]:
    """The permissions that me/permissions says are granted."""
    return frozenset(str(item.get("permission")) for item in entries(content) if item.get("status") == "granted")


def appsecret_proof(secret: str, token: str) -> str:
    """The HMAC by which Meta knows that the holder of the app secret sends a call with this token."""
    return hmac.new(secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def _instant(value: object) -> datetime | None:
    """Seconds since the epoch; Meta writes 0 for never."""
    return datetime.fromtimestamp(value, UTC) if isinstance(value, int) and value > 0 else None


class SignedRequestError(Exception):
    """A signed_request that is not Meta's, or too old; `code` is stable."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True)
class SignedRequest:
    """A verified callback: who it is about, when Meta issued it, and a digest that is the same for a repeat."""

    user_id: str
    issued_at: datetime
    digest: str


def verify_signed_request(text: str, secrets: Iterable[str]) -> SignedRequest:
    """Check Meta's signature with any of the app's secrets; raises `SignedRequestError`. The age is the caller's."""
    signature, _, payload = text.partition(".")
    _check_signature(signature, payload, secrets)
    try:
        content = json.loads(_decoded(payload))
        algorithm, user_id = content["algorithm"], str(content["user_id"])
        issued_at = datetime.fromtimestamp(int(content["issued_at"]), UTC)
    except (LookupError, TypeError, ValueError, OverflowError, OSError, RecursionError) as error:
        raise _malformed() from error
    if str(algorithm).upper() != "HMAC-SHA256":
        raise SignedRequestError("signed_request_algorithm", "Meta signs with HMAC-SHA256")
    if not user_id:
        raise SignedRequestError("signed_request_malformed", "the signed request names nobody")
    return SignedRequest(user_id, issued_at, hashlib.sha256(payload.encode()).hexdigest())


def _check_signature(signature: str, payload: str, secrets: Iterable[str]) -> None:
    """The signature comes first: nothing that Meta did not sign is read."""
    try:
        given = _decoded(signature)
    except ValueError as error:
        raise _malformed() from error
    expected = [hmac.new(secret.encode(), payload.encode(), hashlib.sha256).digest() for secret in secrets]
    if not any([hmac.compare_digest(given, each) for each in expected]):  # noqa: C419 - compare with each, always
        raise SignedRequestError("signed_request_forged", "the signature is not of this app")


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _malformed() -> SignedRequestError:
    return SignedRequestError("signed_request_malformed", "this is not a signed request of Meta")
