"""A grid's columns, sorts and filters, in our words and in NocoDB's."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from freehold.node.bootstrap.grants import NOTE
from freehold.node.bootstrap.nocodb.client import Api
from freehold.node.bootstrap.nocodb.layout import Filter, Grid, Sheet
from freehold.node.bootstrap.nocodb.parts import State

WIDE, USUAL, NARROW = "280px", "150px", "130px"
DATE_AND_TIME = "190px"


@dataclass(frozen=True)
class GridOf:
    """A grid by its id, and the columns of its table as NocoDB describes them."""

    view_id: str
    columns: Sequence[Mapping[str, Any]]

    def names(self) -> dict[str, str]:
        """Column id -> the column's name in the database; a formula, which has none, by its title."""
        return {column["id"]: str(column["column_name"] or column["title"]) for column in self.columns}

    def moments(self) -> frozenset[str]:
        """The names of columns that hold a date with a time."""
        return frozenset(column["column_name"] for column in self.columns if column["uidt"] == "DateTime")

    def ids(self) -> dict[str, str]:
        """The other way round."""
        return {name: column_id for column_id, name in self.names().items()}


def without_missing(sheet: Sheet, grid: Grid, names: Collection[str]) -> tuple[Sheet, Grid]:
    """The layout of a grid over a table that has columns of these `names`.

    A table that people changed is theirs: a formula of ours that it lacks shows in no grid, and none sorts by it.
    """
    sorts = tuple(each for each in grid.sorts if each[0] in names)
    filters = tuple(each for each in grid.filters if each.column in names)
    columns = tuple(name for name in sheet.columns if name in names)
    return replace(sheet, columns=columns), replace(grid, sorts=sorts, filters=filters)


def wanted_grid(sheet: Sheet, grid: Grid) -> State:
    """A grid as the layout has it."""
    return {
        "columns": list(sheet.columns),
        "sorts": [[column, direction] for column, direction in grid.sorts],
        "filters": [[each.column, each.comparison, each.within, each.value] for each in grid.filters],
    }


async def read_grid(api: Api, grid: GridOf) -> State:
    """A grid as it is."""
    names, path = grid.names(), f"/v2/meta/views/{grid.view_id}"
    columns = sorted(await api.items(f"{path}/columns"), key=lambda column: column["order"])
    sorts = await api.items(f"{path}/sorts")
    filters = await api.items(f"{path}/filters")
    return {
        "columns": [names[each["fk_column_id"]] for each in columns if each["show"] and each["fk_column_id"] in names],
        "sorts": [[names.get(each["fk_column_id"]), each["direction"]] for each in sorts],
        "filters": [
            [names.get(each["fk_column_id"]), each["comparison_op"], each["comparison_sub_op"], each["value"]]
            for each in filters
        ],
    }


async def write_grid(api: Api, of: GridOf, sheet: Sheet, grid: Grid) -> None:
    """Bring a grid to the layout."""
    path, ids = f"/v2/meta/views/{of.view_id}", of.ids()
    places = {ids[name]: place for place, name in enumerate(sheet.columns, 1)}
    hidden = len(places) + 1
    for each in await api.items(f"{path}/columns"):
        place = places.get(each["fk_column_id"])
        body = {"show": place is not None, "order": place or hidden}
        await api.call("PATCH", f"{path}/columns/{each['id']}", body)
        if place is not None:
            await api.call(
                "PATCH", f"/v2/meta/grid-columns/{each['id']}", {"width": _width(sheet, place, of.moments())}
            )
    for each in await api.items(f"{path}/sorts"):
        await api.call("DELETE", f"/v2/meta/sorts/{each['id']}")
    for column, direction in grid.sorts:
        await api.call("POST", f"{path}/sorts", {"fk_column_id": ids[column], "direction": direction})
    for each in await api.items(f"{path}/filters"):
        await api.call("DELETE", f"/v2/meta/filters/{each['id']}")
    for wanted in grid.filters:
        await api.call("POST", f"{path}/filters", _filter(ids, wanted))


def _width(sheet: Sheet, place: int, moments: Collection[str]) -> str:
    """So that a screen holds a row; a width that people drag makes no grid theirs."""
    name = sheet.columns[place - 1]
    if place == 1 or name.lower() == NOTE:
        return WIDE
    if name in moments:
        return DATE_AND_TIME
    return NARROW if name in sheet.formats or name in {formula.title for formula in sheet.formulas} else USUAL


def _filter(ids: Mapping[str, str], wanted: Filter) -> dict[str, Any]:
    return {
        "fk_column_id": ids[wanted.column],
        "comparison_op": wanted.comparison,
        "comparison_sub_op": wanted.within,
        "value": wanted.value,
        "logical_op": "and",
        "is_group": False,
    }
