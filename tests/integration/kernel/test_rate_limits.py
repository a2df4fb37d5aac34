"""The limits on our own endpoints."""

import pytest

from freehold.kernel.problems import Problem
from freehold.kernel.rate_limits import RateLimits


@pytest.mark.parametrize("shared", [False, True])
async def test_one_call_too_many_is_refused_with_a_wait(request: pytest.FixtureRequest, shared: bool) -> None:
    """The call past the limit gets 429 and a Retry-After; another key is not affected."""
    limits = RateLimits(request.getfixturevalue("redis_url") if shared else None)
    for _ in range(3):
        await limits.hit("public", "192.0.2.1", "3/minute")

    with pytest.raises(Problem) as caught:
        await limits.hit("public", "192.0.2.1", "3/minute")
    await limits.hit("public", "192.0.2.2", "3/minute")
    await limits.close()

    assert caught.value.status == 429
    assert caught.value.code == "too_many_requests"
    assert 1 <= (caught.value.retry_after or 0) <= 60


async def test_limits_fail_closed_without_redis() -> None:
    """When the shared counts cannot be reached, the call is refused with 503."""
    limits = RateLimits("redis://127.0.0.1:1/0")

    with pytest.raises(Problem) as caught:
        await limits.hit("public", "192.0.2.1", "3/minute")
    await limits.close()

    assert caught.value.code == "redis_unavailable"
