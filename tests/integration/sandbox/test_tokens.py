"""Tokens at the sandbox: how they grow longer and end, what was granted to them, and what the app is told."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from tests.conftest import Serve
from tests.integration.sandbox.walk import SCOPES, dialog, exchange, inspected, longer, page, press, signed_in
from tests.meta_sandbox import CERAMICS, CERAMICS_ADS, CERAMICS_PAGE, JONAS, MARA, SAM, MetaSandbox

from freehold.demo.forms import read_forms
from freehold.providers.meta import oauth as client_oauth
from freehold.sandbox.meta.grants import PERMISSIONS
from freehold.sandbox.meta.world.people import instagram_id, page_id

BOOKS_PAGE, BOOKS = page_id(5), instagram_id(5)


# Tokens and their ends.


async def test_tokens_grow_longer_and_expire(meta: MetaSandbox) -> None:
    """A short-lived token is exchanged for one of 60 days; when it has expired it is exchanged no more."""
    short = await signed_in(meta)
    answer = await longer(meta, short)
    assert answer.body["expires_in"] == 5_183_944
    meta.clock.advance(timedelta(hours=2))
    assert (await meta.get("me", short)).error == (190, 463)
    assert (await longer(meta, short)).error == (190, 463)
    long = answer.body["access_token"]
    assert (await meta.get("me", long)).status == 200
    renewed = (await longer(meta, long)).body["access_token"]
    meta.clock.advance(timedelta(days=59, hours=23))
    assert (await meta.get("me", long)).error == (190, 463)
    assert (await meta.get("me", renewed)).status == 200


async def test_page_tokens_live_as_long_as_what_showed_them(meta: MetaSandbox) -> None:
    """Those that a short-lived token shows expire with it; those of a long-lived one do not."""
    short = await signed_in(meta)
    long = (await longer(meta, short)).body["access_token"]
    fleeting = (await meta.get(CERAMICS_PAGE, short, fields="access_token")).body["access_token"]
    lasting = (await meta.get(CERAMICS_PAGE, long, fields="access_token")).body["access_token"]
    assert fleeting != lasting
    assert (await inspected(meta, lasting))["expires_at"] == 0
    assert (await inspected(meta, fleeting))["expires_at"] == (await inspected(meta, short))["expires_at"]
    meta.clock.advance(timedelta(hours=2))
    assert (await meta.get(CERAMICS_PAGE, fleeting)).error == (190, 463)
    assert (await meta.get(CERAMICS_PAGE, lasting)).status == 200
    assert (await meta.get("me", lasting)).body["id"] == CERAMICS_PAGE


async def test_access_to_data_ends_after_90_days(meta: MetaSandbox) -> None:
    """Exchanging the token does not prolong it; signing in again does."""
    token = (await longer(meta, await signed_in(meta))).body["access_token"]
    until = (await inspected(meta, token))["data_access_expires_at"]
    assert until == int((meta.clock.now() + timedelta(days=90)).timestamp())
    meta.clock.advance(timedelta(days=50))
    token = (await longer(meta, token)).body["access_token"]
    assert (await inspected(meta, token))["data_access_expires_at"] == until
    meta.clock.advance(timedelta(days=40))
    assert (await meta.get("me", token)).error == (190, 493)
    assert (await inspected(meta, token))["is_valid"] is False
    assert (await meta.get("me", await signed_in(meta))).status == 200


async def test_sessions_that_end(meta: MetaSandbox) -> None:
    """A changed password and other ends make every token answer 190 with its subcode."""
    tokens = [await signed_in(meta), meta.token(JONAS)]
    await meta.order(f"people/{MARA}/invalidate", {"subcode": 459, "message": "checkpoint"})
    assert (await meta.get("me", tokens[0])).error == (190, 459)
    assert (await meta.get("me", tokens[1])).status == 200


async def test_business_login(meta: MetaSandbox) -> None:
    """With a configuration the code brings a system user's token, which does not expire."""
    url = dialog(meta, person=MARA, config_id="7")
    (form,) = read_forms((await page(url)).text, url)
    back = await press(form.choose("permission", *SCOPES).choose("decision", "allow"))
    answer = await exchange(meta, back["code"])
    assert "expires_in" not in answer.body
    meta.clock.advance(timedelta(days=400))
    told = await inspected(meta, answer.body["access_token"])
    assert (told["type"], told["is_valid"], told["expires_at"]) == ("SYSTEM_USER", True, 0)


# What was granted.


async def test_a_later_selection_replaces_the_earlier(meta: MetaSandbox) -> None:
    """For tokens already issued too: there is one grant for each app and person."""
    first = await signed_in(meta, person=SAM, assets=(CERAMICS_PAGE, CERAMICS))
    assert (await meta.get(CERAMICS, first)).status == 200
    second = await signed_in(meta, person=SAM, assets=(page_id(2), instagram_id(2)))
    assert (await meta.get(CERAMICS, first)).error == (100, 33)
    for token in (first, second):
        assert [row["id"] for row in (await meta.get("me/accounts", token)).body["data"]] == [page_id(2)]


async def test_inspection(meta: MetaSandbox) -> None:
    """debug_token tells whose, of which app, until when, and which assets each permission covers."""
    token = await signed_in(meta, assets=(CERAMICS_PAGE, CERAMICS, CERAMICS_ADS), scopes=SCOPES[:3])
    told = await inspected(meta, token)
    assert (told["app_id"], told["type"], told["user_id"]) == (meta.settings.app_id, "USER", MARA)
    assert told["is_valid"] is True
    assert told["expires_at"] == int((meta.clock.now() + timedelta(minutes=90)).timestamp())
    assert set(told["scopes"]) == {"public_profile", *SCOPES[:3]}
    granular = {entry["scope"]: entry.get("target_ids") for entry in told["granular_scopes"]}
    assert granular["pages_show_list"] == [CERAMICS_PAGE]
    assert granular["instagram_basic"] == [CERAMICS]
    page_token = (await meta.get(CERAMICS_PAGE, token, fields="access_token")).body["access_token"]
    told = await inspected(meta, page_token)
    assert (told["type"], told["profile_id"]) == ("PAGE", CERAMICS_PAGE)


async def test_inspection_of_other_tokens(meta: MetaSandbox) -> None:
    """An unknown token is invalid; a person's token may inspect itself and no other."""
    token, other = meta.token(), meta.token(JONAS)
    told = await inspected(meta, "EAAwrong")
    assert (told["is_valid"], told["error"]["code"]) == (False, 190)
    assert (await meta.get("debug_token", token, input_token=token)).body["data"]["is_valid"] is True
    assert (await meta.get("debug_token", token, input_token=other)).error == (100, None)
    assert (await meta.get("debug_token", meta.app_token)).error == (100, None)


async def test_pages_that_the_list_leaves_out(meta: MetaSandbox) -> None:
    """me/accounts is empty although debug_token names the page, which can be read by its id."""
    token = await signed_in(meta, assets=(BOOKS_PAGE, BOOKS))
    assert (await meta.get("me/accounts", token)).body == {"data": []}
    granular = {row["scope"]: row.get("target_ids") for row in (await inspected(meta, token))["granular_scopes"]}
    assert granular["pages_show_list"] == [BOOKS_PAGE]
    read = await meta.get(BOOKS_PAGE, token, fields="name,access_token,instagram_business_account{username}")
    assert read.body["instagram_business_account"]["username"] == "fernandfable"
    assert read.body["access_token"]


async def test_pages_are_listed_by_pages(meta: MetaSandbox) -> None:
    """Somebody with several pages gets them one by one, each with tasks and a token of its own."""
    token = await signed_in(meta, person=SAM)
    first = (await meta.get("me/accounts", token, limit="1", fields="id,tasks,access_token")).body
    after = first["paging"]["cursors"]["after"]
    second = (await meta.get("me/accounts", token, limit="1", fields="id,tasks,access_token", after=after)).body
    found = [*first["data"], *second["data"]]
    assert [row["id"] for row in found] == [CERAMICS_PAGE, page_id(2)]
    assert len({row["access_token"] for row in found}) == 2
    assert "next" not in second["paging"]


async def test_permissions(meta: MetaSandbox) -> None:
    """What was given and what declined; one can be taken back, or all, which ends the tokens."""
    token = await signed_in(meta, scopes=SCOPES[:2])
    rows = {row["permission"]: row["status"] for row in (await meta.get("me/permissions", token)).body["data"]}
    assert rows == {"public_profile": "granted"} | dict.fromkeys(SCOPES[:2], "granted") | dict.fromkeys(
        SCOPES[2:], "declined"
    )
    assert (await meta.delete("me/permissions", token, permission="instagram_basic")).body == {"success": True}
    assert (await meta.get(CERAMICS, token)).error == (10, None)
    assert (await meta.delete("me/permissions", token)).body == {"success": True}
    assert (await meta.get("me", token)).error == (190, 458)


@pytest.mark.parametrize(
    ("path", "scope", "code"),
    [
        ("me/accounts", "pages_show_list", 10),
        ("me/businesses", "business_management", 10),
        ("me/adaccounts", "ads_read", 200),
        (CERAMICS, "instagram_basic", 10),
        (f"{CERAMICS}/insights?metric=reach&period=day", "instagram_manage_insights", 10),
        (f"{CERAMICS_PAGE}/posts", "pages_read_engagement", 10),
        (CERAMICS_ADS, "ads_read", 200),
    ],
)
async def test_each_permission_opens_its_part(meta: MetaSandbox, path: str, scope: str, code: int) -> None:
    """Without it the call is refused as a matter of permission; with it, answered."""
    without = meta.token(scopes=[each for each in PERMISSIONS if each not in {scope, "ads_management"}])
    answer = await meta.get(path, without)
    assert (answer.status, answer.error[0]) == (403, code)
    assert (await meta.get(path, meta.token())).status == 200


# What Meta sends to the app.


@dataclass
class App:
    """The app's own server: takes callbacks and answers them."""

    received: list[tuple[str, str]] = field(default_factory=list)

    def application(self) -> Starlette:
        """Its routes."""
        return Starlette(routes=[Route("/{kind}", self.take, methods=["POST"])])

    async def take(self, request: Request) -> JSONResponse:
        """Take one."""
        form = await request.form()
        self.received.append((request.path_params["kind"], str(form["signed_request"])))
        return JSONResponse({"url": "https://example/", "confirmation_code": "c1"})


async def test_callbacks_are_signed(serve: Serve, meta: MetaSandbox) -> None:
    """Removing the app and asking for deletion are told to the app, signed with its secret; removal ends tokens."""
    app, token, secret = App(), await signed_in(meta), meta.settings.app_secret.get_secret_value()
    url = await serve(app.application())
    callbacks = {"deauthorize_url": f"{url}/removed", "data_deletion_url": f"{url}/deletion"}
    await meta.order("callbacks", callbacks, method="PUT")
    asked = await meta.order(f"people/{MARA}/request-deletion", {})
    assert json.loads(asked.text) == {"status": 200, "answer": {"url": "https://example/", "confirmation_code": "c1"}}
    assert (await meta.get("me", token)).status == 200
    await meta.order(f"people/{MARA}/remove-app", {})
    assert (await meta.get("me", token)).error == (190, 458)
    assert [kind for kind, _ in app.received] == ["deletion", "removed"]
    for _, text in app.received:
        told = client_oauth.verify_signed_request(text, [secret])
        assert (told.user_id, told.issued_at) == (MARA, datetime.fromtimestamp(int(meta.clock.now().timestamp()), UTC))
        with pytest.raises(client_oauth.SignedRequestError):
            client_oauth.verify_signed_request(text, ["another secret"])


async def test_without_callbacks(meta: MetaSandbox) -> None:
    """An app that registered none is told nothing, and the person's removal stands."""
    token = meta.token()
    answer = await meta.order(f"people/{MARA}/remove-app", {})
    assert json.loads(answer.text)["status"] is None
    assert (await meta.get("me", token)).error == (190, 458)
