"""Money as integers in minor units of its currency."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Final

ZERO_DECIMAL: Final = frozenset({"CLP", "COP", "CRC", "HUF", "IDR", "ISK", "JPY", "KRW", "PYG", "TWD", "VND"})
"""Currencies that Meta counts in whole units."""


def exponent(currency: str) -> int:
    """How many decimal places Meta gives this currency."""
    return 0 if currency in ZERO_DECIMAL else 2


def minor_units(text: str, currency: str) -> int:
    """An amount in major units, as insights write it ("12.34"), in minor units; raises `ValueError` for no number."""
    try:
        amount = Decimal(text) * 10 ** exponent(currency)
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is not an amount") from error
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))


def written(minor: int, currency: str) -> str:
    """An amount of minor units as people read it: "1,234.50 EUR"."""
    places = exponent(currency)
    return f"{Decimal(minor).scaleb(-places):,.{places}f} {currency}"
