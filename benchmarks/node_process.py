"""Starts `node_streams` as the command `freehold` starts what it runs.

`python -m benchmarks.node_process FOLDER DAYS [STREAM...]`
"""

import asyncio
import importlib
import sys
from pathlib import Path

from freehold.kernel.loading import loading


def main() -> None:
    """Load the streams and read those that are named."""
    with loading():
        node_streams = importlib.import_module("benchmarks.node_streams")
    asyncio.run(node_streams.main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))


if __name__ == "__main__":
    main()
