"""NocoDB's API as bootstrap uses it: signed in, one JSON value for each call, refusals as one clear error."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from freehold.kernel.http import HttpClient, UnreachableError
from freehold.kernel.problems import ExplainedError
from freehold.node.bootstrap.readiness import answers_within

POLL_SECONDS = 0.25
JOB_SECONDS = 120.0
_OK = 300


class NocoDbError(ExplainedError):
    """NocoDB is away, or refused something; the message says what."""


@dataclass(frozen=True)
class Api:
    """A session of one person: where NocoDB is, and the header that says who asks."""

    http: HttpClient
    url: str
    header: dict[str, str]
    job_seconds: float = JOB_SECONDS
    """How long one job may take."""

    async def call(self, method: str, path: str, body: object = None, query: dict[str, str] | None = None) -> Any:
        """The answer to a call below `/api`; raises `NocoDbError` for any but a success."""
        status, answer = await self.ask(method, path, body, query)
        if status >= _OK:
            raise NocoDbError(f"NocoDB answered {status} to {method} {path}: {_message(answer)}")
        return answer

    async def ask(
        self, method: str, path: str, body: object = None, query: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """Status and JSON of the answer to a call below `/api`; raises `NocoDbError` where none comes."""
        try:
            reply = await self.http.request(
                method, f"{self.url}/api{path}", headers=self.header, json=body, query=query, timeout=60
            )
        except UnreachableError as error:
            raise NocoDbError(f"NocoDB at {self.url} cannot be reached: {error}; start it, then try again") from error
        try:
            return reply.status, json.loads(reply.body) if reply.body else None
        except ValueError as error:
            raise NocoDbError(f"NocoDB at {self.url} does not answer in JSON to {path}; is it NocoDB?") from error

    async def items(self, path: str) -> list[dict[str, Any]]:
        """The entries of a list, which NocoDB gives at once."""
        answer = await self.call("GET", path)
        found: list[dict[str, Any]] = answer["list"]
        return found

    async def job(self, base_id: str, method: str, path: str, body: object = None) -> Any:
        """Order a job and wait for it; gives its result. Raises `NocoDbError` where it fails or takes too long."""
        job_id = (await self.call(method, path, body))["id"]
        try:
            async with asyncio.timeout(self.job_seconds):
                return await self._result(base_id, job_id)
        except TimeoutError:
            raise NocoDbError(
                f"NocoDB at {self.url} has not done {method} {path} after {self.job_seconds:g} s; see its log, then "
                "try again"
            ) from None

    async def _result(self, base_id: str, job_id: str) -> Any:
        """The result of a job, as soon as it has one."""
        while True:
            jobs = {job["id"]: job for job in await self.call("POST", f"/v2/jobs/{base_id}", {})}
            job = jobs.get(job_id, {"status": "waiting"})
            if job["status"] == "completed":
                return job["result"]
            if job["status"] == "failed":
                raise NocoDbError(f"NocoDB could not do {job['job']}: {_message(job['result'])}")
            await asyncio.sleep(POLL_SECONDS)


async def wait_for_nocodb(http: HttpClient, url: str, seconds: float) -> None:
    """Wait until NocoDB answers; raises `NocoDbError`."""
    if not await answers_within(http, seconds, f"{url}/api/v1/health"):
        raise NocoDbError(f"NocoDB at {url} does not answer after {seconds:g} s; see its log, then try again")


async def sign_in(http: HttpClient, url: str, email: str, password: str) -> Api:
    """A session of the account; raises `NocoDbError` where NocoDB does not know it."""
    nobody = Api(http, url, {})
    status, answer = await nobody.ask("POST", "/v1/auth/user/signin", {"email": email, "password": password})
    if status >= _OK:
        raise NocoDbError(f"NocoDB refuses to sign in {email}: its password is not the one in our files")
    return Api(http, url, {"xc-auth": answer["token"]})


def _message(answer: object) -> str:
    """What NocoDB says of a failure, as far as it says anything."""
    if isinstance(answer, dict):
        return str(answer.get("message") or answer.get("msg") or answer.get("error") or "no reason given")[:300]
    return str(answer)[:300]
