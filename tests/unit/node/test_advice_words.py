"""Advice in words: every kind in both languages, numbers as people write them, and nothing but its evidence."""

import string
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from freehold.node.advice.basis import Basis
from freehold.node.advice.drafts import EFFORT, advised, subjects
from freehold.node.advice.telling import WORDS, clean, told, written
from freehold.node.analysis.findings import Contribution, Direction, Evidence, Fact, Finding, Grain, Look, Query, Size
from freehold.node.analysis.inputs import AdAccountRows, AdDay, Inputs
from freehold.node.narrative.checking import problems
from freehold.node.narrative.facts import Draft, Language
from freehold.node.narrative.keeping import TITLE_LENGTH, departures
from freehold.node.narrative.prompt import request
from freehold.node.narrative.pseudonyms import disguised, undisguised

FIRST, LAST = date(2026, 2, 2), date(2026, 3, 1)
NAMES = {"17841": "@mara.ceramics", "act_1": "Mara Ads 2026", "c1": "Glaze “sale” 20 %", "a1": 'Ad\n"one"'}
PLACES = {"a1": {"campaign": "Spring sale", "ad_set": "Women 25-34"}}
DAYS = tuple(AdDay(date(2026, 2, day), 1_000, 12, 1 + day / 10) for day in range(2, 28))
INPUTS = Inputs(
    FIRST,
    LAST,
    datetime(2026, 3, 2, 9, tzinfo=UTC),
    ad_accounts=(AdAccountRows("act_1", "EUR", ad_sets={"s1": {"a1": DAYS, "a2": DAYS}}),),
)
POSTS = {"usual": 1_412.4, "usual_of_others": 903.0, "others": 41.0, "beats": 0.81}
CLICKS = {"clicks": 210.0, "impressions": 12_000.0, "clicks_of_others": 320.0, "impressions_of_others": 30_000.0}
AD_FATIGUE = {"clicks": 900.0, "impressions": 70_000.0, "lowest_frequency": 1.2, "highest_frequency": 4.85}
COST = {"spend": 123_456.0, "results": 210.0, "spend_before": 1_000_050.0, "results_before": 2_500.0}
PACE = {
    "budget": 500_000.0,
    "spent": 310_000.0,
    "expected": 610_000.0,
    "expected_low": 580_001.0,
    "expected_high": 640_000.0,
}
ADS = {"ads": 4.0, "longest_days": 81.0}
LEVELS = {"per_day": 412.3, "per_day_before": 300.9, "total": 11_544.0, "total_before": 8_425.0}
TREND = {"per_day_before": 4_000.0, "per_day_after": 6_200.0, "per_week": 1.03}
STAY = {"stays": 0.823, "stayed_before": 0.761, "sequences_before": 31.0}
PLANTED: dict[str, tuple[str, str, str, dict[str, float], str]] = {
    "format": ("reel", "17841", "reach", POSTS, "format"),
    "posting_time": ("Monday 18:00-21:00", "17841", "reach", POSTS, "weekday_and_hours"),
    "caption": ("up to 125 characters", "17841", "reach", POSTS, "caption_length"),
    "hashtag": ("#glaze", "17841", "reach", POSTS, "#glaze"),
    "creative": ("a1", "act_1", "click_through_rate", CLICKS, "ad_set_id"),
    "ad_fatigue": ("a1", "act_1", "click_through_rate", AD_FATIGUE, "date"),
    "cost_per_result": ("c1", "act_1", "cost_per_result", COST, "date"),
    "pacing": ("c1", "act_1", "spend", PACE, "subject"),
    "spike": ("17841", "17841", "account_views", {"per_day": 9_120.0, "expected_per_day": 412.0}, "date"),
    "silent_week": ("17841", "17841", "account_views", {"per_day": 3.25, "expected_per_day": 412.0}, "date"),
    "trend": ("act_1", "act_1", "spend_minor", TREND, "date"),
    "change_point": ("17841", "17841", "account_reach", {"per_day_before": 400.2, "per_day_after": 620.7}, "date"),
    "change": ("act_1", "act_1", "link_clicks", LEVELS, "date"),
    "follower_growth": ("17841", "17841", "new_followers", {**LEVELS, "per_day": 2.5}, "date"),
    "reach": ("17841", "17841", "reach", {"reach": 7_120.0, "usual_reach": 5_001.0}, "window"),
    "story_retention": ("17841", "17841", "reach", STAY, "story"),
    "rival_new_ads": ("Otto Pots 24", "", "competitor_ads", ADS, "ad"),
    "rival_long_running_ads": ("Otto Pots 24", "", "competitor_ads", ADS, "ad"),
}  # fmt: skip
"""By kind: subject, account, metric, numbers, dimension; as analysis gives them."""
FACTS = ("pacing", "rival_new_ads", "rival_long_running_ads")
ONE_WAY = {"spike": "up", "silent_week": "down", "ad_fatigue": "down"}
LANGUAGES: tuple[Language, ...] = ("en", "de")


def shown(kind: str, direction: Direction = "up", size: float = 1.5) -> Finding | Fact:
    """What analysis shows of a kind."""
    subject, account, metric, numbers, dimension = PLANTED[kind]
    grain: Grain = "post" if metric == "reach" else "day"
    filters = ((dimension, subject), ("ad_set_id", "s1"))
    query = Query(metric, (dimension,), filters, FIRST, LAST, grain)
    driven = (Contribution("campaign", "c1", 100.0, 300.0, 200.0 if direction == "up" else -200.0),)
    evidence = Evidence(query, 28, tuple(numbers.items()), driven if kind == "change" else ())
    if kind in FACTS:
        towards = direction if kind == "pacing" else None
        return Fact(kind, subject, FIRST, LAST, towards, 14, evidence, account)
    ranged = Size(size, size * 0.8, size * 1.3)
    return Finding(
        kind, subject, FIRST, LAST, direction, ranged, 19, 0.0001, evidence, corrected_chance=0.001, account_id=account
    )


def bases() -> list[tuple[str, Basis]]:
    """Every kind in every direction that it has."""
    found = []
    for kind in PLANTED:
        directions: list[Direction] = ["up", "down"]
        for direction in directions:
            if ONE_WAY.get(kind, direction) == direction:
                each = shown(kind, direction, 1.5 if direction == "up" else 0.62)
                look = Look((each,), 1, ()) if isinstance(each, Finding) else Look((), 0, (), (each,))
                (made,) = advised(look, INPUTS, NAMES, PLACES)
                found.append((f"{kind}.{direction}", made.basis))
    return found


BASES = bases()


def test_the_languages_say_the_same() -> None:
    """Each has every phrase, with the same numbers and names in it."""

    def fields(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    english, german = WORDS["en"], WORDS["de"]
    assert english.phrases.keys() == german.phrases.keys()
    assert english.metrics.keys() == german.metrics.keys()
    assert english.expected.keys() == german.expected.keys()
    assert english.groups.keys() <= german.groups.keys()
    for key, phrase in english.phrases.items():
        other = german.phrases[key]
        assert fields(phrase.why) == fields(other.why), key


def test_every_kind_of_advice_is_told() -> None:
    """Whatever analysis shows has words, an effort, and a text in which nothing is left open."""
    assert {key.partition(".")[0] for key in WORDS["en"].phrases} == set(EFFORT) == set(PLANTED)
    for name, basis in BASES:
        for language in LANGUAGES:
            words = told(basis, language)
            assert words.title, name
            assert not set("{}") & set(words.title + words.text), name
            assert "minor" not in words.text, name


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("name", "basis"), BASES, ids=[name for name, _ in BASES])
def test_templates_tell_only_their_evidence(name: str, basis: Basis, language: Language) -> None:
    """Every number, date and name of every template resolves to the evidence, by the check that models pass."""
    words = told(basis, language)
    assert problems(f"{words.title}.\n{words.text}", words.facts, language) == (), (name, words)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("name", "basis"), BASES, ids=[name for name, _ in BASES])
def test_a_model_is_told_no_name(name: str, basis: Basis, language: Language) -> None:
    """Each name and hashtag of every template goes out as a pseudonym, passes the check as one, and comes back."""
    words = told(basis, language)
    draft = Draft(name, words.title, words.text, words.facts)
    shown = disguised(draft)
    for called in (*words.facts.names, *NAMES.values(), "Otto"):
        assert called not in f"{request(shown)} {shown}"
    assert departures(shown, shown.title, shown.text, language) == ()
    assert (undisguised(shown.title, draft), undisguised(shown.text, draft)) == (words.title, words.text)


def test_a_template_with_another_number_is_caught() -> None:
    """The check above can fail: the same text over other evidence is refused."""
    basis = dict(BASES)["format.up"]
    words = told(basis, "en")
    other = told(replace(basis, numbers={**basis.numbers, "usual": 1.0}), "en")
    assert problems(words.text, other.facts, "en")


def test_numbers_are_written_as_people_write_them() -> None:
    """By language, unit and size; zero-decimal currencies without places."""
    nbsp = "\u00a0"
    assert written(1234.4, "count", "en") == "1,234"
    assert written(1234.4, "count", "de") == "1.234"
    assert written(2.456, "count", "en") == "2.46"
    assert written(123450, "minor_units:EUR", "de") == f"1.234,50{nbsp}EUR"
    assert written(1234, "minor_units:JPY", "en") == f"1,234{nbsp}JPY"
    assert written(1.304, "ratio", "en") == f"30{nbsp}% more"
    assert written(0.952, "ratio", "de") == f"4,8{nbsp}% weniger"
    assert written(14.02, "ratio", "en") == "14.0 times as much"
    assert written(1.0001, "ratio", "en") == "the same"
    assert written(0.823, "share", "en") == f"82{nbsp}%"


def test_names_stay_names() -> None:
    """In one line, without quotation marks or signs that turn the text around, and not for ever."""
    assert clean('Ad\n"one"\u202e  two\x00') == "Ad one two"
    assert len(clean("x" * 500)) == 70
    words = told(dict(BASES)["creative.up"], "en")
    assert "“Ad one”" in words.title


@pytest.mark.parametrize("language", LANGUAGES)
def test_ads_of_one_name_are_told_apart(language: Language) -> None:
    """The title names the campaign, the text the ad set too; however long names are, the title stays a title."""
    look = Look((shown("creative"),), 1, ())  # type: ignore[arg-type]
    there = {"campaign": "Autumn", "ad_set": "Men"}
    ((here,), (other,)) = (advised(look, INPUTS, NAMES, places) for places in (PLACES, {"a1": there}))
    assert "“Ad one”" in told(here.basis, "en").title
    assert told(here.basis, language).title != told(other.basis, language).title
    assert "Autumn" in told(other.basis, language).title
    assert all(name in told(other.basis, language).text for name in there.values())
    (long,) = advised(look, INPUTS, {"a1": "x" * 300}, {"a1": {"campaign": "y" * 300, "ad_set": "z" * 300}})
    assert len(told(long.basis, language).title) <= TITLE_LENGTH


def test_of_one_topic_the_surest_is_told_once() -> None:
    """Developments of one metric are one topic, and a rise and a fall of it opposites; another metric is another."""
    change, trend = shown("change"), replace(shown("trend"), evidence=shown("change").evidence)
    down, other = shown("change", "down", 0.5), shown("spike")
    each = [found for found in (change, trend, down, other) if isinstance(found, Finding)]
    found = advised(Look(tuple(each), 4, ()), INPUTS, NAMES, {})
    assert [one.basis.phrase for one in found] == ["change.up", "spike.up"]
    (fall,) = advised(Look(tuple(each[2:3]), 1, ()), INPUTS, NAMES, {})
    assert (fall.topic, fall.opposite) == (found[0].opposite, found[0].topic)


def test_kinds_without_words_are_left_out() -> None:
    """A kind that only means something one way is not advised the other way."""
    rising = shown("ad_fatigue", "up")
    assert isinstance(rising, Finding)
    assert advised(Look((rising,), 1, ()), INPUTS, NAMES, {}) == []


def test_names_are_asked_for_subjects_and_drivers() -> None:
    """Of everything that advice may tell."""
    change, pace = shown("change"), shown("pacing")
    assert isinstance(change, Finding)
    assert isinstance(pace, Fact)
    assert subjects(Look((change,), 1, (), (pace,))) == {"act_1", "c1"}


def test_a_basis_is_kept_whole() -> None:
    """As JSON and back, so that it can be told in another language later."""
    for _, basis in BASES:
        assert Basis.from_json(basis.as_json()) == basis
