"""How many different people saw something: a union, which saturates and never adds up.

An ad set shows its ads to one pool of people: reach = pool x (1 - exp(-impressions / pool)). Reach over several ad
sets is the union of theirs inside the campaign's or the account's audience. So reach never exceeds impressions, never
exceeds the sum of its parts, and never falls below the largest of them.
"""

import math
from collections.abc import Iterable

PLACEMENT_OVERLAP = frozenset({"publisher_platform", "platform_position", "impression_device", "device_platform"})


def pool_reach(impressions: int, pool: float) -> float:
    """People of a pool seen at least once with so many impressions."""
    if impressions <= 0 or pool <= 0:
        return 0.0
    return min(float(impressions), pool * -math.expm1(-impressions / pool))


def union_reach(parts: Iterable[tuple[float, float]]) -> float:
    """The union of several (reach, pool) inside an audience twice the largest pool."""
    rows = list(parts)
    if len(rows) == 1:
        return rows[0][0]
    audience = 2.0 * max((pool for _, pool in rows), default=1.0)
    missed = 1.0
    for reach, _ in rows:
        missed *= 1.0 - reach / audience
    return audience * (1.0 - missed)


def whole_people(reach: float, impressions: int) -> int:
    """A reach as shown: rounded up, never above impressions."""
    return min(impressions, math.ceil(reach - 1e-9))
