"""Writes down how a stage of Freehold ended: a dump of its schema with made-up rows, and if wanted its source.

    python tests/integration/upgrades/make_stage.py collector 4a5488b --source

Takes the source of the commit from Git, has its own revisions make every table, on SQLite and on PostgreSQL, puts a few
rows into each, and writes plain SQL. Done once when a stage closes; the files are committed and never change.
"""

import argparse
import io
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
SERVICES = ("node", "broker")
NEEDED = ("__init__.py", "cli", "contracts", "kernel", "node", "providers")
"""What a node's process is made of."""


def main() -> None:
    """Make the files of one stage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stage")
    parser.add_argument("commit")
    parser.add_argument("--source", action="store_true", help="keep the source too, in place of an earlier stage's")
    chosen = parser.parse_args()
    archive = _git("archive", "--format=tar", chosen.commit, "src/freehold")
    with tempfile.TemporaryDirectory() as name:
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            tar.extractall(name, filter="data")
        source = Path(name) / "src"
        for service in SERVICES:
            # In a process of its own: the revisions have to be the stage's, not those of this version.
            words = [sys.executable, str(HERE / "filling.py"), service, str(HERE / f"{chosen.stage}-{service}")]
            subprocess.run(words, check=True, env={**os.environ, "PYTHONPATH": str(source)})
        if chosen.source:
            _pack(source, HERE / f"{chosen.stage}-source.tar.xz")


def _pack(source: Path, target: Path) -> None:
    """The same source gives the same bytes."""

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
        if "__pycache__" in member.name:
            return None
        member.uid = member.gid = member.mtime = 0
        member.uname = member.gname = ""
        return member

    with tarfile.open(target, "w:xz", preset=9) as tar:
        for name in NEEDED:
            tar.add(source / "freehold" / name, f"freehold/{name}", filter=plain)


def _git(*words: str) -> bytes:
    return subprocess.run(["git", *words], cwd=HERE.parents[2], check=True, capture_output=True).stdout


if __name__ == "__main__":
    main()
