"""The real products, each started once for all tests of this folder."""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import NoReturn, TypeVar

import pytest
import pytest_asyncio
from tests.conftest import serving
from tests.integration.node.sinks import HttpSink
from tests.stack import automation, npm, products
from tests.stack.automation import Automation
from tests.stack.machine import Machine, new_machine
from tests.stack.n8n import Cluster, n8n
from tests.stack.npm import InstallError
from tests.stack.products import NocoDb, StackPostgres

from freehold.demo import databases
from freehold.demo.databases import ProgramMissingError, RedisServer

T = TypeVar("T")
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything below this folder needs the real products."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("stack")


def missing(message: str) -> NoReturn:
    """Skip, naming what is missing, except where nothing may be skipped."""
    if os.environ.get("FREEHOLD_NO_SKIPS"):
        pytest.fail(message)
    pytest.skip(message)


def started(stack: ExitStack, start: Callable[[], AbstractContextManager[T]]) -> T:
    """What `start` runs, or a skip where it cannot be installed."""
    try:
        return stack.enter_context(start())
    except (InstallError, ProgramMissingError) as error:
        missing(str(error))


@pytest.fixture(scope="session")
def node_programs() -> Path:
    """The folder with `node` (24) and `npm`."""
    try:
        return npm.node_programs()
    except InstallError as error:
        missing(str(error))


@pytest.fixture(scope="session")
def stack_postgres() -> Iterator[StackPostgres]:
    """An empty PostgreSQL 17 of this run's own."""
    with ExitStack() as stack:
        yield started(stack, products.postgres17)


@pytest.fixture(scope="session")
def stack_redis() -> Iterator[RedisServer]:
    """A Redis of this run's own."""
    with ExitStack() as stack:
        yield started(stack, databases.redis)


@pytest.fixture(scope="session")
def machine(stack_postgres: StackPostgres, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """A client's machine whose PostgreSQL has its roles, databases and tables, and nothing else yet."""
    made = new_machine(stack_postgres, tmp_path_factory.mktemp("machine"))
    made.bootstrap("--only", "postgres")
    return made


@pytest.fixture(scope="session")
def nocodb(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NocoDb]:
    """NocoDB, empty, over its own database of `machine`."""
    with ExitStack() as stack:
        yield started(stack, lambda: products.nocodb(tmp_path_factory.mktemp("nocodb"), machine.database("nocodb")))


@pytest.fixture(scope="session")
def cluster(machine: Machine, stack_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """n8n, empty, over its own database of `machine`."""
    with ExitStack() as stack:
        database = machine.database("n8n")
        yield started(stack, lambda: n8n(tmp_path_factory.mktemp("n8n"), database, stack_redis.url))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stage(
    machine: Machine, nocodb: NocoDb, cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Automation]:
    """The whole machine, connected, and set up by one command."""
    sink = HttpSink()
    async with (
        serving(sink.app()) as sink_url,
        automation.automation(tmp_path_factory.mktemp("platform"), machine, nocodb, cluster, (sink, sink_url)) as made,
    ):
        yield made
