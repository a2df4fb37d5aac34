"""Whether a figure of a text is one of the numbers of the evidence, told in a form that its unit allows."""

from collections.abc import Iterator

from freehold.node.narrative.directions import Direction, nearest
from freehold.node.narrative.facts import Facts
from freehold.node.narrative.figures import Figure
from freehold.providers.meta.money import exponent

MONEY = "minor_units:"
_DOLLARS = frozenset({"USD", "CAD", "AUD", "NZD", "HKD", "SGD", "MXN", "TWD"})
_REACH = 3
"""So near a word has to stand to say of a number that it is more or less."""
_TOLERANCE = 0.05
"""A rounded number that is introduced as one ("about") may differ by as much."""
_EXACT = 1e-9
_LIKE = tuple((word,) for word in ("as", "so", "the", "that", "what", "wie"))


def keys_of(figure: Figure, facts: Facts) -> frozenset[str]:
    """The numbers of the evidence that a figure tells; none where it tells something else."""
    return frozenset(
        key
        for key, number in facts.numbers.items()
        if any(_tells(figure, *form) for form in _forms(figure, number, facts.units.get(key, "count")))
    )


def value_of(figure: Figure, facts: Facts) -> float | None:
    """The number of the evidence that a figure tells, where all that it may be are the same."""
    values = {facts.numbers[key] for key in keys_of(figure, facts)}
    return values.pop() if len(values) == 1 else None


def _forms(figure: Figure, number: float, unit: str) -> Iterator[tuple[float, bool]]:
    """The values as which a number may be told by a figure of this kind, and whether each is a change with its sign."""
    if unit.startswith(MONEY):
        currency = unit.removeprefix(MONEY)
        if figure.kind == "money" and (
            figure.currency == currency or (figure.currency == "$" and currency in _DOLLARS)
        ):
            yield number / 10 ** exponent(currency), number < 0
    elif unit == "percent":
        if figure.kind == "percent":
            yield number, True
    elif unit == "ratio":
        yield from _forms_of_ratio(figure, number)
    elif figure.kind == "plain" or (figure.kind == "times" and not _compares(figure)):
        yield number, number < 0


def _forms_of_ratio(figure: Figure, number: float) -> Iterator[tuple[float, bool]]:
    if figure.kind == "percent":
        yield (number - 1) * 100, True
        if not figure.sign and nearest((), figure.after, 1) == "":
            yield number * 100, False
    elif figure.kind in {"times", "factor"} or (figure.kind == "plain" and figure.step < 1):
        yield number, False


def _compares(figure: Figure) -> bool:
    """Whether "8 times" is no count: "8 times more", "8 times as many"."""
    return figure.after[:1] in _LIKE or nearest((), figure.after, 1) != ""


def _tells(figure: Figure, number: float, signed: bool) -> bool:
    """Whether the figure is this number, as exactly as it is told."""
    if figure.sign and (figure.sign == "-") != (number < 0):
        return False
    if signed and not figure.sign and not _agrees(number, nearest(figure.before, figure.after, _REACH)):
        return False
    return _is_near(figure, abs(number))


def _agrees(number: float, said: Direction) -> bool:
    return not (number > 0 and said == "down") and not (number < 0 and said == "up")


def _is_near(figure: Figure, number: float) -> bool:
    off = abs(figure.value - number)
    if off <= _EXACT * max(1.0, number):
        return True
    if figure.value == 0:
        return False
    if off <= figure.step / 2 * (1 + _EXACT):
        # One digit of a small ratio or count would hide too much: 1.4 is not "1".
        return figure.kind in {"percent", "money"} or off <= _TOLERANCE * number
    allowed = figure.about and off <= _TOLERANCE * number
    side = {"over": figure.value < number, "under": figure.value > number}.get(figure.about, True)
    return bool(allowed and side)
