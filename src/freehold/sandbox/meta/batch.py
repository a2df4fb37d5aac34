"""Batches: up to 50 calls in one, each counted for itself, each with its own status."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from freehold.sandbox.meta.calls import Answered, Asked, answer
from freehold.sandbox.meta.errors import GraphError
from freehold.sandbox.meta.state import Sandbox

MAX_PARTS = 50
_REFERENCE = re.compile(r"\{result=([\w-]+):\$\.([\w.*\[\]]+)\}")


@dataclass(frozen=True)
class Outer:
    """What every part takes from the batch around it."""

    version: str
    token: str
    params: Mapping[str, str]
    base_url: str


def answer_batch(sandbox: Sandbox, outer: Outer) -> list[dict[str, Any] | None]:
    """The answers in the order of the parts; None for one that timed out, or succeeded and was not to be shown."""
    if not outer.token:
        raise GraphError("An access token is required to request this resource.", code=104)
    parts = _parts(outer.params)
    with_headers = outer.params.get("include_headers", "true").lower() not in {"false", "0"}
    done: dict[str, Any] = {}
    answers: list[dict[str, Any] | None] = []
    for part in parts:
        if not _needs(part) <= done.keys():
            answers.append(None)
            continue
        got = _one(sandbox, outer, part, done)
        answers.append(_shown(part, got, with_headers=with_headers))
        if part.get("name") and got.status == 200:  # noqa: PLR2004 - HTTP's own number
            done[part["name"]] = got.body
    return answers


def _parts(params: Mapping[str, str]) -> list[dict[str, Any]]:
    try:
        parts = json.loads(params["batch"])
    except ValueError:
        parts = None
    if not isinstance(parts, list) or not all(isinstance(part, dict) and "relative_url" in part for part in parts):
        raise GraphError("(#100) Param batch must be an array of requests", code=100)
    if len(parts) > MAX_PARTS:
        raise GraphError(
            f"Too many requests in batch message. Maximum batch size is {MAX_PARTS}",
            code=100,
            kind="GraphBatchException",
        )
    return parts


def _needs(part: Mapping[str, Any]) -> set[str]:
    """The names of the parts that have to succeed before this one is sent."""
    texts = (str(part["relative_url"]), str(part.get("body", "")))
    named = {match[1] for text in texts for match in _REFERENCE.finditer(text)}
    return named | ({str(part["depends_on"])} if part.get("depends_on") else set())


def _one(sandbox: Sandbox, outer: Outer, part: Mapping[str, Any], done: Mapping[str, Any]) -> Answered:
    url = urlsplit(_filled(str(part["relative_url"]), done))
    body = dict(parse_qsl(_filled(str(part.get("body", "")), done), keep_blank_values=True))
    params = {**dict(parse_qsl(url.query, keep_blank_values=True)), **body}
    token = params.pop("access_token", "") or outer.token
    if "appsecret_proof" in outer.params and token == outer.token:
        params.setdefault("appsecret_proof", outer.params["appsecret_proof"])
    path = "/" + url.path.lstrip("/")
    if not re.match(r"^/v\d+\.\d+(/|$)", path):
        path = f"/{outer.version}{path}"
    return answer(sandbox, Asked(str(part.get("method", "GET")).upper(), path, params, token, outer.base_url))


def _shown(part: Mapping[str, Any], got: Answered, *, with_headers: bool) -> dict[str, Any] | None:
    if got.fault is not None and got.fault.kind == "null_batch_item":
        return None
    hidden = part.get("name") and part.get("omit_response_on_success", True) not in {False, "false"}
    if hidden and got.status == 200:  # noqa: PLR2004 - HTTP's own number
        return None
    shown: dict[str, Any] = {"code": got.status}
    if with_headers:
        named = {"Content-Type": "text/javascript; charset=UTF-8", "Facebook-API-Version": got.version, **got.headers}
        shown["headers"] = [{"name": name, "value": value} for name, value in named.items()]
    return {**shown, "body": json.dumps(got.body)}


def _filled(text: str, done: Mapping[str, Any]) -> str:
    """`text` with references to earlier answers (`{result=name:$.data.*.id}`) replaced by their values."""
    return _REFERENCE.sub(lambda match: _looked_up(done[match[1]], match[2]), text)


def _looked_up(value: Any, path: str) -> str:
    values = [value]
    for step in re.sub(r"\[(\*|\d+)\]", r".\1", path).split("."):
        lists = [value for value in values if isinstance(value, list)]
        if step == "*":
            values = [item for value in lists for item in value]
        elif step.isdigit():
            values = [value[int(step)] for value in lists if int(step) < len(value)]
        else:
            values = [value[step] for value in values if isinstance(value, dict) and step in value]
    return ",".join(str(found) for found in values)
