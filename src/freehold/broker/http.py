"""The broker's HTTP client: many clients' flows at once, small answers."""

from freehold.kernel.addresses import AddressPolicy
from freehold.kernel.http import HttpClient

CONCURRENT = 200
MAX_BODY = 2 * 1024 * 1024


def open_client(policy: AddressPolicy) -> HttpClient:
    """A client that reaches what `policy` allows."""
    return HttpClient(policy, concurrent=CONCURRENT, max_body=MAX_BODY)
