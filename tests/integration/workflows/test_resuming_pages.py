"""A run that failed half way through a page's posts, and goes on later."""

from datetime import timedelta

from tests import meta_sandbox
from tests.conftest import Serve
from tests.integration.collection.checks import AMPLE, connected, rows
from tests.integration.conftest import MakeNode
from tests.integration.workflows.conftest import POLL, ended, order
from tests.meta_sandbox import CERAMICS_PAGE

from freehold.node.runs import queries
from freehold.node.store import tables
from freehold.node.workflows.runtime import working


async def test_what_the_first_attempt_read_is_not_gone(make_node: MakeNode, serve: Serve) -> None:
    """The second attempt goes on behind it, and says nothing of what it did not look at."""
    meta = await meta_sandbox.start(serve, scale={1: {"posts": 5000}})
    opened = await connected(make_node, meta, worker_poll=POLL, **AMPLE)
    meta.fault("error", path=f"{CERAMICS_PAGE}/posts", code=1, skip=1, count=3)
    run_id = await order(opened.node, "facebook_page_daily", days=90)
    async with working(opened.node):
        run = await ended(opened.node, run_id)
        assert run.failures
        read = len(await rows(opened, tables.facebook_posts))
        meta.clock.advance(timedelta(minutes=10))
        async with opened.node.database.writing() as session:
            assert await queries.reopen(session, run_id)
        run = await ended(opened.node, run_id)
    assert run.outcome == "complete"
    found = await rows(opened, tables.facebook_posts)
    assert 0 < read < len(found)
    assert [row["post_id"] for row in found if row["gone_at"]] == []
