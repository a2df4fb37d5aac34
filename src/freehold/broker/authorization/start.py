"""The first half of a flow: the page that names the receiving company, and the way to the provider's dialog."""

import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from freehold.broker.authorization import state
from freehold.broker.authorization.state import NewState
from freehold.broker.connections import queries as connections
from freehold.broker.connections.queries import Connection
from freehold.broker.context import Broker, check_provider
from freehold.broker.links import connect_links
from freehold.broker.links.connect_links import OpenedLink
from freehold.broker.registry import clients
from freehold.broker.registry.queries import Client
from freehold.kernel.database import ReadSession
from freehold.kernel.problems import Problem
from freehold.providers.meta import oauth


@dataclass(frozen=True)
class Started:
    """A flow that begins: where the browser goes, and its cookie."""

    url: str
    state: NewState


async def interstitial(
    broker: Broker, provider: str, client_id: str, link: str | None
) -> tuple[Client, dict[str, Any]]:
    """The client and what its interstitial shows; raises `Problem`. Looking uses nothing up."""
    check_provider(provider)
    async with broker.database.reading() as session:
        client, opened, active = await _check(broker, session, provider, client_id, link)
        if opened is not None:
            await connect_links.check_unused(session, opened)
        people = {each.user_hash for each in active} if opened is not None else set()
        shared = bool(people) and await connections.any_shared(session, provider, people, client_id)
    scopes = opened.scopes if opened is not None else broker.settings.meta_scopes
    return client, {
        "company": client.company_name,
        "host": urlsplit(client.vm_url).netloc,
        "meanings": [oauth.SCOPE_MEANINGS.get(scope, scope) for scope in scopes],
        "shared": shared,
        "action": f"/auth/{provider}",
        "client_id": client_id,
        "link": link,
    }


async def begin(broker: Broker, provider: str, client_id: str, link: str | None) -> Started:
    """Begin a flow, using up the link; raises `Problem`. Unless all of it succeeds, the link stays usable."""
    check_provider(provider)
    settings = broker.settings
    verifier = secrets.token_urlsafe(48) if settings.meta_pkce else None
    async with broker.database.writing() as session:
        client, opened, active = await _check(broker, session, provider, client_id, link)
        scopes = opened.scopes if opened is not None else settings.meta_scopes
        new = await state.begin(
            broker,
            session,
            provider=provider,
            client_id=client.client_id,
            verifier=verifier,
            link=link,
            link_id=None if opened is None else opened.id,
        )
        if opened is not None:
            await connect_links.consume(session, opened, client.client_id, broker.clock.now())
    url = oauth.dialog_url(
        settings.meta_dialog_url,
        broker.meta.app,
        redirect_uri=settings.redirect_uri(provider),
        state=new.text,
        scopes=scopes,
        config_id=settings.meta_config_id,
        challenge=None if verifier is None else oauth.challenge_of(verifier),
        again=bool(active),
    )
    return Started(url, new)


async def _check(
    broker: Broker, session: ReadSession, provider: str, client_id: str, link: str | None
) -> tuple[Client, OpenedLink | None, list[Connection]]:
    """The client, the link if one was given, and the client's active connections; raises `Problem`."""
    client = await clients.find_connectable(session, client_id)
    opened = None if link is None else connect_links.open_link(broker, link, provider, client)
    if opened is None and not client.bare_links:
        raise Problem(
            403,
            "link_required",
            "This company connects only through personal links.",
            "Ask the company for a connect link; it works once.",
        )
    existing = await connections.of_client(session, client_id, provider)
    return client, opened, [each for each in existing if each.status == "active"]
