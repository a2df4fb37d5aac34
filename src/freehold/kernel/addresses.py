"""Which addresses may be reached: every address that a person can configure passes this one guard.

The text of a URL is checked when it is configured; the address it resolves to is checked again at each connection,
inside the socket factory, so that a name whose answer changes, or a literal that no resolver sees, gains nothing.
"""

import ipaddress
import re
import socket
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PORTS = frozenset({443, 3006, 3007, 8443})
"""Ports that may be reached in the open internet; an explicitly allowed network may use any."""

# `ipaddress` calls these global, yet they lead elsewhere: translation and tunnels to IPv4, multicast, addresses that
# IANA keeps for documentation, protocols and anycast.
_LEADS_ELSEWHERE = tuple(
    ipaddress.ip_network(text)
    for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96", "::ffff:0:0:0/96", "fec0::/10",
                 "ff00::/8", "100:0:0:1::/64", "3fff::/20", "5f00::/16", "2620:4f:8000::/48", "224.0.0.0/4",
                 "240.0.0.0/4", "192.0.0.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
                 "192.175.48.0/24")
)  # fmt: skip
_NUMERIC_HOST = re.compile(r"(?:^|\.)(?:0x[0-9a-f]*|[0-9]+)\.?$", re.IGNORECASE)


class AddressRefusedError(OSError):
    """An address that may not be reached; `code` is stable, `reason` says why."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True)
class AddressPolicy:
    """Public addresses over https, and whatever lies in `allowed_networks` (none unless configured).

    `plain_hosts` ("name:port") are spoken to without TLS. Their ports are none of `ports`, so that a connection to one
    ends in an allowed network or not at all.
    """

    allowed_networks: tuple[Network, ...] = ()
    ports: frozenset[int] = PORTS
    plain_hosts: frozenset[str] = frozenset()

    @classmethod
    def of(cls, *networks: str, ports: frozenset[int] = PORTS, plain_hosts: Collection[str] = ()) -> "AddressPolicy":
        """A policy that also allows these networks, given as CIDR; in the open internet, these `ports` alone."""
        return cls(tuple(ipaddress.ip_network(text) for text in networks), ports, frozenset(plain_hosts))

    def check_url(self, url: str) -> None:
        """Refuse (`AddressRefusedError`) a URL that could never be reached safely; names are not resolved here."""
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise AddressRefusedError("url_malformed", "this is not a URL") from error
        if any(character.isspace() or ord(character) < 32 or character == "\\" for character in url):  # noqa: PLR2004
            raise AddressRefusedError("url_malformed", "a URL holds no spaces, control characters or backslashes")
        if not host or parts.scheme not in {"https", "http"}:
            raise AddressRefusedError("url_scheme", "an address begins with https:// and names a host")
        if parts.username is not None or parts.password is not None or "@" in parts.netloc:
            raise AddressRefusedError("url_userinfo", "an address carries no user name or password")
        if parts.query or parts.fragment:
            raise AddressRefusedError("url_query", "an address carries no query and no fragment")
        if not host.isascii():
            raise AddressRefusedError("url_malformed", "write an international name in its ASCII form (xn--)")
        literal = _literal(host)
        if parts.scheme == "http":
            self._check_plain(host, port, literal)
        if literal is not None:
            self.check_address(literal, 443 if port is None else port)
        elif host != "localhost" and port is not None and port not in self.ports and not self.allowed_networks:
            raise AddressRefusedError("port_refused", f"port {port} is not one that nodes use")

    def check_address(self, address: Address, port: int) -> None:
        """Refuse (`AddressRefusedError`) an address that is neither public nor in an allowed network."""
        if self.allows(address):
            return
        plain = _unmapped(address)
        if not plain.is_global or any(plain in net for net in _LEADS_ELSEWHERE if net.version == plain.version):
            raise AddressRefusedError("address_refused", "the address is not a public one")
        if port not in self.ports:
            raise AddressRefusedError("port_refused", f"port {port} is not one that nodes use")

    def allows(self, address: Address) -> bool:
        """Whether an address lies in a network that was explicitly allowed."""
        plain = _unmapped(address)
        return any(plain in network for network in self.allowed_networks if network.version == plain.version)

    def socket_factory(self, address_info: tuple[Any, ...]) -> socket.socket:
        """A socket for aiohttp's connector, made only when the resolved address may be reached."""
        family, kind, protocol, _name, target = address_info
        self.check_address(ipaddress.ip_address(str(target[0]).partition("%")[0]), int(target[1]))
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        return made

    def _check_plain(self, host: str, port: int | None, literal: Address | None) -> None:
        """Plain http is for this machine, when the policy allows its loopback, and for the hosts that it names."""
        loopback = literal is not None and _unmapped(literal).is_loopback
        named = port not in self.ports and f"{host}:{port}" in self.plain_hosts
        if not (loopback or host == "localhost" or named) or not self.allowed_networks:
            raise AddressRefusedError("url_scheme", "an address begins with https://")


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        if _NUMERIC_HOST.search(host):
            raise AddressRefusedError("url_malformed", "write an IPv4 address as four decimal numbers") from None
        return None


def _unmapped(address: Address) -> Address:
    """An IPv4 address that was written as IPv6 is judged as what it is."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address
