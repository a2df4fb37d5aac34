"""Writes views into files in a short-lived process: the libraries that do, and their memory, stay out of the node.

Reads a `FileOrder` as JSON from standard input, writes the failures by view as JSON to standard output.
"""

import asyncio
import sys

from freehold.kernel.database import Database, open_database
from freehold.kernel.problems import Problem
from freehold.node.exports.export import export_view
from freehold.node.exports.formats import TooLargeError
from freehold.node.exports.queries import VIEWS, Choice
from freehold.node.exports.wire import FAILURES, FILE_ORDER, FileOrder


async def _answer(order: FileOrder) -> dict[str, str]:
    database = open_database(order.database_url, pool_size=1)
    try:
        told = {name: await _failure(database, order, name) for name in order.views}
    finally:
        await database.close()
    return {name: failure for name, failure in told.items() if failure}


async def _failure(database: Database, order: FileOrder, name: str) -> str:
    """Write one view; gives why that failed, if it did."""
    try:
        await export_view(database, VIEWS[name], Choice(), order.folder, order.kind)
    except TooLargeError as error:
        return str(error)
    except OSError as error:
        return f"the file cannot be written: {error.strerror}"
    except Problem as error:
        return error.detail
    return ""


def main() -> None:
    """Answer what standard input asks."""
    failures = asyncio.run(_answer(FILE_ORDER.validate_json(sys.stdin.buffer.read())))
    sys.stdout.buffer.write(FAILURES.dump_json(failures))


if __name__ == "__main__":
    main()
