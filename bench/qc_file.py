"""From a Parquet file of control results to a Parquet file of violations: the command line beside DuckDB.

The work is WG of ../shared/bench: 5,000 series of 1,000 runs at two levels, and the rules 1_2s, 1_3s, 2_2s,
R_4s (range of more than 4 SD in one run), 4_1s and 10x. Each side is a process of its own, from its start to its end.
"""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bench.timing import Peer, Table, compare
from bench.works import works

RULES = ("1_2s", "1_3s", "2_2s", "R_4s_range", "4_1s", "10x")
ON_LIMIT = 1e-10

QUERY = """
COPY (
  WITH scored AS (
    SELECT series, run, level, value, mean, sd, (value - mean) / sd AS z FROM read_parquet('{path}')
  ), flagged AS (
    SELECT *,
      {two} AS "2_2s",
      {four} AS "4_1s",
      {ten} AS "10x",
      greatest(max(z) OVER before - z, z - min(z) OVER before) > 4 + {on} AS "R_4s_range"
    FROM scored
    WINDOW chart AS (PARTITION BY series, level ORDER BY run),
           before AS (PARTITION BY series, run ORDER BY level ROWS UNBOUNDED PRECEDING)
  )
  SELECT series, run, level, value, mean, sd, z, abs(z) > 2 + {on} AS "1_2s", abs(z) > 3 + {on} AS "1_3s",
         coalesce("2_2s", false) AS "2_2s", "R_4s_range",
         coalesce("4_1s", false) AS "4_1s", coalesce("10x", false) AS "10x"
  FROM flagged
  WHERE abs(z) > 2 + {on} OR "2_2s" OR "R_4s_range" OR "4_1s" OR "10x"
) TO '{out}' (FORMAT parquet)
"""


def make_file(path: Path, *, series: int = 5_000, runs: int = 1_000) -> None:
    """Write the work WG: columns series, run, level, value, mean and sd, a row for each result."""
    codes, run, level, value, mean, sd = works().qc(series, runs)
    spread = [np.repeat(one[:, None, :], runs, axis=1).ravel() for one in (mean, sd)]
    columns = {"series": codes, "run": run, "level": level, "value": value, "mean": spread[0], "sd": spread[1]}
    pq.write_table(pa.table(columns), path)


def ours_command(path: Path, out: Path) -> list[str]:
    """Return the command that judges the file with `lienthong qc evaluate` and writes the violations."""
    options = ["--rules", ",".join(RULES), "--no-members", "--output", str(out)]
    return [str(Path(sys.executable).with_name("lienthong")), "qc", "evaluate", str(path), *options]


def duckdb_command(path: Path, out: Path) -> list[str]:
    """Return the command that does the same with DuckDB in a Python process."""
    return [sys.executable, "-m", "bench.qc_file", "duckdb", str(path), str(out)]


def duckdb_(path: Path, out: Path) -> None:
    """Judge the file by DuckDB's window functions and write the violations."""
    import duckdb

    def beyond(n: int, k: int) -> str:
        sides = ((">", k + ON_LIMIT), ("<", -k - ON_LIMIT))
        return " OR ".join(f"({_in_a_row(n, f'{sign} {limit!r}')})" for sign, limit in sides)

    query = QUERY.format(path=path, out=out, on=ON_LIMIT, two=beyond(2, 2), four=beyond(4, 1), ten=beyond(10, 0))
    duckdb.connect().execute(query)


def check_same(ours: Path, peer: Path) -> int:
    """Return the number of violations; AssertionError where the two files differ in a row or a rule."""
    mine, theirs = _violations(ours), _violations(peer)
    assert mine.shape == theirs.shape, f"{mine.shape[1]} violations here, {theirs.shape[1]} in DuckDB"  # noqa: S101
    assert (mine == theirs).all(), "the violations differ"  # noqa: S101
    return mine.shape[1]


def _violations(path: Path) -> NDArray[np.int64]:
    """Return series, run, level and the bits of the rules of each violation, in order."""
    table = pq.read_table(path)
    keys = [table[name].cast(pa.int64()).to_numpy() for name in ("series", "run", "level")]
    if "rules" in table.column_names:
        texts = table["rules"].combine_chunks().dictionary_encode()
        sets = [sum(1 << RULES.index(rule) for rule in text.split("; ")) for text in texts.dictionary.to_pylist()]
        bits = np.array(sets)[texts.indices.to_numpy()]
    else:
        bits = sum(table[rule].to_numpy().astype(np.int64) << k for k, rule in enumerate(RULES))
    return np.stack([*keys, bits])[:, np.lexsort(keys[::-1])]


def _in_a_row(n: int, condition: str) -> str:
    return " AND ".join(f"lag(z, {back}) OVER chart {condition}" if back else f"z {condition}" for back in range(n))


def measure(table: Table, folder: Path) -> None:
    """Print how both sides compare from start to end, and without what each needs to start."""
    source, ours, peer = (folder / name for name in ("wg.parquet", "ours.parquet", "duckdb.parquet"))
    make_file(source)
    run(ours_command(source, ours))  # what is compiled at the first call is kept from then on
    run(duckdb_command(source, peer))
    print(f"  {check_same(ours, peer):,} violations alike in both files")
    whole = {"DuckDB, from start to end": Peer(lambda: run(duckdb_command(source, peer)), target=20, repeats=3)}
    compare(table, "WG from file to file", lambda: run(ours_command(source, ours)), whole, repeats=5)
    within = {"DuckDB, within a process": Peer(lambda: duckdb_(source, peer), repeats=3)}
    arguments = ours_command(source, ours)[1:]
    compare(table, "the same within a process", lambda: _within(arguments), within, repeats=5)


def run(command: list[str]) -> None:
    """Run a command of ours to its end."""
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 — our own commands


def _within(arguments: list[str]) -> None:
    from lienthong.cli import app

    with contextlib.redirect_stdout(io.StringIO()):
        app(arguments, standalone_mode=False)


if __name__ == "__main__":
    duckdb_(Path(sys.argv[2]), Path(sys.argv[3]))
