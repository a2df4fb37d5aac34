"""One look at everything that a client has: every module is asked once, and all answers are judged together.

It loads libraries of statistics; a node runs it in a child process, `python -m freehold.node.analysis`.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Final

from freehold.node.analysis.anomalies import anomalies
from freehold.node.analysis.changes import change
from freehold.node.analysis.costs import cost_per_result
from freehold.node.analysis.creatives import creatives
from freehold.node.analysis.fatigue import fatigue
from freehold.node.analysis.findings import Answer, Look, judge, sharing
from freehold.node.analysis.inputs import AccountRows, AdAccountRows, Daily, Inputs
from freehold.node.analysis.lifts import lifts
from freehold.node.analysis.movements import movement
from freehold.node.analysis.pacing import budget_facts
from freehold.node.analysis.reach import reach_changes
from freehold.node.analysis.rivals import rival_facts
from freehold.node.analysis.stories import retention_change

STEERED: Final = frozenset({"spend_minor"})
"""What people set themselves: that it moved is no news to them, and more of it no success. A day that stands out is."""


def look(inputs: Inputs) -> Look:
    """Every answer of every module, corrected together; the same inputs give the same look."""
    answers: list[Answer] = []
    for account in inputs.accounts:
        answers += [replace(each, account_id=account.account_id) for each in _account(account, inputs)]
    for ad_account in inputs.ad_accounts:
        answers += [replace(each, account_id=ad_account.ad_account_id) for each in _ad_account(ad_account, inputs)]
    return judge([*answers, *rival_facts(inputs.rivals, inputs.first, inputs.last)])


def _account(account: AccountRows, inputs: Inputs) -> Iterator[Answer]:
    yield from _series(account, inputs)
    if account.new_followers:
        followers = Daily("new_followers", account.account_id, account.new_followers)
        yield change(followers, inputs.first, inputs.last, kind="follower_growth")
    if account.posts:
        yield from lifts(account, inputs.now, inputs.slot_hours)
    if account.stories:
        yield retention_change(account.account_id, account.stories, inputs.first, inputs.last)


def _ad_account(account: AdAccountRows, inputs: Inputs) -> Iterator[Answer]:
    yield from _series(account, inputs)
    for subject, days in account.costs.items():
        yield cost_per_result(subject, days, inputs.first, inputs.last, account.splits)
    for ad_set_id, ads in account.ad_sets.items():
        yield from sharing(creatives(ad_set_id, ads))
        yield from sharing([fatigue(ad_id, days) for ad_id, days in ads.items()])
    for each in account.budgets:
        yield from budget_facts(each.budget, each.spend, inputs.last + timedelta(days=1))


def _series(account: AccountRows | AdAccountRows, inputs: Inputs) -> Iterator[Answer]:
    """What every daily series, and every series of windows, is asked."""
    for series in account.series:
        yield from anomalies(series, inputs.first, inputs.last)
        if series.metric not in STEERED:
            moved = change(series, inputs.first, inputs.last, account.splits)
            yield from sharing([movement(series, inputs.last), moved])
    yield from reach_changes(account.reach, inputs.first, inputs.last)
