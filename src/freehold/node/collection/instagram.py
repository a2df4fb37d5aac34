"""Instagram: profile, the account day by day, who its people are, its posts with their insights, its stories.

Close to the floor of calls: posts come with the insights that all of them have, the account's totals of a day come in
one call, series in windows of 30 days. One refused metric, day or post never sinks the rest.
"""

from freehold.kernel.database import WriteSession
from freehold.node.collection.audience import read_demographics, read_engaged_audience, read_online_followers
from freehold.node.collection.breakdowns import read_breakdowns
from freehold.node.collection.extras import read_extras
from freehold.node.collection.posts import read_posts
from freehold.node.collection.series import Span, due_spans, keep_span, place_of, read_series
from freehold.node.collection.source import Source, Window
from freehold.node.collection.stories import read_stories
from freehold.node.collection.streams import Stream
from freehold.node.collection.totals import read_totals
from freehold.node.runs.places import Place, keep_place
from freehold.node.store.instagram.upserts import save_profile
from freehold.providers.calls import JSON, Rejected, Unavailable
from freehold.providers.meta import instagram, spec
from freehold.providers.meta.instagram import Insight, Profile

KIND = "instagram_account"


async def read_profile(source: Source, window: Window) -> None:
    """The profile as it is now and, in the same call, the newest window of the account's series.

    Where Meta refuses both together the profile is asked for alone, and the series by its own stream.
    """
    place = await source.place("profile")
    if place.finished:
        return
    spans = [span for span in await due_spans(source, window) if span.period == "day"]
    if spans:
        try:
            await _read_with(source, spans[0])
        except (Rejected, Unavailable):
            pass
        else:
            return
    profile = await source.read(instagram.profile_call(source.version, source.asset_id), instagram.read_profile)
    async with source.saving(Place("profile", finished=True), 0.0) as session:
        await save_profile(session, profile, source.clock.now())


async def _read_with(source: Source, span: Span) -> None:
    """The profile and a window of series in one call."""

    def understand(answer: JSON) -> tuple[Profile, list[Insight]]:
        return instagram.read_profile(answer), instagram.read_series(answer.get("insights") or {"data": []})

    call = instagram.profile_call(source.version, source.asset_id, span.call(source, span.metrics))
    profile, answer = await source.read(call, understand)
    few = profile.followers < spec.FEW_FOLLOWERS
    async with source.saving(Place("profile", finished=True), 0.0) as session:
        await save_profile(session, profile, source.clock.now())
        await keep_span(session, source, span, answer, span.metrics, few=few)
        await _keep(session, source, span)


async def _keep(session: WriteSession, source: Source, span: Span) -> None:
    """The place of a series that came along with the profile."""
    place = place_of(span, span.metrics)
    await keep_place(session, source.run.run_id, source.asset_id, place, 1.0, source.clock.now())


STREAMS = (
    Stream("instagram_profile", KIND, read_profile, gate=True),
    Stream("instagram_series", KIND, read_series, horizon_days=spec.MAX_AGE_DAYS),
    Stream("instagram_totals", KIND, read_totals, horizon_days=spec.MAX_AGE_DAYS),
    Stream("instagram_breakdowns", KIND, read_breakdowns, horizon_days=spec.MAX_AGE_DAYS),
    Stream("instagram_demographics", KIND, read_demographics),
    Stream("instagram_engaged_audience", KIND, read_engaged_audience),
    Stream("instagram_online_followers", KIND, read_online_followers, horizon_days=spec.FOLLOWER_CHANGE_DAYS),
    Stream("instagram_posts", KIND, read_posts),
    Stream("instagram_extras", KIND, read_extras, horizon_days=spec.MAX_AGE_DAYS),
    Stream("instagram_stories", KIND, read_stories),
)
"""Everything that is read of an Instagram account, in this order."""
