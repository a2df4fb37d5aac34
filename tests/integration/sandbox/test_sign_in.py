"""Signing in at the sandbox: the dialog as a page, its refusals, and the exchange of codes."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from tests import meta_sandbox
from tests.conftest import Serve
from tests.integration.sandbox.walk import REDIRECT, SCOPES, decide, dialog, exchange, page
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, CERAMICS_PAGE, MARA, OUTSIDER, MetaSandbox

from freehold.demo.forms import read_forms
from freehold.providers.meta.oauth import challenge_of
from freehold.sandbox.meta.world.people import ad_account_id, instagram_id, page_id

BOOKS_PAGE, BOOKS = page_id(5), instagram_id(5)
VERIFIER = "a-verifier-of-at-least-forty-three-characters-0123"


# The dialog.


async def test_the_dialog_is_a_page(meta: MetaSandbox) -> None:
    """It asks who signs in, offers that person's own pages, accounts and permissions, and sends a code back."""
    people = await page(dialog(meta))
    assert "Mara Lindqvist" in people.text
    url = dialog(meta, person=MARA)
    (form,) = read_forms((await page(url)).text, url)
    assert set(form.choices("asset")) == {
        CERAMICS_PAGE,
        CERAMICS,
        CERAMICS_ADS,
        BOOKS_PAGE,
        BOOKS,
        f"act_{ad_account_id(5)}",
    }
    assert form.choices("permission") == SCOPES
    back = await decide(meta)
    assert back.keys() == {"code", "state"}
    assert back["state"] == "s1"


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        ("deny", {"error": "access_denied", "error_reason": "user_denied", "error_code": "200"}),
        ("cancel", {"error_code": "200", "error_description": "Permissions error"}),
    ],
)
async def test_refusals(meta: MetaSandbox, decision: str, expected: dict[str, str]) -> None:
    """Not now and cancel come back in two shapes, one of them without `error`, both with the state."""
    back = await decide(meta, decision)
    assert back.items() >= {**expected, "state": "s1"}.items()
    assert "code" not in back
    assert ("error" in back) is (decision == "deny")


async def test_permissions_that_do_not_exist(meta: MetaSandbox) -> None:
    """The third shape: the person is sent back at once, with error 100."""
    answer = await page(dialog(meta, scope="ads_read,nosuch", person=MARA))
    back = parse_qs(urlsplit(answer.headers["location"]).query)
    assert (answer.status, back["error_code"], back["state"]) == (302, ["100"], ["s1"])
    assert back["error_message"] == ["Invalid Scopes: nosuch."]


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "1"},
        {"redirect_uri": "https://evil.example/"},
        {"response_type": "token"},
        {"person": OUTSIDER},
        {"person": "1"},
    ],
    ids=["app", "redirect", "response type", "no role", "nobody"],
)
async def test_what_the_dialog_refuses_to_show(meta: MetaSandbox, changed: dict[str, str]) -> None:
    """A wrong app or address, and people without a role on the app, end on Meta's own page."""
    answer = await page(dialog(meta, **({"person": MARA} | changed)))
    assert answer.status == 400
    assert "location" not in answer.headers


async def test_registered_addresses(serve: Serve) -> None:
    """Where the app has registered redirect URIs, only exactly those are sent to."""
    meta = await meta_sandbox.start(serve, redirect_uris=(REDIRECT,))
    assert (await page(dialog(meta, person=MARA))).status == 200
    for other in (f"{REDIRECT}/", f"{REDIRECT}?x=1", "http://127.0.0.1:9/other"):
        assert (await page(dialog(meta, person=MARA, redirect_uri=other))).status == 400


async def test_a_role_given_and_taken(meta: MetaSandbox) -> None:
    """A tester can sign in, and can no longer once the role is gone."""
    await meta.order(f"people/{OUTSIDER}/role", {"role": "testers"})
    assert (await page(dialog(meta, person=OUTSIDER))).status == 200
    roles = (await meta.get(f"{meta.settings.app_id}/roles", meta.app_token)).body["data"]
    assert {"app_id": meta.settings.app_id, "user": OUTSIDER, "role": "testers"} in roles
    await meta.order(f"people/{OUTSIDER}/role", {"role": ""})
    assert (await page(dialog(meta, person=OUTSIDER))).status == 400


# Codes.


async def test_a_code_works_once(meta: MetaSandbox) -> None:
    """The second exchange is error 100."""
    code = (await decide(meta))["code"]
    answer = await exchange(meta, code)
    assert answer.body.keys() == {"access_token", "token_type", "expires_in"}
    assert (await exchange(meta, code)).error == (100, 36009)


async def test_a_code_expires(meta: MetaSandbox) -> None:
    """After ten minutes."""
    code = (await decide(meta))["code"]
    meta.clock.advance(timedelta(minutes=10))
    assert (await exchange(meta, code)).error == (100, 36009)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"redirect_uri": REDIRECT + "/"}, (100, 36008)),
        ({"client_secret": "wrong"}, (1, None)),
        ({"client_id": "1"}, (101, None)),
        ({"code": "AQwrong"}, (100, 36009)),
        ({"code": ""}, (1, None)),
    ],
    ids=["redirect", "secret", "app", "code", "no code"],
)
async def test_exchanges_that_fail(meta: MetaSandbox, changed: dict[str, str], error: tuple[int, int | None]) -> None:
    """The redirect URI has to be the dialog's, and the app to prove itself."""
    code = (await decide(meta))["code"]
    answer = await exchange(meta, **({"code": code} | changed))
    assert (answer.status, answer.error) == (400, error)


async def test_a_code_challenge(meta: MetaSandbox) -> None:
    """A code that was asked for with a challenge needs its verifier."""
    challenge = {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}
    for verifier in (dict[str, str](), {"code_verifier": "another"}):
        code = (await decide(meta, query=challenge))["code"]
        assert (await exchange(meta, code, **verifier)).error == (100, None)
    code = (await decide(meta, query=challenge))["code"]
    assert (await exchange(meta, code, code_verifier=VERIFIER)).status == 200
