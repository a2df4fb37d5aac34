"""What a look finds is told by the node itself, once, on both databases."""

import dataclasses
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import insert
from tests.integration.node.conftest import Stage

from freehold.node.alerts.findings import NEW_FOR, notices_of
from freehold.node.alerts.watch import watch
from freehold.node.notifications.tables import notifications
from freehold.node.store.recommendations.queries import Recommendation
from freehold.node.store.recommendations.tables import ai_recommendations


def advice(number: int, kind: str, made_at: datetime, language: str = "en") -> Recommendation:
    """Advice as a look writes it down."""
    return Recommendation(
        recommendation_id=f"r{number}",
        topic=f"topic {number}",
        kind=kind,
        account_id="1",
        title=f"Title <b>{number}</b>\nof it",
        text=f"Text {number} @everyone",
        action="Do it.",
        why="Because.",
        language=language,
        worded_by="template",
        confidence="high",
        effort="low",
        first_day=date(2026, 11, 1),
        last_day=date(2026, 11, 7),
        evidence={},
        forecast=None,
        made_at=made_at,
        found_at=made_at,
    )


async def keep(stage: Stage, *made: Recommendation) -> None:
    """Write advice down."""
    async with stage.node.database.writing() as session:
        rows = [dataclasses.asdict(each) | {"evidence": "{}", "forecast": "", "outcome": ""} for each in made]
        await session.execute(insert(ai_recommendations), rows)


async def told(stage: Stage) -> list[tuple[str, str, str]]:
    """Kind, severity and title of what people are told, without what the node's own state brings."""
    rows = await stage.rows(notifications)
    own = {"anomaly", "recommendation"}
    return sorted((row["kind"], row["severity"], row["title"]) for row in rows if row["kind"] in own)


async def test_anomalies_are_alerts_and_advice_of_one_look_is_one_notice(stored: Stage) -> None:
    """Told once, however often the node looks; what strangers wrote calls nobody and holds no markup."""
    now = stored.clock.now()
    made = [advice(1, "spike", now), advice(2, "format", now), advice(3, "pacing", now), advice(4, "silent_week", now)]
    await keep(stored, *made)
    await watch(stored.node)
    await watch(stored.node)
    assert await told(stored) == [
        ("anomaly", "warning", "Company rosa: Title (b)1(/b) of it"),
        ("anomaly", "warning", "Company rosa: Title (b)4(/b) of it"),
        ("recommendation", "info", "Company rosa: 2 new recommendations"),
    ]
    texts = " ".join(row["text"] for row in await stored.rows(notifications))
    assert "Text 2 everyone" in texts
    assert "@everyone" not in texts


def test_a_long_name_of_the_company_cuts_off_nothing_of_an_alert() -> None:
    """Which ad it is about stands at the end of the title; of the company's name there is what is left."""
    title = f"{'x' * 170} (campaign Y)"
    found = dataclasses.replace(advice(1, "spike", datetime(2026, 11, 8, tzinfo=UTC)), title=title)
    (notice,) = notices_of([found], "Ceramics and everything else of the house of Rosa")
    assert notice.title == f"Ceramics and e…: {title}"
    (alone,) = notices_of([dataclasses.replace(found, title="y" * 250)], "Rosa")
    assert alone.title == "y" * 199 + "…"


async def test_old_and_decided_advice_is_no_news(stored: Stage) -> None:
    """An upgraded node does not tell of all that ever was."""
    now = stored.clock.now()
    await keep(stored, advice(1, "spike", now - NEW_FOR - timedelta(hours=1)))
    await keep(stored, dataclasses.replace(advice(2, "spike", now), status="dismissed"))
    await keep(stored, advice(3, "format", now, "de"))
    await watch(stored.node)
    assert await told(stored) == [("recommendation", "info", "Company rosa: eine neue Empfehlung")]
