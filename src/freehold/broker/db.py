"""The broker's tables, all in one place; how they are read and written is `kernel.database`."""

from sqlalchemy import MetaData

metadata = MetaData()
"""Every table of the broker."""
