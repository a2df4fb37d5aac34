"""Whether what the broker stands on answers."""

from redis.exceptions import RedisError
from sqlalchemy import text

from freehold.broker.context import Broker
from freehold.kernel.rate_limits import redis_unavailable


async def check_database(broker: Broker) -> None:
    """Ask the database for something small; raises `Problem` 503."""
    async with broker.database.reading() as session:
        await session.execute(text("SELECT 1"))


async def check_redis(broker: Broker) -> None:
    """Ask Redis, where there is one; raises `Problem` 503."""
    if broker.redis is None:
        return
    try:
        await broker.redis.ping()
    except (RedisError, OSError) as error:
        raise redis_unavailable(error) from error
