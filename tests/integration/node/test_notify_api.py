"""`POST /notifications`: what n8n has people told, through the node's own targets, on both databases."""

from typing import Any

import pytest
from tests.conftest import Serve
from tests.integration.node.conftest import Answer, MakeStage, Stage, call
from tests.integration.node.sinks import HttpSink

from freehold.kernel.addresses import AddressPolicy
from freehold.node.notifications.outbox import deliver_due
from freehold.node.notifications.targets import TARGETS_FILE, keep_target, new_target, remove_target
from freehold.node.notifications.wishes import Topic, Wishes

FAILED = {
    "key": "ads_hourly:failed:2026-11-25",
    "severity": "critical",
    "title": "No ads",
    "text": "Line one\nline two",
}


@pytest.fixture
def sink() -> HttpSink:
    """Where notifications arrive."""
    return HttpSink()


@pytest.fixture
async def told(make_stored: MakeStage, sink: HttpSink, serve: Serve) -> Stage:
    """A node with one target."""
    stage = await make_stored()
    target = new_target("hook", f"{await serve(sink.app())}/hook", AddressPolicy.of("127.0.0.0/8"))
    keep_target(stage.node.settings.data_dir, target)
    return stage


async def tell(stage: Stage, secret: str | None = None, **body: Any) -> Answer:
    """Have people told."""
    used = secret or await stage.key("workflows")
    return await call("POST", f"{stage.workflows}/notifications", key=used, json=FAILED | body)


async def test_people_are_told_once(told: Stage, sink: HttpSink) -> None:
    """The same key again changes nothing; another is another thing."""
    first, second = await tell(told), await tell(told, title="No ads still")
    assert (first.status, first.body, second.body) == (202, {"new": True, "targets": 1}, {"new": False, "targets": 1})
    assert (await tell(told, key="another")).body["new"]
    await deliver_due(told.node)
    bodies = [body for _, body in sink.taken]
    assert [(each["kind"], each["severity"], each["title"], each["text"]) for each in bodies] == [
        ("workflow", "critical", "No ads", "Line one\nline two")
    ] * 2


async def test_what_n8n_says_of_ads_reaches_whoever_chose_ads(stored: Stage, sink: HttpSink, serve: Serve) -> None:
    """As when the node itself has it told: both use one key, and whoever is first tells it."""
    base = await serve(sink.app())
    topics: tuple[Topic, ...] = ("ads", "workflows")
    for topic in topics:
        target = new_target(topic, f"{base}/{topic}", AddressPolicy.of("127.0.0.0/8"), Wishes(topics=(topic,)))
        keep_target(stored.node.settings.data_dir, target)
    assert (await tell(stored, key="ad_bands:spend:act_1:2026-11-25:above")).body == {"new": True, "targets": 1}
    await deliver_due(stored.node)
    ((path, body),) = sink.taken
    assert (path, body["kind"]) == ("/ads", "ad_bands")


async def test_nobody_to_tell_is_said(stored: Stage) -> None:
    """So that whoever builds a workflow sees it."""
    assert (await tell(stored)).body == {"new": True, "targets": 0}


async def test_text_calls_nobody_and_holds_no_markup(told: Stage, sink: HttpSink) -> None:
    """It may quote what strangers wrote."""
    await tell(told, title="<!channel>\nAds", text="@everyone see <b>this</b> @@all\x07")
    await deliver_due(told.node)
    ((_, body),) = sink.taken
    assert (body["title"], body["text"]) == ("(!channel) Ads", "everyone see (b)this(/b) all")


@pytest.mark.parametrize(
    "wrong", [{"key": "two words"}, {"severity": "loud"}, {"title": ""}, {"text": "x" * 4001}, {"to": "me@example.com"}]
)
async def test_what_cannot_be_told_is_refused(told: Stage, wrong: dict[str, Any]) -> None:
    """Each with a code; whom to tell is not the caller's to choose."""
    assert (await tell(told, **wrong)).refusal == (422, "invalid_request")


async def test_a_workflow_that_runs_wild_is_stopped(told: Stage) -> None:
    """After so many in an hour, for this key alone."""
    key = await told.key("workflows")
    answers = [await tell(told, key) for _ in range(121)]
    assert [answer.status for answer in answers[-2:]] == [202, 429]
    assert (await tell(told)).status == 202


async def test_a_key_without_the_scope_tells_nothing(told: Stage) -> None:
    """As everywhere."""
    assert (await tell(told, await told.key("tools:read"))).refusal == (403, "scope_missing")


async def test_a_damaged_list_of_targets_is_said(told: Stage) -> None:
    """Not that everything is well."""
    (told.node.settings.data_dir / TARGETS_FILE).write_text("[", encoding="utf-8")
    assert (await tell(told)).refusal == (503, "targets_damaged")


async def test_targets_are_tried_at_once(told: Stage, sink: HttpSink, serve: Serve) -> None:
    """Each says whether it took the message, whatever it wishes to hear; no answer shows an address."""
    broken = HttpSink(status=500)
    quiet = Wishes(least="critical")
    url = f"{await serve(broken.app())}/secret-path"
    keep_target(told.node.settings.data_dir, new_target("broken", url, AddressPolicy.of("127.0.0.0/8"), quiet))
    key = await told.key("workflows")
    answer = await call("POST", f"{told.workflows}/notifications/test", key=key, json={})
    assert answer.body == [
        {"target": "hook", "way": "http", "taken": True, "error": ""},
        {"target": "broken", "way": "http", "taken": False, "error": "it answered with HTTP status 500"},
    ]
    assert [body["kind"] for _, body in sink.taken] == ["test"]
    one = await call("POST", f"{told.workflows}/notifications/test", key=key, json={"target": "hook"})
    assert [each["target"] for each in one.body] == ["hook"]
    none = await call("POST", f"{told.workflows}/notifications/test", key=key, json={"target": "nobody"})
    assert none.refusal == (404, "target_unknown")


async def test_where_nobody_is_told_yet_that_is_said(told: Stage) -> None:
    """Whoever presses the button of n8n's workflow has named no target."""
    remove_target(told.node.settings.data_dir, "hook")
    answer = await call("POST", f"{told.workflows}/notifications/test", key=await told.key("workflows"), json={})
    assert answer.refusal == (404, "no_targets")


async def test_trying_is_limited_and_needs_the_scope(told: Stage) -> None:
    """It sends to somebody each time."""
    key, url = await told.key("workflows"), f"{told.workflows}/notifications/test"
    answers = [await call("POST", url, key=key, json={"target": "nobody"}) for _ in range(11)]
    assert [answer.status for answer in answers[-2:]] == [404, 429]
    assert (await call("POST", url, key=await told.key("tools:read"), json={})).refusal == (403, "scope_missing")
