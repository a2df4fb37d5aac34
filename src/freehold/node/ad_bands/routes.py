"""Port 3007: whether today's ads cost what they usually do, for n8n and other callers."""

from dataclasses import asdict
from datetime import date, datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel

from freehold.kernel.problem_responses import problem_responses
from freehold.node.ad_bands.bands import State
from freehold.node.ad_bands.measure import Measure, Measured, Name, measure
from freehold.node.ad_bands.words import outside
from freehold.node.assets import confirmed_assets
from freehold.node.context import Node
from freehold.node.guard import admit_caller
from freehold.node.notifications.notice import Severity


class BandView(BaseModel):
    """What is usual of a day, in minor units."""

    usual: float
    low: float
    high: float


class MeasureView(BaseModel):
    """One number of today against its band, in minor units; the whole account's where `campaign_id` is empty."""

    name: Name
    campaign_id: str
    campaign: str
    value: int | None
    band: BandView | None
    state: State


class AccountView(BaseModel):
    """An ad account's today; nothing is measured before something of it was read (`read_at`), or without a currency."""

    ad_account_id: str
    name: str
    currency: str | None
    day: date
    read_at: datetime | None
    measures: list[MeasureView]


class NoticeView(BaseModel):
    """What to tell people, as `POST /notifications` takes it."""

    key: str
    severity: Severity
    title: str
    text: str


class BandsView(BaseModel):
    """Every ad account's today, and in words what of it is outside its band."""

    accounts: list[AccountView]
    outside: list[NoticeView]


def routes(node: Node) -> APIRouter:
    """The endpoint of bands."""
    router = APIRouter()

    @router.get("/ads/bands", responses=problem_responses(400, 401, 403, 422, 429, 503))
    async def bands(request: Request) -> BandsView:
        """Today's spend and cost per result against the band of the last 14 days, from what is stored."""
        await admit_caller(node, request, "workflows")
        async with node.database.reading() as session:
            accounts = [asset for asset in await confirmed_assets(session) if asset.kind == "ad_account"]
            found = [await measure(session, asset, node.clock.now()) for asset in accounts]
        notices = [notice for each in found for notice in outside(each)]
        return BandsView(
            accounts=[_account(each) for each in found],
            outside=[
                NoticeView(key=each.key, severity=each.severity, title=each.title, text=each.text) for each in notices
            ],
        )

    return router


def _account(found: Measured) -> AccountView:
    return AccountView(
        ad_account_id=found.asset.asset_id,
        name=found.asset.name,
        currency=found.currency or None,
        day=found.day,
        read_at=found.read_at,
        measures=[_measure(each) for each in found.measures],
    )


def _measure(each: Measure) -> MeasureView:
    return MeasureView.model_validate(asdict(each))
