"""What came back over HTTP, as data: what those can read who may not speak HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class ApiReply:
    """What came back: status, headers with lower-case names, and the body as bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes
