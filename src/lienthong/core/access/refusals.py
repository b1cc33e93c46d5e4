"""Refusals are counted, and who is refused too often waits: neither the processor nor the audit log is to be filled.

Counted are the address, and the address with the client that it claims to be, minute by minute: a hospital's one system
with a wrong key does not shut out its others, and nobody at another address can shut out a system by using its name. Of
IPv6 a network of 64 bits counts as one address, for one caller has all of it (RFC 4291, 2.5.1 and 2.5.4).
"""

from __future__ import annotations

import datetime as dt
from hashlib import sha256
from ipaddress import IPv6Address, IPv6Network, ip_address

from django.db import connection

from lienthong.core.models import RefusalCount

MOST_OF_CLIENT, MOST_OF_ADDRESS = 10, 100
MINUTE = dt.timedelta(minutes=1)
_COUNT = """
INSERT INTO core_refusalcount (bucket, minute, count) VALUES (%s, %s, 1)
ON CONFLICT ON CONSTRAINT core_refusalcount_once DO UPDATE SET count = core_refusalcount.count + 1
"""


def seconds_to_wait(address: str, client_id: str, *, at: dt.datetime) -> int:
    """Return for how many seconds a caller was refused too often to be heard; 0 where it was not."""
    minute, address = _minute(at), _network(address)
    allowed = {_bucket(address, client_id): MOST_OF_CLIENT, _bucket(address): MOST_OF_ADDRESS}
    counts = RefusalCount.objects.filter(bucket__in=allowed, minute=minute).values_list("bucket", "count")
    if not any(count >= allowed[bucket] for bucket, count in counts):
        return 0
    return max(1, int((minute + MINUTE - at).total_seconds()))


def count_refusal(address: str, client_id: str, *, at: dt.datetime) -> None:
    """Count a refusal for the address, and for the client that it claims to be."""
    address = _network(address)
    with connection.cursor() as cursor:
        for bucket in sorted((_bucket(address, client_id), _bucket(address))):
            cursor.execute(_COUNT, [bucket, _minute(at)])


def forget_refusals(*, at: dt.datetime) -> int:
    """Delete the counts of minutes that have gone; return how many."""
    deleted, _rows = RefusalCount.objects.filter(minute__lt=_minute(at)).delete()
    return deleted


def _network(address: str) -> str:
    """Return an address, after whatever stands before it, as it is counted."""
    *before, peer = address.split(" ")
    try:
        known = ip_address(peer)
    except ValueError:
        return address
    if isinstance(known, IPv6Address):
        known = known.ipv4_mapped or IPv6Network((int(known), 64), strict=False).network_address
    return " ".join((*before, str(known)))


def _minute(at: dt.datetime) -> dt.datetime:
    return at.replace(second=0, microsecond=0)


def _bucket(*names: str) -> str:
    return sha256("\n".join(names).encode("utf-8", "surrogatepass")).hexdigest()
