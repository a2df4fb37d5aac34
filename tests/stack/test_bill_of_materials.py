"""`make sbom` in this checkout: what it writes is valid, complete and about the run-time dependencies alone."""

import json
import subprocess
import tomllib
from pathlib import Path

import pytest
from scripts.dependencies import locked, normal

pytestmark = pytest.mark.stack

ROOT = Path(__file__).parents[2]

IN_A_FILE_ALONE = {"tiktoken"}
"""Packages that bring their licence (MIT) as a file, and state it nowhere else."""


def test_the_bill_names_every_dependency_with_licence_and_relations(tmp_path: Path) -> None:
    """Each direct dependency of the project is there, with its licence, what it needs, and the hashes of the lock."""
    made = subprocess.run(
        ["make", "sbom", f"SBOM={tmp_path / 'sbom.json'}"], cwd=ROOT, capture_output=True, check=False
    )
    assert made.returncode == 0, made.stderr.decode()
    bill = json.loads((tmp_path / "sbom.json").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    direct = {normal(wanted.partition(">")[0].partition("[")[0]) for wanted in project["dependencies"]}
    listed = {normal(each["name"]): each for each in bill["components"]}
    pins = locked((ROOT / "requirements.lock").read_text(encoding="utf-8"))

    assert (bill["bomFormat"], bill["metadata"]["component"]["name"]) == ("CycloneDX", "freehold")
    assert direct <= listed.keys() <= pins.keys()
    assert {name for name, each in listed.items() if not each.get("licenses")} <= IN_A_FILE_ALONE
    assert all(each["purl"].startswith("pkg:pypi/") for each in listed.values())
    assert all(
        any(pin["value"] in pins[name][each["version"]] for pin in each["properties"]) for name, each in listed.items()
    )
    related = {each["ref"]: each.get("dependsOn", []) for each in bill["dependencies"]}
    assert {normal(ref.partition("==")[0]) for ref in related["root-component"]} == direct
