"""Links to editions: what they open and for how long, what they give away when they do not, and who read by them."""

import io
import json
from datetime import datetime, timedelta

import pytest
from tests.acceptance.programs import freehold
from tests.integration.node.conftest import Answer, MakeStage, Stage, call

from freehold.kernel import logs
from freehold.node.access.tables import access_log, security_events
from freehold.node.reports import queries
from freehold.node.reports.editions import PDF, REPORT, folder_of
from freehold.node.reports.queries import Edition
from freehold.node.sharing import links
from freehold.node.sharing.links import NothingSharedError, Shared
from freehold.node.sharing.tables import report_links, report_reads

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Chrome/131.0.0.0", "Sec-Fetch-Mode": "navigate"}
SLACK = {"User-Agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"}
PRINTED = b"%PDF-1.7 of this edition"


async def write(stage: Stage, name: str = "week-one", *, pdf: bool = True) -> Edition:
    """An edition whose page says its name."""
    today = stage.clock.now().date()
    edition = Edition(name, "week", today, today, "en", stage.clock.now(), name)
    folder = folder_of(stage.node, edition)
    folder.mkdir(parents=True)
    (folder / REPORT).write_text(f"<h1>{name}</h1>")
    (folder / "figures.json").write_text("{}")
    if pdf:
        (folder / PDF).write_bytes(PRINTED)
    async with stage.node.database.writing() as session:
        await queries.add(session, edition)
    return edition


async def share(stage: Stage, name: str = "week-one", *, days: float = 7, pdf: bool = True) -> Shared:
    """Write an edition and share it."""
    return await links.share(stage.node, await write(stage, name, pdf=pdf), timedelta(days=days))


def reached(stage: Stage, url: str) -> str:
    """A link as it is reached in this test."""
    return url.replace(stage.node.settings.public_url.rstrip("/"), stage.workflows)


async def opened(stage: Stage, url: str, method: str = "GET", headers: dict[str, str] | None = None) -> Answer:
    """What a link answers, by default to a browser."""
    return await call(method, reached(stage, url), headers=BROWSER if headers is None else headers)


def leads_nowhere(answer: Answer) -> str:
    """The page of a link that leads nowhere; the same whatever the reason."""
    assert answer.status == 404
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    return answer.text


async def test_a_link_opens_one_edition(stored: Stage) -> None:
    """Its page and its PDF; nothing else of its folder, and nothing of another edition."""
    await write(stored, "week-two")
    shared = await share(stored)
    page, printed = await opened(stored, shared.url), await opened(stored, shared.pdf)
    assert (page.status, page.text) == (200, "<h1>week-one</h1>")
    assert (printed.status, printed.text.encode()) == (200, PRINTED)
    assert printed.headers["Content-Disposition"] == 'attachment; filename="week-one.pdf"'
    for other in ("figures.json", "week-two/report.html", "../week-two/report.html", "..%2fweek-two%2freport.html"):
        assert (await opened(stored, f"{shared.url}/{other}")).status == 404, other


async def test_a_shared_page_is_locked_down(stage: Stage) -> None:
    """No script, form, frame or foreign asset; not indexed, not stored, no referrer: for page, PDF and previews."""
    shared = await share(stage)
    policy = (await opened(stage, shared.url)).headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "img-src data:", "form-action 'none'", "frame-ancestors 'none'", "sandbox"} <= set(
        policy
    )
    assert not [rule for rule in policy if "script" in rule or "http" in rule or "*" in rule]
    for url, sent in ((shared.url, BROWSER), (shared.pdf, BROWSER), (shared.url, SLACK)):
        headers = (await opened(stage, url, headers=sent)).headers
        assert headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in headers["Content-Security-Policy"]


async def test_a_link_lasts_as_long_as_was_said(stage: Stage) -> None:
    """To the second, and for seven days at most."""
    edition = await write(stage)
    for days in (1, 7):
        shared = await links.share(stage.node, edition, timedelta(days=days))
        stage.clock.advance(timedelta(days=days, seconds=-1))
        assert (await opened(stage, shared.url)).status == 200
        stage.clock.advance(timedelta(seconds=1))
        leads_nowhere(await opened(stage, shared.url))
        leads_nowhere(await opened(stage, shared.pdf))
    for never in (0, -1, 7.001, 30):
        with pytest.raises(NothingSharedError, match="1 to 7 days"):
            await links.share(stage.node, edition, timedelta(days=never))
    assert len(await stage.rows(report_links)) == 2


async def test_a_withdrawn_link_leads_nowhere_at_once(stored: Stage) -> None:
    """And is read no more. Another link to the same edition stays, until all of the edition's are withdrawn."""
    edition = await write(stored)
    one, other, third = [await links.share(stored.node, edition) for _ in range(3)]
    assert await links.withdraw(stored.node, one.link_id) == 1
    leads_nowhere(await opened(stored, one.url))
    assert await stored.rows(report_reads) == []
    assert (await opened(stored, other.url)).status == 200
    assert await links.withdraw(stored.node, edition.edition_id) == 2
    leads_nowhere(await opened(stored, other.url))
    leads_nowhere(await opened(stored, third.url))
    with pytest.raises(NothingSharedError, match="No open link"):
        await links.withdraw(stored.node, one.link_id)
    assert {each.state for each in await links.standing(stored.node)} == {"withdrawn"}


async def test_who_asks_again_is_given_the_same_link(stored: Stage) -> None:
    """In the same way, for the same reader, while it lasts; withdrawing it ends all of its addresses."""
    edition = await write(stored)
    one, again = [await links.share_once(stored.node, edition, "notice", "mail") for _ in range(2)]
    others = [
        await links.share_once(stored.node, edition, "notice", "chat"),
        await links.share_once(stored.node, edition, "tool", "mail"),
        await links.share_once(stored.node, await write(stored, "week-two"), "notice", "mail"),
        await links.share(stored.node, edition, way="notice", made_for="else"),
    ]
    assert (again.link_id, again.until) == (one.link_id, one.until)
    assert len({one.link_id, *(each.link_id for each in others)}) == 5
    assert await links.withdraw(stored.node, one.link_id) == 1
    leads_nowhere(await opened(stored, one.url))
    leads_nowhere(await opened(stored, again.url))
    anew = await links.share_once(stored.node, edition, "notice", "mail")
    stored.clock.advance(links.LONG_ENOUGH + timedelta(seconds=1))
    assert one.link_id != anew.link_id != (await links.share_once(stored.node, edition, "notice", "mail")).link_id


async def test_no_link_says_why_it_leads_nowhere(stage: Stage, make_stage: MakeStage) -> None:
    """Expired, withdrawn, cut, altered, foreign, sealed for another place, gone: one answer, to the byte."""
    elsewhere = await make_stage(client_id="kenji")
    good, short, withdrawn = await share(stage), await share(stage, "short", days=1), await share(stage, "withdrawn")
    gone, unprinted = await share(stage, "gone"), await share(stage, "unprinted", pdf=False)
    await links.withdraw(stage.node, withdrawn.link_id)
    (stage.node.settings.reports_dir() / "gone" / REPORT).unlink()
    stage.clock.advance(timedelta(days=1))
    base, _, token = good.url.rpartition("/")
    ring = stage.node.keys.keyring.current()
    foreign = (await share(elsewhere)).url.rpartition("/")[2]
    unsigned = f"{token[:-2]}{'A' if token[-2] != 'A' else 'B'}{token[-1]}"
    tokens = [
        unsigned, token[:-1], f"{token}x", foreign, "v1..", "v1.x.y", "week-one", "%C3%A9",
        ring.encrypt(good.link_id.encode(), "meta_credentials"), ring.encrypt(b"another", "report_link"),
    ]  # fmt: skip
    urls = [short.url, withdrawn.url, gone.url, f"{unprinted.url}/{PDF}", *(f"{base}/{each}" for each in tokens)]
    pages = {leads_nowhere(await opened(stage, url)) for url in urls}
    assert len(pages) == 1
    assert "not copied whole" in pages.pop()
    assert unprinted.pdf == ""
    assert (await opened(stage, good.url)).status == 200


async def test_only_a_persons_reading_counts(stored: Stage) -> None:
    """HEAD leaves no reading; previews and programs are told apart, and a preview gets nothing of the report."""
    shared = await share(stored)
    head = await opened(stored, shared.url, "HEAD")
    preview = await opened(stored, shared.url, headers=SLACK)
    await opened(stored, shared.url, headers={"User-Agent": "curl/8.5.0"})
    for url in (shared.url, shared.url, shared.pdf):
        await opened(stored, url)
    assert (head.status, head.text) == (200, "")
    assert "week-one" not in preview.text
    assert "A report for Company rosa" in preview.text
    read = [(row["reader"], row["file"]) for row in await stored.rows(report_reads)]
    page = "report.html"
    assert read == [
        ("preview", page), ("program", page), ("person", page), ("person", page), ("person", "report.pdf"),
    ]  # fmt: skip
    (standing,) = await links.standing(stored.node)
    assert (standing.readings.reads, standing.readings.addresses) == (3, 1)
    assert standing.readings.last == stored.clock.now()


async def test_a_reading_keeps_no_address(stage: Stage) -> None:
    """A digest stands for it: the same for one reader of one link, another by another link."""
    edition = await write(stage)
    one, other = [await links.share(stage.node, edition) for _ in range(2)]
    for url in (one.url, one.url, other.url):
        await opened(stage, url)
    rows = await stage.rows(report_reads)
    digests = [row["address_digest"] for row in rows]
    assert digests[0] == digests[1] != digests[2]
    assert "127.0.0.1" not in str(rows)
    assert {(row["edition_id"], row["at"]) for row in rows} == {("week-one", stage.clock.now())}


async def test_a_link_is_written_down_nowhere(stage: Stage) -> None:
    """Not in the access log, security events, logs or tables: good, cut, in capitals, or sent to another listener."""
    lines = io.StringIO()
    logs.configure("node", lines)
    shared = await share(stage)
    token = shared.url.rpartition("/")[2]
    secret = token.rpartition(".")[2][:24]
    for method in ("GET", "HEAD", "POST", "DELETE"):
        for url in (shared.url, shared.pdf, shared.url[:-4], shared.url.replace("/reports", "//Reports")):
            await opened(stage, url, method)
        await call(method, f"{stage.receiver}/reports/{token}")
        await call(method, f"{stage.workflows}/graph/{token}", key="fhnode_unknown")
    await stage.node.access_log.flush()
    rows = [await stage.rows(table) for table in (access_log, security_events, report_links, report_reads)]
    assert "/reports/[redacted]" in str(rows[0])
    assert secret not in str(rows)
    assert "/reports/[redacted]" in lines.getvalue()
    assert secret not in lines.getvalue()


async def test_a_link_outlives_a_rotation_of_keys_but_not_its_key(stage: Stage) -> None:
    """A key that is still in the keyring opens its links; once it is gone, they lead nowhere."""
    shared, file = await share(stage), stage.node.keys.keyring
    file.replace(file.current().rotate())
    assert (await opened(stage, shared.url)).status == 200
    file.replace(file.current().without_old())
    leads_nowhere(await opened(stage, shared.url))


async def test_the_operator_shares_looks_and_withdraws(stage: Stage) -> None:
    """At the command line: the newest edition for two days, read once, then no more; without any, it says so."""
    where = {"FREEHOLD_NODE_DATA_DIR": str(stage.node.settings.data_dir)}

    async def run(*arguments: str) -> tuple[int, str, str]:
        return await freehold("node", *arguments, "--json", environment=where)

    with pytest.raises(NothingSharedError, match="write one with `freehold node report`"):
        await links.edition_named(stage.node, links.LATEST)
    edition = await write(stage)
    status, out, err = await run("share", "latest", "--days", "2", "--for", "the board")
    assert status == 0, err
    made = json.loads(out)
    assert (await opened(stage, made["link"])).text == "<h1>week-one</h1>"
    (row,) = json.loads((await run("shares"))[1])
    assert (row["link"], row["edition"], row["state"]) == (made["link_id"], edition.edition_id, "open")
    assert (row["way"], row["made_for"]) == ("command", "the board")
    assert (row["reads"], row["addresses"]) == (1, 1)
    made_at, until = (datetime.fromisoformat(row[name]) for name in ("made_at", "until"))
    assert until - made_at == timedelta(days=2)
    assert json.loads((await run("unshare", row["link"]))[1]) == {"withdrawn": 1}
    leads_nowhere(await opened(stage, made["link"]))


async def test_the_page_speaks_the_language_of_reports(make_stage: MakeStage) -> None:
    """What leads nowhere is told in German where reports are written in German."""
    stage = await make_stage(language="de")
    page = leads_nowhere(await opened(stage, f"{stage.workflows}/reports/none"))
    assert '<html lang="de">' in page
    assert "nicht zu lesen" in page
