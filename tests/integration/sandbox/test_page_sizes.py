"""How much one call may bring, and what sinks a page: the refusals that the counts of calls rest on."""

import pytest
from tests import meta_sandbox
from tests.conftest import Serve
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, MetaSandbox

from freehold.sandbox.settings import Scale

REACH = "id,insights.metric(reach)"
SIZES = Scale(posts=120, ads=300, always_professional=True)


@pytest.fixture
async def large(serve: Serve) -> MetaSandbox:
    """A sandbox whose first business has more posts and ads than a page holds."""
    return await meta_sandbox.start(serve, scale={1: SIZES})


@pytest.mark.parametrize("nested", [False, True])
async def test_a_page_of_posts_with_insights(large: MetaSandbox, nested: bool) -> None:
    """50 posts come with their insights; 51 are refused, as an edge and inside the account's fields alike."""
    token = large.token()

    async def ask(count: int) -> tuple[int, int]:
        if nested:
            answer = await large.get(CERAMICS, token, fields=f"media.limit({count}){{{REACH}}}")
            found = answer.body.get("media", {})
        else:
            answer = await large.get(f"{CERAMICS}/media", token, fields=REACH, limit=str(count))
            found = answer.body
        return answer.status, len(found.get("data", []))

    assert await ask(50) == (200, 50)
    assert await ask(51) == (500, 0)


async def test_too_large_a_page_says_so(large: MetaSandbox) -> None:
    """The refusal is error 1 in Meta's words, by which a client knows to ask for less."""
    answer = await large.get(f"{CERAMICS}/media", large.token(), fields=REACH, limit="100")
    assert answer.error == (1, None)
    assert answer.body["error"]["message"].startswith("Please reduce the amount of data you're asking for")


async def test_a_page_of_posts_alone(large: MetaSandbox) -> None:
    """Without insights a page holds 100 posts, and a larger limit is cut to it."""
    for limit in ("100", "500"):
        answer = await large.get(f"{CERAMICS}/media", large.token(), fields="id", limit=limit)
        assert len(answer.body["data"]) == 100


async def test_a_page_of_an_ads_report(large: MetaSandbox) -> None:
    """A report's page holds 500 rows, and a larger limit is cut to it."""
    asked = {"level": "ad", "fields": "ad_id,spend", "time_increment": "1", "date_preset": "last_30d"}
    answer = await large.get(f"{CERAMICS_ADS}/insights", large.token(), limit="5000", **asked)
    assert len(answer.body["data"]) == 500
    assert "next" in answer.body["paging"]


async def test_an_unsupported_metric_sinks_its_page(large: MetaSandbox) -> None:
    """A metric that one of the posts does not have refuses all of them; one that all have does not."""
    token = large.token()
    kinds = (await large.get(f"{CERAMICS}/media", token, fields="media_product_type", limit="50")).body["data"]
    assert {row["media_product_type"] for row in kinds} == {"FEED", "REELS"}
    metric = "id,insights.metric(reach,ig_reels_avg_watch_time)"
    answer = await large.get(f"{CERAMICS}/media", token, fields=metric, limit="50")
    assert (answer.status, answer.error) == (400, (100, None))
    assert (await large.get(f"{CERAMICS}/media", token, fields=REACH, limit="50")).status == 200


async def test_reading_many_by_id_is_refused(large: MetaSandbox) -> None:
    """`ids=` and `.as()` are gone, so that neither saves a call."""
    token = large.token()
    many = await large.get("", token, ids=f"{CERAMICS},{CERAMICS_ADS}")
    assert (many.status, many.error) == (500, (100, None))
    renamed = await large.get(CERAMICS, token, fields="media.as(newest).limit(1){id}")
    assert (renamed.status, renamed.error) == (400, (100, None))


async def test_exact_addresses_are_counted(large: MetaSandbox) -> None:
    """The same page twice is one address with two calls, another page another address; no token is in any."""
    token = large.token()
    for limit in ("2", "2", "3"):
        await large.get(f"{CERAMICS}/media", token, limit=limit, fields="id", access_token=token)
    told = (await large.get("/_sandbox/calls/exact", None)).body
    path = f"/{meta_sandbox.VERSION}/{CERAMICS}/media"
    assert [(row["url"], row["calls"]) for row in told] == [
        (f"{path}?fields=id&limit=2", 2),
        (f"{path}?fields=id&limit=3", 1),
    ]
    await large.order("calls", {}, method="DELETE")
    assert (await large.get("/_sandbox/calls/exact", None)).body == []


async def test_a_share_of_calls_fails(large: MetaSandbox) -> None:
    """A mix strikes its share of the calls it suits, with each of its faults, in the same order for the same seed."""
    token = large.token()
    mix = {
        "share": 0.2,
        "seed": 7,
        "orders": [{"kind": "error", "code": 2, "status": 503, "path": CERAMICS}, {"kind": "error_in_ok", "code": 4}],
    }

    async def outcomes() -> list[tuple[int, bool]]:
        await large.order("faults/mix", mix)
        answers = [await large.get(CERAMICS, token, fields="id") for _ in range(200)]
        await large.order("faults", {}, method="DELETE")
        return [(answer.status, "error" in answer.body) for answer in answers]

    first, second = await outcomes(), await outcomes()
    assert first == second
    assert 25 <= sum(failed for _, failed in first) <= 55
    assert {(503, True), (200, True), (200, False)} == set(first)
    assert (await large.get("/_sandbox/faults", None)).body == []
