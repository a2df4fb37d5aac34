"""Links with which a report can be read for a while without signing in."""

import json
from datetime import datetime, timedelta
from pathlib import Path

from freehold.kernel.crypto import InvalidCiphertextError
from freehold.kernel.problems import Problem
from freehold.node.context import Node

LIFE = timedelta(days=7)
_CONTEXT = "report_link"


def make(node: Node, report: Path) -> str:
    """A link to `report`, a file below the folder of reports, valid for seven days."""
    folder = node.settings.reports_dir()
    name = str(report.relative_to(folder)) if report.is_relative_to(folder) else report.name
    content = {"report": name, "until": (node.clock.now() + LIFE).isoformat()}
    sealed = node.keys.keyring.current().encrypt(json.dumps(content).encode(), _CONTEXT)
    return f"{node.settings.public_url.rstrip('/')}/reports/{sealed}"


def find(node: Node, link: str) -> Path:
    """The report of a link; raises `Problem` 403 for an altered or expired one, 404 when the report is gone."""
    try:
        content = json.loads(node.keys.keyring.current().decrypt(link, _CONTEXT))
    except InvalidCiphertextError as error:
        raise _refused("report_link_invalid", "This link is not one that this node made.") from error
    if node.clock.now() >= datetime.fromisoformat(content["until"]):
        raise _refused("report_link_expired", "This link has expired.")
    folder = node.settings.reports_dir().resolve()
    path = (folder / str(content["report"])).resolve()
    if not path.is_relative_to(folder) or not path.is_file():
        raise Problem(404, "report_gone", "This report is no longer kept.", "Ask your agency for a newer one.")
    return path


def _refused(code: str, detail: str) -> Problem:
    return Problem(403, code, detail, "Ask your agency for a new link.")
