"""Work MA: a moving average of 50 and an EWMA of every patient result, held within limits, and their flags.

Every function takes what `work` makes and returns booleans of shape (2, channels, n): beyond the limits of the moving
average, and of the EWMA.
"""

from __future__ import annotations

from typing import Any

import duckdb
import numba
import numpy as np
import polars as pl
from numpy.typing import NDArray

from bench.timing import Peer, Table, compare
from bench.works import works
from lienthong.metrology import pbrtqc
from lienthong.metrology._compiled import in_parts

CHANNELS = 1_000
WINDOW, WEIGHT = 50, 0.05
HELD = 3.0
MEAN_LIMIT, EWMA_LIMIT = 0.5, 0.55

Values = NDArray[np.float32]
Flags = NDArray[np.bool_]


def work(n: int) -> Values:
    """Return `n` results, shape (channels, n / channels), float32."""
    results: Values = works().patients_stream(n, CHANNELS)
    return results


def ours(values: Values) -> Flags:
    """Return the flags by `pbrtqc.flags`."""
    held: dict[str, Any] = {"truncation": (-HELD, HELD), "outside": "winsorise"}
    return pbrtqc.flags(
        values,
        [
            pbrtqc.Algorithm(statistic="mean", window=WINDOW, **held),
            pbrtqc.Algorithm(statistic="ewma", weight=WEIGHT, **held),
        ],
        [pbrtqc.Limits(-MEAN_LIMIT, MEAN_LIMIT), pbrtqc.Limits(-EWMA_LIMIT, EWMA_LIMIT)],
    )


def simple_numba(values: Values) -> Flags:
    """Return the flags by the loop that one would write first, a thread for each core."""
    flagged = np.empty((2, *values.shape), np.bool_)
    in_parts(_loop, values.shape[0], values, flagged, at_least=1)
    return flagged


@numba.njit(nogil=True, error_model="numpy")  # type: ignore[untyped-decorator]
def _loop(begin: int, end: int, values: Values, flagged: Flags) -> int:
    for channel in range(begin, end):
        total, average = 0.0, min(max(np.float64(values[channel, 0]), -HELD), HELD)
        for t in range(values.shape[1]):
            value = min(max(np.float64(values[channel, t]), -HELD), HELD)
            total += value
            if t >= WINDOW:
                total -= min(max(np.float64(values[channel, t - WINDOW]), -HELD), HELD)
            average += WEIGHT * (value - average)
            mean = total / WINDOW
            flagged[0, channel, t] = t >= WINDOW - 1 and (mean < -MEAN_LIMIT or mean > MEAN_LIMIT)
            flagged[1, channel, t] = average < -EWMA_LIMIT or average > EWMA_LIMIT
    return 0


def polars_(values: Values) -> Flags:
    """Return the flags by Polars, expressions over the channel: a column for each channel was slower."""
    rows = pl.DataFrame({"channel": _channel_of(values), "value": values.reshape(-1)})
    held = pl.col("value").cast(pl.Float64).clip(-HELD, HELD)
    flagged = rows.lazy().select(
        mean=_beyond(held.rolling_mean(WINDOW).over("channel"), MEAN_LIMIT),
        ewma=_beyond(held.ewm_mean(alpha=WEIGHT, adjust=False).over("channel"), EWMA_LIMIT),
    )
    return _stacked(flagged.collect(), values)


def duckdb_(values: Values) -> Flags:
    """Return the flags of the moving average by DuckDB; SQL has no recurrence for the EWMA, its row stays False."""
    rows = {
        "channel": _channel_of(values),
        "t": np.tile(np.arange(values.shape[1], dtype=np.int32), values.shape[0]),
        "value": values.reshape(-1),
    }
    with duckdb.connect() as connection:
        connection.register("results", pl.DataFrame(rows).to_arrow())
        found = connection.execute(
            f"""
            select channel, t, count(*) over w = {WINDOW}
                and abs(avg(least(greatest(value::double, -{HELD}), {HELD})) over w) > {MEAN_LIMIT} as flagged
            from results
            window w as (partition by channel order by t rows between {WINDOW - 1} preceding and current row)
            """  # noqa: S608  # our own constants
        ).fetchnumpy()
    flagged = np.zeros((2, *values.shape), np.bool_)
    flagged[0, found["channel"], found["t"]] = found["flagged"]
    return flagged


def _channel_of(values: Values) -> NDArray[np.int32]:
    return np.repeat(np.arange(values.shape[0], dtype=np.int32), values.shape[1])


def _beyond(statistic: pl.Expr, limit: float) -> pl.Expr:
    return ((statistic < -limit) | (statistic > limit)).fill_null(False)


def _stacked(flagged: pl.DataFrame, values: Values) -> Flags:
    return np.stack([flagged[name].to_numpy().reshape(values.shape) for name in ("mean", "ewma")])


def measure(table: Table, n: int) -> None:
    """Print how the moving statistics compare on `n` results."""
    values = work(n)
    found = ours(values)
    print(f"  {found.sum(axis=(1, 2)).tolist()} flags of moving average and EWMA in {n:,} results")
    for way in (simple_numba, polars_, duckdb_):
        differ = np.count_nonzero(way(values) != found, axis=(1, 2)).tolist()
        print(f"  {way.__name__.rstrip('_')} differs in {differ} flags" + " (it has no EWMA)" * (way is duckdb_))
    peers = {
        "plain Numba loop": Peer(lambda: simple_numba(values), repeats=5),
        "Polars": Peer(lambda: polars_(values), target=35, repeats=1),
        "DuckDB, moving average alone": Peer(lambda: duckdb_(values), target=100, repeats=1),
    }
    compare(table, f"MA, {n:,} results", lambda: ours(values), peers, repeats=5)
