"""Speaks to Open WebUI as its administrator, whose account it begins with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from freehold.kernel.http import HttpClient
from freehold.kernel.problems import ExplainedError
from freehold.node.bootstrap.product import Product
from freehold.node.bootstrap.readiness import answers_within

PRODUCT = "open_webui"
"""Its name among the parts that were installed."""
_BAD, _NOT_FOUND = 400, 404


class OpenWebUiError(ExplainedError):
    """Open WebUI cannot be set up; the message says why, and what to do."""


@dataclass(frozen=True, repr=False)
class OpenWebUiApi:
    """Open WebUI's API, signed in."""

    chat: Product
    token: str

    async def get(self, path: str, **query: str) -> Any:
        """What is there as JSON; None where there is nothing. Raises `OpenWebUiError`."""
        reply = await self.chat.send("GET", path, self._headers(), query=query)
        return None if reply.status == _NOT_FOUND else self.chat.json_of(reply, f"read {path}")

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Change something; gives what Open WebUI has then. Raises `OpenWebUiError`."""
        return self.chat.json_of(await self.chat.send("POST", path, self._headers(), body), f"write {path}")

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def open_webui_at(http: HttpClient, url: str) -> Product:
    """Open WebUI, signed in as nobody."""
    return Product("Open WebUI", http, url, OpenWebUiError)


async def wait_for_open_webui(http: HttpClient, url: str, seconds: float) -> None:
    """Wait until Open WebUI has its database ready; raises `OpenWebUiError`."""
    if not await answers_within(http, seconds, f"{url}/ready"):
        raise OpenWebUiError(f"Open WebUI at {url} does not answer after {seconds:g} s; see its log, then try again")


async def signed_in(http: HttpClient, url: str, email: str, password: str) -> OpenWebUiApi:
    """Open WebUI's API for its administrator; raises `OpenWebUiError`."""
    chat, body = open_webui_at(http, url), {"email": email, "password": password}
    reply = await chat.send("POST", "api/v1/auths/signin", {}, body)
    if reply.status == _BAD:
        raise OpenWebUiError(
            f"Open WebUI at {url} has another administrator than {email}, or another password than the file with it "
            "holds; put the password that this account signs in with into that file"
        )
    found = chat.json_of(reply, "let its administrator in")
    if found["role"] != "admin":
        raise OpenWebUiError(f"{email} is no administrator of Open WebUI at {url}; have one give the account that role")
    return OpenWebUiApi(chat, found["token"])
