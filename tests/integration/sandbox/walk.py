"""A person's way through the sandbox's dialog, and the app's exchanges after it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
from tests.meta_sandbox import MARA, Answer, MetaSandbox

from freehold.demo.forms import Form, read_forms

REDIRECT = "http://127.0.0.1:9/auth/meta/callback"
SCOPES = ("pages_show_list", "instagram_basic", "instagram_manage_insights", "ads_read")


def dialog(meta: MetaSandbox, **changed: str) -> str:
    """The address of the dialog."""
    query = {
        "client_id": meta.settings.app_id,
        "redirect_uri": REDIRECT,
        "state": "s1",
        "scope": ",".join(SCOPES),
        "response_type": "code",
        **changed,
    }
    return f"{meta.url}/v26.0/dialog/oauth?{urlencode(query)}"


async def page(url: str) -> Answer:
    """Open a page, without following redirects."""
    async with aiohttp.ClientSession() as session, session.get(url, allow_redirects=False) as answer:
        return Answer(answer.status, {k.lower(): v for k, v in answer.headers.items()}, await answer.text())


async def press(form: Form) -> dict[str, str]:
    """Send a form of the dialog; gives the query of the address that it leads to."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(form.action, data=form.data(), allow_redirects=False) as answer,
    ):
        assert answer.status == 302
        location = answer.headers["Location"]
    assert location.partition("?")[0] == REDIRECT
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


async def decide(
    meta: MetaSandbox,
    decision: str = "allow",
    *,
    person: str = MARA,
    assets: tuple[str, ...] | None = None,
    scopes: tuple[str, ...] = SCOPES,
    query: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Walk through the dialog as a person; gives what comes back to the app."""
    url = dialog(meta, person=person, **(query or {}))
    shown = await page(url)
    assert shown.status == 200, shown.text
    (form,) = read_forms(shown.text, url)
    chosen = form.choices("asset") if assets is None else assets
    form = form.choose("asset", *chosen).choose("permission", *scopes).choose("decision", decision)
    return await press(form)


async def exchange(meta: MetaSandbox, code: str, **changed: str) -> Answer:
    """A code for a token."""
    form = {
        "client_id": meta.settings.app_id,
        "client_secret": meta.settings.app_secret.get_secret_value(),
        "redirect_uri": REDIRECT,
        "code": code,
    }
    return await meta.post("oauth/access_token", None, **(form | changed))


async def signed_in(meta: MetaSandbox, **how: Any) -> str:
    """The short-lived token of somebody who has agreed."""
    answer = await exchange(meta, (await decide(meta, **how))["code"])
    assert answer.status == 200, answer.text
    return str(answer.body["access_token"])


async def longer(meta: MetaSandbox, token: str) -> Answer:
    """A token for a longer-lived one."""
    return await exchange(meta, "", grant_type="fb_exchange_token", fb_exchange_token=token)


async def inspected(meta: MetaSandbox, token: str) -> Mapping[str, Any]:
    """What debug_token says."""
    answer = await meta.get("debug_token", meta.app_token, input_token=token)
    found: Mapping[str, Any] = answer.body["data"]
    return found
