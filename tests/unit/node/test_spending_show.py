"""What an approver is shown of a plan: everything, one value a line, and nothing that hides."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.node.spending.exposure import Exposure
from freehold.node.spending.plan import Plan
from freehold.node.spending.show import lines_of, shown, visible

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
NOTHING = Exposure(0, 0, 0, 0)


def plan(after: dict[str, Any], before: dict[str, Any] | None = None, **told: Any) -> Plan:
    """A plan that changes this."""
    about: dict[str, Any] = {
        "id": "0" * 16, "account_id": "act_1", "account_name": "A", "currency": "USD", "timezone": "UTC",
        "kind": "update_ad_set", "object_id": "1", "object_name": "Spring", "parameters": after,
        "before": before or {}, "after": after, "relied": {}, "actions": (), "amounts": (),
        "exposure_before": NOTHING, "exposure_after": NOTHING, "harmless": False, "verdicts": (),
        "checked": "not asked", "proposed_by": "agent", "proposer_id": "k", "proposer_person": None,
        "channel": "mcp", "proposed_at": NOW, "expires_at": NOW + timedelta(hours=1),
    }  # fmt: skip
    return Plan(**{**about, **told})


def lines(after: dict[str, Any], before: dict[str, Any] | None = None) -> dict[str, tuple[str, str]]:
    """Each line of a plan by its field."""
    return {line["field"]: (line["before"], line["after"]) for line in lines_of(plan(after, before))}


def test_each_value_inside_a_structure_has_its_line() -> None:
    """Beside what it was, also where one of the two is not there."""
    before = {"targeting": {"geo": {"countries": ["US"]}, "age_min": 18}}
    after = {"targeting": {"geo": {"countries": ["US", "DE"]}, "genders": []}}
    assert lines(after, before) == {
        "targeting.geo.countries.1": ("US", "US"),
        "targeting.geo.countries.2": ("", "DE"),
        "targeting.age_min": ("18", "none"),
        "targeting.genders": ("", "empty"),
    }


def test_a_link_after_a_long_text_is_shown() -> None:
    """Nothing is cut off, however long what stands before it."""
    spec = {"link_data": {"message": "so " * 1_000, "link": "https://evil.example"}}
    told = lines({"object_story_spec": spec})
    assert told["object_story_spec.link_data.link"] == ("", "https://evil.example")
    assert told["object_story_spec.link_data.message"] == ("", "so " * 1_000)


def test_a_picture_is_told_by_its_digest() -> None:
    """Two pictures differ in what is shown of them."""
    one, other = (lines({"bytes": letter * 5_000})["bytes"][1] for letter in "ab")
    assert one != other
    assert len(one) < 150


def test_a_multiplier_is_no_money() -> None:
    """A budget raised by 150 percent is not one dollar and fifty cents."""
    schedule = {"budget_value": 150, "budget_value_type": "MULTIPLIER"}
    assert lines(schedule)["budget_value"] == ("", "150")
    assert lines({**schedule, "budget_value_type": "ABSOLUTE"})["budget_value"] == ("", "1.50 USD")


@pytest.mark.parametrize(
    "hidden",
    [
        "\u202e",
        "\u2066",
        "\u200b",
        "\x1b",
        "\r",
        "\ufeff",
        "\u2028",
        "\ud800",
        "\U000e0041",
        "\u3164",
        "\u2800",
        "\ufe0f",
        "\u2003",
    ],
)
def test_what_is_not_seen_stands_as_its_code(hidden: str) -> None:
    """In names, in values, in the names of fields, and in who asked."""
    code = f"[U+{ord(hidden):04X}]"
    told = shown(plan({f"na{hidden}me": f"a{hidden}b"}, object_name=f"x{hidden}y", proposed_by=f"x{hidden}y"))
    assert told["changes"] == [{"field": f"na{code}me", "before": "", "after": f"a{code}b"}]
    assert (told["object_name"], told["proposed_by"]) == (f"x{code}y", f"x{code}y")
    assert hidden not in str(told)


@given(st.text())
def test_different_texts_look_different(text: str) -> None:
    """What is seen says what there is: letters stay as they are, and nothing is dropped."""
    assert len(visible(text)) >= len(text)
    assert visible("Müller & Söhne — 日本語 🎉 ❤️ 👨‍👩‍👧") == "Müller & Söhne — 日本語 🎉 ❤️ 👨‍👩‍👧"


def test_no_text_draws_further_lines_of_a_plan() -> None:
    """A name that goes on as if the page did is one line, and says where it was broken."""
    told = lines({"name": "Spring\ndaily_budget\n100.00 USD → 50.00 USD"})
    assert told == {"name": ("", "Spring ↵ daily_budget ↵ 100.00 USD → 50.00 USD")}
