"""What a process that serves or works looks at before it begins, so that whatever stops it is told in one line."""

import contextlib
from collections.abc import AsyncIterator

from freehold.kernel import files, logs, migrations
from freehold.node.context import Node, open_node
from freehold.node.keys import KEY_FILES, load_keys
from freehold.node.settings import SETTINGS_FILE, NodeSettings
from freehold.node.vault.loss import check_readable

log = logs.get(__name__)


@contextlib.asynccontextmanager
async def started_node(settings: NodeSettings) -> AsyncIterator[Node]:
    """Open a node that goes to work: its keys are read, its database is brought up to date, its tokens are tried.

    Raises `KeysMissingError` before the database is touched, `SchemaError`, `TokensUnreadableError`, or `Problem` 503.
    """
    load_keys(settings.data_dir)
    for path in files.open_to_others([settings.data_dir / name for name in (*KEY_FILES, SETTINGS_FILE)]):
        log.warning("start.readable_by_others", file=str(path), do=f"chmod 600 {path}")
    await migrations.bring_up_to_date(settings.database(), "freehold.node")
    async with open_node(settings) as node:
        async with node.database.reading() as session:
            await check_readable(node.vault, session)
        yield node
