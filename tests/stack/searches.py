"""Where in PostgreSQL's files something was found, and what stands beside it, for whoever has to find out why."""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from string import ascii_lowercase, ascii_uppercase, digits

from tests.stack.products import StackPostgres

from freehold.demo.marks import Finding, Place, files, forms

MOST = 20
"""So many places of a finding are shown."""
BESIDE = 80
FURTHER = 400
"""Bytes before and after what was found: those that are shown, and those in which more of a secret is looked for."""
RELATIONS = """
SELECT pg_relation_filepath(relation.oid) AS path,
    concat_ws(' of ', relation.oid::regclass::text, main.oid::regclass::text) AS name
FROM pg_class relation LEFT JOIN pg_class main ON main.reltoastrelid = relation.oid
WHERE pg_relation_filepath(relation.oid) IS NOT NULL
"""
_PART = rb"[A-Za-z0-9+/=%_-]"
_SHAPE = bytes.maketrans((ascii_lowercase + ascii_uppercase + digits).encode(), b"x" * 26 + b"X" * 26 + b"0" * 10)


async def database_files(postgres: StackPostgres) -> dict[str, bytes]:
    """Every file of PostgreSQL's by its path, with the database and the table or index whose it is."""
    connection = await postgres.connect()
    databases = [row["datname"] for row in await connection.fetch("SELECT datname FROM pg_database WHERE datallowconn")]
    await connection.execute("CHECKPOINT")
    await connection.close()
    owners: dict[str, str] = {}
    for database in databases:
        connection = await postgres.connect(database)
        for row in await connection.fetch(RELATIONS):
            owners[row["path"]] = f" ({database}: {row['name']})"
        await connection.close()
    held = files(postgres.folder / "data")
    return {path + owners.get(_first_segment(path), ""): data for path, data in held.items()}


def _first_segment(path: str) -> str:
    """The file by which a relation is known; beside it are further segments (.1) and maps (_fsm, _vm)."""
    return str(Path(path).with_name(re.split(r"[._]", Path(path).name)[0]))


def explained(found: Iterable[Finding], marks: Mapping[str, str], places: Iterable[Place]) -> str:
    """What was found, and what stands around each place; letters and digits of what was found are x, X and 0."""
    contents = {place.name: place.contents for place in places}
    lines = []
    for finding in found:
        pattern = dict(forms(marks[finding.mark]))[finding.form]
        beside = itertools.islice(_beside(pattern, contents[finding.place][finding.where]), MOST)
        lines += [str(finding), *(f"    {each!r}" for each in beside)]
    return "\n".join(lines)


def _beside(pattern: re.Pattern[bytes], data: bytes) -> Iterator[bytes]:
    """Each place where the pattern stands, with its neighbourhood, without a character of what it is a part of."""
    whole = re.compile(rb"(?:%b\0?)*(?:%b)(?:\0?%b)*" % (_PART, pattern.pattern, _PART), pattern.flags)
    for hit in pattern.finditer(data):
        first = max(hit.start() - FURTHER, 0)
        masked = whole.sub(lambda secret: secret[0].translate(_SHAPE), data[first : hit.end() + FURTHER])
        yield masked[max(hit.start() - BESIDE - first, 0) : hit.end() + BESIDE - first]
