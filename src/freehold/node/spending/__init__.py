"""The one gate for every change at Meta: plan, approval by another, apply, and a way back; nothing else writes there.

`propose` makes a plan, `apply` makes its change; `perform` does both where nobody has to be asked.
"""

from freehold.node.spending.apply import Applied, apply
from freehold.node.spending.change import Change, Channel, Principal
from freehold.node.spending.pause import Paused, pause_everything
from freehold.node.spending.perform import Performed, perform
from freehold.node.spending.plan import Plan
from freehold.node.spending.propose import propose
from freehold.node.spending.show import shown
from freehold.node.spending.undo import undo

__all__ = [
    "Applied",
    "Change",
    "Channel",
    "Paused",
    "Performed",
    "Plan",
    "Principal",
    "apply",
    "pause_everything",
    "perform",
    "propose",
    "shown",
    "undo",
]
