"""What is a write, whatever it looks like."""

import json
from typing import Any

import pytest

from freehold.node.governor.admission import refuse_writes
from freehold.node.governor.approved import ApprovedWrite
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


PAUSE = ApiCall("POST", "/v26.0/1", {"status": "PAUSED"}, asset_id="act_1", mutates=True)


def test_a_write_goes_with_leave_for_it() -> None:
    """For exactly this call."""
    refuse_writes(PAUSE, ApprovedWrite(PAUSE, "plan", repeatable=True))


@pytest.mark.parametrize(
    "call",
    [
        ApiCall("POST", "/v26.0/1", {"status": "ACTIVE"}, asset_id="act_1", mutates=True),
        ApiCall("POST", "/v26.0/2", {"status": "PAUSED"}, asset_id="act_1", mutates=True),
        ApiCall("POST", "/v26.0/1", {"status": "PAUSED"}, asset_id="act_2", mutates=True),
        ApiCall("GET", "/v26.0/1", {"fields": "id"}),
    ],
)
def test_leave_for_one_call_lets_no_other_through(call: ApiCall) -> None:
    """Another value, object, account or method."""
    with pytest.raises(Rejected):
        refuse_writes(call, ApprovedWrite(PAUSE, "plan", repeatable=True))


@pytest.mark.parametrize(
    "call",
    [
        ApiCall("POST", "/v26.0/", {"batch": "[]"}, asset_id="act_1"),
        ApiCall("POST", "/v26.0/1", {"Method": "delete"}, asset_id="act_1"),
        ApiCall("GET", "/v26.0/1", {"method": "delete"}, asset_id="act_1"),
        ApiCall("POST", "/v26.0/1", {"status": "PAUSED"}),
    ],
)
def test_no_leave_is_good_for_what_hides_its_call(call: ApiCall) -> None:
    """A batch, a call that a parameter turns into another, one that names no account."""
    with pytest.raises(Rejected):
        refuse_writes(call, ApprovedWrite(call, "plan", repeatable=True))
