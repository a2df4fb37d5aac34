"""The words of `words.toml`, as sets and tables."""

import tomllib
from importlib import resources
from typing import Any

WORDS: dict[str, Any] = tomllib.loads(resources.files(__package__).joinpath("words.toml").read_text(encoding="utf-8"))


def words_of(text: str) -> frozenset[str]:
    """The words of a list that is written with blanks between them."""
    return frozenset(text.split())


def table_of(text: str, first: int) -> dict[str, int]:
    """The words of such a list with the numbers that they stand for, counted from `first` on."""
    return {word: value for value, word in enumerate(text.split(), first)}
