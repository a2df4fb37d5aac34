"""What is a write, whatever it looks like."""

import json
from typing import Any

import pytest

from freehold.node.governor.admission import refuse_writes
from freehold.providers.calls import ApiCall, Rejected


def batch(*parts: Any) -> ApiCall:
    """A batch of these parts."""
    return ApiCall("POST", "/v26.0/", {"batch": json.dumps(parts)})


@pytest.mark.parametrize(
    "call",
    [
        ApiCall("GET", "/v26.0/act_1/campaigns", {"fields": "id"}),
        ApiCall("POST", "/v26.0/act_1/insights", {"level": "ad"}),
        batch({"method": "GET", "relative_url": "act_1/campaigns?fields=id"}, {"relative_url": "1"}),
    ],
)
def test_a_read_is_no_write(call: ApiCall) -> None:
    """A GET, the order of a report, a batch of reads."""
    refuse_writes(call)


@pytest.mark.parametrize(
    "call",
    [
        ApiCall("GET", "/v26.0/1", mutates=True),
        ApiCall("DELETE", "/v26.0/1"),
        ApiCall("POST", "/v26.0/act_1/campaigns"),
        ApiCall("POST", "/v26.0/act_1/insights", {"method": "delete"}),
        ApiCall("GET", "/v26.0/1", {"Method": "POST"}),
        batch({"method": "GET", "relative_url": "1"}, {"method": "POST", "relative_url": "1"}),
        batch({"method": "get", "relative_url": "1"}),
        batch({"relative_url": "1?method=delete"}),
        batch("not a call"),
        ApiCall("POST", "/v26.0/", {"batch": "not JSON"}),
        ApiCall("POST", "/v26.0/", {"batch": "{}"}),
    ],
)
def test_whatever_could_write_is_refused(call: ApiCall) -> None:
    """What cannot be understood is not let through either."""
    with pytest.raises(Rejected):
        refuse_writes(call)
