"""The person behind a token, their pages, businesses and ad accounts, and the app itself."""

from collections.abc import Sequence
from typing import Any

from freehold.sandbox.meta.ads.account_node import AD_ACCOUNT
from freehold.sandbox.meta.errors import GraphError
from freehold.sandbox.meta.graph import JSON, OMITTED, Call, Edge, Found, NodeType, Surface
from freehold.sandbox.meta.pages.page import PAGE
from freehold.sandbox.meta.world.people import AdAccount, Business, Page, Person

MAX_PAGES = 100


def _granted(call: Call, asset_id: str) -> bool:
    return asset_id in call.caller.granted_ids


def _pages(call: Call, person: Person) -> Sequence[Page]:
    """The granted pages on which the person has a role; pages of the new kind may be missing here."""
    call.demand("pages_show_list")
    return [page for page in call.sandbox.world.pages_of(person.id) if page.listed and _granted(call, page.id)]


def _ad_accounts(call: Call, person: Person) -> Sequence[AdAccount]:
    if not {"ads_read", "ads_management"} & call.caller.scopes:
        raise GraphError("(#200) Requires ads_read or ads_management permission.", code=200, status=403)
    return [account for account in call.sandbox.world.ad_accounts_of(person.id) if _granted(call, account.id)]


def _businesses(call: Call, person: Person) -> Sequence[Business]:
    call.demand("business_management")
    return call.sandbox.world.businesses_of(person.id)


def _owned_pages(call: Call, business: Business) -> Sequence[Page]:
    call.demand("business_management")
    pages = call.sandbox.world.pages
    return [page for page in pages if page.business_id == business.id and _granted(call, page.id)]


def _owned_ad_accounts(call: Call, business: Business) -> Sequence[AdAccount]:
    call.demand("business_management")
    accounts = call.sandbox.world.ad_accounts
    return [account for account in accounts if account.business_id == business.id and _granted(call, account.id)]


def _none(_call: Call, _value: Any) -> Sequence[Any]:
    return []


def _permissions(call: Call, person: Person, _asked: object) -> JSON:
    grant = call.sandbox.grants.grant(person.id)
    if grant is None:
        return {"data": []}
    given = [{"permission": scope, "status": "granted"} for scope in sorted(grant.scopes)]
    return {"data": given + [{"permission": scope, "status": "declined"} for scope in sorted(grant.declined)]}


def _take_back(call: Call, person: Person) -> JSON:
    """`DELETE /me/permissions[?permission=]`: take one permission back, or all."""
    scope = call.params.get("permission")
    if scope:
        call.sandbox.grants.decline(person.id, scope)
    else:
        call.sandbox.grants.remove(person.id)
    return {"success": True}


def _roles(call: Call, _value: str, _asked: object) -> JSON:
    """Who has a role on the app; only the app itself may ask."""
    if call.caller.kind != "APP":
        raise GraphError("(#15) This method must be called with an app access_token.", code=15)
    app_id = call.sandbox.settings.app_id
    return {"data": [{"app_id": app_id, "user": user, "role": role} for user, role in call.sandbox.roles.items()]}


BUSINESS = NodeType(
    "Business",
    fields={"id": lambda _call, business: business.id, "name": lambda _call, business: business.name},
    default=("id", "name"),
    edges={
        "owned_pages": Edge(PAGE, _owned_pages),
        "client_pages": Edge(PAGE, _none),
        "owned_ad_accounts": Edge(AD_ACCOUNT, _owned_ad_accounts),
        "client_ad_accounts": Edge(AD_ACCOUNT, _none),
    },
)
USER = NodeType(
    "User",
    fields={
        "id": lambda _call, person: person.id,
        "name": lambda _call, person: person.name,
        "first_name": lambda _call, person: person.name.split()[0],
        "last_name": lambda _call, person: person.name.split()[-1],
        "email": lambda _call, _person: OMITTED,
    },
    default=("id", "name"),
    edges={
        "accounts": Edge(PAGE, _pages, max_limit=MAX_PAGES),
        "businesses": Edge(BUSINESS, _businesses),
        "adaccounts": Edge(AD_ACCOUNT, _ad_accounts),
        "permissions": Edge(answer=_permissions, remove=_take_back),
    },
)
APP = NodeType(
    "Application",
    fields={
        "id": lambda _call, app_id: app_id,
        "name": lambda call, _app_id: call.sandbox.settings.app_name,
        "link": lambda call, app_id: f"{call.base_url}/games/?app_id={app_id}",
        "app_type": lambda _call, _app_id: 0,
        "app_domains": lambda _call, _app_id: [],
        "privacy_policy_url": lambda _call, _app_id: "",
        "restrictions": lambda _call, _app_id: {},
    },
    default=("id", "name", "link"),
    edges={"roles": Edge(answer=_roles)},
)


def _find(call: Call, object_id: str) -> Found | None:
    world = call.sandbox.world
    if object_id in {"app", call.sandbox.settings.app_id}:
        return Found(APP, call.sandbox.settings.app_id)
    person_id = call.caller.user_id if object_id == "me" else object_id
    if person_id is not None and person_id == call.caller.user_id and call.caller.page_id is None:
        person = world.person(person_id)
        return None if person is None else Found(USER, person)
    business = world.business(object_id)
    if business is not None and call.caller.user_id in business.people and "business_management" in call.caller.scopes:
        return Found(BUSINESS, business)
    return None


def surface() -> Surface:
    """People, businesses and the app."""
    return Surface(find=_find)
