"""What happens when the client's node does not take a delivery."""

import json
from datetime import timedelta
from typing import Any

import pytest
from tests.integration.broker.conftest import Answer, Stage
from tests.integration.broker.meta import TOKEN

from freehold.demo.forms import read_forms

PLAN: list[tuple[list[int | str], str]] = [
    ([500] * 20, "node_status_500"),
    ([307] * 2, "node_redirects"),
    ([302] * 2, "node_redirects"),
    (["garbage"], "node_answer_unreadable"),
    (["slow"] * 3, "node_timeout"),
    ([404], "node_status_404"),
]


def form_of(page: Answer) -> dict[str, str]:
    """The hidden fields of a page."""
    return dict(read_forms(page.text, page.url)[0].data())


async def undelivered(stage: Stage, **more: Any) -> Answer:
    """A flow whose node is away at its end."""
    node = await stage.add_client(**more)
    node.answers.extend([503] * 20)
    page = await stage.connect()
    node.answers.clear()
    return page


@pytest.mark.parametrize(("answers", "reason"), PLAN, ids=[reason for _, reason in PLAN])
async def test_a_grant_that_was_not_taken_waits_on_the_persons_page(
    stage: Stage, answers: list[int | str], reason: str
) -> None:
    """Whatever keeps the node from taking it, "try again" delivers it later: nothing lost, nothing doubled."""
    node = await stage.add_client()
    node.answers.extend(answers)
    page = await stage.connect()
    assert (page.status, reason in page.text) == (502, True), page.text
    assert not node.grants
    assert page.headers["Cache-Control"] == "no-store"
    assert not TOKEN.search(page.text)
    node.answers.clear()

    done = await stage.browser.submit(page)
    repeated = await stage.browser.submit(page)

    assert (done.status, repeated.status) == (303, 303)
    assert done.headers["Location"].startswith(f"{node.url}/success?handle=")
    assert len(node.grants) == 1


async def test_a_short_failure_is_bridged_while_the_person_waits(stage: Stage) -> None:
    """A node that restarts is tried again within the request."""
    node = await stage.add_client()
    node.answers.extend([503, 500])

    done = await stage.connect()

    assert done.status == 303
    assert len(node.grants) == 1


async def test_a_wrong_key_loses_nothing(stage: Stage) -> None:
    """When the node does not know the key, the operator sees it and the page still holds the grant."""
    node = await stage.add_client()
    known, node.api_key = node.api_key, "another"
    page = await stage.connect()
    node.api_key = known

    done = await stage.browser.submit(page)

    assert "node_refused_key" in page.text
    assert done.status == 303


async def test_a_redirect_is_never_followed(stage: Stage) -> None:
    """The key and the grant go to the registered address and nowhere else."""
    node = await stage.add_client()
    node.answers.append(307)
    await stage.connect()

    assert len(node.bodies) == 1


async def test_a_refusal_for_good_is_not_repeated(stage: Stage) -> None:
    """What the node understood and refused is not sent again."""
    node = await stage.add_client()
    node.answers.append(422)

    page = await stage.connect()

    assert (page.status, len(node.bodies)) == (502, 1)
    assert "delivery_refused" in page.text
    assert "told_to" in page.text


async def test_a_client_without_a_key_gets_a_plain_grant_or_nothing(stage: Stage) -> None:
    """Without a public key nothing may wait on a page, so the person authorises again."""
    node = await stage.add_client(sealed=False)
    node.answers.extend([503] * 20)
    page = await stage.connect()
    node.answers.clear()
    done = await stage.connect()

    assert "delivery_failed" in page.text
    assert "envelope" not in page.text
    assert not TOKEN.search(page.text)
    assert done.status == 303
    assert json.loads(node.bodies[-1])["access_token"].startswith("EAAlong")


async def test_nothing_of_an_undelivered_grant_is_stored(stage: Stage) -> None:
    """Neither the envelope nor what is in it is in the database or beside it."""
    page = await undelivered(stage)
    sealed = json.loads(form_of(page)["envelope"])["sealed"]
    folder = stage.broker.settings.data_dir

    stored = b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())

    assert sealed.encode() not in stored
    assert not TOKEN.search(stored.decode("latin-1"))


@pytest.mark.parametrize(
    ("field", "value"),
    [("signature", "AAAA"), ("client_id", "mallory"), ("sealed", "AAAA"), ("expires_at", "2099-01-01T00:00:00Z")],
)
async def test_a_forged_or_altered_envelope_is_refused(stage: Stage, field: str, value: str) -> None:
    """Only what this broker signed is forwarded."""
    page = await undelivered(stage)
    await stage.add_client("mallory")
    form = form_of(page)
    form["envelope"] = json.dumps(json.loads(form["envelope"]) | {field: value})

    answer = await stage.browser.post(f"{stage.url}/deliveries", form)

    assert answer.status == 400
    assert (await stage.reasons())[0] == "envelope_forged"
    assert not any(node.grants for node in stage.nodes.values())


@pytest.mark.parametrize("text", ["", "{}", "nonsense", '{"version": 2}'])
async def test_something_that_is_no_envelope_is_refused(stage: Stage, text: str) -> None:
    """Nonsense gets a clear answer."""
    answer = await stage.browser.post(f"{stage.url}/deliveries", {"envelope": text})

    assert answer.status in {400, 422}


async def test_an_envelope_that_waited_too_long_is_refused(stage: Stage) -> None:
    """After half an hour the person starts again."""
    page = await undelivered(stage)
    stage.clock.advance(timedelta(minutes=30))

    answer = await stage.browser.submit(page)

    assert answer.status == 410
    assert "envelope_expired" in answer.text


async def test_an_envelope_for_a_paused_client_is_not_forwarded(stage: Stage) -> None:
    """A changed address stops deliveries that wait, too."""
    page = await undelivered(stage)
    await stage.admin("PUT", "/admin/clients/rosa", {"success_url": "http://127.0.0.1:1/other"})

    answer = await stage.browser.submit(page)

    assert answer.status == 403
    assert "client_paused" in answer.text


async def test_a_handle_that_is_none_goes_nowhere(stage: Stage) -> None:
    """What another page put into the field is dropped."""
    page = await undelivered(stage)
    form = form_of(page) | {"handle": "x&y=http://evil.example"}

    answer = await stage.browser.post(f"{stage.url}/deliveries", form)

    assert answer.headers["Location"] == f"{stage.nodes['rosa'].url}/success"


async def test_the_events_say_why_a_node_refused(stage: Stage) -> None:
    """The node's own code is what an operator needs."""
    node = await stage.add_client()
    node.answers.append(409)

    await stage.connect()

    assert (await stage.reasons("rosa"))[0] == "told_to"
