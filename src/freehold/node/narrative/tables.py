"""The tables of what models were asked: each request as it is logged, and what each month has used."""

from sqlalchemy import BigInteger, Column, Integer, String, Table, Text

from freehold.kernel.database import ROW_ID, Instant
from freehold.node.db import metadata

model_calls = Table(
    "model_calls",
    metadata,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False, index=True),
    Column("draft", String(200), nullable=False, comment="what was to be worded"),
    Column("language", String(8), nullable=False),
    Column("provider", String(16), nullable=False),
    Column("model", String(128), nullable=False),
    Column("sent", Text, nullable=False, comment="the request; names, captions and comments are left out"),
    Column("outcome", String(16), nullable=False, comment="asked, worded, refused by the check, failed, or not_asked"),
    Column("error", String(64), nullable=False, comment="what failed, in one word; empty for nothing"),
    Column("rounds", Integer, nullable=False, comment="answers of the model; the second one repairs"),
    Column("input_tokens", BigInteger, nullable=False),
    Column("output_tokens", BigInteger, nullable=False),
)

model_usage = Table(
    "model_usage",
    metadata,
    Column("month", String(7), primary_key=True, comment="2026-03, in UTC"),
    Column("tokens", BigInteger, nullable=False, comment="used, and reserved for requests under way"),
    Column("cost_micros", BigInteger, nullable=False, comment="the same in millionths of a US dollar"),
)
