"""Whatever way Meta fails, the client gives one of four errors; and it reads every header that tells of a limit."""

import json
from datetime import timedelta
from typing import Any

import pytest
from tests import meta_sandbox
from tests.conftest import Serve
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, MARA, Answer, MetaSandbox

from freehold.kernel.replies import ApiReply
from freehold.providers.calls import (
    ApiCall,
    ProviderError,
    Rejected,
    Throttled,
    TokenRevoked,
    Unavailable,
)
from freehold.providers.meta import graph
from freehold.sandbox.settings import LimitNumbers

CALL = ApiCall("GET", "/v26.0/me")


def reply(answer: Answer) -> ApiReply:
    """The answer as the node's HTTP client hands it on."""
    return ApiReply(answer.status, answer.headers, answer.text.encode())


def failed(answer: Answer) -> ProviderError:
    """The typed failure that the client makes of an answer."""
    with pytest.raises(ProviderError) as caught:
        graph.parse(CALL, reply(answer))
    return caught.value


THROTTLES = [
    (4, None, 403, "platform"),
    (17, None, 400, "user"),
    (17, 2446079, 400, "ads_score"),
    (32, None, 403, "user"),
    (341, None, 400, "platform"),
    (613, None, 400, "throttle"),
    (613, 1487742, 400, "ads_score"),
    (613, 5044001, 400, "mutations"),
    (80000, 2446079, 400, "ads_insights"),
    (80001, None, 400, "pages"),
    (80002, None, 400, "instagram"),
    (80003, 2446079, 400, "throttle"),
    (80004, 2446079, 400, "ads_management"),
    (368, None, 400, "policy"),
]


@pytest.mark.parametrize(("code", "subcode", "status", "bucket"), THROTTLES)
async def test_throttles(meta: MetaSandbox, code: int, subcode: int | None, status: int, bucket: str) -> None:
    """Every throttle says which limit it is and asks to wait, also where no header tells for how long."""
    meta.fault("error", code=code, subcode=subcode, status=status)
    error = failed(await meta.get("me", meta.token()))
    assert isinstance(error, Throttled)
    assert (error.code, error.subcode, error.bucket) == (code, subcode, bucket)
    assert error.retry_after >= (1 if bucket == "mutations" else 60)


CLASSES: list[tuple[int, int | None, int, type[ProviderError]]] = [
    (190, 458, 400, TokenRevoked),
    (190, 459, 400, TokenRevoked),
    (190, 460, 400, TokenRevoked),
    (190, 463, 400, TokenRevoked),
    (190, 464, 400, TokenRevoked),
    (190, 467, 401, TokenRevoked),
    (190, 492, 400, TokenRevoked),
    (190, 493, 400, TokenRevoked),
    (102, None, 400, TokenRevoked),
    (1, None, 500, Unavailable),
    (2, None, 500, Unavailable),
    (2, 1504038, 400, Unavailable),
    (3, None, 400, Rejected),
    (10, None, 403, Rejected),
    (100, None, 400, Rejected),
    (100, 33, 400, Rejected),
    (100, 2108006, 400, Rejected),
    (104, None, 400, Rejected),
    (110, 2207013, 400, Rejected),
    (200, None, 403, Rejected),
    (294, None, 403, Rejected),
    (2500, None, 400, Rejected),
    (2635, None, 400, Rejected),
    (3018, None, 400, Rejected),
    (9007, 2207027, 400, Rejected),
]


@pytest.mark.parametrize("kind", ["error", "error_in_ok", "error_data_text"])
async def test_classes_of_errors(meta: MetaSandbox, kind: str) -> None:
    """The class follows from the code, whatever the HTTP status, and whether or not details are text."""
    token = meta.token()
    for code, subcode, status, expected in CLASSES:
        meta.fault(kind, code=code, subcode=subcode, status=status)
        error = failed(await meta.get("me", token))
        assert (error.code, error.subcode, type(error)) == (code, subcode, expected)


@pytest.mark.parametrize("body", [b"{}", b"<html>", b"[]", b""])
@pytest.mark.parametrize(
    ("status", "expected"),
    [(302, Unavailable), (400, Rejected), (404, Rejected), (408, Unavailable), (429, Unavailable), (503, Unavailable)],
)
def test_a_bad_status_without_an_error(status: int, expected: type[ProviderError], body: bytes) -> None:
    """The status alone says what an answer without an envelope means; it is never a good answer."""
    with pytest.raises(expected):
        graph.parse(CALL, ApiReply(status, {}, body))


async def test_a_removed_parameter_is_not_tried_again(meta: MetaSandbox) -> None:
    """`ids` is refused with HTTP 500 and code 100: a refusal, not an outage."""
    answer = await meta.get("/v26.0/", meta.token(), ids=CERAMICS)
    assert (answer.status, type(failed(answer))) == (500, Rejected)


async def test_a_transient_error(meta: MetaSandbox) -> None:
    """`is_transient` makes a later try worth it, whatever the code."""
    meta.fault("error", code=999, transient=True)
    assert isinstance(failed(await meta.get("me", meta.token())), Unavailable)


async def test_too_much_data(serve: Serve, meta: MetaSandbox) -> None:
    """Both ways in which Meta says so tell the client that a smaller page might be served."""
    small = await meta_sandbox.start(serve, cost_limit=20)
    by_cost = failed(await small.get(f"{CERAMICS}/media", small.token(), fields="id,caption,permalink", limit="50"))
    meta.fault("reduce_data")
    ordered = failed(await meta.get("me", meta.token()))
    meta.fault("error", code=100, subcode=1487534)
    by_subcode = failed(await meta.get("me", meta.token()))
    for error in (by_cost, ordered, by_subcode):
        assert isinstance(error, Rejected)
        assert error.reduce_data


@pytest.mark.parametrize("kind", ["malformed", "service_unavailable_in_ok"])
async def test_unreadable_answers(meta: MetaSandbox, kind: str) -> None:
    """Half an object and a sentence with status 200 are outages."""
    meta.fault(kind)
    answer = await meta.get("me", meta.token())
    assert (answer.status, type(failed(answer))) == (200, Unavailable)


@pytest.mark.parametrize("body", [b"[]", b'"text"', b'{"error":"text"}', b'{"error":null}', b"", b"\xff\xfe"])
def test_bodies_that_are_no_answer(body: bytes) -> None:
    """A body that is no object, or whose error is none, is an outage and never an answer."""
    with pytest.raises(Unavailable):
        graph.parse(CALL, ApiReply(200, {}, body))


@pytest.mark.parametrize(
    "error", [{}, {"code": "190"}, {"code": [], "error_subcode": {}}, {"message": 5, "code": True}]
)
def test_incomplete_errors(error: dict[str, Any]) -> None:
    """An envelope with fields missing or of another type still gives a typed failure."""
    with pytest.raises(ProviderError):
        graph.parse(CALL, ApiReply(400, {}, json.dumps({"error": error}).encode()))


async def test_errors_of_real_tokens(meta: MetaSandbox) -> None:
    """A wrong, an ended and an expired token each ask for a new authorisation."""
    token = meta.token()
    found = [failed(await meta.get("me", "EAAwrong"))]
    await meta.order(f"people/{MARA}/invalidate", {})
    found.append(failed(await meta.get("me", token)))
    token = meta.token()
    meta.clock.advance(timedelta(days=61))
    found.append(failed(await meta.get("me", token)))
    assert [type(error) for error in found] == [TokenRevoked] * 3
    assert [error.subcode for error in found] == [467, 460, 463]


USED = LimitNumbers(headers_from_percent=0.0, instagram_day_minimum=20, instagram_day_per_impression=0)


async def test_headers_of_instagram(serve: Serve) -> None:
    """The business use case of an Instagram account fills by a call's share of its quota."""
    meta = await meta_sandbox.start(serve, limits=USED)
    answer = await meta.get(CERAMICS, meta.token(), fields="id")
    assert [(use.system, use.percent, use.regain_seconds) for use in graph.usage(answer.headers)] == [
        ("instagram", 5.0, 0.0)
    ]


async def test_headers_of_a_full_account(serve: Serve) -> None:
    """Beyond the quota the header tells when it is regained, in minutes, and the error waits that long."""
    meta = await meta_sandbox.start(serve, limits=USED)
    token = meta.token()
    for _ in range(20):
        await meta.get(CERAMICS, token, fields="id")
    answer = await meta.get(CERAMICS, token, fields="id")
    error = failed(answer)
    assert isinstance(error, Throttled)
    (use,) = graph.usage(answer.headers)
    assert use.regain_seconds == error.retry_after == 24 * 3600


async def test_headers_of_ads(serve: Serve) -> None:
    """An insights call tells of its use case, of the account's score and of the load of insights."""
    meta = await meta_sandbox.start(serve, limits=LimitNumbers(headers_from_percent=0.0))
    answer = await meta.get(f"{CERAMICS_ADS}/insights", meta.token(), date_preset="last_7d")
    systems = {use.system for use in graph.usage(answer.headers)}
    assert systems == {"ads_insights", "ads_score", "ads_insights_app"}


async def test_headers_of_the_app(serve: Serve) -> None:
    """A call that counts towards the platform's limit tells of the app's."""
    meta = await meta_sandbox.start(serve, limits=LimitNumbers(headers_from_percent=0.0))
    answer = await meta.get("me", meta.token())
    assert [use.system for use in graph.usage(answer.headers)] == ["platform"]


async def test_no_headers(serve: Serve) -> None:
    """Answers without usage headers tell nothing, and are read all the same."""
    meta = await meta_sandbox.start(serve, limits=LimitNumbers(headers_from_percent=0.0))
    meta.fault("no_headers")
    answer = await meta.get("me", meta.token())
    assert graph.usage(answer.headers) == []
    assert graph.parse(CALL, reply(answer))["id"] == MARA


@pytest.mark.parametrize("text", ["", "x", "[]", "null", "5", '{"a":1}', '{"a":[1]}', '{"call_count":"many"}'])
def test_unreadable_headers(text: str) -> None:
    """Headers of another form tell of no use at all."""
    names = ("x-app-usage", "x-business-use-case-usage", "x-ad-account-usage", "x-fb-ads-insights-throttle")
    assert all(use.percent == 0.0 for use in graph.usage(dict.fromkeys(names, text)))
