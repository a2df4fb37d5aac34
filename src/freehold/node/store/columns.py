"""Columns that many tables have."""

from sqlalchemy import Column, String

from freehold.kernel.database import ROW_ID

ID = String(64)
"""An id of Meta's."""


def row_id() -> Column[int]:
    """A primary key that the database counts."""
    return Column("id", ROW_ID, primary_key=True, autoincrement=True)
