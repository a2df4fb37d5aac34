"""What goes wrong at Meta reaches a model, and a workflow, as something that it can act on."""

import json
from typing import Any

import pytest
from mcp_types import TextContent
from tests.integration.mcp.conftest import MakeTools, Tools
from tests.meta_sandbox import CERAMICS_ADS

from freehold.kernel.problems import Problem
from freehold.node.mcp.calling import failure
from freehold.sandbox.meta.world.people import ad_account_id

BOOKS_ADS = f"act_{ad_account_id(5)}"
"""An ad account of another company."""
SAID = "Too many calls"

FAULTS: list[tuple[dict[str, Any], str, int]] = [
    ({"code": 80_004, "subcode": 2_446_079, "message": SAID}, "provider_throttled", 429),
    ({"code": 190, "subcode": 460, "message": "password changed"}, "credential_revoked", 409),
    ({"code": 100, "message": "Invalid parameter"}, "provider_rejected", 422),
    ({"code": 2, "status": 500, "count": 3, "transient": True}, "provider_unavailable", 502),
]


ASKING_META = {"meta_ads": "get_account_info", "instagram": "get_content_publishing_limit"}
"""A tool of each service that asks Meta each time."""


@pytest.fixture(params=ASKING_META)
async def tools(request: pytest.FixtureRequest, make_tools: MakeTools) -> Tools:
    """Each of the services."""
    made: Tools = await make_tools(request.param)
    return made


@pytest.mark.parametrize("over", ["protocol", "rest"])
@pytest.mark.parametrize(
    ("fault", "code", "status"), FAULTS, ids=lambda value: str(value) if isinstance(value, str) else ""
)
async def test_a_failure_has_a_stable_code(
    tools: Tools, fault: dict[str, Any], code: str, status: int, over: str
) -> None:
    """The same over the protocol and over REST, with a hint, and with the wait in seconds where there is one."""
    grant = await tools.stage.connect()
    tools.stage.meta.fault("error", **fault)
    name = ASKING_META[tools.name]
    if over == "protocol":
        result = await tools.result(name)
        told = (result.meta or {})["freehold/error"]
        wait = told.get("wait_seconds")
        assert result.is_error
        assert result.structured_content is None
        assert isinstance(result.content[0], TextContent)
        assert json.loads(result.content[0].text) == {"error": told}, "a model reads the text alone"
        assert told["retryable"] is (status in {429, 502})
    else:
        answer = await tools.rest(name)
        told, wait = answer.body, answer.headers.get("Retry-After")
        assert answer.status == told["status"] == status
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert told["code"] == code
    assert told["hint"]
    assert (wait is not None and int(wait) >= 60) is (status == 429)
    assert grant.access_token.get_secret_value() not in str(told)


@pytest.mark.parametrize("over", ["protocol", "rest"])
async def test_no_secret_leaves_in_metas_words(tools: Tools, over: str) -> None:
    """Whatever Meta quotes in its message: a token, an address of the Graph API, a proof."""
    grant = await tools.stage.connect()
    token = grant.access_token.get_secret_value()
    said = f"Bad call {tools.stage.meta.url}/v26.0/me?access_token={token} with {token}, appsecret_proof=0a1b2c3d"
    tools.stage.meta.fault("error", code=100, message=said)
    name = ASKING_META[tools.name]
    told = str(await tools.error(name)) if over == "protocol" else (await tools.rest(name)).text
    assert "Bad call [redacted]" in told
    for secret in (token, tools.stage.meta.url, "0a1b2c3d"):
        assert secret not in told


async def test_a_refusal_tells_metas_own_numbers(ads: Tools) -> None:
    """So that it can be looked up."""
    ads.stage.meta.fault("error", code=100, subcode=33, message="Unsupported get request")
    told = await ads.error("get_account_info")
    assert told["message"] == "Unsupported get request (Meta's code 100, subcode 33)"


async def test_arguments_are_refused_by_name_and_not_by_value(ads: Tools) -> None:
    """Each wrong place is named; what was sent is not said again."""
    told = await ads.error("get_account_info", account_id="planted-secret", extra=1)
    assert told["code"] == "invalid_arguments"
    assert "account_id" in told["message"]
    assert "extra" in told["message"]
    assert "planted-secret" not in str(told)
    answer = await ads.rest("get_account_info", account_id="planted-secret")
    assert answer.refusal == (422, "invalid_request")
    assert "planted-secret" not in answer.text


async def test_an_account_of_others_is_refused_before_meta_is_asked(ads: Tools) -> None:
    """Whoever's it is."""
    told = await ads.error("get_account_info", account_id=BOOKS_ADS)
    assert told["code"] == "asset_not_confirmed"
    assert not ads.stage.meta.sandbox.calls


@pytest.mark.parametrize("until", ["0001-01-03", "9999-12-31"])
async def test_a_day_beyond_reason_is_refused(ads: Tools, until: str) -> None:
    """No calendar ends there; what is reckoned with it would."""
    assert (await ads.error("get_activity_log", account_id=CERAMICS_ADS, until=until))["code"] == "invalid_arguments"


UNCERTAIN = [("outcome_unknown", 502), ("report_failed", 502), ("keys_missing", 503), ("plan_expired", 409)]


@pytest.mark.parametrize(("code", "status"), UNCERTAIN)
def test_what_may_have_been_done_already_is_not_to_be_tried_again(code: str, status: int) -> None:
    """By its code, whatever the status: a change whose outcome is not known least of all."""
    assert failure(Problem(status, code, "", ""))["retryable"] is False
    assert failure(Problem(429, "too_many_requests", "", ""))["retryable"] is True


HINTED = [
    ({"code": 506}, "same content"),
    ({"code": 200}, "permission"),
    ({"code": 100, "subcode": 1_885_621}, "never on both"),
]


@pytest.mark.parametrize(("numbers", "word"), HINTED)
async def test_a_refusal_says_what_to_do_about_it(ads: Tools, numbers: dict[str, int], word: str) -> None:
    """By Meta's own number: who has to do what."""
    ads.stage.meta.fault("error", **numbers, message="No")
    told = await ads.error("get_account_info")
    assert (told["code"], told["retryable"]) == ("provider_rejected", False)
    assert word in told["hint"]
