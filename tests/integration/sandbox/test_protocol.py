"""The sandbox speaks the Graph API's protocol: expansion, pages, versions, removed features, counted calls."""

import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from tests import meta_sandbox
from tests.conftest import Serve
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, CERAMICS_PAGE, MARA, MetaSandbox

from freehold.sandbox.meta import oauth
from freehold.sandbox.meta.world.people import instagram_id, page_id

BOOKS_PAGE, BAKERY = page_id(5), page_id(8)


def query(url: str) -> dict[str, str]:
    """The query of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


# Fields within fields.


async def test_expansion_with_limits_inside_limits(meta: MetaSandbox) -> None:
    """Each list inside the answer has its own limit, fields and cursors."""
    fields = "name,accounts.limit(1){name,instagram_business_account{username,media.limit(2){id,media_type}}}"
    body = (await meta.get("me", meta.token(), fields=fields)).body
    assert body.keys() == {"name", "accounts", "id"}
    (page,) = body["accounts"]["data"]
    assert page.keys() == {"name", "instagram_business_account", "id"}
    account = page["instagram_business_account"]
    assert account["username"] == "lumen.ceramics"
    assert [row.keys() for row in account["media"]["data"]] == [{"id", "media_type"}] * 2
    after = account["media"]["paging"]["cursors"]["after"]
    rest = await meta.get(f"{CERAMICS}/media", meta.token(), fields="id", limit="2", after=after)
    assert account["media"]["data"][-1]["id"] not in [row["id"] for row in rest.body["data"]]


async def test_nested_insights_take_their_parameters(meta: MetaSandbox) -> None:
    """`insights.metric(…)` inside posts and `insights.date_preset(…)` inside campaigns."""
    token = meta.token()
    posts = await meta.get(f"{CERAMICS}/media", token, fields="insights.metric(views,reach)", limit="1")
    assert [row["name"] for row in posts.body["data"][0]["insights"]["data"]] == ["views", "reach"]
    campaigns = await meta.get(
        f"{CERAMICS_ADS}/campaigns",
        token,
        fields="insights.date_preset(last_7d).time_increment(1){impressions,spend}",
        effective_status=["ACTIVE"],
        limit="1",
    )
    (row, *_) = campaigns.body["data"][0]["insights"]["data"]
    assert row["date_start"] == row["date_stop"]


async def test_results_with_the_fields_asked_for(meta: MetaSandbox) -> None:
    """Insights can be had without their titles and descriptions, nested and by themselves."""
    token = meta.token()
    nested = await meta.get(f"{CERAMICS}/media", token, fields="insights.metric(reach){name,values}", limit="1")
    assert [row.keys() for row in nested.body["data"][0]["insights"]["data"]] == [{"name", "values", "id"}]
    asked = {"metric": "reach", "period": "day"}
    plain = await meta.get(f"{CERAMICS}/insights", token, fields="values", **asked)
    assert [row.keys() for row in plain.body["data"]] == [{"values", "id"}]
    assert (await meta.get(f"{CERAMICS}/insights", token, fields="nosuch", **asked)).error == (100, None)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ("nosuch", 100),
        ("media{nosuch}", 100),
        ("media{children{nosuch}}", 100),
        ("media.limit(0){id}", 100),
        ("id,,name", 2500),
        ("media{id", 2500),
        ("media.limit{id}", 2500),
        ("id}", 2500),
    ],
)
async def test_wrong_fields(meta: MetaSandbox, fields: str, code: int) -> None:
    """A field that does not exist is error 100 at any depth, a text that is no selection error 2500."""
    answer = await meta.get(CERAMICS, meta.token(), fields=fields)
    assert (answer.status, answer.error[0]) == (400, code)


async def test_wrong_fields_of_empty_lists(meta: MetaSandbox) -> None:
    """Whether or not there is anything to show, a field that does not exist is refused."""
    token = meta.token()
    assert (await meta.get(f"{CERAMICS}/live_media", token, fields="id")).body == {"data": []}
    assert (await meta.get(f"{CERAMICS}/live_media", token, fields="nosuch")).error == (100, None)
    assert (await meta.get(CERAMICS, token, fields="live_media{nosuch}")).error == (100, None)


async def test_a_costly_answer(serve: Serve) -> None:
    """Beyond the cost limit the answer is HTTP 500 with code 1; a smaller page is served."""
    meta = await meta_sandbox.start(serve, cost_limit=200)
    token = meta.token()
    fields = "id,caption,media_type,insights.metric(views,reach,likes)"
    answer = await meta.get(f"{CERAMICS}/media", token, fields=fields, limit="100")
    assert (answer.status, answer.error) == (500, (1, None))
    assert "reduce the amount of data" in answer.body["error"]["message"]
    assert len((await meta.get(f"{CERAMICS}/media", token, fields=fields, limit="10")).body["data"]) == 10


# Pages of lists.


async def test_cursors_walk_both_ways(meta: MetaSandbox) -> None:
    """`next` reaches every post once, the last page has none, and `previous` goes back to the page before."""
    token, seen, pages = meta.token(), [], []
    params = {"fields": "id", "limit": "100"}
    while True:
        body = (await meta.get(f"{CERAMICS}/media", token, **params)).body
        pages.append([row["id"] for row in body["data"]])
        seen += pages[-1]
        if "next" not in body["paging"]:
            break
        params |= {"after": body["paging"]["cursors"]["after"]}
    account = (await meta.get(CERAMICS, token, fields="media_count")).body
    assert len(seen) == len(set(seen)) == account["media_count"]
    back = await meta.get(f"{CERAMICS}/media", token, **query(body["paging"]["previous"]))
    assert [row["id"] for row in back.body["data"]] == pages[-2]


async def test_links_carry_the_token_that_the_query_did(meta: MetaSandbox) -> None:
    """A `next` works as it is when the token came in the query; one in the header is not written down."""
    token = meta.token()
    plain = (await meta.get(f"{CERAMICS}/media", token, limit="1")).body["paging"]["next"]
    assert "access_token" not in query(plain)
    loud = (await meta.get(f"{CERAMICS}/media", None, limit="1", access_token=token)).body["paging"]["next"]
    assert query(loud)["access_token"] == token
    followed = await meta.call("GET", loud.removeprefix(meta.url).partition("?")[0], None, params={**query(loud)})
    assert len(followed.body["data"]) == 1


async def test_new_posts_do_not_move_a_cursor(meta: MetaSandbox) -> None:
    """A cursor taken before a post was published goes on where it stood."""
    token = meta.token()
    body = (await meta.get(f"{CERAMICS}/media", token, fields="id", limit="3")).body
    after = body["paging"]["cursors"]["after"]
    rest = (await meta.get(f"{CERAMICS}/media", token, fields="id", limit="3", after=after)).body["data"]
    meta.clock.advance(timedelta(days=14))
    newest = (await meta.get(f"{CERAMICS}/media", token, fields="id", limit="1")).body["data"][0]
    assert newest != body["data"][0]
    assert (await meta.get(f"{CERAMICS}/media", token, fields="id", limit="3", after=after)).body["data"] == rest


@pytest.mark.parametrize(("params", "code"), [({"after": "xyz"}, 2642), ({"limit": "-1"}, 100), ({"limit": "a"}, 100)])
async def test_wrong_pages(meta: MetaSandbox, params: dict[str, str], code: int) -> None:
    """A cursor of nowhere and a limit that is no number."""
    assert (await meta.get(f"{CERAMICS}/media", meta.token(), **params)).error[0] == code


async def test_a_limit_above_the_maximum(meta: MetaSandbox) -> None:
    """It is cut down, and a next page tells so."""
    body = (await meta.get(f"{CERAMICS}/media", meta.token(), fields="id", limit="5000")).body
    assert len(body["data"]) == 100
    assert body["paging"]["next"]


async def test_time_pages(meta: MetaSandbox) -> None:
    """Insights come with links to the windows of the same length before and after."""
    token = meta.token()
    day = {"metric": "reach", "period": "day", "since": "1792566000", "until": "1792738799"}
    body = (await meta.get(f"{CERAMICS}/insights", token, **day)).body
    earlier = query(body["paging"]["previous"])
    assert int(earlier["until"]) == 1792566000 - 1
    assert int(earlier["until"]) - int(earlier["since"]) == 1792738799 - 1792566000
    before = (await meta.get(f"{CERAMICS}/insights", token, **earlier)).body
    assert before["data"][0]["values"][-1]["end_time"] < body["data"][0]["values"][0]["end_time"]
    assert int(query(body["paging"]["next"])["since"]) == 1792738799 + 1


async def test_summaries(meta: MetaSandbox) -> None:
    """`summary` adds the number of all, whatever the page's length."""
    token = meta.token()
    bodies = [
        (await meta.get(f"{CERAMICS_ADS}/campaigns", token, limit="1", summary=text)).body
        for text in ("true", "total_count")
    ]
    assert bodies[0]["summary"] == bodies[1]["summary"]
    assert bodies[0]["summary"]["total_count"] > len(bodies[0]["data"]) == 1
    assert "summary" not in (await meta.get(f"{CERAMICS_ADS}/campaigns", token, limit="1")).body


# Versions, and what has been removed.


@pytest.mark.parametrize(
    ("version", "answered"), [("v26.0", "v26.0"), ("v21.0", "v21.0"), ("v20.0", "v21.0"), ("v3.1", "v21.0")]
)
async def test_versions_of_the_graph(meta: MetaSandbox, version: str, answered: str) -> None:
    """A living version answers itself; for a dead one the oldest living one does."""
    answer = await meta.get(f"/{version}/me", meta.token())
    assert (answer.status, answer.headers["facebook-api-version"]) == (200, answered)


async def test_calls_without_a_version(meta: MetaSandbox) -> None:
    """The newest answers."""
    assert (await meta.get("/me", meta.token())).headers["facebook-api-version"] == "v26.0"


async def test_a_version_of_the_future(meta: MetaSandbox) -> None:
    """It is an unknown path."""
    assert (await meta.get("/v27.0/me", meta.token())).error == (2500, None)


async def test_a_version_dies_as_time_moves(meta: MetaSandbox) -> None:
    """v21.0 lives until 2027-01-21."""
    await meta.order("time", {"advance_seconds": 60 * 86_400})
    answer = await meta.get("/v21.0/me", meta.token())
    assert (answer.status, answer.headers["facebook-api-version"]) == (200, "v22.0")


async def test_dead_versions_of_ads(serve: Serve, meta: MetaSandbox) -> None:
    """Error 2635, or the living version where the app has expired ones upgraded; Instagram lives on."""
    assert (await meta.get(f"/v24.0/{CERAMICS_ADS}", meta.token())).error == (2635, None)
    assert (await meta.get(f"/v24.0/{CERAMICS}", meta.token())).status == 200
    assert (await meta.get(f"/v25.0/{CERAMICS_ADS}", meta.token())).status == 200
    lenient = await meta_sandbox.start(serve, upgrade_dead_versions=True)
    assert (await lenient.get(f"/v24.0/{CERAMICS_ADS}", lenient.token())).status == 200


async def test_what_has_been_removed(meta: MetaSandbox) -> None:
    """Several ids at once, names given to fields, and ETags, in every version."""
    token = meta.token()
    for version in ("v21.0", "v26.0"):
        answer = await meta.get(f"/{version}/", token, ids=f"{CERAMICS},{CERAMICS_PAGE}")
        assert (answer.status, answer.error) == (500, (100, None))
    renamed = await meta.get(CERAMICS, token, fields="media.limit(1).as(posts){id}")
    assert (renamed.status, renamed.error) == (400, (100, None))
    cached = await meta.call("GET", "/v26.0/me", token, headers={"If-None-Match": '"x"'})
    assert (cached.status, cached.error) == (400, (100, None))


async def test_metrics_that_are_taken_away(serve: Serve) -> None:
    """A retired metric fails the whole call, and the error lists those that are left."""
    meta = await meta_sandbox.start(serve, retired_metrics=("profile_views",))
    asked = {"period": "day", "metric_type": "total_value"}
    answer = await meta.get(f"{CERAMICS}/insights", meta.token(), metric="views,profile_views", **asked)
    assert answer.error == (100, None)
    message = answer.body["error"]["message"]
    assert message.startswith("(#100) metric[1] must be one of the following values: reach,")
    assert "profile_views" not in message
    assert (await meta.get(f"{CERAMICS}/insights", meta.token(), metric="views", **asked)).status == 200


@pytest.mark.parametrize("path", ["nosuch", f"{CERAMICS}/nosuch", "17841499999999999", f"{instagram_id(2)}", BAKERY])
async def test_what_is_not_there(meta: MetaSandbox, path: str) -> None:
    """Unknown names, and objects of others: the answer does not tell which."""
    answer = await meta.get(path, meta.token())
    assert (answer.status, answer.error[0] in {100, 2500}) == (400, True)


# Tokens and the app's secret.


async def test_calls_without_a_token(meta: MetaSandbox) -> None:
    """Error 104."""
    assert (await meta.get("me", None)).error == (104, None)


async def test_where_a_token_may_stand(meta: MetaSandbox) -> None:
    """In the header, the query or the form."""
    token = meta.token()
    answers = [
        await meta.get("me", token),
        await meta.get("me", None, access_token=token),
        await meta.post("me", None, access_token=token, method="GET"),
    ]
    assert [answer.body["id"] for answer in answers] == [MARA] * 3


async def test_the_proof_of_the_app_secret(serve: Serve, meta: MetaSandbox) -> None:
    """A wrong one is always refused, a missing one where the app requires it."""
    token = meta.token()
    assert (await meta.get("me", token, appsecret_proof="0" * 64)).error == (100, None)
    strict = await meta_sandbox.start(serve, require_proof=True)
    token = strict.token()
    missing = await strict.get("me", token)
    assert (missing.error, missing.body["error"]["type"]) == ((100, None), "GraphMethodException")
    proof = oauth.proof(strict.settings.app_secret.get_secret_value(), token)
    assert (await strict.get("me", token, appsecret_proof=proof)).body["id"] == MARA


@pytest.mark.parametrize("body", [b"[]", b"5", b"{", b"\xff"])
async def test_bodies_that_cannot_be_read(meta: MetaSandbox, body: bytes) -> None:
    """JSON that is no object is refused with error 100."""
    async with (
        aiohttp.ClientSession(headers={"Content-Type": "application/json"}) as session,
        session.post(f"{meta.url}/v26.0/me", data=body) as answer,
    ):
        assert (answer.status, (await answer.json())["error"]["code"]) == (400, 100)


async def test_calls_are_counted(meta: MetaSandbox) -> None:
    """By token, method and path without ids; refused ones too; they can be forgotten."""
    token = meta.token()
    for path in ("me", CERAMICS, f"{CERAMICS}/media", "999"):
        await meta.get(path, token)
    await meta.get("me", meta.app_token)
    told = (await meta.get("/_sandbox/calls", None)).body
    assert told["total"] == 5
    assert told["by_token"] == {f"user:{MARA}": 4, "app": 1}
    row = {"token": f"user:{MARA}", "method": "GET", "path": "/v26.0/{id}", "calls": 2}
    assert row in told["calls"]
    assert token not in json.dumps(told)
    await meta.order("calls", {}, method="DELETE")
    assert (await meta.get("/_sandbox/calls", None)).body["total"] == 0


async def test_orders_that_cannot_be_read(meta: MetaSandbox) -> None:
    """A control endpoint answers 422 and says what is wrong."""
    answer = await meta.order("faults", {"kind": "nosuch"})
    assert answer.status == 422
    assert "kind" in answer.text
