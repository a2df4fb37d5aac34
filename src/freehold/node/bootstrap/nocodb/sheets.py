"""Brings NocoDB's tables and grids to the layout, and leaves alone what people changed."""

from collections.abc import Mapping
from typing import Any

from freehold.node.bootstrap.done import Done
from freehold.node.bootstrap.nocodb.client import Api
from freehold.node.bootstrap.nocodb.connection import Connection
from freehold.node.bootstrap.nocodb.grids import GridOf, read_grid, wanted_grid, without_missing, write_grid
from freehold.node.bootstrap.nocodb.layout import FORMATS, SHEETS, Formula, Grid, Sheet
from freehold.node.bootstrap.nocodb.parts import Parts, State

_OK = 200
LATER = 1000
"""Order of tables that the layout does not name."""


async def untouched_grids(api: Api, parts: Parts) -> frozenset[str]:
    """Those of our grids that look as we left them: asked before new columns come, which show in every grid."""
    found = set()
    for sheet in SHEETS:
        known = parts.known.get(sheet.relation)
        status, table = await api.ask("GET", f"/v2/meta/tables/{known.external_id}") if known else (0, {})
        for grid in sheet.grids if status == _OK else ():
            name = grid_name(sheet, grid)
            there = _existing(parts, name, table)
            if there is not None and parts.is_ours(name, await read_grid(api, there)):
                found.add(name)
    return frozenset(found)


def grid_name(sheet: Sheet, grid: Grid) -> str:
    """What we call a grid, whatever people call it."""
    return f"{sheet.relation}/{grid.title}"


def _existing(parts: Parts, name: str, table: Mapping[str, Any]) -> GridOf | None:
    """A grid that an earlier run made, if it is still there."""
    known = parts.known.get(name)
    if known is None or known.external_id not in {view["id"] for view in table["views"]}:
        return None
    return GridOf(known.external_id, table["columns"])


async def arrange(api: Api, parts: Parts, connection: Connection, untouched: frozenset[str]) -> None:
    """Settle every sheet of the layout whose table NocoDB lists."""
    listed = await api.items(f"/v2/meta/bases/{connection.base_id}/{connection.source_id}/tables")
    ids = {table["table_name"]: table["id"] for table in listed}
    for sheet in SHEETS:
        if sheet.relation in ids:
            await _settle_sheet(api, parts, sheet, ids[sheet.relation], untouched)
    await _settle_order(api, parts, listed)


async def _settle_sheet(api: Api, parts: Parts, sheet: Sheet, table_id: str, untouched: frozenset[str]) -> None:
    table = await api.call("GET", f"/v2/meta/tables/{table_id}")
    there = _read(table)
    await parts.settle(
        sheet.relation,
        table_id,
        _wanted(sheet, there),
        there,
        lambda: _write(api, sheet, table),
        what=f"NocoDB table {sheet.relation}",
    )
    table = await api.call("GET", f"/v2/meta/tables/{table_id}")
    for grid in sheet.grids:
        await _settle_grid(api, parts, sheet, grid, table, untouched)


def _wanted(sheet: Sheet, there: State) -> State:
    """A table as the layout has it; what it does not speak of stays as it is `there`."""
    return {
        "icon": sheet.icon,
        "about": sheet.about,
        "named_by": sheet.columns[0],
        "formulas": there["formulas"] | {formula.title: formula.text for formula in sheet.formulas},
        "formats": there["formats"] | {column: dict(values) for column, values in sheet.formats.items()},
    }


def _read(table: Mapping[str, Any]) -> State:
    """A table as it is, in the same words whatever the layout speaks of: another version's layout reads the same."""
    columns = {_name(column): column for column in table["columns"]}
    formats = {
        name: {key: value for key, value in (column["meta"] or {}).items() if key in FORMATS}
        for name, column in columns.items()
        if column["uidt"] != "Formula"
    }
    return {
        "icon": (table.get("meta") or {}).get("icon"),
        "about": table.get("description"),
        "named_by": next((name for name, column in columns.items() if column["pv"]), None),
        "formulas": {
            name: column["colOptions"]["formula_raw"] for name, column in columns.items() if column["uidt"] == "Formula"
        },
        "formats": {name: found for name, found in formats.items() if found},
    }


def _name(column: Mapping[str, Any]) -> str:
    """A column by its name in the database; a formula, which has none, by its title."""
    return str(column["column_name"] or column["title"])


async def _write(api: Api, sheet: Sheet, table: Mapping[str, Any]) -> None:
    """Bring a table to the layout. Titles and types of columns are the database's: NocoDB would change them there."""
    columns = {_name(column): column for column in table["columns"]}
    meta = {**(table.get("meta") or {}), "icon": sheet.icon}
    await api.call("PATCH", f"/v2/meta/tables/{table['id']}", {"meta": meta, "description": sheet.about})
    named_by = columns.get(sheet.columns[0])
    if named_by is not None and not named_by["pv"]:
        await api.call("POST", f"/v2/meta/columns/{named_by['id']}/primary")
    for name, wanted in sheet.formats.items():
        column = columns[name]
        body = {"title": column["title"], "uidt": column["uidt"], "meta": {**(column["meta"] or {}), **wanted}}
        await api.call("PATCH", f"/v2/meta/columns/{column['id']}", body)
    for formula in sheet.formulas:
        await _write_formula(api, table["id"], formula, columns.get(formula.title))


async def _write_formula(api: Api, table_id: str, formula: Formula, there: Mapping[str, Any] | None) -> None:
    body = {
        "title": formula.title,
        "uidt": "Formula",
        "formula": formula.text,
        "formula_raw": formula.text,
        "meta": dict(formula.display),
    }
    if there is None:
        await api.call("POST", f"/v2/meta/tables/{table_id}/columns", body)
    else:
        await api.call("PATCH", f"/v2/meta/columns/{there['id']}", body)


async def _settle_grid(
    api: Api, parts: Parts, sheet: Sheet, grid: Grid, table: Mapping[str, Any], untouched: frozenset[str]
) -> None:
    name = grid_name(sheet, grid)
    what = f"NocoDB grid {sheet.relation}" + (f": {grid.title}" if grid.title else "")
    of = _existing(parts, name, table)
    if of is None and name in parts.known:
        parts.done.append(Done(what, "kept"))  # people removed it
        return
    of = of or GridOf(await _new_grid(api, table, grid), table["columns"])
    sheet, grid = without_missing(sheet, grid, of.ids())
    await parts.settle(
        name,
        of.view_id,
        wanted_grid(sheet, grid),
        await read_grid(api, of),
        lambda: write_grid(api, of, sheet, grid),
        what=what,
        ours=name in untouched,
    )


async def _new_grid(api: Api, table: Mapping[str, Any], grid: Grid) -> str:
    """The grid that the table came with, or a new one."""
    if not grid.title:
        return str(min(table["views"], key=lambda view: view["order"])["id"])
    made = await api.call("POST", f"/v2/meta/tables/{table['id']}/grids", {"title": grid.title, "type": 3})
    return str(made["id"])


async def _settle_order(api: Api, parts: Parts, listed: list[dict[str, Any]]) -> None:
    """The sidebar, in the order of the layout; each table is put in its place once, when it comes."""
    places = {sheet.relation: place for place, sheet in enumerate(SHEETS, 1)}
    new = [table for table in listed if f"place of {table['table_name']}" not in parts.known]
    for table in new:
        place = places.get(table["table_name"], LATER + (table["order"] or 0))
        await api.call("POST", f"/v2/meta/tables/{table['id']}/reorder", {"order": place})
        await parts.remember(f"place of {table['table_name']}", table["id"], {"place": place})
    parts.done.append(Done("NocoDB's sidebar", "updated" if new else "unchanged"))
