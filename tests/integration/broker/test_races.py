"""What happens while a flow is under way: changes of the client, events and another flow."""

import asyncio
from datetime import timedelta

import pytest
from tests.integration.broker.conftest import Answer, Stage
from tests.integration.broker.meta import page
from tests.integration.broker.node import Node
from tests.integration.broker.test_attacks import BAD_CONSENT
from tests.integration.broker.test_platform_events import call, signed, statuses


def again_of(shown: Answer) -> str:
    """Where the button of a problem's page leads."""
    return shown.text.partition('class="button" href="')[2].partition('"')[0].replace("&amp;", "&")


async def in_delivery(stage: Stage, node: Node, callback: str) -> asyncio.Task[Answer]:
    """A flow whose first delivery has just failed, so that it will be repeated."""
    arrived = asyncio.Event()
    node.on_delivery = arrived.set
    node.answers.append(503)
    task = asyncio.create_task(stage.browser.get(callback))
    await arrived.wait()
    return task


async def test_a_client_that_is_removed_during_a_delivery_leaves_no_connection(stage: Stage) -> None:
    """Whoever has its id next inherits nothing."""
    node = await stage.add_client()
    flow = await in_delivery(stage, node, await stage.to_callback(await stage.link()))
    await stage.admin("DELETE", "/admin/clients/rosa")
    await flow

    assert await statuses(stage) == []


async def test_a_deauthorization_during_a_delivery_reaches_the_node(stage: Stage) -> None:
    """The connection is written before the grant leaves, so that the event finds it."""
    node = await stage.add_client()
    flow = await in_delivery(stage, node, await stage.to_callback(await stage.link()))
    await call(stage, "deauthorize", signed(stage))
    await flow

    assert await statuses(stage) == ["revoked"]
    assert len(node.events) == 1


async def test_an_older_flow_does_not_weaken_a_newer_connection(stage: Stage) -> None:
    """A pending grant that arrives late leaves the active connection active."""
    node = await stage.add_client()
    bare, linked = await stage.to_callback(stage.bare()), await stage.to_callback(await stage.link())
    flow = await in_delivery(stage, node, bare)
    stage.clock.advance(timedelta(seconds=1))
    await stage.browser.get(linked)
    await flow

    assert await statuses(stage) == ["active"]


async def test_a_paused_client_costs_neither_the_answer_nor_a_call_to_meta(stage: Stage) -> None:
    """After the confirmation the same answer completes the flow."""
    node = await stage.add_client()
    callback = await stage.to_callback(await stage.link())
    await stage.admin("PUT", "/admin/clients/rosa", {"allowed_assets": ["1"]})
    paused = await stage.browser.get(callback)
    calls = len(stage.meta.calls)
    await stage.admin("POST", "/admin/clients/rosa/confirm")

    done = await stage.browser.get(callback)

    assert (paused.status, calls, done.status, len(node.grants)) == (403, 0, 303, 1)


async def test_starting_again_keeps_the_links_own_end(stage: Stage) -> None:
    """However often somebody starts again, a link lasts no longer than it was made for."""
    await stage.add_client(bare_links=False)
    stage.meta.refusal = BAD_CONSENT["consent_refused"]
    url = await stage.link(valid_seconds=300)
    for _ in range(3):
        url = again_of(await stage.browser.get(await stage.to_callback(url)))
        stage.clock.advance(timedelta(seconds=90))
    callback = await stage.to_callback(url)
    stage.clock.advance(timedelta(seconds=90))

    assert again_of(await stage.browser.get(callback)) == ""
    assert (await stage.browser.get(url)).status == 410
    assert [event["step"] for event in await stage.events(client_id="rosa")].count("link.reopened") == 3


async def test_a_revoked_link_cannot_be_started_again(stage: Stage) -> None:
    """Whoever withdraws a link withdraws the way back too."""
    await stage.add_client()
    stage.meta.refusal = BAD_CONSENT["consent_refused"]
    made = (await stage.admin("POST", "/admin/clients/rosa/connect-links", {})).json()
    callback = await stage.to_callback(made["url"])
    await stage.admin("DELETE", f"/admin/clients/rosa/connect-links/{made['link_id']}")

    assert again_of(await stage.browser.get(callback)) == ""


async def test_only_a_page_reopens_a_link(stage: Stage) -> None:
    """Who reads no page has no button to press."""
    await stage.add_client()
    stage.meta.refusal = BAD_CONSENT["consent_refused"]
    link = await stage.link()
    await stage.browser.get(await stage.to_callback(link), Accept="application/json")

    assert (await stage.browser.get(link)).status == 410


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/me/accounts", {"data": [{"name": "no id"}]}),
        ("/me/accounts", {"data": {"id": "1"}}),
        ("/me/accounts", {"data": [["8001"]]}),
        ("/me/accounts", {"data": [], "paging": ["x"]}),
        ("/me/adaccounts", {"data": [{"account_id": "55"}]}),
        ("/me/adaccounts", {"data": [{"id": "act_55", "currency": {"code": "EUR"}}]}),
        ("/me/permissions", {"data": ["ads_read"]}),
        ("/debug_token", {"data": {"granular_scopes": ["x"]}}),
        ("/debug_token", {"data": {"expires_at": 10**20}}),
        ("/access_token", "[" * 100_000),
    ],
)
async def test_an_answer_of_meta_in_an_unexpected_form_ends_the_flow_properly(
    stage: Stage, path: str, answer: object
) -> None:
    """The person sees a page with a way to start again, and the events say that Meta failed."""
    await stage.add_client()
    stage.meta.faults[path] = (200, answer)

    shown = await stage.connect()

    assert (shown.status, shown.headers["Content-Type"]) == (502, "text/html; charset=utf-8")
    assert again_of(shown)
    assert (await stage.reasons("rosa"))[0] == "provider_unavailable"


async def test_a_failure_of_our_own_is_a_page_and_an_event_too(stage: Stage) -> None:
    """A key that is registered although nothing can be sealed to it does not break the flow's end."""
    node = await stage.add_client()
    async with stage.broker.database.writing() as session:
        await session.exec_driver_sql("UPDATE client_vm_registry SET vm_api_key = 'v1.0.0'")

    shown = await stage.connect()

    assert (shown.status, shown.headers["Content-Type"]) == (500, "text/html; charset=utf-8")
    assert (await stage.reasons("rosa"))[0] == "unexpected"
    assert not node.grants


async def test_a_stranger_warns_nobody(stage: Stage) -> None:
    """Who came by a bare link and stays pending is neither a shared user nor a reason to ask again."""
    await stage.add_client("rosa")
    await stage.add_client("lena")
    stage.meta.user_id = "666"
    for client_id in ("rosa", "lena"):
        await stage.browser.get(await stage.to_callback(stage.bare(client_id)))

    shown = await stage.browser.get(await stage.link("rosa"))
    await stage.connect("rosa")

    assert "also serves another company" not in shown.text
    assert "user_serves_other_client" not in await stage.reasons("lena")
    assert "auth_type" not in stage.meta.asked[-1]


async def test_a_refusal_by_policy_still_warns_the_other_client(stage: Stage) -> None:
    """Meta has replaced the choice of pages by then, whether the grant is delivered or not."""
    await stage.add_client("rosa")
    await stage.add_client("strict", shared_user_policy="refuse")
    await stage.connect("rosa")
    stage.meta.pages = [page("8002", "Other", "9002")]

    refusal = await stage.connect("strict")

    assert refusal.status == 409
    assert "grant_replaced_elsewhere" in await stage.reasons("rosa")
