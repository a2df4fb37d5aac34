"""A language: its words from a catalogue of gettext, and numbers, money and days as its readers write them."""

import gettext
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from importlib import resources
from typing import Final

from babel import Locale, dates, numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from freehold.providers.meta import money

NONE: Final = "\u2013"
"""What stands where there is no number."""
SHOWN_DAYS: Final = 3
_SMALL: Final = 100


class Language:
    """English, or a language of which there is a catalogue."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.locale = Locale.parse(code)
        self.words = translations(code)

    def count(self, value: float | None) -> str:
        """A whole number, with one decimal where it is small and has any."""
        if value is None:
            return NONE
        small = abs(value) < _SMALL and value != int(value)
        return numbers.format_decimal(value, "#,##0.0" if small else "#,##0", locale=self.locale)

    def money(self, minor: float | None, currency: str) -> str:
        """An amount in minor units."""
        if minor is None:
            return NONE
        if not currency:
            return self.count(minor)
        places = money.exponent(currency)
        shown = self.locale.currency_formats["standard"].pattern.partition(";")[0]
        shown = shown if places else shown.replace(".00", "")
        return numbers.format_currency(minor / 10**places, currency, shown, locale=self.locale, currency_digits=False)

    def share(self, ratio: float | None, *, signed: bool = False) -> str:
        """A ratio in per cent: 0.0123 is 1.2 %."""
        if ratio is None:
            return NONE
        pattern = self.locale.percent_formats[None].pattern.replace("#,##0", "#,##0.0")
        shown = numbers.format_percent(ratio, pattern, locale=self.locale)
        return f"+{shown}" if signed and ratio > 0 else shown

    def figure(self, value: float | None, unit: str, currency: str = "") -> str:
        """A figure in its unit."""
        if unit == "minor_units":
            return self.money(value, currency)
        return self.share(value) if unit == "ratio" else self.count(value)

    def day(self, text: str, shown: str = "long") -> str:
        """A day that is given in ISO 8601."""
        return dates.format_date(date.fromisoformat(text[:10]), shown, locale=self.locale)

    def short_day(self, text: str) -> str:
        """The same without its year."""
        return dates.format_skeleton("MMMd", date.fromisoformat(text[:10]), locale=self.locale)

    def weekday(self, text: str) -> str:
        """The day with its weekday, without its year."""
        return dates.format_skeleton("MMMEd", date.fromisoformat(text[:10]), locale=self.locale)

    def days(self, texts: Sequence[str]) -> str:
        """Some days, the first few by name."""
        shown = ", ".join(self.short_day(text) for text in texts[:SHOWN_DAYS])
        if len(texts) <= SHOWN_DAYS:
            return shown
        words = {"days": shown, "number": len(texts)}
        return self.words.gettext("%(days)s … (%(number)d days)") % words

    def span(self, first: str, last: str) -> str:
        """Days from one to another, both included."""
        begin, end = date.fromisoformat(first), date.fromisoformat(last)
        return dates.format_interval(begin, end, "yMMMMd", locale=self.locale)

    def instant(self, text: str) -> str:
        """A moment, in UTC, to the minute."""
        at = datetime.fromisoformat(text)
        day = dates.format_skeleton("yMMMd", at, tzinfo=dates.UTC, locale=self.locale)
        return f"{day}, {at.astimezone(UTC):%H:%M} UTC"

    def months(self) -> list[str]:
        """The twelve months, short."""
        names = self.locale.months["format"]["abbreviated"]
        return [names[month] for month in range(1, 13)]

    @property
    def decimal(self) -> str:
        """What stands before decimals."""
        return numbers.get_decimal_symbol(self.locale)


def translations(code: str) -> gettext.NullTranslations:
    """The words of a language; English needs no catalogue."""
    if code == "en":
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with (resources.files(__package__) / "translations" / f"{code}.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=code, abort_invalid=True))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
