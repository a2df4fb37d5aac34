"""The bill of materials of the run-time dependencies, and their audit against PyPI's advisories.

    dependencies.py sbom PYTHON FILE     writes CycloneDX JSON of what that Python has of the lock
    dependencies.py audit     exit status 1 when a locked version is known to be vulnerable

Both run in the repository's root, with the Python of an environment that holds `requirements-audit.lock`.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCK = Path("requirements.lock")
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==(\S+)(.*)$")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
UNREACHED = ("ConnectionError", "ProxyError", "Could not connect", "Max retries exceeded")
"""What the audit says when it cannot reach its data."""


def normal(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


Pins = dict[str, dict[str, list[str]]]
"""Package -> version -> SHA-256 of each of its files; markers may pin several versions."""


def locked(text: str) -> Pins:
    """What a lock pins."""
    found: Pins = {}
    for entry in text.replace("\\\n", " ").splitlines():
        match = _PINNED.match(entry)
        if match:
            found.setdefault(normal(match.group(1)), {})[match.group(2)] = _HASH.findall(match.group(3))
    return found


def restricted(bill: dict[str, Any], pins: Pins) -> dict[str, Any]:
    """A bill of a whole environment, restricted to what the lock pins, with the hashes of the lock.

    Raises `ValueError` when the environment holds another version than the lock.
    """
    components = []
    for component in bill["components"]:
        name, version = component["name"], component["version"]
        versions = pins.get(normal(name))
        if versions is None:
            continue
        if version not in versions:
            raise ValueError(f"{name} is installed as {version} and locked as {', '.join(versions)}")
        properties = [{"name": "freehold:lock:sha256", "value": value} for value in versions[version]]
        components.append({**component, "properties": [*component.get("properties", ()), *properties]})
    kept = {component["bom-ref"] for component in components} | {bill["metadata"]["component"]["bom-ref"]}
    relations = [
        {**each, **({"dependsOn": [ref for ref in each["dependsOn"] if ref in kept]} if "dependsOn" in each else {})}
        for each in bill["dependencies"]
        if each["ref"] in kept
    ]
    return {**bill, "components": components, "dependencies": relations}


def sbom(environment: str, target: Path) -> str:
    """Write the bill of what `environment` (a Python) has of the lock; gives a sentence about it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    tool = [sys.executable, "-m", "cyclonedx_py", "environment", "--pyproject", "pyproject.toml", "--of", "JSON"]
    made = subprocess.run([*tool, environment], check=True, capture_output=True, text=True)  # noqa: S603 - our own words
    bill = restricted(json.loads(made.stdout), locked(LOCK.read_text(encoding="utf-8")))
    target.write_text(json.dumps(bill, indent=2) + "\n", encoding="utf-8")
    return f"{target}: {len(bill['components'])} components"


def audit() -> tuple[int, str]:
    """Look every locked version up; gives the exit status, and a sentence for each finding or for why there is none."""
    tool = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "-r", str(LOCK)]
    options = ["--progress-spinner", "off", "-f", "json"]
    done = subprocess.run([*tool, *options], check=False, capture_output=True, text=True)  # noqa: S603 - our own words
    try:
        report = json.loads(done.stdout)
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        if any(each in done.stderr for each in UNREACHED):
            return 0, _skipped("the advisories cannot be reached from here")
        return 1, f"audit: failed: {last}"
    return judged(report["dependencies"])


def judged(dependencies: list[dict[str, Any]]) -> tuple[int, str]:
    """What an audit's report means, as `audit` gives it; where no package is known at all, nothing was audited."""
    skipped = [each["name"] for each in dependencies if "skip_reason" in each]
    if len(skipped) == len(dependencies):
        return 0, _skipped("the package index that is used here serves no advisories")
    found = [
        f"{each['name']} {each['version']}: {_told(bad)}" for each in dependencies for bad in each.get("vulns", ())
    ]
    lines = [f"audit: {len(dependencies) - len(skipped)} packages looked up, {len(found)} vulnerabilities", *found]
    if skipped:
        lines.append(_skipped(f"without advisories: {', '.join(skipped)}", len(skipped)))
    return (1 if found else 0), "\n".join(lines)


def _told(vulnerability: dict[str, Any]) -> str:
    fixed = ", ".join(vulnerability.get("fix_versions", ())) or "no version"
    return f"{vulnerability['id']}, fixed in {fixed}"


def _skipped(why: str, count: int = 1) -> str:
    return f"audit: {count} skipped: {why}"


def main(arguments: list[str]) -> int:
    """Do what the arguments say; gives the exit status."""
    match arguments:
        case ["sbom", environment, target]:
            sys.stdout.write(sbom(environment, Path(target)) + "\n")
            return 0
        case ["audit"]:
            status, told = audit()
            sys.stdout.write(told + "\n")
            return status
        case _:
            sys.stderr.write(f"{__doc__}\n")
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
