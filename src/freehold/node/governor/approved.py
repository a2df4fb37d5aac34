"""What a call that changes something has to bring along: the word of `node.spending` that exactly this call may go out.

Only `freehold.node.spending` makes one; the layers' contract and a test over the source hold that.
"""

from dataclasses import dataclass

from freehold.providers.calls import ApiCall


@dataclass(frozen=True)
class ApprovedWrite:
    """Leave to send `call`, and no other, for the plan of this id.

    `repeatable` says that sending it twice leaves what sending it once does; otherwise it is sent at most once, since
    an answer that got lost does not say that nothing was made.
    """

    call: ApiCall
    plan_id: str
    repeatable: bool
