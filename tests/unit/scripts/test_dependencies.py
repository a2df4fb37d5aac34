"""What the bill of materials holds, and what the audit's report means."""

from pathlib import Path
from typing import Any

import pytest
from scripts.dependencies import judged, locked, restricted

ROOT = Path(__file__).parents[3]
LOCK = f"""\
aiohttp==3.14.5 \\
    --hash=sha256:{"a" * 64} \\
    --hash=sha256:{"b" * 64}
Jinja2[i18n]==3.1.6 ; sys_platform == 'linux' \\
    --hash=sha256:{"c" * 64}
"""


def bill(*components: tuple[str, str]) -> dict[str, Any]:
    """A bill of an environment in which the application needs everything."""
    made = [{"name": name, "version": version, "bom-ref": f"{name}=={version}"} for name, version in components]
    needs = {"ref": "root", "dependsOn": [each["bom-ref"] for each in made]}
    relations = [needs, *({"ref": each["bom-ref"]} for each in made)]
    return {"metadata": {"component": {"bom-ref": "root"}}, "components": made, "dependencies": relations}


def test_a_lock_is_read_with_every_hash() -> None:
    """Extras, markers and continued lines included; names as indexes compare them."""
    assert locked(LOCK) == {
        "aiohttp": {"3.14.5": ["a" * 64, "b" * 64]},
        "jinja2": {"3.1.6": ["c" * 64]},
    }


def test_what_is_not_locked_is_in_neither_list() -> None:
    """Tools of development are installed beside, and nothing may refer to them."""
    kept = restricted(bill(("aiohttp", "3.14.5"), ("pytest", "9.2")), locked(LOCK))
    assert [each["name"] for each in kept["components"]] == ["aiohttp"]
    assert [each["value"] for each in kept["components"][0]["properties"]] == ["a" * 64, "b" * 64]
    assert kept["dependencies"] == [{"ref": "root", "dependsOn": ["aiohttp==3.14.5"]}, {"ref": "aiohttp==3.14.5"}]


def test_an_environment_that_is_not_the_lock_gives_no_bill() -> None:
    """It would name versions that are not delivered."""
    with pytest.raises(ValueError, match=r"installed as 3\.14\.4 and locked as 3\.14\.5"):
        restricted(bill(("aiohttp", "3.14.4")), locked(LOCK))


def test_what_is_tested_is_what_is_delivered() -> None:
    """The lock of development pins every run-time dependency as the lock of delivery does."""
    delivered, tested = (
        locked((ROOT / name).read_text(encoding="utf-8")) for name in ("requirements.lock", "requirements-dev.lock")
    )
    assert {name: tested.get(name) for name in delivered} == delivered


CLEAN = {"name": "aiohttp", "version": "3.14.5", "vulns": []}
BAD = {"name": "x", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}, {"id": "GHSA-2"}]}
UNKNOWN = {"name": "y", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("report", "status", "says"),
    [
        ([CLEAN], 0, ["1 packages looked up, 0 vulnerabilities"]),
        ([CLEAN, BAD], 1, ["2 vulnerabilities", "x 1: PYSEC-1, fixed in 2", "x 1: GHSA-2, fixed in no version"]),
        ([CLEAN, UNKNOWN], 0, ["1 packages looked up", "1 skipped: without advisories: y"]),
        ([BAD, UNKNOWN], 1, ["x 1: PYSEC-1", "1 skipped"]),
        ([UNKNOWN, UNKNOWN], 0, ["1 skipped: the package index that is used here serves no advisories"]),
    ],
)
def test_an_audit_fails_for_what_is_known_and_counts_what_is_not(
    report: list[dict[str, Any]], status: int, says: list[str]
) -> None:
    """An index without advisories is told as a skip, never as a clean result."""
    told = judged(report)
    assert told[0] == status
    assert all(each in told[1] for each in says)
