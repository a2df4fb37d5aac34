"""Any number: told from its own evidence in every form, and never from another's."""

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from freehold.node.narrative.checking import problems
from freehold.node.narrative.facts import Facts, Language
from freehold.node.narrative.spelled import german, in_digits

ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
DE_ONES = [
    "null",
    "ein",
    "zwei",
    "drei",
    "vier",
    "fünf",
    "sechs",
    "sieben",
    "acht",
    "neun",
    "zehn",
    "elf",
    "zwölf",
    "dreizehn",
    "vierzehn",
]
DE_ONES += ["fünfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn"]
DE_TENS = ["zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"]
NUMBERS = st.integers(2, 999_999)


def english(number: int) -> str:
    """A number below a million in English words."""
    if number >= 1_000:
        rest = number % 1_000
        return f"{english(number // 1_000)} thousand" + (f" {english(rest)}" if rest else "")
    if number >= 100:
        rest = number % 100
        return f"{ONES[number // 100]} hundred" + (f" and {english(rest)}" if rest else "")
    if number < 20:
        return ONES[number]
    return TENS[number // 10 - 2] + (f"-{ONES[number % 10]}" if number % 10 else "")


def in_german(number: int) -> str:
    """A number below a million as one German word."""
    if number >= 1_000:
        return f"{in_german(number // 1_000)}tausend{in_german(number % 1_000) if number % 1_000 else ''}"
    if number >= 100:
        return f"{DE_ONES[number // 100]}hundert{in_german(number % 100) if number % 100 else ''}"
    if number < 20:
        return DE_ONES[number]
    return f"{DE_ONES[number % 10]}und{DE_TENS[number // 10 - 2]}" if number % 10 else DE_TENS[number // 10 - 2]


def forms(number: int, language: Language) -> list[str]:
    """Ways to write a number down."""
    grouped = f"{number:,}"
    if language == "de":
        return [f"{in_german(number)} Beiträge", f"{grouped.replace(',', '.')} Beiträge", f"{number} Beiträge"]
    return [f"{english(number)} posts", f"{grouped} posts", f"{number} posts"]


@pytest.mark.parametrize("language", ["en", "de"])
@given(number=NUMBERS)
def test_a_number_is_told_in_every_form(language: Language, number: int) -> None:
    """In digits, grouped, and in words."""
    facts = Facts({"posts": number})

    assert [each for each in forms(number, language) if problems(each, facts, language)] == []


@pytest.mark.parametrize("language", ["en", "de"])
@given(number=NUMBERS, other=NUMBERS)
def test_another_number_is_told_in_none(language: Language, number: int, other: int) -> None:
    """However it is written, whatever else is known."""
    assume(number != other)
    facts = Facts({"posts": number, "share": 0.5, "lift": 1.37}, {"share": "ratio", "lift": "ratio"})

    told = [*forms(other, language), *(each.upper() for each in forms(other, language))]
    assert [each for each in told if not problems(each, facts, language)] == []


@given(number=NUMBERS)
def test_words_are_read_as_they_are_said(number: int) -> None:
    """English words and German compounds below a million."""
    assert in_digits(english(number), "en") == str(number)
    assert german(in_german(number)) == number


@given(ratio=st.floats(0.05, 5), told=st.integers(1, 400))
def test_a_change_in_per_cent_is_that_of_the_ratio(ratio: float, told: int) -> None:
    """To the nearest whole per cent, with its direction, and no other."""
    facts = Facts({"lift": ratio}, {"lift": "ratio"})
    change = (ratio - 1) * 100
    assume(abs(abs(change) % 1 - 0.5) > 1e-6)

    assert bool(problems(f"{told} % more", facts, "en")) != (change > 0 and round(change) == told)
    assert bool(problems(f"{told} % less", facts, "en")) != (change < 0 and round(-change) == told)


@given(minor=st.integers(1_000, 10**9), told=st.integers(1_000, 10**9))
def test_money_is_told_to_the_cent(minor: int, told: int) -> None:
    """An amount with its cents is that amount or none."""
    facts = Facts({"spend": minor}, {"spend": "minor_units:EUR"})
    written = f"{told // 100:,}.{told % 100:02d} EUR"

    assert bool(problems(written, facts, "en")) == (minor != told)


@given(text=st.text(max_size=80), language=st.sampled_from(["en", "de"]))
def test_whatever_is_written_gets_an_answer(text: str, language: Language) -> None:
    """No text makes the check fail, and a text with a digit of any script has a problem where nothing is known."""
    found = problems(text, Facts(), language)

    assert found or not any(each.isnumeric() for each in text)


@given(number=st.integers(1_000, 10**7), digits=st.integers(2, 4))
def test_a_rounded_number_says_that_it_is_one(number: int, digits: int) -> None:
    """With "about" it may be rounded to two digits or more; without, it may not, unless nothing was lost."""
    places = digits - 1 - math.floor(math.log10(number))
    rounded = round(number, places)
    facts = Facts({"reach": number})

    assert not problems(f"about {rounded:,} people", facts, "en")
    assert bool(problems(f"{rounded:,} people", facts, "en")) == (rounded != number)
