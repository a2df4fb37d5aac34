"""Reach in windows: read when they end, and once more when Meta corrects it no longer."""

import json
from collections import Counter
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

from tests import meta_sandbox
from tests.conftest import Serve
from tests.integration.collection.checks import FULL_ACCESS, connected, source
from tests.integration.conftest import MakeNode
from tests.meta_sandbox import CERAMICS_ADS, MetaSandbox

from freehold.node.collection.ad_reach import CORRECTED_DAYS, LEVELS, ROLLING_DAYS, read_ad_reach
from freehold.node.collection.source import Window, window

Asked = Counter[tuple[str, date, date]]
"""How often each level was asked for each window."""


def asked(meta: MetaSandbox) -> Asked:
    """What was asked for since the last time."""
    found: Asked = Counter()
    for (_, address), calls in meta.sandbox.exact_calls.items():
        query = parse_qs(urlsplit(address).query)
        for span in json.loads(query["time_ranges"][0]):
            found[query["level"][0], date.fromisoformat(span["since"]), date.fromisoformat(span["until"])] += calls
    meta.sandbox.exact_calls.clear()
    return found


async def test_a_rolling_window_is_read_when_it_ends_and_when_it_is_final(make_node: MakeNode, serve: Serve) -> None:
    """Both times in the one call of its level, and never else; after a day on which nothing ran there are more."""
    meta = await meta_sandbox.start(serve, limits=FULL_ACCESS)
    opened = await connected(make_node, meta, ceiling_per_hour=10_000, app_share_per_user=10_000)
    first = window(meta.clock.now(), 7)
    by_day: dict[date, Asked] = {}
    calls: list[int] = []
    for passed in (1, 1, 1, 2, 1, 1, 1):
        now = window(meta.clock.now(), 7)
        await read_ad_reach(source(opened, CERAMICS_ADS), now)
        calls.append(sum(meta.sandbox.exact_calls.values()))
        by_day[now.today] = asked(meta)
        await read_ad_reach(source(opened, CERAMICS_ADS), now)
        assert not meta.sandbox.exact_calls
        meta.clock.advance(timedelta(days=passed))
    assert calls == [len(LEVELS) * reports for reports in (1, 1, 1, 1, 2, 1, 1)]
    for level in LEVELS:
        for span in rolling(first):
            days = [day for day, found in by_day.items() if found[level, *span]]
            assert days == [first.today, first.last + timedelta(days=CORRECTED_DAYS + 1)]
            assert {found[level, *span] for found in by_day.values()} == {0, 1}


def rolling(of: Window) -> list[tuple[date, date]]:
    """The windows that end with the last day of another."""
    return [(of.today - timedelta(days=days), of.last) for days in ROLLING_DAYS]
