"""Fairness between assets: what is left of a ceiling goes to whoever had least, and nothing is left lying."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from freehold.node.governor.budget import (
    Bucket,
    Charge,
    Decision,
    Limit,
    Priority,
    Rivalry,
    charged,
    claimed,
    claims,
    decide,
    eased,
)

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
BACKGROUND = st.sampled_from([Priority.SCHEDULED, Priority.BACKFILL])
CLAIMS = st.tuples(st.integers(0, 7200), BACKGROUND)
HISTORY = st.lists(st.tuples(st.integers(0, 59), st.integers(1, 40)), max_size=12)


def limit(ceiling: int | None = 100) -> Limit:
    """A ceiling of so many calls an hour."""
    return Limit("ceiling", ceiling=ceiling)


def share(name: str, calls: int, claim: Priority | None = None, until: timedelta = HOUR) -> Bucket:
    """What an asset had just now, and its claim."""
    spent = charged(Charge(limit(), Bucket(name), calls), NOW) if calls else Bucket(name)
    return spent if claim is None else claimed(spent, claim, NOW + until, NOW)


def total(*shares: Bucket) -> Bucket:
    """The person's bucket: what all assets had."""
    calls: dict[int, int] = {}
    for each in shares:
        for minute, count in each.calls.items():
            calls[minute] = calls.get(minute, 0) + count
    return Bucket("ceiling", calls)


def asked(
    own: Bucket,
    *others: Bucket,
    priority: Priority = Priority.BACKFILL,
    ceiling: int = 100,
    cost: int = 1,
    now: datetime = NOW,
) -> Decision:
    """What is decided for the asset of `own`."""
    charge = Charge(limit(ceiling), total(own, *others), cost)
    return decide([charge], priority, now, Rivalry(own, others))


def test_without_others_that_wait_one_may_use_all() -> None:
    """An idle account keeps nothing back from the others."""
    assert asked(share("a", 89), share("b", 0)) == Decision()


def test_who_had_more_leaves_the_difference() -> None:
    """A had 40 and B, which waits, nothing: of 50 left, 40 are B's, 10 are for both."""
    waiting = share("b", 0, Priority.BACKFILL)
    assert asked(share("a", 40), waiting) == Decision()
    found = asked(share("a", 46), waiting)
    assert (found.reason, found.bucket) == ("share", "ceiling")
    assert asked(waiting, share("a", 46)) == Decision()


def test_the_urgent_leave_nothing() -> None:
    """A person, an approved write and the pausing of an ad go as long as there is any room."""
    waiting = share("b", 0, Priority.SCHEDULED)
    for priority in (Priority.PAUSE_AD, Priority.INTERACTIVE, Priority.WRITE):
        assert asked(share("a", 99), waiting, priority=priority) == Decision()


def test_less_urgent_work_claims_nothing_from_more_urgent() -> None:
    """A backfill that waits does not stop another account's run."""
    assert asked(share("a", 80), share("b", 0, Priority.BACKFILL), priority=Priority.SCHEDULED) == Decision()
    assert asked(share("a", 80), share("b", 0, Priority.SCHEDULED), priority=Priority.BACKFILL).wait > 0


def test_a_claim_ends() -> None:
    """When its time is over, what was kept is free."""
    waiting = share("b", 0, Priority.BACKFILL, timedelta(seconds=90))
    assert asked(share("a", 80), waiting).wait == 90
    assert asked(share("a", 80), waiting, now=NOW + timedelta(seconds=90)) == Decision()


@given(first=CLAIMS, second=CLAIMS)
def test_a_standing_claim_becomes_neither_shorter_nor_less_urgent(
    first: tuple[int, Priority], second: tuple[int, Priority]
) -> None:
    """Several calls of an asset wait at once, and each claims."""
    after = Bucket("a")
    for seconds, priority in (first, second):
        after = claimed(after, priority, NOW + timedelta(seconds=seconds), NOW)
    standing = [(seconds, priority) for seconds, priority in (first, second) if seconds > 0]
    for seconds, priority in standing:
        assert claims(after, priority, NOW + timedelta(seconds=seconds) - SECOND)


def test_who_was_served_claims_no_longer_than_a_while() -> None:
    """So that an account that is done holds nothing back for the hour that it was told."""
    eased_share = eased(share("a", 1, Priority.SCHEDULED), NOW + timedelta(minutes=2))
    assert eased_share.claim_until == NOW + timedelta(minutes=2)
    assert eased(eased_share, NOW + HOUR) == eased_share


@given(
    histories=st.lists(HISTORY, min_size=2, max_size=4),
    until=st.lists(CLAIMS, min_size=4, max_size=4),
    ceiling=st.integers(20, 300),
    cost=st.integers(1, 5),
    priority=BACKGROUND,
)
def test_the_wait_for_a_share_is_exact(
    histories: list[list[tuple[int, int]]],
    until: list[tuple[int, Priority]],
    ceiling: int,
    cost: int,
    priority: Priority,
) -> None:
    """After it the call may go if nothing else happens, a second earlier it may not; claims that end are reckoned."""
    shares = []
    for number, (history, (seconds, urgency)) in enumerate(zip(histories, until, strict=False)):
        bucket = Bucket(str(number))
        for minutes, calls in history:
            bucket = charged(Charge(limit(), bucket, calls), NOW - timedelta(minutes=59 - minutes))
        shares.append(claimed(bucket, urgency, NOW + timedelta(seconds=seconds), NOW))
    own, *others = shares
    first = asked(own, *others, priority=priority, ceiling=ceiling, cost=cost)
    later = NOW + timedelta(seconds=first.wait)
    assert asked(own, *others, priority=priority, ceiling=ceiling, cost=cost, now=later).wait == 0
    if first.wait > 1:
        assert asked(own, *others, priority=priority, ceiling=ceiling, cost=cost, now=later - SECOND).wait > 0


@given(used=st.lists(st.integers(0, 60), min_size=2, max_size=5), ceiling=st.integers(20, 300), priority=BACKGROUND)
def test_room_is_never_left_while_somebody_waits(used: list[int], ceiling: int, priority: Priority) -> None:
    """The asset that had least may go whenever the ceiling has room at all."""
    shares = [share(str(number), calls, priority) for number, calls in enumerate(used)]
    least = min(shares, key=lambda each: each.spent(limit(), NOW))
    others = [each for each in shares if each is not least]
    room = sum(used) + 1 <= (limit(ceiling).allowed(priority) or 0)
    assert (asked(least, *others, priority=priority, ceiling=ceiling).wait == 0) == room


@given(
    used=st.lists(st.integers(0, 12), min_size=2, max_size=4),
    order=st.lists(st.integers(0, 3), max_size=60),
)
def test_all_that_wait_end_with_the_same(used: list[int], order: list[int]) -> None:
    """Whoever asks first or more often gets no more: who gained has at most one call more than any other, and nothing
    is left.
    """
    shares = [share(str(number), calls, Priority.BACKFILL) for number, calls in enumerate(used)]

    def ask(place: int) -> bool:
        others = shares[:place] + shares[place + 1 :]
        served = asked(shares[place], *others, ceiling=40).wait == 0
        if served:
            shares[place] = charged(Charge(limit(), shares[place]), NOW)
        return served

    for turn in order:
        ask(turn % len(used))
    while any([ask(place) for place in range(len(used))]):  # noqa: C419 - each asks once a round
        pass
    got = [each.spent(limit(), NOW) for each in shares]
    gained = [after for after, before in zip(got, used, strict=True) if after > before]
    assert max(gained, default=0) <= min(got) + 1
    assert sum(got) == max(36, sum(used))
