"""Takes one look in a short-lived process of its own: libraries of statistics stay out of the node.

Reads `Inputs` as JSON from standard input, writes a `Look` as JSON to standard output.
"""

import sys

from freehold.node.analysis.look import look
from freehold.node.analysis.wire import INPUTS, LOOK


def main() -> None:
    """Answer what standard input asks."""
    sys.stdout.buffer.write(LOOK.dump_json(look(INPUTS.validate_json(sys.stdin.buffer.read()))))


if __name__ == "__main__":
    main()
