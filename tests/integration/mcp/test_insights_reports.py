"""Reports on request: an edition of the newest week, made once an hour, for who may see every account."""

from tests.integration.mcp.conftest import Tools
from tests.integration.node.conftest import call
from tests.meta_sandbox import CERAMICS

from freehold.node.reports import queries
from freehold.node.reports.editions import folder_of
from freehold.node.sharing.tables import report_links


async def test_a_report_is_made_once_an_hour(insights: Tools) -> None:
    """Its files are where the answer says, and its link leads to it; another language is another edition."""
    key = await insights.other_key("tools:read", "tools:write")
    url = f"{insights.url}/tools/generate_report"
    first = (await call("POST", url, key=key, json={"kind": "days", "days": 7})).body
    insights.fits("generate_report", first)
    async with insights.stage.node.database.reading() as session:
        edition = await queries.find(session, first["edition_id"])
    assert edition is not None
    assert "report.html" in first["files"]
    assert all((folder_of(insights.stage.node, edition) / name).is_file() for name in first["files"])
    changing = {"link": "", "pdf_link": ""}
    again = (await call("POST", url, key=key, json={"kind": "days", "days": 7})).body
    assert again | changing == first | changing
    assert again["link"] != first["link"]
    (link,) = await insights.stage.rows(report_links)
    assert (link["way"], link["made_for"]) == ("tool", "other")
    page = first["link"].replace(insights.stage.node.settings.public_url.rstrip("/"), insights.url)
    assert "<h1>Company rosa</h1>" in (await call("GET", page)).text
    german = (await call("POST", url, key=key, json={"kind": "days", "days": 7, "language": "de"})).body
    assert german["edition_id"] != first["edition_id"]


async def test_a_key_for_some_accounts_gets_no_report_of_all(insights: Tools) -> None:
    """Nor does one that only reads make files on the node."""
    url = f"{insights.url}/tools/generate_report"
    some = await insights.other_key("tools:read", "tools:write", assets=[CERAMICS])
    refused = await call("POST", url, key=some, json={})
    assert (refused.status, refused.body["code"]) == (403, "report_of_everything")
    assert (await call("POST", url, key=insights.key, json={})).status == 403
    async with insights.stage.node.database.reading() as session:
        assert await queries.listed(session, 10) == []
