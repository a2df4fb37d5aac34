"""The schema that the revisions make is the one that the code reads and writes."""

import importlib
import pkgutil
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, inspect
from sqlalchemy.engine import Connection

from freehold.kernel import migrations
from freehold.kernel.database import open_database
from freehold.node.store.views import WIDE

SERVICES = ("freehold.node", "freehold.broker")
VIEWS = {
    "freehold.node": {
        "instagram_account_days",
        "instagram_post_results",
        "ad_campaign_days",
        "Instagram results",
        "Instagram days",
        "Facebook results",
        "Campaigns of 30 days",
        "Ads of 30 days",
        "Campaign days",
        *WIDE,
    },
    "freehold.broker": set[str](),
}


def tables_of(service: str) -> MetaData:
    """Every table that a service's code names."""
    package = importlib.import_module(service)
    for module in pkgutil.walk_packages(package.__path__, f"{service}."):
        if module.name.endswith(".tables"):
            importlib.import_module(module.name)
    found: MetaData = importlib.import_module(f"{service}.db").metadata
    return found


@pytest.mark.parametrize("service", SERVICES)
async def test_the_revisions_make_what_the_code_uses(service: str, database_url: str) -> None:
    """On SQLite and PostgreSQL: no table, column or index is missing or left over, and a second run changes nothing."""
    database = open_database(database_url)
    try:
        await migrations.upgrade(database, service)
        await migrations.upgrade(database, service)
        async with database.reading() as session:
            differences = await session.run_sync(_differences, tables_of(service))
            views = await session.run_sync(lambda connection: set(inspect(connection).get_view_names()))
    finally:
        await database.close()
    assert differences == []
    assert views == VIEWS[service]


def _differences(connection: Connection, metadata: MetaData) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


def test_no_revision_is_left_without_its_service() -> None:
    """Each service's revisions stand in its own package."""
    for service in SERVICES:
        package = importlib.import_module(f"{service}.migrations")
        assert list(Path(str(package.__file__)).parent.joinpath("versions").glob("r*.py"))
