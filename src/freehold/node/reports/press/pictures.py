"""A report's charts: what each section shows, its words, and its picture for pages (SVG) and for e-mail (PNG)."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from freehold.node.reports import charts
from freehold.node.reports.press.labels import label
from freehold.node.reports.press.language import Language
from freehold.providers.meta import money

CHARTED_CAMPAIGNS: Final = 8
LABEL_LENGTH: Final = 34
EMAIL_WIDTH: Final = 5.6
"""Inches: a telephone is narrow, and its reader wants to read the days."""
_INKS: Final = {"#ffffff": "--card", charts.INK: "--ink", charts.SOFT: "--soft", charts.GRID: "--line"} | {
    colour: f"--series-{number}" for number, colour in enumerate(charts.COLOURS, 1)
}
_INK: Final = re.compile("|".join(_INKS))
_OWN: Final = re.compile(r'(\bid="|href="#|url\(#)')
_TAG: Final = re.compile("<[^>]+>")
_BEFORE: Final = re.compile(r"^.*?(?=<svg)", re.DOTALL)


@dataclass(frozen=True)
class Picture:
    """A chart. `svg` stands in a page whose style names its colours, `flat` has them itself; `png` is for e-mail."""

    name: str
    title: str
    alt: str
    svg: str
    flat: str
    daily: bool
    png: bytes = b""


def draw_section(
    section: Mapping[str, Any], report: Mapping[str, Any], language: Language, place: int
) -> list[Picture]:
    """The pictures of a section; the first is for e-mail, too."""
    made = _KINDS[section["kind"]](section, report, language)
    return [_drawn(chart, f"chart-{place}-{number}", for_email=number == 1) for number, chart in enumerate(made, 1)]


def _drawn(chart: dict[str, Any], name: str, *, for_email: bool) -> Picture:
    daily = "days" in chart
    figure = charts.figure_of(chart, framed=daily)
    svg = _BEFORE.sub("", charts.as_svg(figure, chart["title"]), count=1)
    svg = _in_tags(_OWN, rf"\g<1>{name}-", svg).replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
    png = charts.as_png(charts.figure_of(chart, EMAIL_WIDTH, framed=daily)) if for_email else b""
    coloured = _in_tags(_INK, lambda found: f"var({_INKS[found.group()]})", svg)
    return Picture(name, chart["title"], chart["alt"], coloured, svg, daily, png)


def _in_tags(pattern: re.Pattern[str], better: str | Callable[[re.Match[str]], str], svg: str) -> str:
    """A drawing with something in its tags replaced; the words between them may be other people's."""
    return _TAG.sub(lambda tag: pattern.sub(better, tag.group()), svg)


def _instagram(section: Mapping[str, Any], report: Mapping[str, Any], language: Language) -> list[dict[str, Any]]:
    say = language.words.gettext
    pairs = [
        ("lines", say("Views and reach by day"), ("account_views", "account_reach")),
        ("lines", say("Interactions by day"), ("account_interactions",)),
        ("bars", say("New followers by day"), ("new_followers",)),
    ]
    return _social(pairs, section, report, language)


def _facebook(section: Mapping[str, Any], report: Mapping[str, Any], language: Language) -> list[dict[str, Any]]:
    say = language.words.gettext
    pairs = [
        ("lines", say("Views by day"), ("page_media_view",)),
        ("lines", say("Engagements with posts by day"), ("page_post_engagements",)),
        ("bars", say("New followers by day"), ("page_daily_follows",)),
    ]
    return _social(pairs, section, report, language)


def _social(
    pairs: Sequence[tuple[str, str, Sequence[str]]],
    section: Mapping[str, Any],
    report: Mapping[str, Any],
    language: Language,
) -> list[dict[str, Any]]:
    return [
        _daily(kind, title, section, keys, report, language)
        for kind, title, keys in pairs
        if any(section["days"].get(key) for key in keys)
    ]


def _ads(section: Mapping[str, Any], report: Mapping[str, Any], language: Language) -> list[dict[str, Any]]:
    """Spend and results by day; results and their cost among the campaigns of one objective, where it has several."""
    say, places = language.words.gettext, 10 ** money.exponent(section["currency"])
    spent = {day: value / places for day, value in section["days"].get("spend_minor", {}).items()}
    shown = {**section, "days": {**section["days"], "spend_minor": spent}}
    unit = {"unit": section["currency"]}
    made = [_daily("bars", say("Spend by day"), shown, ("spend_minor",), report, language) | unit] if spent else []
    results = [key for key in section["days"] if key.endswith(":results")]
    for key in results:
        title = say("%(what)s by day") % {"what": label(say, key)}
        made.append(_daily("bars", title, section, (key,), report, language))
    several = Counter(each["objective"] for each in section["campaigns"])
    objectives = [name for key in results if several[name := key.partition(":")[0]] > 1]
    return [*made, *(_campaigns(section, objective, language) for objective in objectives)]


def _daily(
    kind: str,
    title: str,
    section: Mapping[str, Any],
    keys: Sequence[str],
    report: Mapping[str, Any],
    language: Language,
) -> dict[str, Any]:
    """Values by day over the days that are shown, those of the report marked among them."""
    say, now = language.words.gettext, report["period"]["now"]
    days = list(span_days(report["shown"]))
    series = {label(say, key): [section["days"].get(key, {}).get(day) for day in days] for key in keys}
    whole = now["first"] == report["shown"]["first"]
    return {
        "kind": kind,
        "title": title,
        "alt": _told(title, days, series, language),
        "days": days,
        "series": series,
        "values": next(iter(series.values())),
        "marked": None if whole else (now["first"], now["last"]),
        "months": language.months(),
        "decimal": language.decimal,
        "unknown": say("not known"),
    }


def _told(title: str, days: Sequence[str], series: Mapping[str, Sequence[float | None]], language: Language) -> str:
    """What a picture shows, for whoever does not see it."""
    say, parts = language.words.gettext, [f"{title}, {language.span(days[0], days[-1])}."]
    for name, values in series.items():
        known = [(value, day) for value, day in zip(values, days, strict=True) if value is not None]
        if known:
            most, day = max(known)
            words = {"name": name, "value": language.count(most), "day": language.day(day)}
            parts.append(say("%(name)s: most on %(day)s, %(value)s.") % words)
        if unknown := len(values) - len(known):
            parts.append(say("%(name)s: %(number)d days are not known.") % {"name": name, "number": unknown})
    return " ".join(parts)


def _campaigns(section: Mapping[str, Any], objective: str, language: Language) -> dict[str, Any]:
    """Spend, results and cost per result of the campaigns that are after the same: only these can be compared."""
    say, currency = language.words.gettext, section["currency"]
    shown = [each for each in section["campaigns"] if each["objective"] == objective][:CHARTED_CAMPAIGNS]
    costs = [cost(each) for each in shown]
    counted = label(say, f"{objective}:results")
    panels = [
        _panel(
            say("Spend"), [e["spend_minor"] for e in shown], [language.money(e["spend_minor"], currency) for e in shown]
        ),
        _panel(counted, [e["results"] for e in shown], [language.count(e["results"]) for e in shown]),
        _panel(label(say, f"{objective}:cost_per_result_minor"), costs, [language.money(c, currency) for c in costs]),
    ]
    title = say("%(what)s: spend, results and their cost by campaign") % {"what": label(say, objective)}
    names = [each["name"][:LABEL_LENGTH] for each in shown]
    return {
        "kind": "columns",
        "title": title,
        "alt": say("%(title)s; the numbers are in the table below.") % {"title": title},
        "labels": names,
        "panels": panels,
    }


def cost(campaign: Mapping[str, Any]) -> int | None:
    """What a result of a campaign cost, in minor units; None without results."""
    return round(campaign["spend_minor"] / campaign["results"]) if campaign["results"] else None


def _panel(name: str, values: Sequence[int | None], texts: Sequence[str]) -> dict[str, Any]:
    return {"name": name, "values": list(values), "texts": list(texts)}


def span_days(span: Mapping[str, str]) -> Iterator[str]:
    """Each day of a span, the first first."""
    begin = date.fromisoformat(span["first"])
    for number in range((date.fromisoformat(span["last"]) - begin).days + 1):
        yield (begin + timedelta(days=number)).isoformat()


_KINDS: Final = {"instagram": _instagram, "facebook": _facebook, "ads": _ads}
