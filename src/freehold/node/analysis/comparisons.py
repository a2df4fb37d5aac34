"""Groups of posts against all other posts of the account: by how much they differ, and whether by more than chance."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from freehold.node.analysis.features import Feature
from freehold.node.analysis.ranks import Median, corrected, median_of, rank_sum
from freehold.node.analysis.results import MINIMUM, Relative

Verdict = Literal["better", "worse", "no_difference_shown", "too_few_posts"]
Confidence = Literal["high", "moderate"]

DOUBT = 0.05
LITTLE_DOUBT = 0.01
EVEN = 0.5
PAIR = 2


@dataclass(frozen=True)
class Comparison:
    """One group of posts against the others.

    `ratio` is the group's median result beside the usual one, 1.0 being usual, with its interval; `beats` how often a
    post of the group is above one of the others, which is what is tested and what the verdict goes by. `chance` is how
    probable so large a difference is where there is none, and `corrected_chance` the same for as many comparisons as
    were made at once. All are None where either side has too few posts to say anything.
    """

    feature: str
    group: str
    posts: int
    others: int
    verdict: Verdict
    ratio: Median | None = None
    others_ratio: float | None = None
    beats: float | None = None
    chance: float | None = None
    corrected_chance: float | None = None

    @property
    def confidence(self) -> Confidence | None:
        """How sure the difference is; None where none is shown."""
        if self.corrected_chance is None or self.corrected_chance >= DOUBT:
            return None
        return "high" if self.corrected_chance < LITTLE_DOUBT else "moderate"


def compare(questions: Iterable[tuple[Feature, Sequence[Relative]]]) -> list[Comparison]:
    """Every group of every feature against the rest, corrected for all of them together.

    Each feature comes with the results that it is judged by. In the order of the features, the best group first, those
    with too few posts last.
    """
    found = [each for feature, results in questions for each in _groups(feature, results)]
    sizes = Counter(each.feature for each in found)
    asked = {_question(each, sizes): each.chance for each in found if each.chance is not None}
    chances = dict(zip(asked, corrected(list(asked.values())), strict=True))
    return [_judged(each, chances[_question(each, sizes)]) if each.chance is not None else each for each in found]


def _question(comparison: Comparison, sizes: Mapping[str, int]) -> tuple[str, str]:
    """What a comparison asks: the two groups of a feature that has only two ask the same."""
    return comparison.feature, comparison.group if sizes[comparison.feature] > PAIR else ""


def _groups(feature: Feature, results: Sequence[Relative]) -> list[Comparison]:
    groups: dict[str, list[float]] = defaultdict(list)
    for each in results:
        groups[feature.of(each.result)].append(each.ratio)
    found = [_against(feature, name, groups) for name in groups]
    return sorted(found, key=lambda each: (each.ratio is None, -(each.ratio.value if each.ratio else 0.0), each.group))


def _against(feature: Feature, name: str, groups: dict[str, list[float]]) -> Comparison:
    mine = groups[name]
    others = [ratio for other, ratios in groups.items() if other != name for ratio in ratios]
    if len(mine) < MINIMUM or len(others) < MINIMUM:
        return Comparison(feature.name, name, len(mine), len(others), "too_few_posts")
    tested = rank_sum(mine, others)
    return Comparison(
        feature.name,
        name,
        len(mine),
        len(others),
        "no_difference_shown",
        ratio=median_of(mine),
        others_ratio=median_of(others).value,
        beats=tested.beats,
        chance=tested.chance,
    )


def _judged(comparison: Comparison, chance: float) -> Comparison:
    verdict: Verdict = "no_difference_shown"
    if chance < DOUBT and comparison.beats is not None:
        verdict = "better" if comparison.beats > EVEN else "worse"
    return replace(comparison, corrected_chance=chance, verdict=verdict)
