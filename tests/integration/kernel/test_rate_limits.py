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


@pytest.mark.parametrize(
    ("first", "second", "counted_together"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
    ],
)
async def test_one_network_counts_as_one(first: str, second: str, *, counted_together: bool) -> None:
    """Whoever has one IPv6 address has 64 bits of them."""
    limits = RateLimits()
    await limits.hit("public", first, "1/minute")

    try:
        await limits.hit("public", second, "1/minute")
        together = False
    except Problem:
        together = True

    assert together == counted_together
