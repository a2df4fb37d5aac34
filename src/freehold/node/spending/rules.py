"""The rules of spending, and what a change comes to under them: pure.

The words are Meta's own for agents (`create_campaign`, `edit_budget`, …; `always`, `percentage_change`,
`absolute_change`, `absolute_max`), and totals of a day are added to them. Two things are held whatever the rules say:
a change that only pauses or lowers is allowed, and what cannot be reckoned counts as past every limit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, Literal, get_args

from freehold.kernel.problems import Problem
from freehold.providers.meta.money import written

Action = Literal[
    "create_campaign", "create_ad_set", "create_ad", "edit_budget", "edit_targeting", "edit_creative", "edit_status",
    "all",
]  # fmt: skip
Condition = Literal[
    "always", "percentage_change", "absolute_change", "absolute_max", "daily_total", "daily_total_percentage"
]
Effect = Literal["ask", "forbid"]
PERCENT: Final = frozenset({"percentage_change", "daily_total_percentage"})
TOTALS: Final = frozenset({"daily_total", "daily_total_percentage"})
WORDS: Final[Mapping[Action, str]] = {
    "create_campaign": "a new campaign",
    "create_ad_set": "a new ad set",
    "create_ad": "a new ad",
    "edit_budget": "a change of what may be spent",
    "edit_targeting": "a change of audience",
    "edit_creative": "a change of what people see",
    "edit_status": "switching on or off",
    "all": "any change",
}
WHOLE = 100
"""Per cent."""


@dataclass(frozen=True)
class Rule:
    """`action` under `condition` asks a person, or is forbidden.

    `limit` is in per cent or in minor units of `currency`, as the condition has it; None for `always`. Totals are what
    may be added to the worst of a day, by all changes of the account within it.
    """

    action: Action
    condition: Condition
    effect: Effect
    limit: int | None = None
    currency: str | None = None


DEFAULT: Final = (
    Rule("edit_status", "always", "ask"),
    Rule("edit_budget", "always", "ask"),
    Rule("edit_targeting", "always", "ask"),
    Rule("edit_creative", "always", "ask"),
    Rule("edit_budget", "percentage_change", "ask", 50),
    Rule("all", "daily_total_percentage", "ask", 100),
)
"""Where nobody chose others: whatever may raise spend, or changes what people see of a running ad, asks a person."""


@dataclass(frozen=True)
class Amount:
    """One amount before and after a change, in minor units; None is without a limit.

    `lowest` is the lowest that it was since the day began, by what went through here: raises are measured from there,
    so that many small ones, or a raise after a cut, are one. `measured` names the conditions that look at it.
    """

    name: str
    before: int | None
    after: int | None
    lowest: int | None
    measured: tuple[Condition, ...] = ("percentage_change", "absolute_change")

    @property
    def raised(self) -> bool:
        """Whether it is more than it was, or has no limit any more."""
        return self.before is not None and (self.after is None or self.after > self.before)


@dataclass(frozen=True)
class Asked:
    """A change as the rules see it.

    `added_today` is what it adds to the worst of the day, `added_before` what other changes of the day added;
    `usual` is what the account spends a day. None: not known. `unknown` says what else is not known, in words.
    """

    actions: frozenset[Action]
    amounts: tuple[Amount, ...]
    currency: str
    harmless: bool
    added_today: int | None
    added_before: int | None
    usual: int | None
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """A rule that a change is past, and why, in words."""

    rule: Rule
    reason: str


def judge(rules: Sequence[Rule], asked: Asked) -> list[Verdict]:
    """Every rule that the change is past; none means that it may go without asking anybody."""
    if asked.harmless and not asked.unknown:
        return []
    found = [Verdict(rule, reason) for rule in rules if _applies(rule, asked) and (reason := _reason(rule, asked))]
    if asked.unknown and not any(verdict.rule.condition == "always" for verdict in found):
        found.append(Verdict(Rule("all", "always", "ask"), f"not known: {', '.join(asked.unknown)}"))
    return found


def effect_of(verdicts: Sequence[Verdict]) -> Literal["allow", "ask", "forbid"]:
    """The strictest of the verdicts."""
    effects = {verdict.rule.effect for verdict in verdicts}
    return "forbid" if "forbid" in effects else "ask" if effects else "allow"


def _applies(rule: Rule, asked: Asked) -> bool:
    """Whether a rule looks at a change. Limits of budgets look at every amount, those of something new among them."""
    numeric = rule.condition not in {"always", *TOTALS}
    return rule.action == "all" or rule.action in asked.actions or (numeric and bool(asked.amounts))


def _reason(rule: Rule, asked: Asked) -> str:
    """Why the change is past the rule; empty where it is not."""
    if rule.condition == "always":
        told = [WORDS[action] for action in sorted(asked.actions)] or [WORDS["all"]]
        return f"{' and '.join(told)} always {'asks' if rule.effect == 'ask' else 'is forbidden'}"
    if asked.unknown:
        return f"not known: {', '.join(asked.unknown)}"
    if rule.condition not in PERCENT and rule.currency != asked.currency:
        return f"the rule is in {rule.currency}, the account in {asked.currency}"
    if rule.condition in TOTALS:
        return _past_total(rule, asked)
    return "; ".join(filter(None, (_past(rule, amount, asked.currency) for amount in asked.amounts)))


def _past(rule: Rule, amount: Amount, currency: str) -> str:
    if rule.condition not in amount.measured or not amount.raised:
        return ""
    limit, name = rule.limit or 0, amount.name.replace("_", " ")
    if amount.after is None:
        return f"{name} would have no limit any more"
    lowest = amount.after if amount.lowest is None else amount.lowest
    added = amount.after - lowest
    if rule.condition == "percentage_change" and added * WHOLE > limit * lowest:
        told = f"{added * WHOLE // lowest} %" if lowest else "from nothing"
        return f"{name} is raised {told}, over {limit} %"
    if rule.condition == "absolute_change" and added > limit:
        return f"{name} is raised by {written(added, currency)}, over {written(limit, currency)}"
    if rule.condition == "absolute_max" and amount.after > limit:
        return f"{name} would be {written(amount.after, currency)}, over {written(limit, currency)}"
    return ""


def _past_total(rule: Rule, asked: Asked) -> str:
    if asked.added_today is None or asked.added_before is None:
        return "what was added today is not known"
    if asked.added_today <= 0:
        return ""
    limit = rule.limit or 0
    if rule.condition == "daily_total_percentage":
        if asked.usual is None:
            return "what the account usually spends a day is not known"
        limit = asked.usual * limit // WHOLE
    together = asked.added_before + asked.added_today
    if together <= limit:
        return ""
    return f"{written(together, asked.currency)} would be added within a day, over {written(limit, asked.currency)}"


def read_rules(value: Any, currency: str | None) -> tuple[Rule, ...]:
    """Rules from JSON; raises `Problem` 422 for one that says nothing. Amounts are in `currency` if none is named."""
    if not isinstance(value, list):
        raise _wrong("rules are a list")
    return tuple(_rule(each, currency) for each in value)


def _rule(value: Any, currency: str | None) -> Rule:
    if not isinstance(value, Mapping) or set(value) - {field.name for field in fields(Rule)}:
        raise _wrong(f"a rule has {', '.join(field.name for field in fields(Rule))}; this is {value!r:.120}")
    for name, words in (("action", Action), ("condition", Condition), ("effect", Effect)):
        if value.get(name) not in get_args(words):
            raise _wrong(f"{name} is one of {', '.join(get_args(words))}, not {value.get(name)!r:.60}")
    limit, condition = value.get("limit"), value["condition"]
    if (limit is None) != (condition == "always") or (limit is not None and (type(limit) is not int or limit < 0)):
        raise _wrong(f"{condition} has {'no limit' if condition == 'always' else 'a whole number as its limit'}")
    if condition not in {"always", *TOTALS} and value["action"] not in {"edit_budget", "all"}:
        raise _wrong(f"{condition} goes with edit_budget or all, not with {value['action']}")
    amount = condition not in PERCENT and condition != "always"
    of = (value.get("currency") or currency) if amount else None
    if amount and of is None:
        raise _wrong(f"{condition} needs a currency")
    return Rule(value["action"], condition, value["effect"], limit, of)


def _wrong(what: str) -> Problem:
    hint = 'As in {"action": "edit_budget", "condition": "percentage_change", "limit": 20, "effect": "ask"}.'
    return Problem(422, "rule_wrong", f"This is no rule: {what}.", hint)
