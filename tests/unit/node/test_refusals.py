"""What is written down of a refusal."""

import pytest

from freehold.node.collection.refusals import reason_of
from freehold.providers.calls import ProviderError, Rejected, Unavailable


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Unavailable("the answer is not JSON"), "the answer is not JSON"),
        (Rejected("(#100) no such metric", code=100), "(#100) no such metric"),
        (Rejected("no such page", code=100), "(#100) no such page"),
        (Rejected("Unsupported (#100)", code=10), "(#10) Unsupported (#100)"),
        (Rejected("(#100) Unsupported", code=100, subcode=33), "(#100/33) (#100) Unsupported"),
    ],
)
def test_a_reason_holds_the_providers_code_once(error: ProviderError, reason: str) -> None:
    """The code and subcode stand before words that do not hold them."""
    assert reason_of(error) == reason
