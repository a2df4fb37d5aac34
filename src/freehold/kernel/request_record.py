"""What is written down of a request: apart from `listener`, so that what keeps records does not load a server."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RequestRecord:
    """One request as it is written down.

    `caller` is the name of the key that was presented, if one was accepted; `tool` that of the tool that was called;
    `person` for whom, where the caller asks for others and has proved for whom.
    """

    request_id: str
    listener: str
    method: str
    path: str
    status: int
    duration_ms: float
    address: str
    caller: str | None
    tool: str | None = None
    person: str | None = None
