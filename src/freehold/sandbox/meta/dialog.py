"""The dialog's pages: who signs in, and what they let the app see."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, select_autoescape

from freehold.sandbox.meta.oauth import Request
from freehold.sandbox.meta.state import Sandbox

COOKIE = "sandbox_person"
_PAGES = Environment(loader=PackageLoader("freehold.sandbox"), autoescape=select_autoescape(default=True))


def people_page(sandbox: Sandbox, query: Mapping[str, Any]) -> str:
    """Who can sign in; a person without a role on the app is shown too, and refused like Meta does."""
    people = [
        {"id": person.id, "name": person.name, "role": sandbox.roles.get(person.id, "no role on the app")}
        for person in sandbox.world.people
    ]
    kept = [(name, value) for name, value in query.items() if name not in {"person", "switch"}]
    return _PAGES.get_template("people.html").render(people=people, kept=kept, app=sandbox.settings.app_name)


def consent_page(sandbox: Sandbox, asked: Request, person_id: str, query: Mapping[str, Any]) -> str:
    """The pages, accounts and permissions to tick; what the person chose the last time is ticked."""
    world, before = sandbox.world, sandbox.grants.grant(person_id)
    person = world.person(person_id)
    ticked = frozenset[str]() if before is None else before.assets
    assets = []
    for page in world.pages_of(person_id):
        assets.append(("Facebook page", page.id, page.name))
        account = world.instagram(page.instagram_id) if page.instagram_id else None
        if account is not None:
            assets.append(("Instagram account", account.id, f"@{account.username}"))
    assets += [("Ad account", account.id, account.name) for account in world.ad_accounts_of(person_id)]
    kept = {name: value for name, value in query.items() if name not in {"person", "switch"}}
    return _PAGES.get_template("consent.html").render(
        app=sandbox.settings.app_name,
        person=person,
        assets=[(kind, key, name, not ticked or key in ticked) for kind, key, name in assets],
        permissions=[scope for scope in asked.scopes if scope != "public_profile"],
        action="?" + urlencode(kept),
        switch="?" + urlencode({**kept, "switch": "1"}),
    )


def error_page(message: str) -> str:
    """What Meta tells a person when the dialog cannot go on."""
    return _PAGES.get_template("error.html").render(message=message)
