"""Refusals are counted, and who is refused too often waits: neither the processor nor the audit log is to be filled.

Counted are the address, and the address with the client that it claims to be, minute by minute: a hospital's one system
with a wrong key does not shut out its others, and nobody at another address can shut out a system by using its name.
"""

from __future__ import annotations

import datetime as dt
from hashlib import sha256

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
    minute = _minute(at)
    allowed = {_bucket(address, client_id): MOST_OF_CLIENT, _bucket(address): MOST_OF_ADDRESS}
    counts = RefusalCount.objects.filter(bucket__in=allowed, minute=minute).values_list("bucket", "count")
    if not any(count >= allowed[bucket] for bucket, count in counts):
        return 0
    return max(1, int((minute + MINUTE - at).total_seconds()))


def count_refusal(address: str, client_id: str, *, at: dt.datetime) -> None:
    """Count a refusal for the address, and for the client that it claims to be."""
    with connection.cursor() as cursor:
        for bucket in sorted((_bucket(address, client_id), _bucket(address))):
            cursor.execute(_COUNT, [bucket, _minute(at)])


def forget_refusals(*, at: dt.datetime) -> int:
    """Delete the counts of minutes that have gone; return how many."""
    deleted, _rows = RefusalCount.objects.filter(minute__lt=_minute(at)).delete()
    return deleted


def _minute(at: dt.datetime) -> dt.datetime:
    return at.replace(second=0, microsecond=0)


def _bucket(*names: str) -> str:
    return sha256("\n".join(names).encode("utf-8", "surrogatepass")).hexdigest()
