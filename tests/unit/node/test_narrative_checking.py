"""The check of texts: what the evidence holds may be told in any form; nothing else, in none."""

from datetime import date

import pytest

from freehold.node.narrative.checking import problems
from freehold.node.narrative.facts import Facts

FACTS = Facts(
    numbers={
        "before": 100,
        "after": 120,
        "ratio": 1.3,
        "drop": 0.7,
        "spend": 123_450,
        "followers": 1_234,
        "change": -12.0,
        "posts": 8,
        "level": 95,
        "median": 3.4,
        "least": 1,
    },
    units={"ratio": "ratio", "drop": "ratio", "spend": "minor_units:EUR", "change": "percent"},
    dates=(date(2026, 3, 1), date(2026, 3, 7)),
    names=("Summer 2026", "Blue Café", "#spring", "doubled", "Thursday", "анна", "forty percent"),
)


@pytest.mark.parametrize(
    "text",
    [
        "Reach rose from 100 to 120.",
        "It rose from one hundred to one hundred and twenty.",
        "Reels reach 30 % more people (1.3 times).",
        "It was 30% less, or thirty per cent less.",
        "Spend was 1,234.50 EUR, that is €1,234.50 or about €1.2k.",
        "about 1,200 followers, over 1,200 followers, nearly 1,250 followers",
        "Eight posts, 8 posts, the eighth post, posted eight times.",
        "1,234 followers between 1 March and 7 March 2026",
        "From March 1 to 7, on 2026-03-07, on Sunday, in March 2026, 1-7 March.",
        "Campaign “Summer 2026” spent most; “doubled” and “forty percent” did not.",
        "Blue Café uses #spring on Thursday.",
        "It fell by 12 %, a change of \u221212 percent, twelve percent less.",
        "Follower анна",
        "In 95 of 100 cases the median is 3.4.",
        "One of the posts did better than every other one.",
    ],
)
def test_the_evidence_may_be_told_in_many_forms(text: str) -> None:
    """Digits, words, per cents, factors, money, rounded numbers, ranges, dates and names of the evidence pass."""
    assert problems(text, FACTS, "en") == ()


@pytest.mark.parametrize(
    "text",
    [
        "Die Reichweite stieg von 100 auf 120.",
        "30 % mehr Reichweite, 30 Prozent weniger Likes, 1,3-mal so viel.",
        "1.234,50 EUR für rund 1.200 von 1.234 Followern, „Summer 2026“ gab 1.234,50 € aus.",
        "acht Beiträge vom 1. bis 7. März 2026, am 7.3. und am Donnerstag",
        "Achten Sie darauf, und achten Sie auf den achten Beitrag.",
        "hundertzwanzig, eintausendzweihundertvierunddreißig, achtmal",
    ],
)
def test_german_is_read_as_german(text: str) -> None:
    """Points and commas, compounds and dates mean in German what they mean in German."""
    assert problems(text, FACTS, "de") == ()


@pytest.mark.parametrize(
    "text",
    [
        "Reach rose from 120 to 100.",
        "Reach fell from 100 to 120.",
        "Reels reach 31 % more people.",
        "Reach rose by 12 %.",
        "A change of +12 %.",
        "130 % more",
        "100 %",
        "Spend was $1,234.50.",
        "Spend was 1,234.51 EUR.",
        "120k followers",
        "1.234 followers",
        "1,300 followers",
        "over 1,300 followers",
        "nearly 1,200 followers",
        "the median is 3",
        "0 posts",
        "8 times as many",
        "8x",
        "grew eightfold",
        "twice as many",
        "it doubled",
        "half of the posts",
        "a third of all",
        "a dozen",
        "thousands of followers",
    ],
)
def test_other_numbers_are_told_from_the_evidence(text: str) -> None:
    """Invented, turned round, too roughly rounded, of another unit or currency: none is told."""
    assert problems(text, FACTS, "en")


@pytest.mark.parametrize(
    "text",
    [
        "nine posts",
        "ninety-five point five",
        "twentyfive posts",
        "TWENTY posts",
        "twénty posts",
        "fünfzig posts",
        "cincuenta posts",
        "VIII posts",
        "MMXX posts",
        "８ posts",  # noqa: RUF001 - wide digits
        "٨ posts",
        "८ posts",
        "⅓ of the posts",
        "⑧ posts",
        "8² posts",
        "1\u200b20 posts",
        "1 2 0 posts",
        "1e3 posts",
        "8.0.0 posts",
        "1/2 of the posts",
        "open 24/7",
        "many percent",
        "\ue000 posts",
        "\ue001 posts",
        "в posts",
    ],
)
def test_numbers_hide_in_no_script_and_no_word(text: str) -> None:
    """Words, other languages, other scripts, Roman numerals, hidden characters: what cannot be read is not told."""
    assert problems(text, FACTS, "en")


@pytest.mark.parametrize(
    "text",
    [
        "Die Reichweite fiel von 100 auf 120.",
        "1,234 Follower",
        "zwölf Prozent mehr",
        "zwoelf Beiträge",
        "neun Beiträge",
        "die Reichweite verdoppelte sich",
        "dreimal",
        "am Freitag",
        "zur Hälfte",
        "ein Drittel",
        "zweihundert",
        "zweieinhalb",
        "8. März",
        "9.3.",
        "im April",
        "seit 2025",
        "siebentägig",
        "zehnprozentig",
        "das zweitgrößte",
        "am fünften Tag",
        "am siebten Tag",
        "Tausende",
        "fifty",
    ],
)
def test_german_words_hide_no_number(text: str) -> None:
    """Compounds, ordinals, parts and factors of German are numbers too."""
    assert problems(text, FACTS, "de")


@pytest.mark.parametrize(
    "text",
    [
        "on 2 March",
        "on 1 March 2025",
        "since April",
        "until 2025",
        "on Friday",
        "on 3/1/2026",
        "reach of 2026 followers",
        "in March 7 followers",
    ],
)
def test_other_dates_are_not_told(text: str) -> None:
    """A date that the evidence does not know is none, and a number does not pass as a date."""
    facts = Facts(dates=FACTS.dates)

    assert problems(text, facts, "en")


@pytest.mark.parametrize(
    "text",
    [
        "beside Nike it grew",
        "the campaign “Autumn”",
        "by @rival",
        "with #winter",
        "Campaign Summer 2026 spent most.",
        "It rose by forty percent.",
        "see https://example.test/a",
        "see example.test",
        "write to a@example.test",
        "[here](x)",
        "<b>more</b>",
    ],
)
def test_other_names_and_links_are_not_told(text: str) -> None:
    """A name of the evidence that holds a number is told in quotation marks alone; other names and links never."""
    assert problems(text, FACTS, "en")
