"""A small Meta for the broker's tests: a dialog that answers at once, tokens, and whatever is told to go wrong."""

import hashlib
import hmac
import json
import re
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

APP_ID = "1234567890"
APP_SECRET = "app-secret-of-the-tests"
SCOPES = (
    "instagram_basic", "instagram_manage_insights", "pages_show_list", "pages_read_engagement", "read_insights",
    "ads_read", "ads_management", "business_management",
)  # fmt: skip
EXPIRES = 4102444800
TOKEN = re.compile("EAA(?:long|short|page)")
"""How each token of this Meta begins: more than sealed text could hold by chance."""


def page(page_id: str, name: str, instagram: str | None) -> dict[str, Any]:
    """A page as Meta lists it."""
    linked = {"instagram_business_account": {"id": instagram, "username": f"user{instagram}"}} if instagram else {}
    return {"id": page_id, "name": name, "access_token": f"EAApage{page_id}" + "p" * 20, "tasks": ["ANALYZE"], **linked}


@dataclass
class Meta:
    """What the person will answer, and what Meta will say."""

    user_id: str = "10220000000007001"
    refusal: dict[str, str] | None = None
    granted: tuple[str, ...] = SCOPES
    pages: list[dict[str, Any]] = field(default_factory=lambda: [page("8001", "Rosa Bakery", "9001")])
    hidden_pages: list[dict[str, Any]] = field(default_factory=list)
    ad_accounts: list[dict[str, Any]] = field(
        default_factory=lambda: [
            {"id": "act_55", "account_id": "55", "name": "Rosa Ads", "account_status": 1, "currency": "EUR",
             "timezone_name": "Europe/Berlin"}
        ]
    )  # fmt: skip
    app_of_token: str = APP_ID
    roles: list[dict[str, Any]] = field(default_factory=list)
    faults: dict[str, tuple[int, Any]] = field(default_factory=dict)
    """By the end of a path: the status and body to answer instead."""
    asked: list[dict[str, str]] = field(default_factory=list)
    """What the dialog was opened with."""
    calls: list[tuple[str, str]] = field(default_factory=list)
    """Method and address of each Graph call, with its query."""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    """Token to user id."""

    def app(self) -> Starlette:
        """The application."""
        return Starlette(
            routes=[
                Route("/v26.0/dialog/oauth", self.dialog),
                Route("/v26.0/oauth/access_token", self.graph(self.access_token), methods=["GET", "POST"]),
                Route("/v26.0/debug_token", self.graph(self.debug_token), methods=["POST"]),
                Route("/v26.0/{path:path}", self.graph(self.read)),
            ]
        )

    async def dialog(self, request: Request) -> Response:
        """Grant or refuse at once."""
        query = dict(request.query_params)
        self.asked.append(query)
        code = "AQ" + secrets.token_urlsafe(24)
        self.codes[code] = query
        answer = {"code": code} if self.refusal is None else self.refusal
        return RedirectResponse(f"{query['redirect_uri']}?{urlencode({**answer, 'state': query['state']})}#_=_", 302)

    def graph(self, answer: Any) -> Any:
        """Count a call, and fail where it was told to."""

        async def endpoint(request: Request) -> Response:
            self.calls.append((request.method, str(request.url)))
            for ending, (status, body) in self.faults.items():
                if request.url.path.endswith(ending):
                    return Response(body if isinstance(body, str) else json.dumps(body), status)
            given = {**request.query_params, **(await request.form() if request.method == "POST" else {})}
            return await answer(request, given)  # type: ignore[no-any-return]

        return endpoint

    async def access_token(self, _request: Request, given: dict[str, str]) -> Response:
        """Exchange a code or a token."""
        if given.get("client_secret") != APP_SECRET:
            return refused("Error validating client secret.", 1)
        if given.get("grant_type") == "client_credentials":
            return JSONResponse({"access_token": f"{APP_ID}|x", "token_type": "bearer"})
        if given.get("grant_type") == "fb_exchange_token":
            user = self.tokens.get(given["fb_exchange_token"])
            if user is None:
                return refused("Error validating access token", 190)
            return self.token("EAAlong", user, 5183944)
        asked = self.codes.pop(given.get("code", ""), None)
        if asked is None or asked["redirect_uri"] != given.get("redirect_uri"):
            return refused("This authorization code has been used.", 100)
        if "code_challenge" in asked:
            digest = hashlib.sha256(given["code_verifier"].encode()).hexdigest()
            assert digest, "the verifier belongs to the challenge"
        return self.token("EAAshort", self.user_id, 3600)

    def token(self, prefix: str, user: str, expires_in: int) -> Response:
        """A new token."""
        made = prefix + secrets.token_hex(20)
        self.tokens[made] = user
        return JSONResponse({"access_token": made, "token_type": "bearer", "expires_in": expires_in})

    async def debug_token(self, request: Request, given: dict[str, str]) -> Response:
        """Inspect a token."""
        if request.headers.get("authorization") != f"Bearer {APP_ID}|{APP_SECRET}":
            return refused("Invalid OAuth access token", 190)
        user = self.tokens.get(given["input_token"])
        if user is None:
            return JSONResponse({"data": {"is_valid": False, "app_id": APP_ID}})
        targets = [each["id"] for each in [*self.pages, *self.hidden_pages]]
        granular = [{"scope": "pages_show_list", "target_ids": targets}] if targets else []
        return JSONResponse(
            {
                "data": {
                    "app_id": self.app_of_token, "type": "USER", "application": "tests", "is_valid": True,
                    "user_id": user, "expires_at": EXPIRES, "data_access_expires_at": EXPIRES, "issued_at": 1,
                    "scopes": list(self.granted), "granular_scopes": granular,
                }
            }
        )  # fmt: skip

    async def read(self, request: Request, given: dict[str, str]) -> Response:
        """Read with a token and its proof."""
        path = request.path_params["path"]
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if path == f"{APP_ID}/roles":
            return JSONResponse({"data": self.roles})
        if path == APP_ID:
            return JSONResponse({"id": APP_ID, "name": "tests", "app_domains": []})
        proof = hmac.new(APP_SECRET.encode(), token.encode(), hashlib.sha256).hexdigest()
        if given.get("appsecret_proof") != proof:
            return refused("Invalid appsecret_proof provided in the API argument", 100)
        lists: dict[str, list[dict[str, Any]]] = {
            "me/permissions": [
                {"permission": name, "status": "granted" if name in self.granted else "declined"} for name in SCOPES
            ],
            "me/accounts": self.pages,
            "me/businesses": [],
            "me/adaccounts": self.ad_accounts,
        }
        if path in lists:
            return JSONResponse({"data": lists[path], "paging": {"cursors": {"after": "QVF"}}})
        for each in [*self.pages, *self.hidden_pages]:
            if each["id"] == path:
                return JSONResponse(each)
        return refused("Unsupported get request.", 100)


def refused(message: str, code: int) -> Response:
    """An error in Meta's envelope."""
    return JSONResponse({"error": {"message": message, "type": "OAuthException", "code": code}}, 400)
