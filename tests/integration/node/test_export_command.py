"""`freehold node export` at the command line."""

import json
from pathlib import Path

from tests.acceptance.programs import freehold
from tests.integration.node.conftest import Stage

from freehold.node.exports.queries import VIEWS


async def test_the_operator_exports_and_is_told_what_was_written(stage: Stage, tmp_path: Path) -> None:
    """One file for each view, summed up as JSON; a view that is not there and a period backwards are refused."""
    where = {"FREEHOLD_NODE_DATA_DIR": str(stage.node.settings.data_dir)}
    folder = tmp_path / "files"

    async def run(*arguments: str) -> tuple[int, str, str]:
        return await freehold("node", "export", "--to", str(folder), *arguments, environment=where)

    status, out, err = await run("--json")
    assert status == 0, err
    written = {row["view"]: row for row in json.loads(out)}
    assert set(written) == set(VIEWS)
    assert all(row["bytes"] == Path(row["path"]).stat().st_size for row in written.values())

    status, _, err = await run("--view", "meta_credentials")
    assert status == 1
    assert "no view meta_credentials" in err
    status, _, err = await run("--since", "2026-03-02", "--until", "2026-03-01")
    assert status == 1
    assert "ends before it begins" in err
    assert len(list(folder.iterdir())) == len(written)
