"""A node whose store holds planted truths."""

import pytest
from tests.integration.advice.planted import plant
from tests.integration.node.conftest import Stage, make_stage, make_stored, stage, stored

__all__ = ["make_stage", "make_stored", "stage", "stored"]


@pytest.fixture
async def world(stage: Stage) -> Stage:
    """With every asset of the ceramics company ticked, over SQLite."""
    return await planted(stage)


@pytest.fixture
async def stored_world(stored: Stage) -> Stage:
    """The same, and again over PostgreSQL."""
    return await planted(stored)


async def planted(stage: Stage) -> Stage:
    """A stage with the world in its store."""
    await stage.connect()
    await plant(stage.node.database)
    return stage
