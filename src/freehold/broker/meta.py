"""The broker's calls to Meta: sends what `providers.meta` describes, with token and proof, and reads the answers."""

from collections.abc import AsyncIterator, Callable
from typing import Any

from freehold.broker.settings import BrokerSettings
from freehold.kernel.http import HttpClient, UnreachableError
from freehold.providers.calls import ApiCall, Unavailable
from freehold.providers.meta import oauth
from freehold.providers.meta.assets import next_cursor
from freehold.providers.meta.oauth import Inspection, MetaApp, TokenAnswer

MAX_LIST_PAGES = 20
"""Pages of a list that are read, of 100 entries each."""


class MetaClient:
    """Speaks to the Graph API as our app. Every failure is a `ProviderError`; nothing is written to a log."""

    def __init__(self, settings: BrokerSettings, http: HttpClient) -> None:
        self.app = MetaApp(settings.meta_app_id, settings.meta_graph_version)
        self._secret = settings.meta_app_secret.get_secret_value()
        self._url, self._timeout, self._http = settings.meta_graph_url, settings.provider_timeout, http

    async def exchange_code(self, code: str, redirect_uri: str, verifier: str | None) -> TokenAnswer:
        """A code for a token; never repeated, since a code works once."""
        call = oauth.exchange_code(self.app, self._secret, code=code, redirect_uri=redirect_uri, verifier=verifier)
        return oauth.parse_token(await self._send(call, None))

    async def extend(self, token: str) -> TokenAnswer:
        """A token for one that lives about 60 days."""
        call = oauth.extend_token(self.app, self._secret, token)
        return oauth.parse_token(await self._twice(call, None))

    async def app_token(self) -> str:
        """The app's own token; raises `Rejected` when the secret is wrong."""
        return oauth.parse_token(await self._send(oauth.app_token(self.app, self._secret), None)).access_token

    async def inspect(self, token: str) -> Inspection:
        """What Meta says about a token."""
        content = await self._twice(oauth.inspect_token(self.app, token), self._app_bearer())
        return oauth.read_shape(oauth.parse_inspection, content)

    async def permissions(self, token: str) -> frozenset[str]:
        """The permissions that the person granted."""
        return oauth.granted_scopes(await self._twice(oauth.permissions(self.app), token))

    async def read(self, call: ApiCall, token: str) -> dict[str, Any]:
        """One answer to a read; tried twice when Meta fails."""
        return await self._twice(call, token)

    async def read_as_app(self, call: ApiCall) -> dict[str, Any]:
        """One answer to a read with the app's own token."""
        return await self._twice(call, self._app_bearer())

    async def items(self, describe: Callable[[str | None], ApiCall], token: str) -> AsyncIterator[dict[str, Any]]:
        """The entries of a list, page by page; `describe` makes the call for a cursor."""
        after: str | None = None
        for _ in range(MAX_LIST_PAGES):
            content = await self._twice(describe(after), token)
            for item in oauth.entries(content):
                yield item
            after = oauth.read_shape(next_cursor, content)
            if after is None:
                return

    def items_as_app(self, describe: Callable[[str | None], ApiCall]) -> AsyncIterator[dict[str, Any]]:
        """The entries of a list that our app itself may read."""
        return self.items(describe, self._app_bearer())

    def proof(self, token: str) -> str:
        """The proof that goes with a token."""
        return oauth.appsecret_proof(self._secret, token)

    def _app_bearer(self) -> str:
        return f"{self.app.app_id}|{self._secret}"

    async def _twice(self, call: ApiCall, token: str | None) -> dict[str, Any]:
        try:
            return await self._send(call, token)
        except Unavailable:
            return await self._send(call, token)

    async def _send(self, call: ApiCall, token: str | None) -> dict[str, Any]:
        params, headers = dict(call.params), {}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
            if token != self._app_bearer():
                params["appsecret_proof"] = self.proof(token)
        posts = call.method == "POST"
        try:
            reply = await self._http.request(
                call.method,
                self._url + call.path,
                headers=headers,
                query=None if posts else params,
                form=params if posts else None,
                timeout=self._timeout,
            )
        except UnreachableError as error:
            raise Unavailable(f"Meta could not be reached ({error.reason})") from error
        return oauth.parse_reply(reply)
