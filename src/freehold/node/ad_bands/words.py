"""What is outside its band, in words: what happened, against what, and what to do next."""

from freehold.node.ad_bands.measure import Measure, Measured
from freehold.node.notifications.notice import AD_BANDS, TITLE_LENGTH, Notice, plain
from freehold.providers.meta.money import written

_TITLES = {
    ("spend", "above"): "{subject} has spent more than on a usual day",
    ("spend", "below"): "{subject} spends much less than usual",
    ("cost_per_result", "above"): "a result of {subject} costs more than usual",
    ("cost_per_result", "below"): "a result of {subject} costs less than usual",
}
_DO = {
    "above": "What to do: see in Ads Manager what changed today (budget, bid, audience, a new ad), and pause what "
    "should not run.",
    "below": "What to do: see in Ads Manager whether something was paused, has no budget left, or was not approved; "
    "and where a result is cheap, whether results are counted twice.",
}


def outside(found: Measured) -> list[Notice]:
    """A notice for each measure that is outside its band; the same one all day long, so that it is told once."""
    return [_notice(found, each) for each in found.measures if each.state in {"above", "below"}]


def _notice(found: Measured, measure: Measure) -> Notice:
    subject = plain(measure.campaign or found.asset.name)
    title = _TITLES[measure.name, measure.state].format(subject=subject)
    place = measure.campaign_id or found.asset.asset_id
    return Notice(
        key=f"{AD_BANDS}:{measure.name}:{place}:{found.day}:{measure.state}",
        kind=AD_BANDS,
        severity="warning",
        title=f"{plain(found.asset.name)}: {title}"[:TITLE_LENGTH],
        text=f"{_today(found, measure)} {_usual(found, measure)}\n\n{_DO[measure.state]}",
    )


def _today(found: Measured, measure: Measure) -> str:
    """Today's number, and when it was read."""
    read = "" if found.read_at is None else f" (as read at {found.read_at:%H:%M} UTC)"
    if measure.value is None:
        return f"Today, {found.day}, it has spent and brought no result yet{read}."
    what = "spent so far" if measure.name == "spend" else "for each result so far"
    return f"Today, {found.day}: {written(measure.value, found.currency)} {what}{read}."


def _usual(found: Measured, measure: Measure) -> str:
    assert measure.band is not None  # without a band nothing is outside it
    usual, low, high = (
        written(round(value), found.currency) for value in (measure.band.usual, measure.band.low, measure.band.high)
    )
    return f"Usual is {usual} a {'day' if measure.name == 'spend' else 'result'}, from {low} to {high}."
