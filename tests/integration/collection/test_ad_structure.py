"""An ad account's structure: only what changed is asked for, and nothing stays wrong for longer than a week."""

from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from tests.integration.collection.checks import AMPLE, CERAMICS_ASSETS, connected, rows, source
from tests.integration.conftest import MakeNode, OpenNode
from tests.meta_sandbox import CERAMICS_ADS, MARA, NOW, MetaSandbox

from freehold.node.collection.ad_structure import read_ad_account, read_ad_structure
from freehold.node.collection.source import window
from freehold.node.store import tables
from freehold.providers.calls import Rejected


async def read(opened: OpenNode, meta: MetaSandbox) -> dict[str, bool]:
    """Read the structure in a run of its own; gives for each list whether only what changed was asked for."""
    meta.sandbox.exact_calls.clear()
    await read_ad_structure(source(opened, CERAMICS_ADS), window(meta.clock.now(), 1))
    asked = {}
    for _, address in meta.sandbox.exact_calls:
        parts = urlsplit(address)
        asked[parts.path.rpartition("/")[2]] = "filtering" in dict(parse_qsl(parts.query))
    return asked


async def status(opened: OpenNode, ad_id: str) -> str:
    """How an ad stands, as the store knows it."""
    (found,) = [row["effective_status"] for row in await rows(opened, tables.ads) if row["ad_id"] == ad_id]
    return str(found)


async def test_only_what_changed_is_asked_for(make_node: MakeNode, meta: MetaSandbox) -> None:
    """At first everything, then what changed, a week later everything again."""
    opened = await connected(make_node, meta, **AMPLE)
    everything = {"campaigns": False, "adsets": False, "ads": False}
    assert await read(opened, meta) == everything
    changed = []
    for _ in range(6):
        meta.clock.advance(timedelta(hours=26))
        changed.append(await read(opened, meta))
    assert {"campaigns": True, "adsets": True, "ads": True} in changed
    assert all(asked["campaigns"] for asked in changed)
    meta.clock.advance(timedelta(hours=26))
    assert await read(opened, meta) == everything


async def test_a_pause_above_shows_below(make_node: MakeNode, meta: MetaSandbox) -> None:
    """An ad under a campaign that was paused has not changed by Meta's words: it is listed anew all the same."""
    opened = await connected(make_node, meta, **AMPLE)
    await read(opened, meta)
    meta.clock.advance(timedelta(hours=2))
    await read(opened, meta)
    (ad, *_) = [row for row in await rows(opened, tables.ads) if row["effective_status"] == "ACTIVE"]
    meta.clock.advance(timedelta(hours=2))
    token = meta.token(MARA, assets=CERAMICS_ASSETS)
    assert (await meta.post(ad["campaign_id"], token, status="PAUSED")).status == 200
    meta.clock.advance(timedelta(hours=2))
    assert await read(opened, meta) == {"campaigns": True, "adsets": False, "ads": False}
    assert await status(opened, ad["ad_id"]) == "CAMPAIGN_PAUSED"
    meta.clock.advance(timedelta(hours=2))
    assert await read(opened, meta) == {"campaigns": True, "adsets": True, "ads": True}


async def test_a_list_that_fails_leaves_the_others(make_node: MakeNode, meta: MetaSandbox) -> None:
    """It is raised at the end and named in coverage; the next run lists all of it."""
    opened = await connected(make_node, meta, **AMPLE)
    meta.fault("error", path="/adsets", code=100, message="(#100) no")
    with pytest.raises(Rejected):
        await read(opened, meta)
    assert await rows(opened, tables.ad_sets) == []
    assert await rows(opened, tables.ads) != []
    lost = [(row["metric"], row["reason"]) for row in await rows(opened, tables.coverage) if row["state"] == "missing"]
    assert lost == [("ad_sets", "(#100) no")]
    assert (await read(opened, meta))["adsets"] is False
    assert await rows(opened, tables.ad_sets) != []


async def test_the_account(make_node: MakeNode, meta: MetaSandbox) -> None:
    """Its amounts are in minor units, and what it has no cap for has none."""
    opened = await connected(make_node, meta)
    await read_ad_account(source(opened, CERAMICS_ADS), window(NOW, 1))
    (row,) = await rows(opened, tables.ad_accounts)
    told = (await meta.get(CERAMICS_ADS, meta.token(), fields="amount_spent,currency,name,timezone_name")).body
    assert row["amount_spent_minor"] == int(told["amount_spent"]) > 0
    assert (row["currency"], row["name"], row["timezone"]) == (told["currency"], told["name"], told["timezone_name"])
    assert (row["status"], row["spend_cap_minor"], row["balance_minor"]) == (1, None, 0)


@pytest.mark.parametrize(("code", "subcode", "ends"), [(10, None, True), (100, 33, True), (100, None, False)])
async def test_an_account_that_is_refused(
    make_node: MakeNode, meta: MetaSandbox, code: int, subcode: int | None, ends: bool
) -> None:
    """What is forbidden or gone ends the reading of the account; a refusal of its fields does not."""
    opened = await connected(make_node, meta)
    meta.fault("error", code=code, subcode=subcode, message="no")
    if ends:
        with pytest.raises(Rejected):
            await read_ad_account(source(opened, CERAMICS_ADS), window(NOW, 1))
    else:
        await read_ad_account(source(opened, CERAMICS_ADS), window(NOW, 1))
    (mark,) = await rows(opened, tables.coverage)
    assert (mark["metric"], mark["state"]) == ("ad_account", "missing")
    assert mark["reason"].startswith(f"(#{code}")
