"""Which addresses may be reached, in every form in which they can be written."""

import ipaddress
import socket

import pytest

from freehold.kernel.addresses import AddressPolicy, AddressRefusedError

PUBLIC = AddressPolicy()
LOOPBACK = AddressPolicy.of("127.0.0.0/8", "::1/128")


@pytest.mark.parametrize(
    "url",
    [
        "http://node.example.com",
        "ftp://node.example.com",
        "//node.example.com",
        "https://",
        "https://user:secret@node.example.com",
        "https://node.example.com@evil.example",
        "https://node.example.com/?next=evil",
        "https://node.example.com/#fragment",
        "https://node.example.com:22",
        "https://node.example.com:notaport",
        "https://node.example.com\\@evil.example",
        "https://node.exam ple.com",
        "https://127.0.0.1",
        "https://127.1",
        "https://0x7f.1",
        "https://2130706433",
        "https://0177.0.0.1",
        "https://10.0.0.8",
        "https://169.254.169.254",
        "https://100.64.0.1",
        "https://0.0.0.0",
        "https://224.0.0.1",
        "https://[::1]",
        "https://[::ffff:127.0.0.1]",
        "https://[::ffff:10.0.0.8]",
        "https://[::127.0.0.1]",
        "https://[64:ff9b::7f00:1]",
        "https://[2002:7f00:1::]",
        "https://[fe80::1]",
        "https://[fd00::1]",
        "https://[ff02::1]",
        "https://[::ffff:0:127.0.0.1]",
        "https://[3fff::1]",
        "https://[5f00::1]",
        "https://[100:0:0:1::1]",
        "https://[2620:4f:8000::1]",
        "https://192.0.0.9",
        "https://192.31.196.1",
        "https://192.52.193.1",
        "https://192.175.48.1",
        "https://1.2.3.4:0",
        "https://①②⑦.⓪.⓪.①",
        "http://localhost",
        "http://127.0.0.1:3006",
    ],
)
def test_an_address_that_is_not_a_public_node_is_refused(url: str) -> None:
    """Private, local, translated, oddly written or unencrypted addresses are refused when they are configured."""
    with pytest.raises(AddressRefusedError) as caught:
        PUBLIC.check_url(url)

    assert caught.value.code in {
        "url_scheme", "url_malformed", "url_userinfo", "url_query", "port_refused", "address_refused"
    }  # fmt: skip


@pytest.mark.parametrize(
    "url", ["https://node.example.com", "https://node.example.com:3006", "https://8.8.8.8", "https://[2606:4700::1111]"]
)
def test_a_public_node_is_accepted(url: str) -> None:
    """A name, or a public address, over https and on a node's port."""
    PUBLIC.check_url(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:41873", "https://127.0.0.1:41873", "http://[::1]:41873"])
def test_loopback_needs_an_explicit_allowance(url: str) -> None:
    """The demo's addresses pass only the policy that names loopback."""
    LOOPBACK.check_url(url)

    with pytest.raises(AddressRefusedError):
        PUBLIC.check_url(url)


def test_an_allowance_for_loopback_does_not_open_plain_http_elsewhere() -> None:
    """Plain http stays on this machine."""
    with pytest.raises(AddressRefusedError):
        LOOPBACK.check_url("http://node.example.com")


PLAIN = AddressPolicy.of("10.9.0.0/16", plain_hosts=("n8n:5678", "n8n:443"))


def test_a_plain_host_is_reached_without_tls() -> None:
    """At its own port."""
    PLAIN.check_url("http://n8n:5678/webhook-waiting/1")
    PLAIN.check_address(ipaddress.ip_address("10.9.0.7"), 5678)


@pytest.mark.parametrize("url", ["http://n8n", "http://n8n:5679", "http://n8n.example.com:5678", "http://n8n:443"])
def test_plain_hosts_open_nothing_beside_them(url: str) -> None:
    """Neither another port, nor another name, nor a port of the open internet."""
    with pytest.raises(AddressRefusedError):
        PLAIN.check_url(url)


def test_a_plain_host_that_resolves_outwards_is_refused_when_the_socket_is_made() -> None:
    """What goes without TLS goes into an allowed network or nowhere."""
    info = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 5678))

    with pytest.raises(AddressRefusedError):
        PLAIN.socket_factory(info)


def test_plain_hosts_need_an_allowed_network() -> None:
    """Names alone open nothing."""
    with pytest.raises(AddressRefusedError):
        AddressPolicy.of(plain_hosts=("n8n:5678",)).check_url("http://n8n:5678")


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254"])
def test_a_name_that_resolves_inwards_is_refused_when_the_socket_is_made(address: str) -> None:
    """The check at connect time sees the address that was really resolved."""
    info = (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))

    with pytest.raises(AddressRefusedError):
        PUBLIC.socket_factory(info)


def test_an_allowed_network_is_matched_in_its_mapped_form_too() -> None:
    """An IPv4 network covers its addresses written as IPv6."""
    LOOPBACK.check_address(ipaddress.ip_address("::ffff:127.0.0.1"), 80)


def test_a_policy_may_have_ports_of_its_own() -> None:
    """Mail goes to other ports than HTTP; who allows them allows no other, and the usual ones stay what they are."""
    public = ipaddress.ip_address("93.184.216.34")
    AddressPolicy.of(ports=frozenset({587})).check_address(public, 587)

    with pytest.raises(AddressRefusedError):
        AddressPolicy.of(ports=frozenset({587})).check_address(public, 443)
    with pytest.raises(AddressRefusedError):
        AddressPolicy.of().check_address(public, 587)


@pytest.mark.parametrize(("address", "allowed"), [("10.1.2.3", True), ("::ffff:10.1.2.3", True), ("8.8.8.8", False)])
def test_allowed_is_what_was_named(address: str, allowed: bool) -> None:
    """A public address is reached, and yet not an allowed network."""
    assert AddressPolicy.of("10.0.0.0/8").allows(ipaddress.ip_address(address)) is allowed
