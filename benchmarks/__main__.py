"""Runs the benchmarks: `python -m benchmarks all`, or one by its name."""

import importlib
import sys
from pathlib import Path

HELP = {"floor", "collection_stage", "node_process", "node_streams", "peer_collectors", "tool_servers"}
NOT_QUESTIONS = {"__main__", "results", "driver", "authorization_server", "granian_app", *HELP}


def main() -> None:
    """Run what the command line names; each file beside this one that asks a question has a `main`."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in NOT_QUESTIONS)
    wanted = sys.argv[1] if len(sys.argv) > 1 else "all"
    if wanted != "all" and wanted not in names:
        sys.exit(f"There is no benchmark {wanted}; there are {', '.join(names)}.")
    for name in names if wanted == "all" else [wanted]:
        importlib.import_module(f"benchmarks.{name}").main()


main()
