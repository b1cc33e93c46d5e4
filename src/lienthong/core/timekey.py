"""The time-ordered key of tables at message rate: milliseconds since 1970 shifted by 22 bits, and a counter."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.db.models import BigIntegerField, Func

COUNTER_BITS = 22

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
    with connection.cursor() as cursor:
        cursor.execute("SELECT timekey() FROM generate_series(1, %s)", [count])
        return sorted(row[0] for row in cursor.fetchall())


def first_key(instant: dt.datetime) -> int:
    """Return the smallest key of an instant: the bound of a partition or of a search by time of receipt."""
    return int(instant.timestamp() * 1000) << COUNTER_BITS


def instant_of(key: int) -> dt.datetime:
    """Return the instant at which a key was drawn, to the millisecond."""
    return dt.datetime.fromtimestamp((key >> COUNTER_BITS) / 1000, tz=dt.UTC)
