"""The admin and node endpoints: every bad input gets a problem with a stable code and a hint."""

from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from tests.integration.broker.conftest import Answer, Stage

from freehold.kernel.crypto import SealingKey

KEY = "fhvm_" + "k" * 43


def registration(**changes: Any) -> dict[str, Any]:
    """A registration that is right but for `changes`; None leaves a member out."""
    whole = {"client_id": "rosa", "company_name": "Rosa", "vm_url": "http://127.0.0.1:3006", "vm_api_key": KEY}
    return {name: value for name, value in (whole | changes).items() if value is not None}


def is_problem(answer: Answer, status: int, code: str) -> bool:
    """Whether the answer is this problem, with a hint and the request's id."""
    body = answer.json()
    return (
        (answer.status, body["code"]) == (status, code)
        and answer.headers["Content-Type"].startswith("application/problem+json")
        and bool(body["hint"])
        and body["request_id"] == answer.headers["X-Request-Id"]
    )


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"vm_url": "https://10.0.0.1"}, 400, "address_refused"),
        ({"vm_url": "https://[::1]"}, 400, "address_refused"),
        ({"vm_url": "https://169.254.169.254"}, 400, "address_refused"),
        ({"vm_url": "http://example.com"}, 400, "url_scheme"),
        ({"vm_url": "ftp://example.com"}, 400, "url_scheme"),
        ({"vm_url": "https://user:pass@example.com"}, 400, "url_userinfo"),
        ({"vm_url": "https://example.com/?a=b"}, 400, "url_query"),
        ({"vm_url": "nonsense"}, 400, "url_scheme"),
        ({"success_url": "javascript:alert(1)"}, 400, "url_scheme"),
        ({"public_key": "short"}, 400, "public_key_unusable"),
        ({"vm_api_key": "short"}, 400, "key_unusable"),
        ({"client_id": "Rosa Bakery"}, 422, "invalid_request"),
        ({"client_id": None}, 422, "invalid_request"),
        ({"status": "active"}, 422, "invalid_request"),
        ({"shared_user_policy": "ignore"}, 422, "invalid_request"),
    ],
)
async def test_a_bad_registration_is_refused(stage: Stage, changes: dict[str, Any], status: int, code: str) -> None:
    """Nothing is registered, and the answer says what to do."""
    answer = await stage.admin("POST", "/admin/clients", registration(**changes))

    assert is_problem(answer, status, code), answer.text
    assert (await stage.admin("GET", "/admin/clients")).json()["clients"] == []


async def test_an_id_and_a_key_belong_to_one_client(stage: Stage) -> None:
    """A duplicate of either is refused."""
    await stage.admin("POST", "/admin/clients", registration())

    same_id = await stage.admin("POST", "/admin/clients", registration(vm_api_key=KEY + "x"))
    same_key = await stage.admin("POST", "/admin/clients", registration(client_id="lena"))

    assert is_problem(same_id, 409, "client_exists")
    assert is_problem(same_key, 409, "key_in_use")


async def test_no_answer_shows_a_key(stage: Stage) -> None:
    """Not when it is registered, and not when it is listed; nor is it plain in the database."""
    added = await stage.admin("POST", "/admin/clients", registration(allowed_users=["10220000000007001"]))
    listed = await stage.admin("GET", "/admin/clients")

    stored = b"".join(path.read_bytes() for path in stage.broker.settings.data_dir.iterdir())
    assert KEY not in added.text + listed.text
    assert "10220000000007001" not in added.text + listed.text
    assert KEY.encode() not in stored
    assert b"10220000000007001" not in stored
    assert stage.admin_key.encode() not in stored


async def test_a_rotated_key_is_shown_once_and_the_old_one_ends(stage: Stage) -> None:
    """The node is refused with the old key and served with the new one."""
    node = await stage.add_client()

    new = (await stage.admin("POST", "/admin/clients/rosa/rotate-key")).json()["vm_api_key"]

    old_answer = await stage.admin("POST", "/connect-links", {}, key=node.api_key)
    new_answer = await stage.admin("POST", "/connect-links", {}, key=new)
    assert is_problem(old_answer, 401, "node_key_wrong")
    assert new_answer.status == 201


async def test_a_node_makes_links_for_itself_alone(stage: Stage) -> None:
    """The key decides whose link it is; no member of the body can."""
    rosa = await stage.add_client("rosa")
    await stage.add_client("lena")

    own = await stage.admin("POST", "/connect-links", {}, key=rosa.api_key)
    other = await stage.admin("POST", "/connect-links", {"client_id": "lena"}, key=rosa.api_key)
    as_admin = await stage.admin("POST", "/admin/clients/lena/connect-links", {}, key=rosa.api_key)

    assert own.json()["client_id"] == "rosa"
    assert is_problem(other, 422, "invalid_request")
    assert is_problem(as_admin, 401, "admin_key_wrong")


@pytest.mark.parametrize(
    "change",
    [
        {"vm_url": "http://127.0.0.1:3999"},
        {"success_url": "http://127.0.0.1:3999/hello"},
        {"public_key": SealingKey.generate().public_text()},
        {"public_key": None},
        {"allowed_users": ["1"]},
        {"allowed_assets": ["1"]},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_what_could_redirect_grants_pauses_until_confirmed(stage: Stage, change: dict[str, Any]) -> None:
    """Links, flows and renewals stop, and a confirmation lets them go on; all of it is in the events."""
    node = await stage.add_client()

    changed = await stage.admin("PUT", "/admin/clients/rosa", change)
    paused = [
        await stage.admin("POST", "/connect-links", {}, key=node.api_key),
        await stage.admin("POST", "/admin/clients/rosa/connect-links", {}),
        await stage.admin("POST", "/renew/meta", {"sealed": "AAAA"}, key=node.api_key),
    ]
    confirmed = await stage.admin("POST", "/admin/clients/rosa/confirm")

    assert changed.json()["status"] == "paused"
    assert all(is_problem(answer, 403, "client_paused") for answer in paused)
    assert confirmed.json()["status"] == "active"
    events = (await stage.admin("GET", "/admin/events?client_id=rosa")).json()["events"]
    assert [event["step"] for event in events[:2]] == ["admin.client_confirmed", "admin.client_changed"]
    assert events[0]["actor"] == "admin:first"


async def test_a_harmless_change_pauses_nothing(stage: Stage) -> None:
    """A name is only a name."""
    await stage.add_client()

    changed = await stage.admin("PUT", "/admin/clients/rosa", {"company_name": "Rosa & Sons"})

    assert (changed.json()["status"], changed.json()["company_name"]) == ("active", "Rosa & Sons")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/admin/clients/nobody"),
        ("PUT", "/admin/clients/nobody"),
        ("DELETE", "/admin/clients/nobody"),
        ("POST", "/admin/clients/nobody/rotate-key"),
        ("POST", "/admin/clients/nobody/confirm"),
        ("POST", "/admin/clients/nobody/connect-links"),
    ],
)
async def test_an_unknown_client_is_not_found(stage: Stage, method: str, path: str) -> None:
    """The same code everywhere."""
    assert is_problem(await stage.admin(method, path, {}), 404, "client_unknown")


async def test_a_removed_client_is_gone(stage: Stage) -> None:
    """Its link, its key and its page no longer work."""
    node = await stage.add_client()

    removed = await stage.admin("DELETE", "/admin/clients/rosa")

    assert removed.status == 204
    assert (await stage.browser.get(stage.bare())).status == 404
    assert is_problem(await stage.admin("POST", "/connect-links", {}, key=node.api_key), 401, "node_key_wrong")


@pytest.mark.parametrize("path", ["/admin/clients", "/admin/events", "/admin/testers", "/admin/stats"])
async def test_without_an_admin_key_nothing_is_told(stage: Stage, path: str) -> None:
    """Missing and wrong keys are refused alike."""
    async with aiohttp.ClientSession() as session, session.get(stage.url + path) as answer:
        assert answer.status == 401
        assert (await answer.json())["code"] == "admin_key_missing"
    assert is_problem(await stage.admin("GET", path, key="fhadmin_wrong"), 401, "admin_key_wrong")


@pytest.mark.parametrize(
    ("body", "media_type", "status", "code"),
    [
        (b"{" + b" " * 300_000 + b"}", "application/json", 413, "body_too_large"),
        (b"<a/>", "application/xml", 415, "unsupported_media_type"),
        (b"{nonsense", "application/json", 422, "invalid_request"),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused(
    stage: Stage, body: bytes, media_type: str, status: int, code: str
) -> None:
    """Too large, of the wrong type, or not JSON."""
    headers = {"X-API-Key": stage.admin_key, "Content-Type": media_type}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{stage.url}/admin/clients", data=body, headers=headers) as answer,
    ):
        assert (answer.status, (await answer.json())["code"]) == (status, code)


async def test_programs_get_problems_and_browsers_get_pages(stage: Stage) -> None:
    """The same refusal in the form that the caller reads."""
    as_page = await stage.browser.get(stage.bare("nobody"))
    as_problem = await stage.browser.get(stage.bare("nobody"), Accept="*/*")
    incomplete = await stage.browser.get(f"{stage.url}/auth/meta")
    nowhere = await stage.browser.get(f"{stage.url}/nowhere")

    assert (as_page.status, "<h1>" in as_page.text, "client_unknown" in as_page.text) == (404, True, True)
    assert is_problem(as_problem, 404, "client_unknown")
    assert (incomplete.status, "<h1>" in incomplete.text) == (422, True)
    assert (nowhere.status, "<h1>" in nowhere.text) == (404, True)


@pytest.mark.parametrize("more_settings", [{"public_rate": "3/minute"}])
async def test_too_many_requests_are_told_when_to_come_again(stage: Stage) -> None:
    """The public pages are limited per address."""
    await stage.add_client()
    answers = [await stage.browser.get(stage.bare()) for _ in range(4)]

    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert "too_many_requests" in answers[-1].text


@pytest.mark.parametrize("more_settings", [{"node_rate": "2/minute"}])
async def test_a_node_that_asks_too_often_waits_and_others_do_not(stage: Stage) -> None:
    """Nodes are limited each on its own."""
    rosa, lena = await stage.add_client("rosa"), await stage.add_client("lena")
    answers = [await stage.admin("POST", "/connect-links", {}, key=rosa.api_key) for _ in range(3)]
    other = await stage.admin("POST", "/connect-links", {}, key=lena.api_key)

    assert [answer.status for answer in answers] == [201, 201, 429]
    assert other.status == 201


async def test_events_are_read_page_by_page_and_filtered(stage: Stage) -> None:
    """Every event appears once, newest first."""
    await stage.add_client("rosa")
    await stage.add_client("lena")
    for _ in range(5):
        await stage.admin("POST", "/admin/clients/rosa/connect-links", {})

    first = (await stage.admin("GET", "/admin/events?client_id=rosa&limit=4")).json()
    second = (await stage.admin("GET", f"/admin/events?client_id=rosa&limit=4&before={first['next_before']}")).json()

    ids = [event["id"] for event in [*first["events"], *second["events"]]]
    assert (len(ids), ids, second["next_before"]) == (6, sorted(set(ids), reverse=True), None)


@pytest.mark.parametrize("more_settings", [{"tester_cap": 2}])
async def test_testers_are_counted_together_and_compared_with_meta(stage: Stage) -> None:
    """Both roles count towards the cap, and Meta's list says who is really there."""
    ada = await stage.admin("POST", "/admin/testers", {"name": "Ada", "meta_user": "501"})
    await stage.admin("POST", "/admin/testers", {"name": "Ben", "meta_user": "502", "role": "analytics"})
    third = await stage.admin("POST", "/admin/testers", {"name": "Cem", "meta_user": "503"})
    stage.meta.roles = [{"app_id": "1", "user": "501", "role": "testers"}, {"user": "9", "role": "testers"}]

    compared = (await stage.admin("POST", "/admin/testers/reconcile")).json()
    listed = (await stage.admin("GET", "/admin/testers")).json()["testers"]

    assert is_problem(third, 409, "tester_cap_reached")
    assert (compared["present"], compared["unrecorded"], compared["cap"]) == ([ada.json()["id"]], 1, 2)
    assert {tester["name"]: tester["present"] for tester in listed} == {"Ada": True, "Ben": False}


async def test_a_tester_is_listed_once_and_can_be_removed(stage: Stage) -> None:
    """A repeat is refused; an unknown one is not found."""
    added = await stage.admin("POST", "/admin/testers", {"name": "Ada", "meta_user": "501"})
    again = await stage.admin("POST", "/admin/testers", {"name": "Ada", "meta_user": "501"})
    removed = await stage.admin("DELETE", f"/admin/testers/{added.json()['id']}")
    gone = await stage.admin("DELETE", f"/admin/testers/{added.json()['id']}")

    assert is_problem(again, 409, "tester_exists")
    assert removed.status == 204
    assert is_problem(gone, 404, "tester_unknown")


async def test_the_broker_says_who_it_is_and_how_it_is(stage: Stage) -> None:
    """Identity, health, readiness and counts are open, and name no client."""
    await stage.add_client()
    await stage.connect()
    identity = (await stage.browser.get(f"{stage.url}/.well-known/freehold-broker.json")).json()
    metrics = (await stage.browser.get(f"{stage.url}/metrics")).text
    styles = await stage.browser.get(f"{stage.url}/static/freehold.css")

    assert identity["broker_url"] == stage.url
    assert identity["signing_key"] == stage.broker.keys.signing.public_text()
    assert 'freehold_broker_events_total{outcome="succeeded",reason="",step="callback"} 1.0' in metrics
    assert "rosa" not in metrics
    assert styles.headers["Content-Type"].startswith("text/css")
    assert (await stage.admin("GET", "/admin/stats")).json()["connections"] == {"active": 1}


async def test_the_next_client_of_an_id_inherits_nothing(stage: Stage) -> None:
    """Links and connections of a removed client are worth nothing at the next one with its id."""
    await stage.add_client()
    link = await stage.link()
    callback = await stage.to_callback(await stage.link())
    await stage.connect()
    await stage.admin("DELETE", "/admin/clients/rosa")
    stage.clock.advance(timedelta(seconds=1))
    node = await stage.add_client()

    old_link = await stage.browser.get(link)
    old_flow = await stage.browser.get(callback)
    bare = await stage.browser.get(await stage.to_callback(stage.bare()))

    assert (old_link.status, old_flow.status, bare.status) == (410, 404, 303)
    assert [grant.status for grant in node.grants] == ["pending"]
