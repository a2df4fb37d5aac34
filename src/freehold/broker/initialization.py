"""Makes a broker: its keys, its database, and the first administrator's key."""

from freehold.broker.access.keys import create_admin_key
from freehold.broker.context import open_broker
from freehold.broker.keys import make_keys
from freehold.broker.settings import BrokerSettings
from freehold.kernel import migrations

FIRST_ADMIN = "first"


async def initialize(settings: BrokerSettings) -> str:
    """Write new keys and tables; gives the first administrator's key, shown this once. Raises `KeysExistError`."""
    make_keys(settings.data_dir)
    async with open_broker(settings) as broker:
        await migrations.upgrade(broker.database, "freehold.broker")
        async with broker.database.writing() as session:
            return await create_admin_key(session, broker, FIRST_ADMIN)
