"""The time-ordered key of tables at message rate: milliseconds since 1970 shifted by 22 bits, and a counter."""

from __future__ import annotations

import datetime as dt

from django.db.models import BigIntegerField, Func

from lienthong.core.bulk import fetch_prepared

COUNTER_BITS = 22
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MILLISECOND = dt.timedelta(milliseconds=1)

CREATE_SQL = f"""
CREATE SEQUENCE timekey_counter CYCLE MINVALUE 0 MAXVALUE {2**COUNTER_BITS - 1} START 0;
CREATE FUNCTION timekey() RETURNS bigint LANGUAGE sql VOLATILE AS $$
  SELECT ((extract(epoch FROM clock_timestamp()) * 1000)::bigint << {COUNTER_BITS}) | nextval('timekey_counter')
$$;
"""
DROP_SQL = "DROP FUNCTION timekey(); DROP SEQUENCE timekey_counter;"


class Timekey(Func):
    """The database's next key; as `db_default` it makes the key where the row is written."""

    function = "timekey"
    template = "%(function)s()"
    output_field = BigIntegerField()


def next_keys(count: int) -> list[int]:
    """Draw `count` keys in one round trip, for rows that are written by COPY."""
    if not count:
        return []
    return sorted(row[0] for row in fetch_prepared("SELECT timekey() FROM generate_series(1, %s)", [count]))


def first_key(instant: dt.datetime) -> int:
    """Return the smallest key of an instant: the bound of a partition or of a search by time of receipt.

    In whole numbers: as a float, .123 of a second is a little less than 123 milliseconds.
    """
    return ((instant - _EPOCH) // _MILLISECOND) << COUNTER_BITS


def instant_of(key: int) -> dt.datetime:
    """Return the instant at which a key was drawn, to the millisecond."""
    return _EPOCH + (key >> COUNTER_BITS) * _MILLISECOND
