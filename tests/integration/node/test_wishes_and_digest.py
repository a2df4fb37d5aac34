"""Who is told what, when, and in one message: on both databases, with a real HTTP server as the target."""

from datetime import timedelta
from typing import Any

import pytest
from tests.conftest import Serve
from tests.integration.node.conftest import MakeStage, Stage
from tests.integration.node.sinks import HttpSink
from tests.integration.workflows.conftest import ended, order

from freehold.kernel.addresses import AddressPolicy
from freehold.node.alerts.watch import watch
from freehold.node.notifications.digest import LONGEST_WAIT, MOST, make_digests
from freehold.node.notifications.notice import Notice, Severity
from freehold.node.notifications.outbox import LAPSED, Delivered, deliver_due, tell
from freehold.node.notifications.queries import held
from freehold.node.notifications.tables import notification_deliveries, notifications
from freehold.node.notifications.targets import keep_target, load_targets, new_target, remove_target
from freehold.node.notifications.wishes import QuietHours, Wishes
from freehold.node.retention.prune import prune
from freehold.node.workflows.runtime import working

NOTHING = Delivered(sent=0, failed=0)


@pytest.fixture
def web() -> HttpSink:
    """What an HTTP server remembers."""
    return HttpSink()


async def add(stage: Stage, serve: Serve, sink: HttpSink, name: str = "hook", **wishes: Any) -> None:
    """Add a target with these wishes."""
    url = f"{await serve(sink.app())}/{name}"
    keep_target(stage.node.settings.data_dir, new_target(name, url, AddressPolicy.of("127.0.0.0/8"), Wishes(**wishes)))


async def say(stage: Stage, key: str, severity: Severity = "warning", kind: str = "throttled", **more: Any) -> None:
    """Have something told."""
    async with stage.node.database.writing() as session:
        notice = Notice(key, kind, severity, f"Title of {key}", f"First of {key}.\n\nMore of it.", **more)
        assert await tell(session, notice, load_targets(stage.node.settings.data_dir), stage.clock.now())


def taken(sink: HttpSink) -> list[tuple[str, str]]:
    """Kind and title of what has arrived."""
    return [(body["kind"], body["title"]) for _, body in sink.taken]


async def test_each_target_is_told_of_its_own_topics(stored: Stage, serve: Serve, web: HttpSink) -> None:
    """One hears of ads, one of what is critical, and nobody of what nobody wants."""
    await add(stored, serve, web, "ads", topics=("ads",))
    await add(stored, serve, web, "grave", least="critical")
    await say(stored, "a", kind="ad_bands")
    await say(stored, "b", "critical")
    await say(stored, "c", "info")
    await deliver_due(stored.node)
    assert sorted((path, body["id"]) for path, body in web.taken) == [("/ads", "a"), ("/grave", "b")]


async def test_quiet_hours_put_off_and_lose_nothing(stored: Stage, serve: Serve, web: HttpSink) -> None:
    """What is critical is sent in the night, the rest once in the morning; waiting is no attempt."""
    now = stored.clock.now()
    quiet = QuietHours.read(f"{now - timedelta(hours=1):%H:%M}-{now + timedelta(hours=8):%H:%M} UTC")
    await add(stored, serve, web, quiet=quiet)
    await say(stored, "warning")
    await say(stored, "critical", "critical")
    assert await deliver_due(stored.node) == Delivered(sent=1, failed=0)
    stored.clock.advance(timedelta(hours=7, minutes=59))
    assert await deliver_due(stored.node) == NOTHING
    stored.clock.advance(timedelta(minutes=1))
    assert await deliver_due(stored.node) == Delivered(sent=1, failed=0)
    assert [title for _, title in taken(web)] == ["Title of critical", "Title of warning"]
    assert {row["attempts"] for row in await stored.rows(notification_deliveries)} == {1}


async def test_what_would_lapse_in_quiet_hours_is_told_at_once_or_closed(
    stored: Stage, serve: Serve, web: HttpSink
) -> None:
    """A warning goes at once, though others had it already; what is less is written down as lapsed, for it would be."""
    now = stored.clock.now()
    quiet = QuietHours.read(f"{now - timedelta(hours=1):%H:%M}-{now + timedelta(hours=8):%H:%M} UTC")
    await add(stored, serve, HttpSink(), "other")
    await add(stored, serve, web, quiet=quiet)
    await say(stored, "link", "warning", valid_until=now + timedelta(hours=2))
    await say(stored, "offer", "info", valid_until=now + timedelta(hours=2))
    await say(stored, "later", "warning", valid_until=now + timedelta(hours=9))
    await deliver_due(stored.node)
    assert [title for _, title in taken(web)] == ["Title of link"]
    rows = [row for row in await stored.rows(notification_deliveries) if row["target"] == "hook"]
    rows.sort(key=lambda row: row["id"])
    assert [(row["next_at"] is None, row["last_error"]) for row in rows] == [(True, ""), (True, LAPSED), (False, "")]
    stored.clock.advance(timedelta(hours=8))
    await deliver_due(stored.node)
    assert [title for _, title in taken(web)] == ["Title of link", "Title of later"]


async def test_a_digest_tells_once_what_waited(stored: Stage, serve: Serve, web: HttpSink) -> None:
    """The gravest first, in one message to the target that wanted it so; made again there is nothing left to tell."""
    await add(stored, serve, web, at_once="critical")
    await add(stored, serve, HttpSink(), "other")
    await say(stored, "one", "info")
    await say(stored, "two", "warning")
    await say(stored, "three", "critical")
    await deliver_due(stored.node)
    assert taken(web) == [("throttled", "Title of three")]
    stored.clock.advance(timedelta(hours=1))
    assert [await make_digests(stored.node), await make_digests(stored.node)] == [1, 0]
    stored.clock.advance(timedelta(days=2))
    assert await deliver_due(stored.node) == Delivered(sent=1, failed=0)
    assert await deliver_due(stored.node) == NOTHING
    _, digest = web.taken[-1]
    assert (digest["kind"], digest["severity"]) == ("digest", "warning")
    assert "2 things since" in digest["title"]
    assert digest["text"].index("[warning] Title of two") < digest["text"].index("Title of one")
    assert "First of two." in digest["text"]
    assert "More of it" not in digest["text"]


async def test_a_digest_is_retried_like_anything_else(stored: Stage, serve: Serve, web: HttpSink) -> None:
    """While its target is away it waits, and then arrives once."""
    await add(stored, serve, web, at_once="critical")
    await say(stored, "one")
    await deliver_due(stored.node)
    await make_digests(stored.node)
    web.status = 503
    assert await deliver_due(stored.node) == Delivered(sent=0, failed=1)
    web.status = 200
    stored.clock.advance(timedelta(hours=1))
    assert await deliver_due(stored.node) == Delivered(sent=1, failed=0)
    assert len(web.taken) == 1


async def test_two_processes_make_one_digest(stored: Stage, serve: Serve, web: HttpSink) -> None:
    """What one has taken off the list the other does not find."""
    await add(stored, serve, web, at_once="critical")
    await say(stored, "one")
    await deliver_due(stored.node)
    async with stored.node.database.writing() as session:
        assert len(await held(session)) == 1
        await session.rollback()
    assert await make_digests(stored.node) + await make_digests(stored.node) == 1
    assert len([row for row in await stored.rows(notifications) if row["kind"] == "digest"]) == 1


async def test_a_long_digest_names_the_gravest_and_counts_the_rest(stored: Stage, serve: Serve, web: HttpSink) -> None:
    """A flood becomes one message that can be read."""
    await add(stored, serve, web, at_once="critical")
    for number in range(MOST + 5):
        await say(stored, f"n{number:02}", "info")
    await say(stored, "grave")
    for _ in range(5):
        await deliver_due(stored.node)
    await make_digests(stored.node)
    await deliver_due(stored.node)
    ((_, digest),) = web.taken
    assert digest["text"].startswith("- [warning] Title of grave")
    assert "And 6 more" in digest["text"]
    assert len(digest["text"]) < 16_000


@pytest.mark.parametrize("chosen", [{"schedules": {"alert_digest": "off"}}, {"schedules_on": False}])
async def test_without_a_schedule_what_waits_is_told_after_two_days(
    make_stored: MakeStage, serve: Serve, web: HttpSink, chosen: dict[str, Any]
) -> None:
    """Whether or not somebody orders the workflow; until then it is left to them."""
    stage = await make_stored(**chosen)
    await add(stage, serve, web, at_once="critical")
    await say(stage, "one")
    await deliver_due(stage.node)
    stage.clock.advance(LONGEST_WAIT)
    await watch(stage.node)
    assert await deliver_due(stage.node) == NOTHING
    stage.clock.advance(timedelta(minutes=5))
    await watch(stage.node)
    assert await deliver_due(stage.node) == Delivered(sent=1, failed=0)
    assert [kind for kind, _ in taken(web)] == ["digest"]


async def test_a_schedule_of_ones_own_is_waited_for(make_stored: MakeStage, serve: Serve, web: HttpSink) -> None:
    """A digest once a week is nobody else's business."""
    stage = await make_stored(schedules={"alert_digest": "weekly monday 06:30"})
    await add(stage, serve, web, at_once="critical")
    await say(stage, "one")
    await deliver_due(stage.node)
    stage.clock.advance(timedelta(days=6))
    await watch(stage.node)
    assert await deliver_due(stage.node) == NOTHING


async def test_what_lapses_or_lost_its_target_is_in_no_digest(stored: Stage, serve: Serve, web: HttpSink) -> None:
    """A link to connect does not wait at all; what waits for a target that was removed is let go."""
    await add(stored, serve, web, at_once="critical")
    await add(stored, serve, HttpSink(), "gone", at_once="critical")
    await say(stored, "link", kind="data_access", valid_until=stored.clock.now() + timedelta(hours=2))
    await say(stored, "one")
    await deliver_due(stored.node)
    assert [title for _, title in taken(web)] == ["Title of link"]
    remove_target(stored.node.settings.data_dir, "gone")
    assert await make_digests(stored.node) == 1
    assert "the target was removed" in {row["last_error"] for row in await stored.rows(notification_deliveries)}


async def test_what_waits_is_not_pruned(stored: Stage, serve: Serve, web: HttpSink) -> None:
    """However long nobody makes a digest."""
    await add(stored, serve, web, at_once="critical")
    await say(stored, "one")
    await deliver_due(stored.node)
    stored.clock.advance(timedelta(days=400))
    await prune(stored.node)
    assert await make_digests(stored.node) == 1


async def test_the_workflow_makes_the_digest(stored: Stage, serve: Serve, web: HttpSink) -> None:
    """As a run like any other: ordered, remembered, ended."""
    await add(stored, serve, web, at_once="critical")
    await say(stored, "one")
    await deliver_due(stored.node)
    async with working(stored.node):
        run = await ended(stored.node, await order(stored.node, "alert_digest"))
    assert (run.outcome, dict(run.failures)) == ("complete", {})
    await deliver_due(stored.node)
    assert [kind for kind, _ in taken(web)] == ["digest"]
