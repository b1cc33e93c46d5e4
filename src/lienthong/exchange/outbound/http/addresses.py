"""Which addresses a subscriber may be called at: whoever names an endpoint must not reach through us what is ours.

A name is resolved when something is sent, and the connection goes to the address that was judged; a name that meanwhile
means another address is judged anew each time.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network
Lookup: TypeAlias = Callable[[str, int], list[str]]

# What is not for everybody to reach (RFC 6890, and IANA's registries of special-purpose addresses that it began). The
# list stands here because that of Python's ipaddress changes from release to release.
_SPECIAL = tuple(
    map(
        ip_network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
            *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24"),
            *("203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
            *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
        ),
    )
)
_UNICAST = IPv6Network("2000::/3")  # all that is given out of IPv6 so far (RFC 4291, 2.4)
# Addresses in which an IPv4 address is packed (RFC 6052, 2.1); the packet arrives at that one.
_NAT64 = IPv6Network("64:ff9b::/96")


class NotCallable(Exception):
    """Raised for an endpoint that is not known, or whose address may not be called; the message says which."""


def resolved(host: str, port: int, *, networks: Sequence[Network], lookup: Lookup | None = None) -> list[str]:
    """Return the addresses of a host, all of which may be called; raise NotCallable if one may not, or there is none.

    `networks` may be called though they are not public.
    """
    try:
        found = (lookup or _lookup)(host, port)
    except OSError:
        found = []
    if not found:
        raise NotCallable("the host of the endpoint is not known")
    if not all(is_callable(ip_address(one), networks) for one in found):
        raise NotCallable("the address of the endpoint is not public, and not in a network that may be called")
    return found


def is_callable(address: Address, networks: Sequence[Network]) -> bool:
    """Whether an address is public, or in a network that was allowed."""
    meant = _meant(address)
    if any(meant in one for one in networks if one.version == meant.version):
        return True
    is_given_out = isinstance(meant, IPv4Address) or meant in _UNICAST
    return is_given_out and not any(meant in one for one in _SPECIAL if one.version == meant.version)


def _meant(address: Address) -> Address:
    """Return the address at which a packet arrives: the IPv4 address that may be packed into one of IPv6."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address


def _lookup(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    # The scope of a link-local address is no part of what is judged: such an address is refused.
    return list(dict.fromkeys(str(where[0]).partition("%")[0] for *_kind, where in found))
