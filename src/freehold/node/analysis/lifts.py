"""Groups of posts as findings: formats, parts of the week, captions and hashtags that do better or worse."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from statistics import median

from freehold.node.analysis.comparisons import EVEN, PAIR, Comparison, compare
from freehold.node.analysis.features import FORMAT, WORDING, Feature, hashtags_of, timing
from freehold.node.analysis.findings import Answer, Evidence, Finding, Query, TooLittle, beside, sharing
from freehold.node.analysis.inputs import AccountRows
from freehold.node.analysis.results import MINIMUM, Judged, Result, beside_all, beside_format

MOST_HASHTAGS = 20
"""Of so many hashtags, the most used ones, is asked: each question more makes every other one harder to answer."""
WITH, WITHOUT = "with", "without"


def lifts(account: AccountRows, now: datetime, slot_hours: int) -> list[Answer]:
    """Every group of posts beside the account's others, by ranks, as candidates for `judge`.

    Formats are compared with all other posts; parts of the week, of `slot_hours` each day, captions and hashtags with
    posts of the same formats. The questions of each kind share one weight. Size is the group's usual result
    beside that of the others, each post measured by what was usual at its time; the numbers `usual` and
    `usual_of_others` are the medians of what the posts had. A post has one result: reach is that of its own window,
    never summed.
    """
    among_all, among_format = beside_all(account.posts, now), beside_format(account.posts, now)
    return [
        *sharing(_answers("format", account, among_all, (FORMAT,))),
        *sharing(_answers("posting_time", account, among_format, timing(slot_hours))),
        *sharing(_answers("caption", account, among_format, WORDING)),
        *sharing(_answers("hashtag", account, among_format, _tags(among_format))),
    ]


def _tags(judged: Judged) -> tuple[Feature, ...]:
    """The most used hashtags, each as a feature that posts have or have not."""
    used = Counter(tag for each in judged.relative for tag in hashtags_of(each.result))
    often = [tag for tag, count in sorted(used.items(), key=lambda each: (-each[1], each[0])) if count >= MINIMUM]
    return tuple(_tagged(tag) for tag in often[:MOST_HASHTAGS])


def _tagged(tag: str) -> Feature:
    return Feature(tag, lambda result: WITH if tag in hashtags_of(result) else WITHOUT)


def _answers(kind: str, account: AccountRows, judged: Judged, features: Sequence[Feature]) -> list[Answer]:
    """Every comparison that could be made; where none could, what was lacking."""
    group_of = {feature.name: feature.of for feature in features}
    groups = compare((feature, judged.relative) for feature in features)
    found = []
    for each in _each_once(groups):
        mine: dict[bool, list[Result]] = {True: [], False: []}
        for post in judged.relative:
            mine[group_of[each.feature](post.result) == each.group].append(post.result)
        found.append(_finding(kind, account, each, mine[True], mine[False]))
    largest = max((min(each.posts, each.others) for each in groups), default=0)
    return found or [TooLittle(kind, account.account_id, MINIMUM, largest, "posts of a group and of others")]


def _each_once(groups: Sequence[Comparison]) -> Iterator[Comparison]:
    """Those that could be made. Two groups of a feature that has no more ask the same: the better one, or `WITH`.

    Beside others that usually have nothing none is so many times better: then it is the worse one.
    """
    sizes = Counter(each.feature for each in groups)
    seen = set()
    for each in sorted(groups, key=lambda each: (each.group != WITH, not each.others_ratio)):
        if each.ratio is not None and (sizes[each.feature] > PAIR or each.feature not in seen):
            seen.add(each.feature)
            yield each


def _finding(
    kind: str, account: AccountRows, comparison: Comparison, posts: Sequence[Result], rest: Sequence[Result]
) -> Answer:
    """`posts` are those of the group, `rest` the others that they are compared with."""
    ratio, others, beats = comparison.ratio, comparison.others_ratio, comparison.beats
    subject = comparison.feature if comparison.group == WITH else comparison.group
    if ratio is None or beats is None or comparison.chance is None or not others:
        return TooLittle(kind, subject, MINIMUM, 0, "posts of others with any result")
    days = [each.published_at.date() for each in posts]
    numbers = (
        ("usual", median(each.value for each in posts)),
        ("usual_of_others", median(each.value for each in rest)),
        ("others", float(comparison.others)),
        ("beats", beats),
    )
    filters = (("account", account.account_id), (comparison.feature, comparison.group))
    query = Query(account.posts_metric, (comparison.feature,), filters, min(days), max(days), "post")
    return Finding(
        kind=kind,
        subject=subject,
        first=min(days),
        last=max(days),
        direction="up" if beats > EVEN else "down",
        size=beside(ratio, others, comparison.others),
        sample=comparison.posts,
        chance=comparison.chance,
        evidence=Evidence(query, comparison.posts + comparison.others, numbers),
    )
