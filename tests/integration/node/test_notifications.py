"""Notifications reach people by mail, webhook and chat, once each, whatever happens on the way."""

import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from tests.conftest import Serve
from tests.integration.node.conftest import Stage
from tests.integration.node.sinks import HttpSink, MailSink, mail_sink

from freehold.kernel.addresses import AddressPolicy, AddressRefusedError
from freehold.node.http import open_client
from freehold.node.notifications import outbox, queries
from freehold.node.notifications.notice import Letter, Notice, Outcome
from freehold.node.notifications.outbox import Delivered, deliver_due, tell
from freehold.node.notifications.send import Sender, send, understand
from freehold.node.notifications.tables import notification_deliveries
from freehold.node.notifications.targets import (
    TARGETS_FILE,
    Target,
    TargetRefusedError,
    keep_target,
    load_targets,
    new_target,
    remove_target,
)

LOOPBACK = AddressPolicy.of("127.0.0.0/8")
PASSWORD = "hunter2-marked"


@pytest.fixture
async def mail() -> AsyncIterator[MailSink]:
    """A mail server."""
    async with mail_sink() as sink:
        yield sink


@pytest.fixture
def web() -> HttpSink:
    """What an HTTP server remembers."""
    return HttpSink()


def mail_url(sink: MailSink, schema: str = "mailto") -> str:
    """The address at which Apprise mails to it, with a password that nobody may see."""
    return f"{schema}://127.0.0.1:{sink.port}/?from=node@rosa.example&to=people@rosa.example&pass={PASSWORD}"


def chat_url(base: str) -> str:
    """The address of a Mattermost, which takes what Slack's webhooks take."""
    return f"mmost://{base.removeprefix('http://')}/{PASSWORD}"


def add(stage: Stage, name: str, url: str) -> None:
    """Add a target to the node."""
    keep_target(stage.node.settings.data_dir, new_target(name, url, LOOPBACK))


def notice(text: str = "Words.", valid_until: datetime | None = None) -> Notice:
    """Something to tell."""
    return Notice("k", "throttled", "warning", "A title", text, valid_until)


async def say(stage: Stage, said: Notice) -> bool:
    """Have it told to the node's targets."""
    async with stage.node.database.writing() as session:
        return await tell(session, said, load_targets(stage.node.settings.data_dir), stage.clock.now())


async def test_a_notification_reaches_mail_webhook_and_chat_once(
    stored: Stage, mail: MailSink, web: HttpSink, serve: Serve
) -> None:
    """One row becomes a mail, a JSON body with the named members, and a chat message; sending again sends nothing."""
    base = await serve(web.app())
    add(stored, "mail", mail_url(mail))
    add(stored, "hook", f"{base}/hook")
    add(stored, "chat", chat_url(base))
    assert await say(stored, notice())
    assert not await say(stored, notice())

    assert await deliver_due(stored.node) == Delivered(sent=3, failed=0)
    stored.clock.advance(timedelta(days=1))
    assert await deliver_due(stored.node) == Delivered(sent=0, failed=0)

    (message,) = mail.messages
    assert message["Subject"] == "A title"
    assert "Words." in message.get_content()
    bodies = dict(web.taken)
    assert bodies["/hook"] == {
        "id": "k",
        "kind": "throttled",
        "severity": "warning",
        "title": "A title",
        "text": "Words.",
        "node": "rosa",
        "at": (stored.clock.now() - timedelta(days=1)).isoformat(),
    }
    assert "Words." in bodies[f"/hooks/{PASSWORD}"]["text"]
    assert len(web.taken) == 2


async def test_what_did_not_arrive_is_tried_again_and_the_rest_is_not(
    stored: Stage, mail: MailSink, web: HttpSink, serve: Serve
) -> None:
    """With mail away the webhook is told at once; mail follows after a wait, once."""
    add(stored, "mail", mail_url(mail))
    add(stored, "hook", f"{await serve(web.app())}/hook")
    await say(stored, notice())
    mail.away = True

    assert await deliver_due(stored.node) == Delivered(sent=1, failed=1)
    assert await deliver_due(stored.node) == Delivered(sent=0, failed=0)
    mail.away = False
    stored.clock.advance(outbox.FIRST_RETRY)
    assert await deliver_due(stored.node) == Delivered(sent=1, failed=0)

    assert len(mail.messages) == 1
    assert len(web.taken) == 1


async def test_a_claim_of_a_dead_process_is_taken_over(stored: Stage, web: HttpSink, serve: Serve) -> None:
    """What a killed process had claimed is sent by another after the lease, and not before."""
    add(stored, "hook", f"{await serve(web.app())}/hook")
    await say(stored, notice())
    now = stored.clock.now()
    async with stored.node.database.writing() as session:
        assert len(await queries.claim(session, now, now + outbox.LEASE, 10)) == 1

    assert await deliver_due(stored.node) == Delivered(sent=0, failed=0)
    stored.clock.advance(outbox.LEASE)
    assert await deliver_due(stored.node) == Delivered(sent=1, failed=0)


async def test_after_three_days_it_is_given_up(stored: Stage, web: HttpSink, serve: Serve) -> None:
    """A target that stays away is tried at growing intervals for three days, and what it missed is not sent later."""
    add(stored, "hook", f"{await serve(web.app())}/hook")
    web.status = 503
    await say(stored, notice())
    for _ in range(5 * 24):
        await deliver_due(stored.node)
        stored.clock.advance(timedelta(hours=1))
    tries = web.refused
    web.status = 200

    assert await deliver_due(stored.node) == Delivered(sent=0, failed=0)
    assert 12 <= tries <= 30
    (row,) = await stored.rows(notification_deliveries)
    assert (row["sent_at"], row["next_at"], row["last_error"]) == (None, None, "it answered with HTTP status 503")


async def test_what_lapsed_is_not_sent_and_can_be_told_anew(stored: Stage, web: HttpSink, serve: Serve) -> None:
    """A link that is no longer valid goes to nobody; the same thing with a new link does."""
    add(stored, "hook", f"{await serve(web.app())}/hook")
    web.status = 503
    soon = stored.clock.now() + timedelta(hours=1)
    await say(stored, notice(valid_until=soon))
    await deliver_due(stored.node)
    web.status = 200
    stored.clock.advance(timedelta(hours=2))
    assert await deliver_due(stored.node) == Delivered(sent=0, failed=0)

    assert await say(stored, notice(text="Anew.", valid_until=stored.clock.now() + timedelta(hours=1)))
    assert await deliver_due(stored.node) == Delivered(sent=1, failed=0)
    assert [body["text"] for _, body in web.taken] == ["Anew."]


async def test_a_removed_target_is_told_nothing_more(stored: Stage, web: HttpSink, serve: Serve) -> None:
    """What waits for a target that was removed is closed."""
    add(stored, "hook", f"{await serve(web.app())}/hook")
    await say(stored, notice())
    assert remove_target(stored.node.settings.data_dir, "hook")

    assert await deliver_due(stored.node) == Delivered(sent=0, failed=0)
    assert web.taken == []
    (row,) = await stored.rows(notification_deliveries)
    assert row["next_at"] is None


async def test_no_address_of_a_target_is_in_the_database(stored: Stage, mail: MailSink, serve: Serve) -> None:
    """Neither success nor failure leaves a target's address or password in a table."""
    add(stored, "mail", mail_url(mail))
    add(stored, "chat", chat_url(await serve(HttpSink(status=500).app())))
    await say(stored, notice())
    await deliver_due(stored.node)

    async with stored.node.database.reading() as session:
        rows = (await session.execute(select(notification_deliveries))).all()
    assert {row.last_error for row in rows} == {"", "it answered with HTTP status 500"}
    assert PASSWORD not in str(rows)


LETTER = Letter("k", "throttled", "warning", "A title", "Words.", datetime(2026, 11, 23, 15, tzinfo=UTC))


async def tried(url: str, *networks: str) -> str:
    """What came of one letter to `url` when only `networks` are allowed."""
    http = open_client(AddressPolicy.of(*networks))
    try:
        letters = send(Sender(http, networks, "rosa"), Target(name="t", url=SecretStr(url)), [LETTER])
        ((_, outcome),) = [answer async for answer in letters]
    finally:
        await http.close()
    return outcome.error


async def test_many_readers_of_a_slow_server_each_get_it_once(mail: MailSink) -> None:
    """The time for a letter grows with its readers, so that it is not ended when some have it and tried again."""
    mail.slow = 0.4
    url = mail_url(mail).replace("people@rosa.example", "a@rosa.example,b@rosa.example,c@rosa.example")
    http = open_client(LOOPBACK)
    try:
        sender = Sender(http, ("127.0.0.0/8",), "rosa", letter_seconds=0.7)
        ((_, outcome),) = [each async for each in send(sender, Target(name="t", url=SecretStr(url)), [LETTER])]
    finally:
        await http.close()
    assert outcome == Outcome(had=("a@rosa.example", "b@rosa.example", "c@rosa.example"))
    assert mail.readers == [["a@rosa.example"], ["b@rosa.example"], ["c@rosa.example"]]


async def test_what_one_reader_is_refused_is_not_sent_to_the_others_again(stored: Stage, mail: MailSink) -> None:
    """A notice in words, too; how many have missed it is written down, without their addresses."""
    add(stored, "mail", mail_url(mail).replace("people@", "nobody@rosa.example,people@") + "&cc=nobody@else.example")
    await say(stored, notice())
    assert await deliver_due(stored.node) == Delivered(sent=1, failed=0)
    stored.clock.advance(timedelta(days=1))
    assert await deliver_due(stored.node) == Delivered(sent=0, failed=0)
    (message,) = mail.messages
    assert (message["To"], message["List-Id"]) == ("people@rosa.example", "<notices.rosa.rosa.example>")
    (row,) = await stored.rows(notification_deliveries)
    assert row["last_error"] == "2 of 3 readers did not get it"


async def test_only_the_channel_that_failed_is_told_again(stored: Stage, web: HttpSink, serve: Serve) -> None:
    """A target of several channels: those that have it are left alone, and nobody's name is in the database."""
    add(stored, "chat", f"{chat_url(await serve(web.app()))}?channels=ads,boss,team")
    await say(stored, notice())
    web.shut = "boss"
    assert await deliver_due(stored.node) == Delivered(sent=0, failed=1)
    (row,) = await stored.rows(notification_deliveries)
    assert row["last_error"] == "1 of 3 readers did not get it so far: it answered with HTTP status 503"
    assert "team" not in str(row)
    stored.clock.advance(outbox.FIRST_RETRY)
    assert await deliver_due(stored.node) == Delivered(sent=0, failed=1)
    web.shut = ""
    stored.clock.advance(timedelta(hours=1))
    assert await deliver_due(stored.node) == Delivered(sent=1, failed=0)
    assert [body["channel"] for _, body in web.taken] == ["ads", "team", "boss"]
    (row,) = await stored.rows(notification_deliveries)
    assert (row["attempts"], row["last_error"], row["had"]) == (3, "", "")


async def test_who_is_refused_for_the_moment_gets_it_later_and_nobody_twice(stored: Stage, mail: MailSink) -> None:
    """A full mailbox is tried again, also after the server was away; a reader that there is not is given up."""
    add(stored, "mail", mail_url(mail).replace("people@", "full@rosa.example,nobody@rosa.example,people@"))
    await say(stored, notice())
    mail.full = True
    assert await deliver_due(stored.node) == Delivered(sent=0, failed=1)
    mail.full, mail.away = False, True
    stored.clock.advance(outbox.FIRST_RETRY)
    assert await deliver_due(stored.node) == Delivered(sent=0, failed=1)
    mail.away = False
    stored.clock.advance(timedelta(hours=1))
    assert await deliver_due(stored.node) == Delivered(sent=1, failed=0)
    assert mail.readers == [["people@rosa.example"], ["full@rosa.example"]]
    (row,) = await stored.rows(notification_deliveries)
    assert row["last_error"] == "1 of 3 readers did not get it"


async def test_what_some_have_counts_as_told_when_it_is_given_up(stored: Stage, mail: MailSink) -> None:
    """Whoever never had room has missed it; it is not told anew to the others."""
    add(stored, "mail", mail_url(mail).replace("people@", "full@rosa.example,people@"))
    said = notice(valid_until=stored.clock.now() + timedelta(hours=1))
    await say(stored, said)
    mail.full, began = True, stored.clock.now()
    await deliver_due(stored.node)
    stored.clock.advance(timedelta(hours=2))
    assert await deliver_due(stored.node) == Delivered(sent=0, failed=0)
    assert not await say(stored, said)
    (row,) = await stored.rows(notification_deliveries)
    assert (row["sent_at"], row["next_at"], row["had"]) == (began, None, "")
    assert mail.readers == [["people@rosa.example"]]


@pytest.mark.parametrize("way", ["mailto", "mailtos", "mmost", "http", "https"])
async def test_a_private_address_is_reached_only_when_it_is_allowed(
    way: str, mail: MailSink, web: HttpSink, serve: Serve
) -> None:
    """No connection is made to this machine, by whichever library, unless its network is named."""
    base = await serve(web.app())
    url = mail_url(mail, way) if way.startswith("mail") else f"{way}://{base.removeprefix('http://')}/path"

    assert (await tried(url)).startswith("this address may not be reached")
    assert (mail.connections, web.taken, web.refused) == (0, [], 0)


async def test_a_name_that_leads_inwards_is_refused(mail: MailSink) -> None:
    """A name is judged by the address that it leads to."""
    url = mail_url(mail, "mailtos").replace("127.0.0.1", "localhost")

    assert (await tried(url)).startswith("this address may not be reached")
    assert mail.connections == 0


async def test_no_redirect_is_followed(web: HttpSink, serve: Serve) -> None:
    """Neither our client nor Apprise goes where a target sends it."""
    elsewhere = HttpSink()
    web.status, web.location = 307, f"{await serve(elsewhere.app())}/elsewhere"
    base = await serve(web.app())

    assert await tried(f"{base}/hook", "127.0.0.0/8") == "it answered with HTTP status 307"
    assert await tried(f"{chat_url(base)}?redirect=yes", "127.0.0.0/8") == "it answered with HTTP status 307"
    assert elsewhere.taken == []
    assert web.refused == 2


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "syslog://",
        "dbus://",
        "windows://",
        "schan://token",
        "mailto://mail.example.com/?to=a@example.com",
        "https://example.com:22/hook",
        "https://user:pass@example.com/hook",
        "http://example.com/hook",
        "no address",
        "slack://one\n/two",
    ],
)
def test_what_is_no_allowed_way_is_refused_when_it_is_added(url: str) -> None:
    """What touches this machine, is not encrypted or is no address does not become a target, and is not repeated."""
    with pytest.raises((TargetRefusedError, AddressRefusedError)) as refused:
        new_target("t", url, AddressPolicy.of())

    assert url not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "understood"),
    [
        ("slack://TOKENA123/TOKENB123/abcdefghijklmnopqrstuvwx/#general", True),
        ("https://hooks.slack.com/services/TOKENA123/TOKENB123/abcdefghijklmnopqrstuvwx", True),
        ("slack://nonsense", False),
    ],
)
async def test_an_address_is_read_before_it_is_kept(url: str, understood: bool) -> None:
    """Apprise says whether it understands an address, with nothing sent."""
    http = open_client(AddressPolicy.of())

    assert (await understand(Sender(http, (), "rosa"), new_target("t", url, AddressPolicy.of())) == "") is understood


async def test_targets_are_kept_for_the_owner_alone(stage: Stage) -> None:
    """The file of targets is readable by its owner alone, and a damaged one is named without its content."""
    add(stage, "hook", "http://127.0.0.1/hook")
    file = stage.node.settings.data_dir / TARGETS_FILE
    assert file.stat().st_mode & 0o077 == 0
    assert PASSWORD not in repr(load_targets(stage.node.settings.data_dir))
    file.write_text(f'[{{"name": "x", "url": 5, "also": "{PASSWORD}"}}]')

    with pytest.raises(TargetRefusedError) as refused:
        load_targets(stage.node.settings.data_dir)
    assert PASSWORD not in str(refused.value)


def test_a_node_that_serves_has_not_loaded_apprise() -> None:
    """Apprise and its HTTP library are in no process but the short-lived one that sends."""
    program = "import freehold.node.app, sys; print(sorted({'apprise', 'requests'} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)

    assert told.stdout == "[]\n"
