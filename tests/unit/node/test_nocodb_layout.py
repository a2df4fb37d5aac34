"""A newer layout against a table that an older one arranged: what nobody touched is brought up to date."""

from dataclasses import replace
from typing import Any

from freehold.node.bootstrap.nocodb.grids import without_missing
from freehold.node.bootstrap.nocodb.layout import SHEETS, WHOLE, Filter, Formula, Grid, Sheet
from freehold.node.bootstrap.nocodb.parts import Parts
from freehold.node.bootstrap.nocodb.sheets import _read, _wanted

OLD = Sheet("posts", "📷", "Posts.", ("Caption", "Likes"), formats={"Likes": WHOLE})
NEW = replace(OLD, formulas=(Formula("Double", "{Likes} * 2"),), formats={"Likes": WHOLE, "Saves": WHOLE})


def column(name: str, uidt: str = "Number", **meta: Any) -> dict[str, Any]:
    """A column as NocoDB describes it."""
    return {"column_name": name, "title": name, "uidt": uidt, "pv": name == "Caption", "meta": meta or None}


def table(*columns: dict[str, Any]) -> dict[str, Any]:
    """The table as the old layout left it, with `columns`."""
    return {"meta": {"icon": "📷"}, "description": "Posts.", "columns": [column("Caption", "LongText"), *columns]}


def test_an_arranged_table_is_as_wanted() -> None:
    """Nothing is left to do."""
    there = _read(table(column("Likes", isLocaleString=True), column("Saves")))

    assert _wanted(OLD, there) == there


def test_another_layout_reads_what_the_first_wrote() -> None:
    """A column that is new in the table, or new in the layout, makes nobody's edit of what we left."""
    left = _read(table(column("Likes", isLocaleString=True)))
    now = _read(table(column("Likes", isLocaleString=True), column("Saves", defaultViewColOrder=3)))

    assert Parts.digest(now) == Parts.digest(left)
    assert _wanted(NEW, now) != now


def test_peoples_own_formats_and_formulas_show() -> None:
    """Whoever changes a format or adds a formula has changed the table."""
    left = _read(table(column("Likes", isLocaleString=True)))
    formula = {**column("Mine", "Formula"), "column_name": None, "colOptions": {"formula_raw": "1"}}

    assert _read(table(column("Likes", isLocaleString=False))) != left
    assert _read(table(column("Likes", isLocaleString=True), formula)) != left


def test_every_grid_speaks_of_columns_that_its_sheet_shows() -> None:
    """A sort or filter over a hidden column would puzzle people; formulas show too."""
    for sheet in SHEETS:
        for grid in sheet.grids:
            used = {name for name, _ in grid.sorts} | {each.column for each in grid.filters}
            assert used <= set(sheet.columns), (sheet.relation, grid.title)
        assert {formula.title for formula in sheet.formulas} <= set(sheet.columns)


def test_a_grid_does_without_columns_that_its_table_lacks() -> None:
    """Neither shown, nor sorted by, nor filtered by; the others are as they were."""
    grid = Grid("", (("Double", "desc"), ("Likes", "asc")), (Filter("Double", "gt", "1"), Filter("Likes", "gt", "1")))
    sheet = replace(NEW, columns=("Caption", "Double", "Likes"), grids=(grid,))

    assert without_missing(sheet, grid, {"Caption", "Likes"}) == (
        replace(sheet, columns=("Caption", "Likes")),
        Grid("", (("Likes", "asc"),), (Filter("Likes", "gt", "1"),)),
    )
    assert without_missing(sheet, grid, {"Caption", "Double", "Likes"}) == (sheet, grid)
