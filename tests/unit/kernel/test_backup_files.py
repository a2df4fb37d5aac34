"""Files of a backup go back into their folder, and nowhere else."""

from pathlib import Path

import pytest

from freehold.kernel.backups.errors import RestoreError
from freehold.kernel.backups.restore import put_files


@pytest.mark.parametrize("name", ["../node.env", "bootstrap/../../x", "/etc/x", "", "..", "."])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    """Who made the backup is proven, and yet its names are not believed."""
    folder = tmp_path / "node"
    with pytest.raises(RestoreError, match="is no name of a file"):
        put_files(folder, {name: b"x"})
    assert list(tmp_path.rglob("*")) == [folder]


def test_a_file_may_stand_in_a_folder_of_the_folder(tmp_path: Path) -> None:
    """Readable by its owner alone, as the folder is."""
    put_files(tmp_path / "node", {"api.key": b"a", "bootstrap/token": b"t"})
    found = {str(path.relative_to(tmp_path)): path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")}
    assert found == {"node": 0o700, "node/api.key": 0o600, "node/bootstrap": 0o700, "node/bootstrap/token": 0o600}
