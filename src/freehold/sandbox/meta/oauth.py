"""Sign-in: the dialog that a person sees, the exchange of codes and tokens, the inspection of a token."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from freehold.sandbox.meta.errors import GraphError
from freehold.sandbox.meta.grants import (
    CODE_LIFE,
    DATA_ACCESS_LIFE,
    LONG_LIFE,
    PERMISSIONS,
    SHORT_LIFE,
    Code,
    Grant,
    Token,
)
from freehold.sandbox.meta.state import Sandbox

NEVER = 0
ASSET_SCOPES = {
    "pages_show_list": "page",
    "pages_read_engagement": "page",
    "read_insights": "page",
    "pages_manage_metadata": "page",
    "instagram_basic": "instagram",
    "instagram_manage_insights": "instagram",
    "ads_read": "ad_account",
    "ads_management": "ad_account",
}
"""Permissions that name assets, and which kind."""


class DialogError(Exception):
    """The dialog cannot be shown: Meta tells the person, and does not send them back."""


@dataclass(frozen=True)
class Request:
    """An authorization request as the dialog got it."""

    redirect_uri: str
    state: str
    scopes: tuple[str, ...]
    config_id: str
    challenge: str
    challenge_method: str

    def unknown_scopes(self) -> list[str]:
        """Scopes that do not exist."""
        return [scope for scope in self.scopes if scope not in PERMISSIONS]


def read_request(sandbox: Sandbox, query: Mapping[str, str]) -> Request:
    """The authorization request in a query; raises `DialogError` when the app or its redirect URI is not right."""
    if query.get("client_id") != sandbox.settings.app_id:
        raise DialogError("Invalid App ID: the provided app ID does not look like a valid app ID.")
    redirect_uri = query.get("redirect_uri", "")
    if not _registered(sandbox, redirect_uri):
        raise DialogError("URL blocked: this redirect URI is not among the app's valid OAuth redirect URIs.")
    if query.get("response_type", "code") != "code":
        raise DialogError("This app only uses the code flow.")
    config_id = query.get("config_id", "")
    scopes = tuple(scope for scope in query.get("scope", "").replace(" ", ",").split(",") if scope)
    return Request(
        redirect_uri=redirect_uri,
        state=query.get("state", ""),
        scopes=scopes or (PERMISSIONS if config_id else ("public_profile",)),
        config_id=config_id,
        challenge=query.get("code_challenge", ""),
        challenge_method=query.get("code_challenge_method", "plain"),
    )


def _registered(sandbox: Sandbox, redirect_uri: str) -> bool:
    allowed = sandbox.settings.redirect_uris
    parts = urlsplit(redirect_uri)
    return redirect_uri in allowed if allowed else parts.hostname in {"127.0.0.1", "localhost"} and bool(parts.path)


def check_person(sandbox: Sandbox, person_id: str) -> None:
    """Refuse (`DialogError`) a person without a role: the app has no advanced access."""
    person = sandbox.world.person(person_id)
    if person is None:
        raise DialogError("Sign in as one of the people of the sandbox.")
    if not sandbox.roles.get(person_id):
        raise DialogError(
            "App not active: this app is not accessible right now. Accept the invitation to test it first, at "
            "developers.facebook.com under Requests."
        )


def allow(sandbox: Sandbox, request: Request, person_id: str, scopes: frozenset[str], assets: frozenset[str]) -> str:
    """The person agrees: remember the grant; gives the address to send them to, with a code."""
    now = sandbox.now()
    asked = frozenset(request.scopes)
    given = (asked & scopes) | {"public_profile"}
    sandbox.grants.allow(Grant(person_id, given, asked - given, assets & offered(sandbox, person_id), now))
    code = sandbox.grants.new_code(
        Code(
            person_id,
            request.redirect_uri,
            request.challenge,
            request.challenge_method,
            system_user=bool(request.config_id),
            expires_at=now + CODE_LIFE,
        )
    )
    return back(request, {"code": code})


def refuse(request: Request, how: str) -> str:
    """The person does not agree, in one of the shapes in which Meta tells it."""
    shapes = {
        "deny": {
            "error": "access_denied",
            "error_code": "200",
            "error_reason": "user_denied",
            "error_description": "Permissions error.",
        },
        "cancel": {"error_code": "200", "error_description": "Permissions error"},
    }
    return back(request, shapes[how])


def invalid_scopes(request: Request) -> str:
    """The request asks for permissions that do not exist."""
    names = ", ".join(request.unknown_scopes())
    return back(request, {"error_code": "100", "error_message": f"Invalid Scopes: {names}."})


def back(request: Request, answer: dict[str, str]) -> str:
    """The redirect URI with an answer and the state."""
    joint = "&" if "?" in request.redirect_uri else "?"
    state = {"state": request.state} if request.state else {}
    return f"{request.redirect_uri}{joint}{urlencode(answer | state)}#_=_"


def offered(sandbox: Sandbox, person_id: str) -> frozenset[str]:
    """Everything that this person could let the app see."""
    pages = sandbox.world.pages_of(person_id)
    accounts = [page.instagram_id for page in pages if page.instagram_id]
    return frozenset(
        [*(page.id for page in pages), *accounts, *(a.id for a in sandbox.world.ad_accounts_of(person_id))]
    )


def exchange(sandbox: Sandbox, params: Mapping[str, str]) -> dict[str, Any]:
    """`/oauth/access_token`: a code, a short-lived token or the app's own credentials for a token."""
    _check_app(sandbox, params)
    grant_type = params.get("grant_type", "authorization_code")
    if grant_type == "client_credentials":
        return {"access_token": sandbox.grants.issue("APP", None, sandbox.now(), None), "token_type": "bearer"}
    if grant_type == "fb_exchange_token":
        return _lengthen(sandbox, params.get("fb_exchange_token", ""))
    if not params.get("code"):
        raise GraphError("Missing authorization code", code=1)
    now = sandbox.now()
    code = sandbox.grants.redeem(params["code"], params.get("redirect_uri", ""), params.get("code_verifier", ""), now)
    if code.system_user:
        token = sandbox.grants.issue("SYSTEM_USER", code.user_id, now, None)
        return {"access_token": token, "token_type": "bearer"}
    token = sandbox.grants.issue("USER", code.user_id, now, SHORT_LIFE)
    return {"access_token": token, "token_type": "bearer", "expires_in": int(SHORT_LIFE.total_seconds())}


def _check_app(sandbox: Sandbox, params: Mapping[str, str]) -> None:
    if params.get("client_id") != sandbox.settings.app_id:
        raise GraphError("Error validating application. Cannot get application info due to a system error.", code=101)
    if not hmac.compare_digest(params.get("client_secret", ""), sandbox.settings.app_secret.get_secret_value()):
        raise GraphError("Error validating client secret.", code=1)


def _lengthen(sandbox: Sandbox, text: str) -> dict[str, Any]:
    now = sandbox.now()
    token = sandbox.grants.working(text, now)
    if token.kind == "SYSTEM_USER":
        return {"access_token": text, "token_type": "bearer"}
    if token.kind != "USER":
        raise GraphError("The token to exchange must be a user access token", code=100)
    longer = sandbox.grants.issue("USER", token.user_id, now, LONG_LIFE)
    return {"access_token": longer, "token_type": "bearer", "expires_in": int(LONG_LIFE.total_seconds())}


def proof(app_secret: str, token: str) -> str:
    """appsecret_proof: hex HMAC-SHA256 of a token with the app secret."""
    return hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def inspect(sandbox: Sandbox, text: str) -> dict[str, Any]:
    """`/debug_token`: what a token is, whom it speaks for, and whether it works."""
    token = sandbox.grants.token(text)
    if token is None:
        error = {"code": 190, "message": "Invalid OAuth access token - Cannot parse access token"}
        return {"data": {"error": error, "is_valid": False, "scopes": []}}
    data: dict[str, Any] = {
        "app_id": sandbox.settings.app_id,
        "type": token.kind,
        "application": sandbox.settings.app_name,
        "expires_at": NEVER if token.expires_at is None else int(token.expires_at.timestamp()),
        "is_valid": True,
        "issued_at": int(token.issued_at.timestamp()),
    }
    try:
        sandbox.grants.working(text, sandbox.now())
    except GraphError as refused:
        data |= {"is_valid": False, "error": {"code": 190, "message": refused.message, "subcode": refused.subcode}}
    return {"data": data | _covered(sandbox, token)}


def _covered(sandbox: Sandbox, token: Token) -> dict[str, Any]:
    grant = sandbox.grants.grant(token.user_id)
    if grant is None:
        return {"scopes": []} | ({"user_id": token.user_id} if token.user_id else {})
    scopes = [scope for scope in PERMISSIONS if scope in grant.scopes]
    told: dict[str, Any] = {
        "data_access_expires_at": int((grant.active_at + DATA_ACCESS_LIFE).timestamp()),
        "scopes": scopes,
        "granular_scopes": [_granular(sandbox, scope, grant) for scope in scopes],
        "user_id": token.user_id,
    }
    if token.page_id:
        told["profile_id"] = token.page_id
    return told


def _granular(sandbox: Sandbox, scope: str, grant: Grant) -> dict[str, Any]:
    kind = ASSET_SCOPES.get(scope)
    if kind is None:
        return {"scope": scope}
    targets = sorted(asset for asset in grant.assets if _kind(sandbox, asset) == kind)
    return {"scope": scope, "target_ids": [asset.removeprefix("act_") for asset in targets]}


def _kind(sandbox: Sandbox, asset: str) -> str:
    if asset.startswith("act_"):
        return "ad_account"
    return "page" if sandbox.world.page(asset) else "instagram"
