"""A product beside the node, asked over its HTTP API: where it fails, it is told in the product's name."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from freehold.kernel.http import HttpClient, UnreachableError
from freehold.kernel.problems import ExplainedError
from freehold.kernel.replies import ApiReply

_SUCCESS = range(200, 300)


@dataclass(frozen=True)
class Product:
    """A product as people call it, where it answers, and the error in which its failures are told."""

    name: str
    http: HttpClient
    url: str
    error: type[ExplainedError]

    async def send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> ApiReply:
        """What it answers, whatever that is; raises `error` where it does not."""
        try:
            return await self.http.request(method, f"{self.url}/{path}", headers=headers, query=query, json=body)
        except UnreachableError as error:
            told = f"{self.name} does not answer at {self.url}: {error}; see whether it runs, and what its log says"
            raise self.error(told) from error

    def json_of(self, reply: ApiReply, doing: str) -> Any:
        """The JSON of a success; raises `error` otherwise, with its reason, if it is in a member `message`.

        n8n gives one, which quotes nothing that was sent.
        """
        try:
            found = json.loads(reply.body)
        except ValueError:
            found = None
        if reply.status not in _SUCCESS or found is None:
            reason = f" {found['message']}" if isinstance(found, dict) and "message" in found else ""
            raise self.error(f"{self.name} could not {doing}: it answered {reply.status}{reason}; see its log")
        return found
