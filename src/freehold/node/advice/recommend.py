"""Makes recommendations: gathers, has a look taken, puts what is new into words, keeps it, and measures what is due."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from freehold.kernel import logs
from freehold.kernel.database import ReadSession
from freehold.node.advice.drafts import EFFORT, LASTING, Advice, advised, subjects
from freehold.node.advice.gather import gather
from freehold.node.advice.looking import take_look
from freehold.node.advice.outcomes import measure_due
from freehold.node.advice.queries import ad_names, ad_places
from freehold.node.advice.standing import STILL_FOUND
from freehold.node.advice.telling import told
from freehold.node.advice.variety import varied
from freehold.node.analysis.findings import Look, TooLittle
from freehold.node.assets import ConnectedAsset, ticked_assets
from freehold.node.context import Node
from freehold.node.narrative.facts import Draft, Worded
from freehold.node.narrative.wording import word
from freehold.node.store.recommendations import queries, upserts
from freehold.node.store.recommendations.queries import Recommendation

log = logs.get(__name__)

MOST_NEW: Final = 10
"""So many new recommendations come of one look; what is left comes with a later one."""
PASSING: Final = frozenset(EFFORT) - LASTING
"""Kinds that may be told again after they were dismissed, when they come back."""


@dataclass(frozen=True)
class Recommended:
    """What came of one look: what is new, how much was found in all, and what could not be said for want of data.

    `tested` is how many questions were asked, `measured` how many forecasts were compared with what happened.
    """

    made: tuple[Recommendation, ...]
    found: int
    tested: int
    too_little: tuple[TooLittle, ...]
    measured: int


async def recommend(node: Node) -> Recommended:
    """Look at everything that is stored, and keep what is new.

    What stands or was dismissed is not made again: what nobody has decided on tells the evidence of this look from now
    on, and what says the opposite of it is closed. Raises `LookingError`, and `Problem` 503 without a database.
    """
    now = node.clock.now()
    async with node.database.reading() as session:
        assets = await ticked_assets(session)
        inputs = await gather(session, assets, now, node.settings.posts_timezone)
    look = await take_look(inputs)
    async with node.database.reading() as session:
        found = advised(look, inputs, await _names(session, look, assets), await ad_places(session, subjects(look)))
        quiet = await queries.quiet_topics(session, [each.topic for each in found], now - STILL_FOUND, PASSING)
        undecided = await queries.undecided(session, [each.topic for each in found])
    new = varied(each for each in found if each.topic not in quiet)[:MOST_NEW]
    outdated = [each for each in found if undecided.get(each.topic) not in (None, each.basis.as_json())]
    made = await _worded(node, [*new, *outdated], now)
    async with node.database.writing() as session:
        await upserts.close(session, [each.opposite for each in found if each.opposite], now)
        written = set(await upserts.add(session, made, now - STILL_FOUND, PASSING))
        await upserts.renew(session, [each for each in made if each.recommendation_id not in written])
        await upserts.found_again(session, [each.topic for each in found], now)
    measured = await measure_due(node)
    log.info("advice.looked", found=len(found), made=len(written), tested=look.tested, measured=measured)
    kept = tuple(each for each in made if each.recommendation_id in written)
    return Recommended(kept, len(found), look.tested, look.too_little, measured)


async def _worded(node: Node, new: Sequence[Advice], now: datetime) -> list[Recommendation]:
    """New advice in the node's language, by a model where there is one; what cannot be proven is left out."""
    language = node.settings.language
    texts = [told(each.basis, language) for each in new]
    drafts = [Draft(each.topic, text.title, text.text, text.facts) for each, text in zip(new, texts, strict=True)]
    worded = await word(node, drafts, language)
    return [
        _recommendation(advice, text.action, text.why, language, words, now)
        for advice, text, words in zip(new, texts, worded, strict=True)
        if words is not None
    ]


def _recommendation(
    advice: Advice, action: str, why: str, language: str, words: Worded, now: datetime
) -> Recommendation:
    return Recommendation(
        recommendation_id=hashlib.sha256(f"{advice.topic}\n{now.isoformat()}".encode()).hexdigest()[:32],
        topic=advice.topic,
        kind=advice.kind,
        account_id=advice.account_id,
        title=words.title,
        text=words.text,
        action=action,
        why=why,
        language=language,
        worded_by=words.worded_by,
        confidence=advice.confidence,
        effort=advice.effort,
        first_day=advice.basis.first,
        last_day=advice.basis.last,
        evidence=advice.basis.as_json(),
        forecast=None if advice.forecast is None else advice.forecast.as_json(),
        made_at=now,
        found_at=now,
    )


async def _names(session: ReadSession, look: Look, assets: Sequence[ConnectedAsset]) -> Mapping[str, str]:
    """What people called everything that may be told of."""
    called = {each.asset_id: f"@{each.username}" if each.username else each.name for each in assets}
    return {**await ad_names(session, subjects(look)), **called}
