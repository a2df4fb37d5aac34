"""Attacks on the flow: each is refused, with a page that explains and an event that says why."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.integration.broker.conftest import Stage

from freehold.broker.authorization import state as states
from freehold.kernel.crypto import SealingKey

BAD_CONSENT = {
    "consent_refused": {"error": "access_denied", "error_reason": "user_denied", "error_description": "no"},
    "consent_not_permitted": {"error_code": "200", "error_description": "Permissions error"},
    "scopes_invalid": {"error_code": "100", "error_message": "Invalid Scopes: instagram_basic"},
    "callback_without_code": {},
}


async def refused(stage: Stage, answer: object, status: int, code: str) -> None:
    """The answer is a page with the code, the reason is recorded, and no node received anything."""
    assert getattr(answer, "status", 0) == status, getattr(answer, "text", "")
    assert code in getattr(answer, "text", "")
    assert (await stage.reasons())[0] == code
    assert not any(node.grants for node in stage.nodes.values())


async def test_a_replayed_callback_reaches_nobody(stage: Stage) -> None:
    """The second use of a state is refused before Meta is asked."""
    node = await stage.add_client()
    callback = await stage.to_callback(await stage.link())
    browser_cookies = dict(stage.browser.cookies)
    await stage.browser.get(callback)
    calls = len(stage.meta.calls)
    stage.browser.cookies = browser_cookies

    again = await stage.browser.get(callback)

    assert again.status == 400
    assert (await stage.reasons())[0] == "state_unknown"
    assert len(stage.meta.calls) == calls
    assert len(node.grants) == 1


async def test_a_state_from_another_browser_is_refused(stage: Stage) -> None:
    """Whoever has the address but not the cookie completes nothing."""
    await stage.add_client()
    callback = await stage.to_callback(await stage.link())

    answer = await (await stage.new_browser()).get(callback)

    await refused(stage, answer, 400, "browser_mismatch")


async def test_the_cookie_of_another_flow_does_not_help(stage: Stage) -> None:
    """A browser with a flow of its own cannot complete somebody else's."""
    await stage.add_client()
    callback = await stage.to_callback(await stage.link())
    other = await stage.new_browser()
    await stage.to_callback(await stage.link(), other)
    name = next(iter(stage.browser.cookies))
    other.cookies[name] = next(iter(other.cookies.values()))

    await refused(stage, await other.get(callback), 400, "browser_mismatch")


async def test_a_state_of_another_provider_is_refused(stage: Stage) -> None:
    """What was encrypted for one provider does not open at another's callback."""
    await stage.add_client()
    async with stage.broker.database.writing() as session:
        foreign = await states.begin(
            stage.broker, session, provider="threads", client_id="rosa", verifier=None, link=None, link_id=None
        )

    answer = await stage.browser.get(f"{stage.url}/callback/meta?code=x&state={foreign.text}")

    await refused(stage, answer, 400, "state_invalid")


async def test_an_unknown_provider_has_no_callback(stage: Stage) -> None:
    """Only what this broker serves has an address."""
    answer = await stage.browser.get(f"{stage.url}/callback/threads?code=x&state=y")

    assert answer.status == 404


async def test_an_expired_state_is_refused(stage: Stage) -> None:
    """Ten minutes are enough for a person, and too few for a thief."""
    await stage.add_client()
    callback = await stage.to_callback(await stage.link())
    stage.clock.advance(timedelta(minutes=10))

    await refused(stage, await stage.browser.get(callback), 400, "state_expired")


@pytest.mark.parametrize("change", ["tamper", "cut", "empty", "plain"])
async def test_a_tampered_state_is_refused(stage: Stage, change: str) -> None:
    """Any altered character is noticed."""
    await stage.add_client()
    callback = await stage.to_callback(await stage.link())
    state = parse_qs(urlsplit(callback).query)["state"][0]
    middle = len(state) // 2
    other = "A" if state[middle] != "A" else "B"
    changed = {
        "tamper": state[:middle] + other + state[middle + 1 :],
        "cut": state[:-4],
        "empty": "",
        "plain": "client:mallory",
    }[change]

    answer = await stage.browser.get(f"{stage.url}/callback/meta?code=x&state={changed}")

    await refused(stage, answer, 400, "state_invalid")


async def test_a_code_of_another_app_is_refused(stage: Stage) -> None:
    """Meta refuses a code that it did not give for this app and flow."""
    await stage.add_client()
    callback = await stage.to_callback(await stage.link())
    state = parse_qs(urlsplit(callback).query)["state"][0]

    answer = await stage.browser.get(f"{stage.url}/callback/meta?code=AQstolen&state={state}")

    await refused(stage, answer, 400, "code_refused")


async def test_a_token_of_another_app_is_refused(stage: Stage) -> None:
    """Even when Meta gives a token, it has to be ours."""
    await stage.add_client()
    stage.meta.app_of_token = "666"

    await refused(stage, await stage.connect(), 400, "token_of_other_app")


@pytest.mark.parametrize("code", BAD_CONSENT)
async def test_refused_consent_is_understood_in_each_shape(stage: Stage, code: str) -> None:
    """Meta says no in several shapes, and the person is told what it means."""
    await stage.add_client()
    stage.meta.refusal = BAD_CONSENT[code]

    answer = await stage.connect()

    await refused(stage, answer, 403, code)
    assert "Start again" in answer.text


async def test_missing_scopes_are_named(stage: Stage) -> None:
    """Whoever switched a needed permission off is told which."""
    await stage.add_client()
    stage.meta.granted = ("pages_show_list", "instagram_basic", "pages_read_engagement", "instagram_manage_insights")

    answer = await stage.connect()

    await refused(stage, answer, 422, "scopes_missing")
    assert "ads_read" in answer.text


async def test_the_way_back_after_a_refusal_is_as_good_as_the_first(stage: Stage) -> None:
    """The person who declined once gets a link of their own again, so that the second try is active."""
    node = await stage.add_client()
    stage.meta.refusal = BAD_CONSENT["consent_refused"]
    page = await stage.connect()
    stage.meta.refusal = None
    again = page.text.partition('class="button" href="')[2].partition('"')[0].replace("&amp;", "&")

    await stage.browser.get(await stage.to_callback(again))

    assert [grant.status for grant in node.grants] == ["active"]


async def test_nobody_is_redirected_to_where_the_query_says(stage: Stage) -> None:
    """No parameter leads away from the client's registered address."""
    node = await stage.add_client()
    extra = "&next=https://evil.example&redirect_uri=https://evil.example&success_url=https://evil.example"
    callback = await stage.to_callback(await stage.link() + extra)

    done = await stage.browser.get(callback + extra)

    assert "evil" not in stage.meta.asked[0]["redirect_uri"]
    assert done.headers["Location"].startswith(f"{node.url}/success?handle=")


async def test_the_host_header_is_not_believed(stage: Stage) -> None:
    """Addresses come from the settings alone."""
    await stage.add_client()
    link = await stage.link()
    shown = await stage.browser.get(link, Host="evil.example", **{"X-Forwarded-Host": "evil.example"})
    query = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}

    begun = await stage.browser.post(f"{stage.url}/auth/meta", query, Host="evil.example")

    assert "evil.example" not in shown.text
    assert begun.status == 303
    assert "evil.example" not in begun.headers["Location"]


async def test_a_used_link_is_refused(stage: Stage) -> None:
    """Each link works once."""
    await stage.add_client()
    link = await stage.link()
    await stage.to_callback(link)

    shown = await stage.browser.get(link)
    query = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
    begun = await stage.browser.post(f"{stage.url}/auth/meta", query)

    assert shown.status == 410
    await refused(stage, begun, 410, "link_used")


async def test_a_revoked_link_is_refused(stage: Stage) -> None:
    """An operator can withdraw a link."""
    await stage.add_client()
    made = (await stage.admin("POST", "/admin/clients/rosa/connect-links", {})).json()
    gone = await stage.admin("DELETE", f"/admin/clients/rosa/connect-links/{made['link_id']}")
    query = {name: values[0] for name, values in parse_qs(urlsplit(made["url"]).query).items()}

    begun = await stage.browser.post(f"{stage.url}/auth/meta", query)

    assert gone.status == 204
    await refused(stage, begun, 410, "link_revoked")


async def test_an_expired_link_is_refused(stage: Stage) -> None:
    """A link ends at the latest after a day."""
    await stage.add_client()
    link = await stage.link(valid_seconds=60)
    stage.clock.advance(timedelta(seconds=61))

    await refused(stage, await stage.browser.get(link), 410, "link_expired")


async def test_an_altered_link_is_refused(stage: Stage) -> None:
    """Any altered character is noticed."""
    await stage.add_client()
    link = await stage.link()

    await refused(
        stage, await stage.browser.get(link[:-2] + ("AA" if link[-2:] != "AA" else "BB")), 400, "link_invalid"
    )


async def test_another_clients_link_is_refused(stage: Stage) -> None:
    """A link is for one client."""
    await stage.add_client("rosa")
    await stage.add_client("mallory")
    link = (await stage.link("mallory")).replace("client_id=mallory", "client_id=rosa")

    await refused(stage, await stage.browser.get(link), 400, "link_other_client")


async def test_a_client_may_refuse_bare_links(stage: Stage) -> None:
    """Then only personal links work."""
    await stage.add_client(bare_links=False)

    await refused(stage, await stage.browser.get(stage.bare()), 403, "link_required")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_a_form_of_another_site_is_refused(stage: Stage, headers: dict[str, str]) -> None:
    """Nobody begins a flow in somebody else's name."""
    await stage.add_client()

    answer = await stage.browser.post(f"{stage.url}/auth/meta", {"client_id": "rosa"}, **headers)

    await refused(stage, answer, 403, "form_from_elsewhere")


async def test_a_browser_that_hides_the_origin_of_its_own_page_is_let_in(stage: Stage) -> None:
    """Some browsers send `null`, and say beside it that the page is ours."""
    await stage.add_client()

    answer = await stage.browser.post(
        f"{stage.url}/auth/meta", {"client_id": "rosa"}, Origin="null", **{"Sec-Fetch-Site": "same-origin"}
    )

    assert answer.status == 303


async def test_the_cookie_is_bound_to_this_host_and_hidden_from_scripts(stage: Stage) -> None:
    """The prefix, and the attributes that it demands."""
    await stage.add_client()

    begun = await stage.browser.post(f"{stage.url}/auth/meta", {"client_id": "rosa"})

    cookie = begun.headers["Set-Cookie"]
    assert cookie.startswith("__Host-fh-")
    for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"):
        assert attribute in cookie
    assert "Domain" not in cookie


async def test_a_person_who_serves_two_clients_is_noted_or_refused_by_policy(stage: Stage) -> None:
    """Meta keeps one choice of pages per person, so the second client's policy decides, and nothing is silent."""
    await stage.add_client("rosa")
    second = await stage.add_client("lena")
    third = await stage.add_client("strict", shared_user_policy="refuse")
    await stage.connect("rosa")
    stage.meta.pages = [dict(stage.meta.pages[0], id="8002", instagram_business_account={"id": "9002"})]

    warned, refusal = await stage.connect("lena"), await stage.connect("strict")

    assert (warned.status, refusal.status) == (303, 409)
    assert "user_serves_other_client" in await stage.reasons("lena")
    assert "grant_replaced_elsewhere" in await stage.reasons("rosa")
    assert (len(second.grants), len(third.grants)) == (1, 0)
    reconnecting = await stage.browser.get(await stage.link("lena"))
    assert "also serves another company" in reconnecting.text


async def test_a_paused_client_gets_nothing_even_in_a_flow_that_runs(stage: Stage) -> None:
    """A changed address or key stops deliveries until somebody confirms it."""
    await stage.add_client()
    callback = await stage.to_callback(await stage.link())
    await stage.admin("PUT", "/admin/clients/rosa", {"public_key": SealingKey.generate().public_text()})

    await refused(stage, await stage.browser.get(callback), 403, "client_paused")
