"""The node's HTTP client: few connections at a time, answers as large as a page of a report."""

from freehold.kernel.addresses import AddressPolicy
from freehold.kernel.http import HttpClient

CONCURRENT = 16
MAX_BODY = 32 * 1024 * 1024


def open_client(policy: AddressPolicy) -> HttpClient:
    """A client that reaches what `policy` allows."""
    return HttpClient(policy, concurrent=CONCURRENT, max_body=MAX_BODY)
