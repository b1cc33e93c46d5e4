"""Work WG: 10 million control results of 5,000 series at two levels, six rules to a mask.

R-4s is read as a range of more than 4 SD within one run, as the peers have it. Every way returns, for each result, a
mask with one bit for each rule of `RULES`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb
import numba
import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray
from westgard import CustomRuleSet, RuleName, evaluate_custom_rule_sequence, series_from_rows

from bench.timing import Peer, Table, compare, timed
from bench.works import works
from lienthong.metrology import westgard

RULES = ("1_2s", "1_3s", "2_2s", "R_4s_range", "4_1s", "10x")
STREAMS_FOR_SLOW_PEER = 2

Mask = NDArray[np.uint8]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Work:
    """Control results sorted by series, run and level; targets of each series and level."""

    series: NDArray[np.int32]
    run: NDArray[np.int32]
    level: NDArray[np.int8]
    value: NDArray[np.float64]
    mean: NDArray[np.float64]
    sd: NDArray[np.float64]

    @property
    def z(self) -> NDArray[np.float64]:
        return (self.value - self.mean[self.series, self.level]) / self.sd[self.series, self.level]


def measure(table: Table) -> None:
    """Print how the rules compare, and how long one arriving result takes."""
    work = Work(*works().qc())
    targets = {"mean": work.mean[work.series, work.level], "sd": work.sd[work.series, work.level]}
    rows = pa.table({"series": work.series, "run": work.run, "level": work.level, "value": work.value, **targets})
    base = duckdb.connect()
    base.execute("create table qc as select * from rows")
    frame = pl.from_arrow(rows)
    blocks = work.value.reshape(work.mean.shape[0], -1, 2), work.mean, work.sd
    expected, part = plain_loop(*blocks), _westgard_rows(work)
    for name, mask in (("this library", ours(work)), ("NumPy", numpy_(*blocks)), ("Polars", polars_(frame))):
        print(f"  {name} differs from the plain loop in {np.count_nonzero(mask != expected)} masks of {mask.size:,}")
    peers = {
        "DuckDB, window columns": Peer(lambda: duckdb_(base), target=100, repeats=2),
        "Polars, window columns": Peer(lambda: polars_(frame), target=70, repeats=3),
        "NumPy in one batch": Peer(lambda: numpy_(*blocks), target=7, repeats=5),
        "plain Numba loop, one thread": Peer(lambda: plain_loop(*blocks), repeats=5),
        "westgard-python, 1,000 runs a stream": Peer(
            lambda: westgard_python(part), target=50_000, share=STREAMS_FOR_SLOW_PEER / work.mean.shape[0], repeats=1
        ),
    }
    compare(table, "WG", lambda: evaluated(work), peers)
    _arriving(table, work)


def evaluated(work: Work) -> westgard.Evaluation:
    """Judge all results by this library; the evaluation holds the mask."""
    return westgard.evaluate(
        *(work.value, work.mean, work.sd), series=work.series, run=work.run, level=work.level, rules=RULES
    )


def ours(work: Work) -> Mask:
    """Return the masks by this library."""
    found = evaluated(work)
    return sum(found.hits[rule].astype(np.uint8) << bit for bit, rule in enumerate(RULES))


@numba.njit(error_model="numpy")  # type: ignore[untyped-decorator]
def plain_loop(value: Floats, mean: Floats, sd: Floats) -> Mask:
    """Return the masks by the loop that one would write first; `value` has shape (series, runs, 2)."""
    masks = np.zeros(value.shape, np.uint8)
    for s in range(value.shape[0]):
        for level in range(2):
            two_up, two_down, one_up, one_down, up, down = 0, 0, 0, 0, 0, 0
            for r in range(value.shape[1]):
                x = (value[s, r, level] - mean[s, level]) / sd[s, level]
                two_up, two_down = (two_up + 1 if x > 2 else 0), (two_down + 1 if x < -2 else 0)
                one_up, one_down = (one_up + 1 if x > 1 else 0), (one_down + 1 if x < -1 else 0)
                up, down = (up + 1 if x > 0 else 0), (down + 1 if x < 0 else 0)
                mask = (abs(x) > 2) + 2 * (abs(x) > 3) + 4 * (max(two_up, two_down) >= 2)
                mask += 16 * (max(one_up, one_down) >= 4) + 32 * (max(up, down) >= 10)
                if level == 1:
                    mask += 8 * (abs(x - (value[s, r, 0] - mean[s, 0]) / sd[s, 0]) > 4)
                masks[s, r, level] = mask
    return masks.reshape(-1)


def numpy_(value: Floats, mean: Floats, sd: Floats) -> Mask:
    """Return the masks by NumPy, all series at once; `value` has shape (series, runs, 2)."""
    z = (value - mean[:, None]) / sd[:, None]
    masks = (np.abs(z) > 2).astype(np.uint8) | ((np.abs(z) > 3).astype(np.uint8) << 1)
    for bit, n, k in ((2, 2, 2), (4, 4, 1), (5, 10, 0)):
        for beyond in (z > k, z < -k):
            all_of = beyond[:, n - 1 :].copy()
            for back in range(1, n):
                all_of &= beyond[:, n - 1 - back : z.shape[1] - back]
            masks[:, n - 1 :] |= all_of.astype(np.uint8) << bit
    masks[:, :, 1] |= (np.abs(z[:, :, 1] - z[:, :, 0]) > 4).astype(np.uint8) << 3
    return masks.reshape(-1)


def polars_(frame: pl.DataFrame) -> Mask:
    """Return the masks by Polars: shifted columns over series and level."""
    z, chart = pl.col("z"), ["series", "level"]
    scored = frame.lazy().with_columns(z=(pl.col("value") - pl.col("mean")) / pl.col("sd"))

    def in_a_row(n: int, k: float) -> pl.Expr:
        up, down = (z > k), (z < -k)
        for back in range(1, n):
            up, down = up & (z.shift(back) > k), down & (z.shift(back) < -k)
        return (up | down).over(chart).fill_null(False)

    lower = z.shift(1).over(["series", "run"])
    rules = (
        z.abs() > 2,
        z.abs() > 3,
        in_a_row(2, 2),
        ((z - lower).abs() > 4).fill_null(False),
        in_a_row(4, 1),
        in_a_row(10, 0),
    )
    bits = sum((rule.cast(pl.UInt8) * (1 << bit) for bit, rule in enumerate(rules)), pl.lit(0, dtype=pl.UInt8))
    return scored.select(mask=bits).collect()["mask"].to_numpy()


def duckdb_(base: duckdb.DuckDBPyConnection) -> Any:
    """Compute the masks by DuckDB: lagged columns over series and level; return their sum, so that all are made."""

    def in_a_row(n: int, k: float) -> str:
        sides = [" and ".join(f"z{back} {sign} {limit}" for back in range(n)) for sign, limit in ((">", k), ("<", -k))]
        return f"coalesce(({sides[0]}) or ({sides[1]}), false)"

    lags = ", ".join(f"lag(z, {back}) over chart as z{back}" for back in range(1, 10))
    rules = ("abs(z0) > 2", "abs(z0) > 3", in_a_row(2, 2), "coalesce(abs(z0 - lower) > 4, false)")
    rules += (in_a_row(4, 1), in_a_row(10, 0))
    mask = " + ".join(f"({rule})::utinyint * {1 << bit}" for bit, rule in enumerate(rules))
    return base.execute(
        f"""
        select sum({mask}) from (
            select z as z0, {lags}, lag(z, 1) over (partition by series, run order by level) as lower
            from (select series, run, level, (value - mean) / sd as z from qc)
            window chart as (partition by series, level order by run)
        )
        """  # noqa: S608  # our own constants
    ).fetchall()


def westgard_python(streams: list[Any]) -> list[Any]:
    """Judge a few series by westgard-python, event by event."""
    names = (RuleName.ONE_2S, RuleName.ONE_3S, RuleName.R_4S)
    rules = CustomRuleSet(current_run_rules=names, history_rules=(RuleName.TWO_2S, RuleName.FOUR_1S, RuleName.TEN_X))
    return [evaluate_custom_rule_sequence(series=stream, rule_set=rules) for stream in streams]


def _westgard_rows(work: Work) -> list[Any]:
    n = 2 * STREAMS_FOR_SLOW_PEER * (work.value.size // work.mean.size)
    rows = [
        {
            "analyte": f"series {work.series[i]}",
            "material": f"L{work.level[i] + 1}",
            "run_id": f"{work.run[i]:06d}",
            "sequence": int(work.run[i]),
            "z_score": float(z),
        }
        for i, z in enumerate(work.z[:n])
    ]
    return list(series_from_rows(rows).values())


def _arriving(table: Table, work: Work) -> None:
    results = list(zip(work.value[:20_000].tolist(), work.run.tolist(), work.level.tolist(), strict=False))
    targets = list(zip(work.mean[0].tolist(), work.sd[0].tolist(), strict=True))

    def arrive() -> None:
        state = westgard.State(RULES)
        for value, run, level in results[:2_000]:
            state.update(value, *targets[level], run=run, level=level)

    each = min(timed(arrive) for _ in range(7)) / 2_000
    table.add("State.update, one arriving result", each, 20e-6 / each, 1)
    print("    (the ratio is that of 20 µs to it)")
