"""Tells whoever ordered a run that it has ended: n8n's Wait node, for one, which needs no polling then.

The address is a secret of whoever gave it: it passes the address guard of the node's HTTP client, and is neither logged
nor remembered outside the run's record.
"""

from urllib.parse import parse_qsl

from freehold.kernel import logs
from freehold.kernel.http import UnreachableError
from freehold.node.context import Node
from freehold.node.runs.queries import RunRecord

log = logs.get(__name__)

RETRY_AFTER = (2.0, 10.0, 60.0)
"""Seconds before each further try."""
TIMEOUT = 15.0
MAX_ANSWER = 64 * 1024
SETTLED = frozenset({"refused", "too_large"})
"""Why there is no answer that another try would bring: we may not ask, or it came and is of no use."""


async def tell(node: Node, run: RunRecord) -> bool:
    """Post how a run ended to its callback address; whether that is done with, or worth another try.

    It is taken by any answer that says so, however long; a redirect, which is not followed, says no such thing, nor
    does an n8n that is not waiting yet.
    """
    body = {**run.told(), "workflow": run.order.workflow}
    address, query = without_query(run.order.callback_url)
    try:
        reply = await node.http.request("POST", address, query=query, json=body, timeout=TIMEOUT, max_body=MAX_ANSWER)
    except UnreachableError as error:
        log.warning("run.callback_failed", run_id=run.run_id, reason=error.reason)
        return error.reason in SETTLED
    log.info("run.callback_answered", run_id=run.run_id, status=reply.status)
    return reply.status // 100 == 2  # noqa: PLR2004 - HTTP's successes


def without_query(url: str) -> tuple[str, dict[str, str]]:
    """An address and its parameters, in which n8n puts its signature; the address guard takes addresses alone."""
    address, _, query = url.partition("?")
    return address, dict(parse_qsl(query, keep_blank_values=True))
