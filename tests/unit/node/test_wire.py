"""Inputs and looks cross into the child process and back as they are."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

from freehold.node.analysis.inputs import (
    AccountRows,
    AdAccountRows,
    AdDay,
    BudgetRows,
    CostDay,
    Daily,
    Inputs,
    ReachWindow,
    Split,
    SplitRow,
)
from freehold.node.analysis.look import look
from freehold.node.analysis.pacing import Budget
from freehold.node.analysis.results import Result
from freehold.node.analysis.rivals import RivalAd
from freehold.node.analysis.stories import StoryResult
from freehold.node.analysis.wire import INPUTS, LOOK

DAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 2, 8, tzinfo=UTC)


def inputs() -> Inputs:
    """A row of every kind, and days enough for a spike."""
    days = [DAY - timedelta(days=each) for each in range(200)]
    series = Daily("views", "account", {day: 100.0 + day.day % 7 for day in days} | {DAY: 9000.0})
    split = Split("views", "account", "format", (SplitRow(DAY, "reel", 8000.0), SplitRow(DAY, "image", 1.0, 2.0)))
    account = AccountRows(
        "account",
        series=(series,),
        new_followers={DAY: 3.0},
        posts=(Result("post", NOW - timedelta(days=9), "reel", 5.0, "#one “two”"),),
        stories=(StoryResult("story", NOW, 7.0),),
        splits=(split,),
        reach=(ReachWindow("account", days[6], DAY, 900.0),),
    )
    budget = Budget("campaign", 1_000_000, "EUR", days[30], DAY + timedelta(days=30))
    ads = AdAccountRows(
        "act",
        "EUR",
        costs={"act": (CostDay(DAY, 5, 1.0),)},
        ad_sets={"set": {"ad": (AdDay(DAY, 10, 1, 1.5),)}},
        budgets=(BudgetRows(budget, dict.fromkeys(days, 100)),),
    )
    return Inputs(days[27], DAY, NOW, (account,), (ads,), (RivalAd("ad", "Rival", DAY),))


def test_inputs_come_out_as_they_went_in() -> None:
    """Dates, instants, mappings and optional numbers are the same after a round trip."""
    assert INPUTS.validate_json(INPUTS.dump_json(inputs())) == inputs()


def test_the_child_process_answers_as_the_function_does() -> None:
    """Inputs on standard input, a look with findings, facts and what was lacking on standard output."""
    command = [sys.executable, "-m", "freehold.node.analysis"]
    done = subprocess.run(command, input=INPUTS.dump_json(inputs()), capture_output=True, check=True)
    shown = LOOK.validate_json(done.stdout)

    assert shown == look(inputs())
    assert ("spike", "account") in {(each.kind, each.account_id) for each in shown.findings}
    assert {each.kind for each in shown.facts} == {"pacing", "rival_new_ads"}
    assert shown.too_little
