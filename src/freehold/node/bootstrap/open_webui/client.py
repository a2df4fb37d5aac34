"""Speaks to Open WebUI as its administrator, whose account it begins with."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from freehold.kernel.http import HttpClient, UnreachableError
from freehold.kernel.problems import ExplainedError
from freehold.kernel.replies import ApiReply
from freehold.node.bootstrap.readiness import answers_within

PRODUCT = "open_webui"
"""Its name among the parts that were installed."""
_OK, _BAD, _NOT_FOUND = 200, 400, 404


class OpenWebUiError(ExplainedError):
    """Open WebUI cannot be set up; the message says why, and what to do."""


@dataclass(frozen=True, repr=False)
class OpenWebUiApi:
    """Open WebUI's API, signed in."""

    http: HttpClient
    url: str
    token: str

    async def get(self, path: str, **query: str) -> Any:
        """What is there as JSON; None where there is nothing. Raises `OpenWebUiError`."""
        reply = await _send(self.http, "GET", f"{self.url}/{path}", self._headers(), query=query)
        return None if reply.status == _NOT_FOUND else _body(reply, f"read {path}")

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Change something; gives what Open WebUI has then. Raises `OpenWebUiError`."""
        return _body(await _send(self.http, "POST", f"{self.url}/{path}", self._headers(), body), f"write {path}")

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


async def wait_for_open_webui(http: HttpClient, url: str, seconds: float) -> None:
    """Wait until Open WebUI has its database ready; raises `OpenWebUiError`."""
    if not await answers_within(http, seconds, f"{url}/ready"):
        raise OpenWebUiError(f"Open WebUI at {url} does not answer after {seconds:g} s; see its log, then try again")


async def signed_in(http: HttpClient, url: str, email: str, password: str) -> OpenWebUiApi:
    """Open WebUI's API for its administrator; raises `OpenWebUiError`."""
    body = {"email": email, "password": password}
    reply = await _send(http, "POST", f"{url}/api/v1/auths/signin", {}, body)
    if reply.status == _BAD:
        raise OpenWebUiError(
            f"Open WebUI at {url} has another administrator than {email}, or another password than the file with it "
            "holds; put the password that this account signs in with into that file"
        )
    found = _body(reply, "let its administrator in")
    if found["role"] != "admin":
        raise OpenWebUiError(f"{email} is no administrator of Open WebUI at {url}; have one give the account that role")
    return OpenWebUiApi(http, url, found["token"])


async def _send(
    http: HttpClient,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: Mapping[str, Any] | None = None,
    query: Mapping[str, str] | None = None,
) -> ApiReply:
    try:
        return await http.request(method, url, headers=headers, query=query, json=body)
    except UnreachableError as error:
        raise OpenWebUiError(
            f"Open WebUI does not answer at {url.partition('/api')[0]}: {error}; see whether it runs, and its log"
        ) from error


def _body(reply: ApiReply, doing: str) -> Any:
    """The answer's JSON; an error with its status otherwise, and with nothing that was sent."""
    try:
        found = json.loads(reply.body)
    except ValueError:
        found = None
    if reply.status != _OK or found is None:
        raise OpenWebUiError(f"Open WebUI could not {doing}: it answered {reply.status}; see its log")
    return found
