"""Writes a report: gathers its numbers, has its charts drawn, and puts both into one HTML file."""

import asyncio
import base64
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape

from freehold.kernel.problems import ExplainedError
from freehold.node.assets import ticked_assets
from freehold.node.context import Node
from freehold.node.reports import content
from freehold.node.reports.content import AdsReport, InstagramReport, Report
from freehold.node.store.ads.queries import CampaignResult
from freehold.providers.meta import graph, money

DRAWING_SECONDS = 60
LATEST = "latest.html"
CHARTED_CAMPAIGNS = 8
_TEMPLATES = Environment(loader=PackageLoader("freehold.node.reports"), autoescape=select_autoescape(default=True))

Chart = dict[str, Any]


class NothingToReportError(ExplainedError):
    """There is no number to report; what was written before stays."""


class DrawingError(ExplainedError):
    """The charts could not be drawn; the message has the child's last line."""


async def write_report(node: Node, days: int) -> Path:
    """Write a report over the last `days` days; gives its file, which is also `latest.html`.

    Raises `NothingToReportError`, which leaves earlier reports as they are.
    """
    now = node.clock.now()
    async with node.database.reading() as session:
        report = await content.gather(session, node.settings.company_name, await ticked_assets(session), days, now)
    if report.empty:
        raise NothingToReportError(
            f"Nothing has been collected for {report.first} to {report.last}, so no report is written; earlier ones "
            "stay. Run `freehold node collect`, or see `freehold doctor`."
        )
    html = await render(report)
    folder = node.settings.reports_dir()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{report.first}_{report.last}.html"
    _replace(path, html)
    _replace(folder / LATEST, html)
    return path


async def render(report: Report) -> str:
    """The report as one HTML text that needs nothing else."""
    asked = [chart for part in report.instagram for chart in instagram_charts(part)]
    asked += [chart for part in report.ads for chart in ads_charts(part)]
    drawn = iter(await draw(asked))
    pictures = {part.profile.account_id: [next(drawn) for _ in instagram_charts(part)] for part in report.instagram} | {
        part.account.asset_id: [next(drawn) for _ in ads_charts(part)] for part in report.ads
    }
    template = _TEMPLATES.get_template("report.html")
    return template.render(
        report=report,
        pictures=pictures,
        money=money.written,
        number=_number,
        counted=content.COUNTED,
        local=lambda at: at.astimezone(graph.INSTAGRAM_DAY),
    )


def instagram_charts(part: InstagramReport) -> list[Chart]:
    """Reach and views, engagement, follower change."""
    days = [day.isoformat() for day in part.days]
    unavailable = part.follower_change_since > part.days[0]
    return [
        {
            "kind": "lines",
            "title": "Reach and views by day",
            "days": days,
            "series": {"Views": _values(part, "views"), "Reach": _values(part, "reach")},
        },
        {
            "kind": "lines",
            "title": "Interactions by day",
            "days": days,
            "series": {"Likes, comments, saves and shares": _values(part, "total_interactions")},
        },
        {
            "kind": "bars",
            "title": "Follower change by day",
            "days": days,
            "values": [part.follower_change.get(day) for day in part.days],
            "unavailable_until": part.follower_change_since.isoformat() if unavailable else None,
            "unavailable": "unavailable: Meta keeps 30 days",
        },
    ]


def ads_charts(part: AdsReport) -> list[Chart]:
    """Spend by day and by campaign; results and their cost among the campaigns of one objective."""
    places = 10 ** money.exponent(part.currency)
    spend_chart: Chart = {
        "kind": "bars",
        "title": "Spend by day",
        "days": [day.isoformat() for day in part.days],
        "values": [part.spend.get(day, 0) / places for day in part.days],
        "unit": part.currency,
    }
    if not part.campaigns:
        return [spend_chart]
    spent = _columns("Spend by campaign", part.campaigns, [_spend_panel(part.campaigns)])
    return [spend_chart, spent, *(_results_chart(part, objective) for objective in part.objectives())]


def _results_chart(part: AdsReport, objective: str) -> Chart:
    """Spend, results and cost per result of the campaigns that are after the same: only these can be compared."""
    campaigns = [campaign for campaign in part.campaigns if campaign.objective == objective][:CHARTED_CAMPAIGNS]
    counted = content.COUNTED[objective]
    costs = [campaign.cost_per_result_minor for campaign in campaigns]
    panels = [
        _spend_panel(campaigns),
        _panel(
            counted.capitalize(), [each.results for each in campaigns], [_number(each.results) for each in campaigns]
        ),
        _panel(
            f"Cost of one of the {counted}",
            costs,
            [_number(None) if cost is None else money.written(cost, part.currency) for cost in costs],
        ),
    ]
    return _columns(f"Spend, {counted} and their cost by campaign", campaigns, panels)


def _columns(title: str, campaigns: Sequence[CampaignResult], panels: list[Chart]) -> Chart:
    labels = [campaign.name[:34] for campaign in campaigns[:CHARTED_CAMPAIGNS]]
    return {"kind": "columns", "title": title, "labels": labels, "panels": panels}


def _spend_panel(campaigns: Sequence[CampaignResult]) -> Chart:
    shown = campaigns[:CHARTED_CAMPAIGNS]
    spent = [money.written(each.spend_minor, each.currency) for each in shown]
    return _panel("Spend", [each.spend_minor for each in shown], spent)


def _panel(name: str, values: Sequence[int | None], texts: list[str]) -> Chart:
    return {"name": name, "values": list(values), "texts": texts}


async def draw(charts: Sequence[Chart]) -> list[tuple[str, str]]:
    """Each chart's title and picture, as the data address of an SVG; raises `DrawingError`."""
    if not charts:
        return []
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "freehold.node.reports.charts",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(child.communicate(json.dumps(list(charts)).encode()), DRAWING_SECONDS)
    except TimeoutError as error:
        child.kill()
        await child.wait()
        raise DrawingError(f"the charts took longer than {DRAWING_SECONDS} s") from error
    if child.returncode:
        raise DrawingError(err.decode(errors="replace").strip().rpartition("\n")[2])
    pictures = [base64.b64encode(svg.encode()).decode() for svg in json.loads(out)]
    return [
        (str(chart["title"]), f"data:image/svg+xml;base64,{text}") for chart, text in zip(charts, pictures, strict=True)
    ]


def _values(part: InstagramReport, name: str) -> list[float | None]:
    values: dict[date, float] = part.series[name]
    return [values.get(day) for day in part.days]


def _number(value: float | None) -> str:
    """A count as people read it; a dash where there is none."""
    return "\u2013" if value is None else f"{value:,.0f}"


def _replace(path: Path, html: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(html)
    Path(name).replace(path)
