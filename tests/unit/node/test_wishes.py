"""What a target wants to hear of, and when."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from freehold.node import countdowns
from freehold.node.alerts import conditions
from freehold.node.notifications.wishes import TOPICS, QuietHours, Wishes, unheard

MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
QUIET = QuietHours.read("22:00-07:00 Europe/Berlin")


def at(text: str) -> datetime:
    """An instant."""
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("asked", "over"),
    [
        ("2026-01-10T20:59+00:00", "2026-01-10T20:59+00:00"),
        ("2026-01-10T21:00+00:00", "2026-01-11T06:00+00:00"),
        ("2026-01-11T05:59+00:00", "2026-01-11T06:00+00:00"),
        ("2026-01-11T06:00+00:00", "2026-01-11T06:00+00:00"),
        ("2026-03-28T23:00+00:00", "2026-03-29T05:00+00:00"),
        ("2026-10-24T22:00+00:00", "2026-10-25T06:00+00:00"),
    ],
)
def test_quiet_hours_over_midnight_and_changes_of_clocks(asked: str, over: str) -> None:
    """By the clock on the wall: in the night in which it changes they are shorter or longer."""
    assert QUIET.over(at(asked)) == at(over)


@given(MOMENTS, st.sampled_from(["22:00-07:00 Europe/Berlin", "12:00-13:30 America/New_York", "00:00-23:59 UTC"]))
def test_when_it_is_over_it_is_not_quiet(moment: datetime, written: str) -> None:
    """Whatever the hours: what was put off is put off once, for less than a day and an hour."""
    quiet = QuietHours.read(written)
    over = quiet.over(moment)
    assert quiet.over(over) == over
    assert moment <= over < moment + timedelta(hours=25)


@pytest.mark.parametrize(
    "text",
    ["", "22-7 UTC", "22:00-22:00 UTC", "24:00-07:00 UTC", "22:00-07:00 ../../etc/passwd", "22:00-07:00 Nowhere"],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    """With a word of how it is written."""
    with pytest.raises(ValueError, match="quiet hours"):
        QuietHours.read(text)


def test_only_what_is_critical_is_sent_in_quiet_hours() -> None:
    """A warning waits for the morning."""
    night, wishes = at("2026-01-10T23:00+00:00"), Wishes(quiet=QUIET)
    assert wishes.earliest("critical", night) == night
    assert wishes.earliest("warning", night) == at("2026-01-11T06:00+00:00")


def test_a_warning_that_would_lapse_in_the_night_goes_at_once() -> None:
    """Also one that ends with the night or soon after, as it might come too late. What lives longer waits."""
    night, wishes = at("2026-01-10T23:00+00:00"), Wishes(quiet=QUIET)
    morning = at("2026-01-11T06:00+00:00")
    assert wishes.earliest("warning", night, at("2026-01-11T05:59+00:00")) == night
    assert wishes.earliest("warning", night, morning) == night
    assert wishes.earliest("warning", night, at("2026-01-11T06:59+00:00")) == night
    assert wishes.earliest("warning", night, at("2026-01-11T07:00+00:00")) == morning
    assert wishes.earliest("info", night, at("2026-01-11T05:59+00:00")) == morning


def test_topics_and_gravity_choose_what_is_heard() -> None:
    """Both have to fit; without a wish everything does, also kinds that belong to no topic."""
    wishes = Wishes(topics=("ads", "security"), least="warning")
    assert wishes.hears("ad_bands", "warning")
    assert not wishes.hears("ad_bands", "info")
    assert not wishes.hears("throttled", "critical")
    assert Wishes().hears("something_new", "info")


def test_the_digest_and_reports_wait_for_no_digest() -> None:
    """Else a digest would be put into the next one for ever."""
    wishes = Wishes(at_once="critical")
    assert wishes.collects("throttled", "warning")
    assert not wishes.collects("throttled", "critical")
    assert not wishes.collects("digest", "info")
    assert not wishes.collects("report", "info")


def test_wishes_are_written_as_they_are_read() -> None:
    """What the file holds is what was chosen."""
    wishes = Wishes(topics=("ads",), least="warning", at_once="critical", quiet=QUIET)
    assert Wishes.model_validate_json(wishes.model_dump_json()) == wishes
    assert wishes.model_dump(mode="json")["quiet"] == "22:00-07:00 Europe/Berlin"
    with pytest.raises(ValidationError):
        Wishes.model_validate({"topics": ["weather"]})


def test_every_alert_belongs_to_a_topic() -> None:
    """So that choosing topics leaves none of them out of reach."""
    known = {kind for kinds in TOPICS.values() for kind in kinds}
    assert {*get_args(conditions.Kind), *countdowns.KINDS} <= known


def test_what_nobody_hears_of_is_named() -> None:
    """One who hears of the node, and nobody of the rest."""
    silent = unheard([Wishes(topics=("node",)), Wishes(topics=("ads", "workflows"))])
    assert silent == ["accounts", "findings", "security"]
    assert unheard([Wishes()]) == []
