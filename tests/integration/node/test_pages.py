"""What a person sees: the page after authorising, the choice of assets, and the report behind a signed link."""

import asyncio
import re
from datetime import timedelta
from http.cookies import Morsel
from typing import Any

import pytest
from tests.integration.node.conftest import CERAMICS_ASSETS, Answer, Stage, call
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, CERAMICS_PAGE, JONAS, MARA

from freehold.contracts.grant import Asset, Grant
from freehold.kernel.crypto import digest
from freehold.node.access.tables import security_events
from freehold.node.assets import confirmed_assets
from freehold.node.pages.routes import COOKIE

HANDLE = "a-one-time-handle"


async def arrive(stage: Stage, handle: str = HANDLE, **changes: Any) -> Grant:
    """Deliver a grant whose person will come with a handle."""
    grant = stage.grant(**{"handle_digest": digest(handle), **changes})
    assert (await stage.deliver(grant)).status == 201
    return grant


async def exchange(stage: Stage, handle: str = HANDLE) -> tuple[Answer, Morsel[str] | None]:
    """Open the page with a handle: the answer, and the cookie if one was set."""
    answer = await call("GET", f"{stage.workflows}/success?handle={handle}")
    return answer, answer.cookies.get(COOKIE)


async def sign_in(stage: Stage, handle: str = HANDLE) -> dict[str, str]:
    """The headers with which the person's browser comes back after the handle was taken."""
    _, cookie = await exchange(stage, handle)
    assert cookie is not None
    return {"Cookie": f"{COOKIE}={cookie.value}"}


async def choose(stage: Stage, person: dict[str, str], *assets: str, **headers: str) -> Answer:
    """Send the form as our own page does, unless `headers` say otherwise."""
    sent = {
        "Sec-Fetch-Site": "same-origin",
        **person,
        **{name.replace("_", "-"): text for name, text in headers.items()},
    }
    sent = {name: text for name, text in sent.items() if text}
    form = "&".join(f"asset={asset}" for asset in assets)
    sent["Content-Type"] = "application/x-www-form-urlencoded"
    return await call("POST", f"{stage.workflows}/success", data=form or "none=", headers=sent)


async def ticked(stage: Stage) -> set[str]:
    """The ids of what may be collected."""
    async with stage.node.database.reading() as session:
        return {asset.asset_id for asset in await confirmed_assets(session)}


async def test_the_handle_becomes_a_cookie_and_leaves_the_address(stored: Stage) -> None:
    """A redirect to the bare page; the cookie is for this host alone, over TLS, hidden from scripts, for 15 minutes."""
    await arrive(stored)
    answer, cookie = await exchange(stored)
    assert (answer.status, answer.headers["Location"]) == (303, "/success#choose")
    assert cookie is not None
    assert (cookie["secure"], cookie["httponly"], cookie["path"], cookie["domain"]) == (True, True, "/", "")
    assert (cookie["samesite"], cookie["max-age"]) == ("lax", "900")


async def test_a_handle_works_once(stored: Stage) -> None:
    """Ten at the same time: one gets in, nine are told that the page has expired."""
    await arrive(stored)
    answers = await asyncio.gather(*(exchange(stored) for _ in range(10)))
    assert sorted(answer.status for answer, _ in answers) == [303] + [403] * 9
    assert len([cookie for _, cookie in answers if cookie]) == 1
    assert {event["kind"] for event in await stored.rows(security_events)} == {"handle_refused"}
    assert HANDLE not in str(await stored.rows(security_events))


async def test_a_handle_expires(stage: Stage) -> None:
    """After fifteen minutes it opens nothing."""
    await arrive(stage)
    stage.clock.advance(timedelta(minutes=15))
    answer, cookie = await exchange(stage)
    assert (answer.status, cookie) == (403, None)
    assert "expired" in answer.text


async def test_the_page_shows_what_was_authorised(stage: Stage) -> None:
    """Page, Instagram account and ad account, each with a box."""
    await arrive(stage)
    page = await call("GET", f"{stage.workflows}/success", headers=await sign_in(stage))
    assert page.status == 200
    assert set(re.findall(r'name="asset" value="([^"]+)"', page.text)) == CERAMICS_ASSETS
    assert "Company rosa" in page.text


async def test_exactly_what_is_ticked_is_confirmed(stored: Stage) -> None:
    """And a second choice while the page is open replaces the first."""
    await arrive(stored)
    person = await sign_in(stored)
    assert (await choose(stored, person, CERAMICS, CERAMICS_ADS)).status == 200
    assert await ticked(stored) == {CERAMICS, CERAMICS_ADS}
    await choose(stored, person, CERAMICS_PAGE)
    assert await ticked(stored) == {CERAMICS_PAGE}
    assert "Nothing is collected" in (await choose(stored, person)).text
    assert await ticked(stored) == set()


async def test_nothing_is_collected_before_the_choice(stage: Stage) -> None:
    """Seeing the page ticks nothing."""
    await arrive(stage)
    await call("GET", f"{stage.workflows}/success", headers=await sign_in(stage))
    assert await ticked(stage) == set()


async def test_what_was_not_authorised_cannot_be_ticked(stage: Stage) -> None:
    """Other ids in the form are passed over."""
    await arrive(stage)
    await choose(stage, await sign_in(stage), CERAMICS, "act_999", "';--")
    assert await ticked(stage) == {CERAMICS}


async def test_a_second_person_s_choice_adds_to_the_first(stored: Stage) -> None:
    """What one person ticked stays, whatever the other does with their own."""
    await arrive(stored)
    await choose(stored, await sign_in(stored), CERAMICS)
    others = stored.grant(JONAS, None)
    await arrive(stored, "second-handle", person=JONAS, assets=None)
    theirs = others.assets[0].id
    person = await sign_in(stored, "second-handle")
    await choose(stored, person, theirs)
    assert await ticked(stored) == {CERAMICS, theirs}
    await choose(stored, person)
    assert await ticked(stored) == {CERAMICS}


async def test_the_same_person_s_second_connection_keeps_the_ticks(stored: Stage) -> None:
    """They connect again with more assets: the earlier choice is shown ticked, and stands until they change it."""
    await arrive(stored, assets=frozenset({CERAMICS, CERAMICS_PAGE}))
    await choose(stored, await sign_in(stored), CERAMICS)
    stored.clock.advance(timedelta(days=1))
    await arrive(stored, "second-handle")
    assert await ticked(stored) == {CERAMICS}
    page = await call("GET", f"{stored.workflows}/success", headers=await sign_in(stored, "second-handle"))
    assert re.search(rf'value="{CERAMICS}" checked', page.text)


async def test_the_page_of_a_superseded_connection_changes_nothing(stage: Stage) -> None:
    """The person has connected anew in another window: the old page has no say any more."""
    await arrive(stage)
    old = await sign_in(stage)
    stage.clock.advance(timedelta(minutes=1))
    await arrive(stage, "second-handle")
    assert (await choose(stage, old, CERAMICS)).status == 403
    assert await ticked(stage) == set()


async def test_a_pending_connection_offers_no_choice(stage: Stage) -> None:
    """The owner confirms first; neither page nor form ticks anything."""
    await arrive(stage, status="pending")
    person = await sign_in(stage)
    page = await call("GET", f"{stage.workflows}/success", headers=person)
    assert "confirms it" in page.text
    assert 'name="asset"' not in page.text
    assert (await choose(stage, person, CERAMICS)).status == 403
    assert await ticked(stage) == set()


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "none", "Origin": "null"},
        {"Sec_Fetch_Site": "", "Origin": "https://evil.example"},
        {"Sec_Fetch_Site": "", "Origin": "http://127.0.0.1:3007.evil.example"},
        {"Sec_Fetch_Site": "", "Origin": ""},
    ],
)
async def test_a_form_from_elsewhere_is_refused(stage: Stage, headers: dict[str, str]) -> None:
    """Even with the person's cookie."""
    await arrive(stage)
    answer = await choose(stage, await sign_in(stage), CERAMICS, **headers)
    assert answer.refusal == (403, "form_from_elsewhere")
    assert await ticked(stage) == set()


async def test_an_older_browser_that_names_our_origin_is_served(stage: Stage) -> None:
    """Without Sec-Fetch-Site the Origin decides."""
    await arrive(stage)
    origin = {"Sec_Fetch_Site": "", "Origin": stage.node.settings.public_url}
    assert (await choose(stage, await sign_in(stage), CERAMICS, **origin)).status == 200


async def test_the_session_expires(stage: Stage) -> None:
    """Fifteen minutes after the handle was taken, page and form say so."""
    await arrive(stage)
    person = await sign_in(stage)
    stage.clock.advance(timedelta(minutes=15))
    assert (await choose(stage, person, CERAMICS)).status == 403
    page = await call("GET", f"{stage.workflows}/success", headers=person)
    assert "Nothing to choose here" in page.text
    assert await ticked(stage) == set()


@pytest.mark.parametrize("cookie", ["", "fhpick_unknown", "x" * 500])
async def test_without_a_session_there_is_nothing_to_choose(stage: Stage, cookie: str) -> None:
    """An unknown cookie is none."""
    await arrive(stage)
    headers = {"Cookie": f"{COOKIE}={cookie}"}
    assert "Nothing to choose" in (await call("GET", f"{stage.workflows}/success", headers=headers)).text
    assert (await choose(stage, headers, CERAMICS)).status == 403


async def test_names_are_text_and_never_markup(stage: Stage) -> None:
    """A page may be called anything."""
    asset = Asset(kind="facebook_page", id="77", name='<script>alert(1)</script>"')
    assert (
        await stage.deliver(stage.grant(handle_digest=digest(HANDLE)).model_copy(update={"assets": (asset,)}))
    ).status == 201
    page = await call("GET", f"{stage.workflows}/success", headers=await sign_in(stage))
    assert "<script" not in page.text
    assert "&lt;script&gt;" in page.text


async def test_the_browser_never_gets_a_token(stage: Stage) -> None:
    """Not in a page, a header or a cookie."""
    grant = await arrive(stage)
    first, cookie = await exchange(stage)
    assert cookie is not None
    person = {"Cookie": f"{COOKIE}={cookie.value}"}
    page = await call("GET", f"{stage.workflows}/success", headers=person)
    chosen = await choose(stage, person, CERAMICS, CERAMICS_PAGE)
    secrets = [grant.access_token, *grant.page_tokens.values(), *grant.appsecret_proofs.values()]
    for answer in (first, page, chosen):
        shown = f"{answer.headers} {answer.text}"
        assert not [secret for secret in secrets if secret.get_secret_value() in shown]


@pytest.mark.parametrize("path", ["/success", "/success?handle=x", "/reports/x", "/nothing", "/graph/1"])
async def test_every_answer_is_locked_down(stage: Stage, path: str) -> None:
    """Not stored, not framed, no type guessed, no script, no referrer."""
    headers = (await call("GET", stage.workflows + path)).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "script-src" not in headers["Content-Security-Policy"]


async def test_pages_are_limited_per_address(stage: Stage) -> None:
    """Handles cannot be tried by the thousand."""
    answers = [(await exchange(stage, f"guess-{number}"))[0] for number in range(61)]
    assert {answer.status for answer in answers[:60]} == {403}
    assert answers[60].refusal == (429, "too_many_requests")


async def test_the_person_of_one_node_has_no_say_at_another(stage: Stage, make_stage: Any) -> None:
    """A cookie of one client's page opens nothing of another's."""
    await arrive(stage)
    person = await sign_in(stage)
    other = await make_stage(client_id="kenji")
    assert (await choose(other, person, CERAMICS)).status == 403
    assert MARA not in (await call("GET", f"{other.workflows}/success", headers=person)).text
