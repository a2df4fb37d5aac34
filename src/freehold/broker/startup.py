"""What a broker looks at before it serves, so that whatever stops it is told in one line."""

import contextlib
from collections.abc import AsyncIterator

from freehold.broker.context import Broker, open_broker
from freehold.broker.health.checks import check_redis
from freehold.broker.keys import KEY_FILES, load_keys
from freehold.broker.registry.keyring import check_keyring
from freehold.broker.settings import SETTINGS_FILE, BrokerSettings
from freehold.kernel import files, logs, migrations

log = logs.get(__name__)


@contextlib.asynccontextmanager
async def started_broker(settings: BrokerSettings) -> AsyncIterator[Broker]:
    """Open a broker that is to serve: its keys are read, its database is brought up to date, Redis is asked.

    Raises `KeysMissingError` before the database is touched, `SchemaError`, `KeyringMismatchError`, or `Problem` 503.
    """
    load_keys(settings.data_dir)
    for path in files.open_to_others([settings.data_dir / name for name in (*KEY_FILES, SETTINGS_FILE)]):
        log.warning("start.readable_by_others", file=str(path), do=f"chmod 600 {path}")
    await migrations.bring_up_to_date(settings.database(), "freehold.broker")
    async with open_broker(settings) as broker:
        await check_redis(broker)
        async with broker.database.reading() as session:
            await check_keyring(broker, session)
        yield broker
