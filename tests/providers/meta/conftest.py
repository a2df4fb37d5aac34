"""The sandbox that the provider's tests run against."""

import pytest
from tests import meta_sandbox
from tests.conftest import Serve
from tests.meta_sandbox import MetaSandbox


@pytest.fixture
async def meta(serve: Serve) -> MetaSandbox:
    """A sandbox whose time stands."""
    return await meta_sandbox.start(serve)
