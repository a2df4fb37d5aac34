"""An edition reaches each target as that can take it, once, and nobody else; the mail server is a real one."""

import shutil
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from tests.conftest import Serve
from tests.integration.broker.test_client_certificate import server_certificate
from tests.integration.node.conftest import Stage, call
from tests.integration.node.sinks import HttpSink, MailSink, mail_sink

from freehold.kernel.addresses import AddressPolicy
from freehold.node.governor import Priority
from freehold.node.notifications import outbox
from freehold.node.notifications.editions import notice_of
from freehold.node.notifications.message import MOST_BYTES
from freehold.node.notifications.notice import Notice
from freehold.node.notifications.outbox import Delivered, deliver_due, tell
from freehold.node.notifications.tables import notification_deliveries, notifications
from freehold.node.notifications.targets import keep_target, load_targets, new_target
from freehold.node.reports import queries
from freehold.node.reports.editions import EMAIL, EMAIL_TEXT, IMAGES, PDF, REPORT, SUMMARY, folder_of
from freehold.node.reports.periods import period_of
from freehold.node.reports.queries import Edition
from freehold.node.runs.queries import Order, RunRecord
from freehold.node.sharing.tables import report_links
from freehold.node.workflows.report_editions import REPORT as THE_PART
from freehold.node.workflows.report_editions import perform
from freehold.node.workflows.workflow import Desk, Done

PAGE = '<p>Größe</p><img src="cid:chart-1-1.png" alt=""><a href="link:report">Der ganze Bericht</a>'
FILES = {
    REPORT: "<title>The whole report</title>",
    EMAIL: PAGE,
    EMAIL_TEXT: "Größe\nDer ganze Bericht: link:report\n",
    SUMMARY: "Rosa: Wochenbericht\nReichweite 1.234.\n\nAusgaben 5 €.\n",
}


@pytest.fixture
async def mail() -> AsyncIterator[MailSink]:
    """A mail server."""
    async with mail_sink() as sink:
        yield sink


def add(stage: Stage, name: str, url: str) -> None:
    """Add a target."""
    keep_target(stage.node.settings.data_dir, new_target(name, url, AddressPolicy.of("127.0.0.0/8")))


def add_mail(
    stage: Stage, mail: MailSink, to: str = "people@rosa.example", more: str = "", schema: str = "mailto"
) -> None:
    """Add people as a target of this schema's name."""
    add(stage, schema, f"{schema}://127.0.0.1:{mail.port}/?from=node@rosa.example&to={to}{more}")


async def edition(stage: Stage, *, pdf: bytes = b"%PDF-1.7", summary: str = FILES[SUMMARY]) -> Edition:
    """An edition of last week."""
    span = period_of("week", stage.clock.now()).now
    made = Edition("week-1", "week", span.first, span.last, "de", stage.clock.now(), "week-1", for_readers=True)
    folder = folder_of(stage.node, made)
    (folder / IMAGES).mkdir(parents=True)
    for name, text in (FILES | {SUMMARY: summary}).items():
        (folder / name).write_text(text, newline="")
    (folder / PDF).write_bytes(pdf)
    (folder / IMAGES / "chart-1-1.png").write_bytes(b"a chart")
    async with stage.node.database.writing() as session:
        await queries.add(session, made)
    return made


async def told(stage: Stage, made: Edition) -> Delivered:
    """Have an edition told, and sent."""
    async with stage.node.database.writing() as session:
        targets = load_targets(stage.node.settings.data_dir)
        assert await tell(session, notice_of(stage.node, made), targets, stage.clock.now())
    return await deliver_due(stage.node)


def words(message: EmailMessage, kind: str) -> str:
    """The plain or the html part of a message."""
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def link_in(text: str) -> str:
    """The link of a report in a text."""
    return "http://" + text.partition("http://")[2].split('"')[0].split()[0]


async def test_each_target_gets_what_it_can_take(stored: Stage, mail: MailSink, serve: Serve) -> None:
    """E-mail carries page, pictures, words and PDF; a webhook and a chat two sentences; each a link of its own, which
    opens the report and is kept nowhere.
    """
    web = HttpSink()
    base = await serve(web.app())
    add_mail(stored, mail)
    add(stored, "hook", f"{base}/hook")
    add(stored, "chat", f"mmost://{base.removeprefix('http://')}/token")
    made = await edition(stored)

    assert await told(stored, made) == Delivered(sent=3, failed=0)
    assert await deliver_due(stored.node) == Delivered(sent=0, failed=0)

    (message,) = mail.messages
    assert message["Subject"] == "Rosa: Wochenbericht"
    attached = {part.get_filename(): part.get_content() for part in message.walk() if part.get_filename()}
    assert attached == {
        "chart-1-1.png": b"a chart",
        f"report-{made.first}-{made.last}.pdf": b"%PDF-1.7",
    }
    hook, chat = (dict(web.taken)[path]["text"] for path in ("/hook", "/hooks/token"))
    assert hook.startswith(
        "Reichweite 1.234.\n\nAusgaben 5 €.\n\nDer ganze Bericht, höchstens sieben Tage lang: http://"
    )
    links = [link_in(text) for text in (words(message, "html"), hook, chat)]
    assert link_in(words(message, "plain")) == links[0]
    assert len(set(links)) == 3
    for link in links:
        shown = await call("GET", link.replace(stored.node.settings.public_url, stored.workflows))
        assert (shown.status, shown.text) == (200, FILES[REPORT])
    rows = str([await stored.rows(table) for table in (notifications, notification_deliveries)])
    assert "Reichweite" in rows
    assert "/reports/" not in rows


async def test_it_is_tried_until_it_arrives_and_arrives_once(stored: Stage, mail: MailSink) -> None:
    """While the mail server is away nothing is lost; afterwards there is one e-mail."""
    add_mail(stored, mail)
    mail.away = True
    assert await told(stored, await edition(stored)) == Delivered(sent=0, failed=1)
    mail.away = False
    stored.clock.advance(outbox.FIRST_RETRY)
    assert await deliver_due(stored.node) == Delivered(sent=1, failed=0)
    stored.clock.advance(timedelta(days=1))
    assert await deliver_due(stored.node) == Delivered(sent=0, failed=0)
    assert mail.readers == [["people@rosa.example"]]


async def test_attempts_make_one_link(stored: Stage, mail: MailSink) -> None:
    """However often a target is tried, up to the last time, it has one link, which every reader's address opens."""
    add_mail(stored, mail, to="full@rosa.example,people@rosa.example")
    mail.full = True
    assert await told(stored, await edition(stored)) == Delivered(sent=0, failed=1)
    stored.clock.advance(outbox.GIVE_UP - timedelta(hours=7))
    assert await deliver_due(stored.node) == Delivered(sent=0, failed=1)
    mail.full = False
    stored.clock.advance(timedelta(hours=7))
    assert await deliver_due(stored.node) == Delivered(sent=1, failed=0)
    (link,) = await stored.rows(report_links)
    assert (link["way"], link["made_for"]) == ("notice", "mailto")
    for message in mail.messages:
        address = link_in(words(message, "html")).replace(stored.node.settings.public_url, stored.workflows)
        assert (await call("GET", address)).status == 200


async def test_a_run_that_is_done_again_tells_once(stored: Stage, mail: MailSink) -> None:
    """A process that dies after it made an edition leaves one that is told by the next, and none is made twice."""
    add_mail(stored, mail)
    began = stored.clock.now()
    stored.clock.advance(timedelta(seconds=1))
    made = await edition(stored)
    run = RunRecord(Order("r", "weekly_report", "schedule"), 2, "running", began, began, None, 0, 0, {}, None)
    for _ in range(2):
        assert await perform("week", Desk(stored.node, run, 0.0, Priority.PAUSE_AD), THE_PART) == Done()
        await deliver_due(stored.node)
    async with stored.node.database.reading() as session:
        assert await queries.listed(session, 10) == [made]
    assert len(mail.messages) == 1


async def test_a_heavy_pdf_stays_behind_its_link(stage: Stage, mail: MailSink) -> None:
    """The e-mail stays below half a megabyte on the wire, and the link leads to the rest."""
    add_mail(stage, mail)
    await told(stage, await edition(stage, pdf=bytes(400_000)))
    (message,) = mail.messages
    assert mail.weights[0] < MOST_BYTES
    assert [part.get_content_type() for part in message.iter_attachments()] == []
    assert "/reports/" in link_in(words(message, "html"))


async def test_every_reader_gets_one_and_a_wrong_address_costs_the_others_nothing(stage: Stage, mail: MailSink) -> None:
    """Readers do not see each other, copies are of the first one's; what one is refused is not sent to all again."""
    more = "&cc=boss@rosa.example&bcc=quiet@rosa.example"
    add_mail(stage, mail, "nobody@rosa.example,people@rosa.example", more)
    assert await told(stage, await edition(stage)) == Delivered(sent=1, failed=0)
    (row,) = await stage.rows(notification_deliveries)
    assert (row["sent_at"], row["last_error"]) == (stage.clock.now(), "1 of 4 readers did not get it")
    assert [
        (reader, message["To"], message["Cc"]) for (reader,), message in zip(mail.readers, mail.messages, strict=True)
    ] == [
        ("boss@rosa.example", "nobody@rosa.example", "boss@rosa.example"),
        ("quiet@rosa.example", "nobody@rosa.example", "boss@rosa.example"),
        ("people@rosa.example", "people@rosa.example", None),
    ]


async def test_when_nobody_took_it_it_is_tried_again(stage: Stage, mail: MailSink) -> None:
    """A server that refuses every reader has not taken the edition."""
    add_mail(stage, mail, "nobody@rosa.example")
    assert await told(stage, await edition(stage)) == Delivered(sent=0, failed=1)
    assert mail.messages == []


async def test_who_wants_encryption_gets_nothing_in_the_clear(stage: Stage, mail: MailSink) -> None:
    """Without a key for its reader, or to a server that speaks no TLS, an edition is not sent at all."""
    add_mail(stage, mail, more="&pgp=encrypt")
    add_mail(stage, mail, schema="mailtos")
    assert await told(stage, await edition(stage)) == Delivered(sent=0, failed=2)
    assert mail.connections
    assert mail.messages == []


async def test_it_goes_encrypted_to_a_server_that_proves_itself(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither password nor edition is given to a server whose certificate nobody trusts; to a trusted one both are."""
    certificate = server_certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    async with mail_sink(context) as mail:
        more = "&user=node@rosa.example&pass=hunter2"
        add_mail(stage, mail, more=more, schema="mailtos")
        assert await told(stage, await edition(stage)) == Delivered(sent=0, failed=1)
        assert (mail.connections, mail.logins, mail.messages) == (1, [], [])
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        stage.clock.advance(outbox.FIRST_RETRY)
        assert await deliver_due(stage.node) == Delivered(sent=1, failed=0)
        assert mail.logins == ["\0node@rosa.example\0hunter2"]
        assert "Größe" in words(mail.messages[0], "html")


async def test_a_hostile_name_adds_no_reader_and_no_header(stage: Stage, mail: MailSink) -> None:
    """What a client or an account is called is a part of the subject and nothing else."""
    breaks = ("\r", "\x0b", "\x0c", "\x85", "\u2028")
    names = "".join(f"Rosa{each}Bcc: all@evil.example{each}{each}" for each in breaks)
    add_mail(stage, mail)
    hostile = f"Rosa <script>alert(1)</script> @everyone {names}: Bericht\nWorte.\n"
    await told(stage, await edition(stage, summary=hostile))
    (message,) = mail.messages
    assert mail.readers == [["people@rosa.example"]]
    assert message["Bcc"] is None
    assert message["Subject"].strip().startswith("Rosa")
    assert "<" not in message["Subject"]
    assert "@everyone" not in message["Subject"]
    assert "Größe" in words(message, "html")


async def test_an_edition_that_is_gone_is_told_without_a_link(stage: Stage, mail: MailSink) -> None:
    """What was told before somebody removed the folder still arrives, and promises nothing."""
    add_mail(stage, mail)
    made = await edition(stage)
    async with stage.node.database.writing() as session:
        await tell(session, notice_of(stage.node, made), load_targets(stage.node.settings.data_dir), stage.clock.now())
    shutil.rmtree(folder_of(stage.node, made))
    assert await deliver_due(stage.node) == Delivered(sent=1, failed=0)
    (message,) = mail.messages
    assert "Reichweite" in words(message, "plain")
    assert "/reports/" not in message.as_string()


async def test_an_edition_that_is_not_whole_is_told_without_it(stage: Stage, mail: MailSink, serve: Serve) -> None:
    """Its words and its link arrive, once, and nobody else waits for them."""
    web = HttpSink()
    add(stage, "a-hook", f"{await serve(web.app())}/hook")
    add_mail(stage, mail)
    made = await edition(stage)
    shutil.rmtree(folder_of(stage.node, made) / IMAGES)
    assert await told(stage, made) == Delivered(sent=2, failed=0)
    (message,) = mail.messages
    assert "/reports/" in link_in(words(message, "plain"))
    assert len(web.taken) == 1


async def test_a_letter_that_raises_stops_no_other_and_is_given_up(stage: Stage, mail: MailSink, serve: Serve) -> None:
    """What nobody foresaw is an attempt that failed: the round goes on, and after three days it is over."""
    web = HttpSink()
    add(stage, "hook", f"{await serve(web.app())}/hook")
    made = await edition(stage)
    async with stage.node.database.writing() as session:
        targets, now = load_targets(stage.node.settings.data_dir), stage.clock.now()
        await queries.add(session, replace(made, edition_id="bad", folder="x" * 300))
        await tell(session, replace(notice_of(stage.node, made), key="report:bad"), targets, now)
        add_mail(stage, mail)
        targets = load_targets(stage.node.settings.data_dir)
        await tell(session, Notice("k", "throttled", "warning", "A title", "Words."), targets, now)

    assert await deliver_due(stage.node) == Delivered(sent=2, failed=1)
    assert [body["id"] for _, body in web.taken] == ["k"]
    assert len(mail.messages) == 1
    for _ in range(40):
        stage.clock.advance(timedelta(hours=2))
        await deliver_due(stage.node)
    assert (len(web.taken), len(mail.messages)) == (1, 1)
    row = (await stage.rows(notification_deliveries))[0]
    assert (row["sent_at"], row["next_at"]) == (None, None)
    assert row["last_error"] == "it could not be put together (OSError)"
