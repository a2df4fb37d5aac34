"""A fast authorization server for the benchmarks: the same for every system under test, and never their bottleneck.

Checks the client's secret, the redirect URI, the one-time code and PKCE, as a provider would. Answers what Meta answers
to a broker: tokens, the inspection of a token, permissions and one page with its Instagram account.
"""

import asyncio
import base64
import hashlib
import json
import secrets
import sys
from typing import cast
from urllib.parse import parse_qs, urlencode, urlsplit

import uvloop

PERMISSIONS = (
    "instagram_basic", "instagram_manage_insights", "pages_show_list", "pages_read_engagement", "read_insights",
    "ads_read", "ads_management", "business_management",
)  # fmt: skip
NEVER = 4102444800
TOKEN = "EAA" + "b" * 60

codes: dict[str, dict[str, str]] = {}


class Provider(asyncio.Protocol):
    """One keep-alive connection."""

    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start reading."""
        # uvloop's transports do not derive from asyncio's class, though they have its methods.
        self.transport, self.buffer = cast("asyncio.Transport", transport), b""

    def data_received(self, data: bytes) -> None:
        """Answer every whole request in the buffer."""
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end].decode("latin-1")
            length = next(
                (int(line[15:]) for line in head.split("\r\n") if line.lower().startswith("content-length:")), 0
            )
            if len(self.buffer) < end + 4 + length:
                return
            body = self.buffer[end + 4 : end + 4 + length].decode()
            self.buffer = self.buffer[end + 4 + length :]
            method, target, _ = head.split(" ", 2)
            url = urlsplit(target)
            given = {name: values[0] for name, values in parse_qs(url.query + "&" + body).items()}
            self.transport.write(answer(method, url.path, given))


def answer(_method: str, path: str, given: dict[str, str]) -> bytes:
    """The HTTP answer to one request."""
    if path.endswith("/dialog/oauth"):
        code = secrets.token_urlsafe(12)
        codes[code] = given
        query = urlencode({"code": code, "state": given["state"]})
        return b"HTTP/1.1 302 Found\r\nLocation: %s?%s\r\nContent-Length: 0\r\n\r\n" % (
            given["redirect_uri"].encode(), query.encode()
        )  # fmt: skip
    if path.endswith("/oauth/access_token"):
        return as_json(*token(given))
    for ending, content in GRAPH.items():
        if path.endswith(ending):
            return as_json(200, content)
    return as_json(400, {"error": {"message": f"unknown path {path}", "code": 2500, "type": "OAuthException"}})


def token(given: dict[str, str]) -> tuple[int, dict[str, object]]:
    """Exchange a code, or a short-lived token for a long-lived one."""
    if given.get("client_secret") != "app-secret":
        return 400, {"error": {"message": "wrong secret", "code": 1, "type": "OAuthException"}}
    if given.get("grant_type") == "fb_exchange_token":
        return 200, {"access_token": TOKEN, "token_type": "bearer", "expires_in": 5183944}
    asked = codes.pop(given.get("code", ""), None)
    if asked is None or asked["redirect_uri"] != given.get("redirect_uri"):
        return 400, {"error": {"message": "wrong code", "code": 100, "type": "OAuthException"}}
    proof = base64.urlsafe_b64encode(hashlib.sha256(given.get("code_verifier", "").encode()).digest()).rstrip(b"=")
    if asked.get("code_challenge") and asked["code_challenge"] != proof.decode():
        return 400, {"error": {"message": "wrong verifier", "code": 100, "type": "OAuthException"}}
    return 200, {"access_token": TOKEN, "token_type": "bearer", "expires_in": 5183944}


GRAPH = {
    "/debug_token": {"data": {
        "app_id": "app", "type": "USER", "application": "bench", "is_valid": True, "user_id": "7001", "issued_at": 1,
        "expires_at": NEVER, "data_access_expires_at": NEVER, "scopes": list(PERMISSIONS), "granular_scopes": [],
    }},
    "/me/permissions": {"data": [{"permission": name, "status": "granted"} for name in PERMISSIONS]},
    "/me/accounts": {"data": [{
        "id": "8001", "name": "Bench", "access_token": TOKEN, "tasks": ["ANALYZE"],
        "instagram_business_account": {"id": "9001", "username": "bench"},
    }]},
    "/me/businesses": {"data": []},
    "/me/adaccounts": {"data": [
        {"id": "act_1", "account_id": "1", "name": "Bench", "account_status": 1, "currency": "USD"}
    ]},
    "/api/credentials": {"delivery_id": "bench", "outcome": "stored"},
}  # fmt: skip


def as_json(status: int, content: object) -> bytes:
    """A JSON answer."""
    body = json.dumps(content).encode()
    return b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
        status,
        len(body),
        body,
    )


async def main() -> None:
    """Serve on the port that the command line names."""
    server = await asyncio.get_running_loop().create_server(Provider, "127.0.0.1", int(sys.argv[1]))
    print("listening", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
