"""Tells whoever ordered a run that it has ended: n8n's Wait node, for one, which needs no polling then.

The address is a secret of whoever gave it: it passes the address guard of the node's HTTP client, and is neither logged
nor remembered outside the run's record.
"""

from urllib.parse import parse_qsl

from freehold.kernel import logs
from freehold.kernel.http import UnreachableError
from freehold.node.context import Node
from freehold.node.runs.queries import RunRecord
from freehold.node.workflows.conduct import told

log = logs.get(__name__)

RETRY_AFTER = (2.0, 10.0, 60.0)
"""Seconds before each further try."""
TIMEOUT = 15.0
MAX_ANSWER = 64 * 1024


async def tell(node: Node, run: RunRecord) -> bool:
    """Post how a run ended to its callback address; whether that is done with, or worth another try."""
    body = {**told(run), "workflow": run.order.workflow}
    address, query = without_query(run.order.callback_url)
    try:
        reply = await node.http.request("POST", address, query=query, json=body, timeout=TIMEOUT, max_body=MAX_ANSWER)
    except UnreachableError as error:
        log.warning("run.callback_failed", run_id=run.run_id, reason=error.reason)
        return error.reason == "refused"
    taken = reply.status < 400  # noqa: PLR2004 - HTTP's border between success and failure
    log.info("run.callback_answered", run_id=run.run_id, status=reply.status)
    return taken or (reply.status < 500 and reply.status not in {408, 429})  # noqa: PLR2004 - the server's own failures


def without_query(url: str) -> tuple[str, dict[str, str]]:
    """An address and its parameters, in which n8n puts its signature; the address guard takes addresses alone."""
    address, _, query = url.partition("?")
    return address, dict(parse_qsl(query, keep_blank_values=True))
