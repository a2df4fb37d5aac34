"""What a rewording keeps of its draft: true numbers in other places are refused as well."""

from datetime import date

import pytest

from freehold.node.narrative.facts import Draft, Facts
from freehold.node.narrative.keeping import departures
from freehold.node.narrative.pseudonyms import disguised

FACTS = Facts(
    numbers={"posts": 24, "others": 40, "lift": 1.3, "before": 100, "after": 120, "likes": 8, "now": 9},
    units={"lift": "ratio"},
    dates=(date(2026, 3, 1), date(2026, 3, 7)),
    names=("Carousel", "Karussell", "Blue Café"),
)
DRAFT = Draft(
    "k",
    "Post more of the format Carousel",
    "The 24 posts of the format Carousel reached 30 % more people than the 40 others from 1 March to 7 March 2026. "
    "Followers rose from 100 to 120 and likes from 8 to 9.",
    FACTS,
)
GERMAN = Draft(
    "k",
    "Veröffentlichen Sie mehr im Format Karussell",
    "Die 24 Beiträge des Formats Karussell erreichten 30 % mehr Menschen als die 40 anderen.",
    FACTS,
)
DENIED = Draft("k", "No clear winner", "None of the 24 posts did better than the 40 others.", FACTS)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (DRAFT.title, DRAFT.text),
        ("Try Carousel", "Your 24 posts of that kind reached 30 % more people than the 40 others."),
        (
            "Carousel pays off",
            "With Carousel, posts reached 30 % more people than the 40 others. Likes rose from 8 to 9.",
        ),
        ("Carousel brings 30 % more people", "Followers rose from 100 to 120, and likes from 8 to 9."),
    ],
)
def test_the_same_or_less_in_other_words_is_taken(title: str, text: str) -> None:
    """Sentences may be turned, shortened and left out."""
    assert departures(DRAFT, title, text, "en") == ()


@pytest.mark.parametrize(
    "text",
    [
        "The 24 posts of the format Carousel reached 30 % more likes than the 40 others.",
        "The 24 posts of the format Carousel reached 30 % more sales than the 40 others.",
        "The 24 posts of the format Carousel reached 30 % more penguins than the 40 others.",
        "The 24 posts of the format Carousel cost 30 % more than the 40 others.",
        "The 24 stories of the format Carousel reached 30 % more people than the 40 others.",
        "Revenue rose from 100 to 120.",
    ],
)
def test_figures_stay_figures_of_the_same_thing(text: str) -> None:
    """What is counted is not exchanged, neither for another word of the draft nor for one that it does not have."""
    assert departures(DRAFT, "Carousel", text, "en")


@pytest.mark.parametrize(
    "text",
    [
        "Followers rose from 8 to 9 and likes from 100 to 120.",
        "Likes rose from 100 to 120 and followers from 8 to 9.",
        "The 40 posts of the format Carousel reached 30 % more people than the 24 others.",
        "The 24 others reached 30 % more people than the 40 posts.",
        "The 24 posts reached 30 % more people than the 40 others on 7 March 2026.",
        "On 7 March followers rose from 100 to 120.",
        "Carousel had 120 followers.",
        "Blue Café posted 24 posts.",
    ],
)
def test_figures_dates_and_names_change_no_places(text: str) -> None:
    """Every number is true, and the statement is not: order, neighbours and company give it away."""
    assert departures(DRAFT, "Carousel", text, "en")


@pytest.mark.parametrize(
    "text",
    [
        "Followers fell.",
        "Followers did not rise from 100 to 120.",
        "Followers rose from 100 to 120 today.",
        "Carousel is the best format.",
        "Nike reached 30 % more people than the 40 others.",
        "The posts reached 30 % fewer people than the 40 others.",
        "",
        "word " * 200,
    ],
)
def test_nothing_is_claimed_beside_the_draft(text: str) -> None:
    """No other direction, denial, time, superlative or name, and no essay."""
    assert departures(DRAFT, "Carousel", text, "en")


@pytest.mark.parametrize("title", ["", "two\nlines", "Carousel " * 30, "Nike", "31 % more", "Followers fell"])
def test_a_title_is_held_to_the_same(title: str) -> None:
    """One line, of the draft's figures and names."""
    assert departures(DRAFT, title, "The 24 posts reached 30 % more people than the 40 others.", "en")


def test_a_denial_stays() -> None:
    """What the draft denies is not claimed."""
    assert departures(DENIED, "A winner", "The 24 posts did better than the 40 others.", "en")
    assert departures(DENIED, "No winner", "None of your 24 posts did better than the 40 others.", "en") == ()


@pytest.mark.parametrize(
    ("name", "false"),
    [
        ("not", "The budget of “not” will be spent by 7 March 2026."),
        ("not", "The budget of “not” will not be spent by 1 March 2026."),
        ("Not always", "The budget of “Not always” will always be spent by 7 March 2026."),
    ],
)
def test_a_name_that_says_something_denies_nothing(name: str, false: str) -> None:
    """Somebody may call a campaign "not": in quotation marks that is its name, and elsewhere the word."""
    facts = Facts(numbers={}, dates=(date(2026, 3, 7),), names=(name,))
    told = f"The budget of “{name}” will not be spent by 7 March 2026."
    draft = Draft("k", "A budget", told, facts)
    shown = disguised(draft)
    assert "will not be spent" in shown.text
    assert departures(draft, "A budget", told, "en") == ()
    assert departures(draft, "A budget", false, "en")


def test_german_nouns_are_no_names_but_names_are() -> None:
    """In German every noun has a capital: plain ones pass, those that nobody knows do not."""
    good = "Ihre 24 Beiträge im Format Karussell erreichten 30 % mehr Menschen als die 40 anderen."
    rival = "Die 24 Beiträge von Adidas erreichten 30 % mehr Menschen als die 40 anderen."

    assert departures(GERMAN, "Mehr Karussell", good, "de") == ()
    assert departures(GERMAN, "Mehr Karussell", rival, "de")
