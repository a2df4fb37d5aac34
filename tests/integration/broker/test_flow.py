"""The flow from a connect link to the grant on the client's own node, on both databases."""

from typing import Any

import pytest
from tests.integration.broker.conftest import Stage
from tests.integration.broker.meta import SCOPES, TOKEN, page


@pytest.fixture
def stage_database(database_url: str) -> str:
    """Both databases."""
    return database_url


async def test_a_grant_arrives_sealed_at_the_clients_node_and_the_person_at_its_page(stage: Stage) -> None:
    """From link to landing: the node holds the token, and the browser is sent to the node's own page."""
    node = await stage.add_client()

    done = await stage.connect()

    assert done.status == 303, done.text
    assert done.headers["Location"].startswith(f"{node.url}/success?handle=")
    (grant,) = node.grants
    assert (grant.status, grant.meta_user_id, grant.instagram_id) == ("active", "10220000000007001", "9001")
    assert (grant.facebook_page_id, grant.ad_account_id) == ("8001", "act_55")
    assert grant.access_token.get_secret_value().startswith("EAAlong")
    assert grant.access_token.get_secret_value().encode() not in node.bodies[0]
    assert b"access_token" not in node.bodies[0]
    assert set(grant.appsecret_proofs) == {"user", "8001"}
    assert set(grant.scopes) == set(SCOPES)
    assert {asset.kind for asset in grant.assets} == {"facebook_page", "instagram_account", "ad_account"}


async def test_what_stays_is_one_connection_and_one_event_without_the_person(stage: Stage) -> None:
    """The broker remembers who is connected for whom by a keyed hash, and nothing with which to call Meta."""
    await stage.add_client()
    await stage.connect()

    (connection,) = (await stage.admin("GET", "/admin/connections")).json()["connections"]
    events = await stage.events(outcome="succeeded")
    assert connection["status"] == "active"
    assert set(connection["assets"]) == {"8001", "9001", "act_55"}
    assert [event["step"] for event in events if event["flow_id"]] == ["callback", "authorize"]
    assert "10220000000007001" not in str([connection, events])


async def test_the_interstitial_names_the_receiver_before_anything_happens(stage: Stage) -> None:
    """A victim of somebody else's link sees which company and host would receive the access."""
    node = await stage.add_client("mallory")

    shown = await stage.browser.get(await stage.link("mallory"))

    assert shown.status == 200
    assert "Company mallory" in shown.text
    assert node.url.removeprefix("http://") in shown.text
    assert "developers.facebook.com/requests" in shown.text
    assert not stage.meta.asked


async def test_looking_at_a_link_does_not_use_it_up(stage: Stage) -> None:
    """A mail scanner that opens the link ahead of the person does no harm."""
    await stage.add_client()
    link = await stage.link()
    for _ in range(3):
        await stage.browser.get(link)

    done = await stage.browser.get(await stage.to_callback(link))

    assert done.status == 303


async def test_two_tabs_at_once_both_complete(stage: Stage) -> None:
    """Each flow has its own cookie."""
    node = await stage.add_client()
    first = await stage.to_callback(await stage.link())
    second = await stage.to_callback(await stage.link())

    answers = [await stage.browser.get(first), await stage.browser.get(second)]

    assert [answer.status for answer in answers] == [303, 303]
    assert len(node.grants) == 2


async def test_the_dialog_is_asked_with_pkce_state_and_scopes(stage: Stage) -> None:
    """The request carries what a provider needs, and the redirect address from the settings."""
    await stage.add_client()
    await stage.connect()

    (asked,) = stage.meta.asked
    assert asked["redirect_uri"] == f"{stage.url}/callback/meta"
    assert asked["scope"] == ",".join(SCOPES)
    assert asked["code_challenge_method"] == "S256"
    assert asked["state"].startswith("v1.")
    assert "auth_type" not in asked


async def test_a_second_connection_asks_again_for_what_was_declined(stage: Stage) -> None:
    """Whoever is connected already is asked with auth_type=rerequest."""
    await stage.add_client()
    await stage.connect()
    await stage.connect()

    assert stage.meta.asked[1]["auth_type"] == "rerequest"


async def test_no_token_or_secret_is_in_an_address(stage: Stage) -> None:
    """Tokens travel in headers and forms."""
    await stage.add_client()
    await stage.connect()

    addresses = " ".join(address for _, address in stage.meta.calls)
    assert not TOKEN.search(addresses)
    assert "app-secret" not in addresses
    assert "code=" not in addresses


async def test_a_stranger_on_a_bare_link_stays_pending(stage: Stage) -> None:
    """Without a link and without a match the grant arrives as pending, and so does the connection."""
    node = await stage.add_client()

    await stage.browser.get(await stage.to_callback(stage.bare()))

    assert [grant.status for grant in node.grants] == ["pending"]
    (connection,) = (await stage.admin("GET", "/admin/connections")).json()["connections"]
    assert connection["status"] == "pending"


async def test_a_strangers_pending_connection_opens_nothing_for_the_next(stage: Stage) -> None:
    """A pending connection is no reason to accept its person or assets later."""
    node = await stage.add_client()
    for _ in range(2):
        await stage.browser.get(await stage.to_callback(stage.bare()))

    assert [grant.status for grant in node.grants] == ["pending", "pending"]


@pytest.mark.parametrize("allowed", [{"allowed_users": ["10220000000007001"]}, {"allowed_assets": ["9001"]}])
async def test_the_allow_list_makes_a_bare_link_active(stage: Stage, allowed: dict[str, Any]) -> None:
    """A person or an asset on the client's list needs no link."""
    node = await stage.add_client(**allowed)

    await stage.browser.get(await stage.to_callback(stage.bare()))

    assert [grant.status for grant in node.grants] == ["active"]


async def test_who_is_connected_may_connect_again_by_a_bare_link(stage: Stage) -> None:
    """An active connection of the same person or asset counts."""
    node = await stage.add_client()
    await stage.connect()

    await stage.browser.get(await stage.to_callback(stage.bare()))

    assert [grant.status for grant in node.grants] == ["active", "active"]


async def test_a_page_that_the_list_leaves_out_is_found_by_its_id(stage: Stage) -> None:
    """me/accounts may be empty although the grant names the page."""
    node = await stage.add_client()
    stage.meta.hidden_pages, stage.meta.pages = stage.meta.pages, []

    await stage.connect()

    assert node.grants[0].instagram_id == "9001"


@pytest.mark.parametrize(
    ("pages", "hidden", "reason"),
    [
        ([], [], "page_not_ticked"),
        ([], [{"id": "66"}], "page_no_role"),
        ([page("8001", "Rosa", None)], [], "instagram_not_linked"),
        ([page("8001", "Rosa", None) | {"connected_instagram_account": {"id": "1"}}], [], "instagram_not_professional"),
    ],
)
async def test_nothing_found_gives_the_exact_reason(
    stage: Stage, pages: list[dict[str, str]], hidden: list[dict[str, str]], reason: str
) -> None:
    """The person is told which step to repeat, and gets a way to start again."""
    node = await stage.add_client()
    stage.meta.pages, stage.meta.hidden_pages, stage.meta.ad_accounts = pages, hidden, []
    if hidden:
        stage.meta.faults["/66"] = (400, {"error": {"code": 100, "message": "no", "type": "GraphMethodException"}})

    done = await stage.connect()

    assert done.status == 422
    assert reason in done.text
    assert "Start again" in done.text
    assert not node.grants
    assert (await stage.reasons("rosa"))[0] == reason


async def test_the_provider_being_away_is_said_and_recorded(stage: Stage) -> None:
    """A failure of Meta is not a failure of the person."""
    await stage.add_client()
    stage.meta.faults["/me/permissions"] = (500, "<html>sorry</html>")

    done = await stage.connect()

    assert done.status == 502
    assert (await stage.reasons("rosa"))[0] == "provider_unavailable"
