"""Results that take Meta a while: ordered as a report, and fetched when it is done."""

from typing import Annotated

from pydantic import Field

from freehold.kernel.problems import Problem
from freehold.node.mcp.cursors import MAX_LENGTH, opened, place_of, sealed
from freehold.node.mcp.meta_ads.arguments import After, Limit, OfAccount
from freehold.node.mcp.meta_ads.insights import Insights, InsightsAsked, live_part, told, understand
from freehold.node.mcp.tool import Arguments, Call
from freehold.providers.meta import ad_insights, graph

_PURPOSE = "insights_report"


class ReportAsked(Arguments):
    """Which report is meant, and which page of it."""

    report: Annotated[str, Field(max_length=MAX_LENGTH, description="of request_insights_report")]
    limit: Limit = 25
    after: After = None


class Ordered(OfAccount):
    """A report that Meta is making; `report` is good for a day, for this key."""

    report: str


class Report(OfAccount):
    """How far Meta is; `insights` are there once it is done."""

    status: str
    percent: int
    insights: Insights | None = Field(default=None, description="as of get_insights")


async def request_insights_report(call: Call, asked: InsightsAsked) -> Ordered:
    """Order a large answer of get_insights as a report, with the same arguments; fetch it with get_insights_report."""
    understood = await understand(call, asked)
    account_id = understood.account.asset_id
    order = ad_insights.order_call(call.version, account_id, understood.question, understood.subject.object_id or None)
    run_id = graph.understood(ad_insights.read_order, await call.send(order, fresh=True))
    content = {"run": run_id, "account": account_id, "asked": asked.model_dump(mode="json", exclude={"after", "limit"})}
    return Ordered(source="live", as_of=call.now(), account_id=account_id, report=sealed(call, _PURPOSE, content))


async def get_insights_report(call: Call, asked: ReportAsked) -> Report:
    """How far a report of request_insights_report is, and its rows page by page once it is done."""
    content = opened(call, _PURPOSE, asked.report)
    run_id, account_id = content["run"], content["account"]
    question = InsightsAsked(**content["asked"], limit=asked.limit, after=asked.after)
    understood = await understand(call, question)
    run = graph.understood(
        ad_insights.read_report, await call.send(ad_insights.report_call(call.version, account_id, run_id), fresh=True)
    )
    if run.failed:
        raise Problem(502, "report_failed", f"Meta could not make this report: {run.error}", "Order a smaller one.")
    about = {"source": "live", "as_of": call.now(), "account_id": account_id}
    if not run.done:
        return Report(**about, status=run.status, percent=run.percent)
    after = place_of(call, asked.after).get("after")
    answer = await call.send(
        ad_insights.report_rows_call(call.version, account_id, run_id, limit=asked.limit, after=after)
    )
    found = await told(call, question, understood, live_part(call, question, understood, answer))
    return Report(**about, status=run.status, percent=run.percent, insights=found)
