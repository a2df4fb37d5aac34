"""Columns that many tables have."""

from sqlalchemy import Column, String, Text

from freehold.kernel.database import ROW_ID

ID = String(64)
"""An id of Meta's."""


def row_id() -> Column[int]:
    """A primary key that the database counts."""
    return Column("id", ROW_ID, primary_key=True, autoincrement=True)


def note() -> Column[str]:
    """What people write at a row, in NocoDB. Collection never names it, so that it outlives every reading."""
    return Column("note", Text, comment="people's own; nothing else writes it")
