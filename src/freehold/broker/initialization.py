"""Makes a broker: its database, its keys, and the first administrator's key."""

from freehold.broker.access import queries
from freehold.broker.access.keys import create_admin_key
from freehold.broker.context import open_broker
from freehold.broker.keys import KeysExistError, has_keys, make_keys
from freehold.broker.settings import BrokerSettings
from freehold.kernel import migrations
from freehold.kernel.database import SCHEMA_TIMEOUT, open_database

FIRST_ADMIN = "first"


async def initialize(settings: BrokerSettings) -> str:
    """Write tables and new keys; gives the first administrator's key, shown this once. Raises `KeysExistError`.

    Whatever failed half way, it can be run again: it is done only when there is an administrator's key.
    """
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    await _prepare_database(settings)
    if not has_keys(settings.data_dir):
        make_keys(settings.data_dir)
    async with open_broker(settings) as broker, broker.database.writing() as session:
        return await create_admin_key(session, broker, FIRST_ADMIN)


async def _prepare_database(settings: BrokerSettings) -> None:
    """Bring the tables to the newest schema; raises `KeysExistError` when an administrator has a key for them."""
    database = open_database(settings.database(), statement_timeout=SCHEMA_TIMEOUT)
    try:
        await migrations.upgrade(database, "freehold.broker")
        async with database.reading() as session:
            if await queries.list_admin_keys(session):
                raise KeysExistError(
                    "this broker was made before: its database holds an administrator's key, and its keys are not "
                    "replaced; a lost admin key is replaced with `freehold broker admin-key add`"
                )
    finally:
        await database.close()
