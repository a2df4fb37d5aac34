"""When people are reminded to connect again, and when a token is renewed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from freehold.contracts.connect_link import ConnectLink
from freehold.node.assets import ConnectedAsset
from freehold.node.countdowns import (
    DATA_ACCESS_DAYS,
    Reminder,
    notice_of,
    reminders,
    renewal_due,
    stage_of,
)
from freehold.node.vault import Credential

START = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
CREDENTIAL = Credential(
    id="c1",
    client_id="rosa",
    provider="meta",
    meta_user_id="7",
    status="active",
    status_reason=None,
    scopes=(),
    token_expires_at=START + 60 * DAY,
    data_access_expires_at=START + 90 * DAY,
    instagram_business_account_id=None,
    facebook_page_id=None,
    ad_account_id=None,
    created_at=START,
    last_refreshed_at=START,
    issued_at=START,
    delivery_id="d",
)
LINK = ConnectLink(link_id="l", client_id="rosa", url="https://broker.example/auth/meta?link=l", expires_at=START + DAY)


def life(credential: Credential, days: int, *, renewing: bool) -> dict[str, float]:
    """Every reminder of a life, looked for hourly, with the day on which it was first due."""
    told: dict[str, float] = {}
    for hour in range(days * 24):
        now = START + timedelta(hours=hour)
        if renewing and renewal_due(credential, now):
            credential = replace(credential, token_expires_at=now + 60 * DAY, last_refreshed_at=now)
        for reminder in reminders([credential], now):
            told.setdefault(f"{reminder.kind}:{reminder.stage}", hour / 24)
    return told


def test_a_whole_life_brings_three_reminders_and_the_end() -> None:
    """With daily renewals: 21, 7 and 1 days ahead of the end of data access, and when it has ended."""
    assert life(CREDENTIAL, 100, renewing=True) == {
        "data_access:21": 69,
        "data_access:7": 83,
        "data_access:1": 89,
        "data_access:0": 90,
    }


def test_a_token_that_is_never_renewed_is_told_of() -> None:
    """When renewing fails, people hear of it a week and a day ahead, and when the token has ended."""
    told = life(CREDENTIAL, 65, renewing=False)

    assert told == {"token_expiry:7": 53, "token_expiry:1": 59, "token_expiry:0": 60}


def test_what_never_ends_is_never_told_of() -> None:
    """A system user's token, which has no end, is neither renewed nor counted down."""
    endless = replace(CREDENTIAL, token_expires_at=None, data_access_expires_at=None)

    assert life(endless, 200, renewing=True) == {}
    assert not renewal_due(endless, START + 30 * DAY)


def test_a_node_that_was_off_tells_the_latest_alone() -> None:
    """After a long pause the reminder of today goes out, not those that were missed."""
    (reminder,) = reminders([replace(CREDENTIAL, token_expires_at=None)], START + 86 * DAY)

    assert reminder.stage == 7


def test_an_authorisation_that_has_ended_is_told_of_once() -> None:
    """It has no deadline any more, so its reminder keeps one key for ever."""
    ended = replace(CREDENTIAL, status="revoked", status_reason="refused_by_provider")
    keys = {each.key for days in (1, 30, 200) for each in reminders([ended], START + days * DAY)}

    assert keys == {"authorisation_ended:c1:now:0"}


@pytest.mark.parametrize(
    ("ahead", "stage"),
    [
        (22 * DAY, None),
        (21 * DAY, 21),
        (7 * DAY + timedelta(seconds=1), 21),
        (7 * DAY, 7),
        (DAY, 1),
        (timedelta(seconds=1), 1),
        (timedelta(0), 0),
        (-DAY, 0),
    ],
)
def test_stages_begin_to_the_second(ahead: timedelta, stage: int | None) -> None:
    """A stage begins when exactly so many days are left."""
    assert stage_of(START + ahead, START, DATA_ACCESS_DAYS) == stage


def test_renewing_is_for_once_a_day_and_not_after_the_end() -> None:
    """A token that was renewed today waits; one that has ended cannot be renewed."""
    assert not renewal_due(CREDENTIAL, START + 19 * HOUR)
    assert renewal_due(CREDENTIAL, START + DAY)
    assert not renewal_due(CREDENTIAL, START + 60 * DAY)


def test_renewing_once_a_day_is_every_day() -> None:
    """A renewal that took a while, or began late, is followed by the next at the next day's slot."""
    renewed = replace(CREDENTIAL, last_refreshed_at=START + timedelta(minutes=7))
    assert renewal_due(renewed, START + DAY)


@pytest.mark.parametrize("stage", [21, 7, 1, 0])
def test_a_reminder_says_what_until_when_for_whom_and_what_to_do(stage: int) -> None:
    """The words hold the end, the accounts and the link; a link that lapses takes its reminder with it."""
    asset = ConnectedAsset("instagram_account", "1", "Mara\n<!channel> @here Ceramics", None, None, None, "c1", START)
    deadline = START + 90 * DAY
    notice = notice_of(Reminder("data_access", "c1", deadline, stage), "Rosa & Co", [asset], LINK)

    assert "30 May 2026, 09:30 UTC" in notice.text
    assert "Mara channel here Ceramics (instagram account)" in notice.text
    assert LINK.url in notice.text
    assert notice.valid_until == LINK.expires_at
    assert notice.title.startswith("Rosa & Co: access to data")


def test_a_reminder_without_a_link_does_not_stand_in_for_one_with_it() -> None:
    """The link that comes later is told too, because its key is another."""
    reminder = Reminder("data_access", "c1", START, 7)

    assert notice_of(reminder, "Rosa", [], None).key != notice_of(reminder, "Rosa", [], LINK).key == reminder.key
