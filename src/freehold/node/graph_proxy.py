"""`GET /graph/{path}`: a read of Meta with the token attached here, inside the governor's budget.

n8n and other workflow tools thus need no token. Only confirmed assets are read, and whatever carries a token is taken
out of the answer.
"""

import re
from typing import Any

from fastapi import APIRouter, Request

from freehold.kernel.logs import REDACTED
from freehold.kernel.problem_responses import problem_responses
from freehold.kernel.problems import Problem
from freehold.node.context import Node
from freehold.node.failures import asset_refused, problem_of
from freehold.node.governor import Priority
from freehold.node.governor.admission import SEGMENT
from freehold.node.guard import admit_caller
from freehold.providers.calls import ApiCall, ProviderError

OURS = frozenset({"access_token", "appsecret_proof", "method", "batch", "id", "ids", "client_secret"})
"""Parameters that only the node itself may send."""
_LEADS_AWAY = re.compile(
    r"\b(?:accounts|adaccounts|businesses|agencies|personal_ad_accounts|promote_pages|instagram_accounts"
    r"|(?:connected|page_backed)_instagram_accounts|(?:owned|client|assigned)_\w+)\b"
    r"|\b(?:business|owner|owner_business|from|instagram_business_account|connected_instagram_account)\s*[{.(]"
)
"""Fields and edges through which one asset leads to others, which may be another company's."""
_TOKEN_FIELDS = frozenset({"access_token", "paging"})
MAX_PARAMS = 40


def routes(node: Node) -> APIRouter:
    """The proxy's endpoint."""
    router = APIRouter()

    @router.get("/graph/{path:path}", responses=problem_responses(400, 401, 403, 409, 422, 429, 502, 503))
    async def read(request: Request, path: str) -> dict[str, Any]:
        """Meta's answer to a read of a confirmed asset, without tokens; cursors are in `cursors`."""
        caller = await admit_caller(node, request, "tools:read")
        call = _call(node, path, dict(request.query_params))
        if not caller.may_use(str(call.asset_id)):
            raise asset_refused()
        try:
            answer = await node.governor.send(call, Priority.INTERACTIVE)
        except ProviderError as error:
            raise problem_of(error) from error
        cleaned: dict[str, Any] = without_tokens(answer)
        return cleaned

    return router


def _call(node: Node, path: str, params: dict[str, str]) -> ApiCall:
    taken = sorted(name for name in params if name.lower() in OURS)
    asked = " ".join(params.values())
    if taken or len(params) > MAX_PARAMS or "access_token" in asked or _LEADS_AWAY.search(asked):
        raise Problem(
            422,
            "parameter_refused",
            f"These parameters cannot be sent through the node: {', '.join(taken) or 'too many, or fields of others'}.",
            "Leave them out: the node adds the token itself, and reads only what was confirmed for this client.",
        )
    segments = [segment for segment in path.split("/") if segment]
    if not all(SEGMENT.fullmatch(segment) for segment in segments) or _LEADS_AWAY.search(path):
        raise Problem(
            422,
            "path_refused",
            "The path holds something other than plain names and ids, or leads to what belongs to others.",
            "Name a confirmed asset and one of its own edges, as in /graph/act_123/campaigns.",
        )
    if not segments:
        raise Problem(422, "path_missing", "No object is named.", "Name one, as in /graph/act_123/campaigns.")
    return ApiCall("GET", f"/{node.settings.graph_version}/{'/'.join(segments)}", params, asset_id=segments[0])


def without_tokens(value: Any) -> Any:
    """The same JSON without tokens; of paging only the cursors stay, since its links carry the token."""
    if isinstance(value, list):
        return [without_tokens(item) for item in value]
    if isinstance(value, str) and "access_token=" in value:
        return REDACTED
    if not isinstance(value, dict):
        return value
    kept = {name: without_tokens(item) for name, item in value.items() if name not in _TOKEN_FIELDS}
    cursors = value.get("paging", {}).get("cursors") if isinstance(value.get("paging"), dict) else None
    return {**kept, "paging": {"cursors": without_tokens(cursors)}} if cursors else kept
