"""`make bench`: every work, this library beside its peers, and what misses its target."""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench import (
    control_rules,
    eqa,
    fhir_bundles,
    fhir_search,
    growth,
    hl7v2,
    identity,
    log,
    memory,
    mllp,
    pbrtqc,
    qc_file,
    worker,
)
from bench.timing import Table, timed
from lienthong.metrology._compiled import cores


def main() -> None:
    """Run the works that are asked for, all by default; exit with 0 even where a target is missed: it is said."""
    parser = argparse.ArgumentParser(prog="make bench ONLY=", description=__doc__)
    parser.add_argument("only", nargs="*", choices=[[], *PARTS], help="works to run; default: all")
    parser.add_argument("--patients", type=int, default=100_000_000, help="results in work MA")
    asked = parser.parse_args()
    table = Table()
    _machine()
    print(f"  {'work':<44} {'median':>12} {'times':>12}  target")
    for name, part in PARTS.items():
        if not asked.only or name in asked.only:
            print(f"\n{name}")
            part(table, asked.patients)
    print("\nAll targets are met." if not table.missed else "\nMissed:\n  " + "\n  ".join(table.missed))


def _machine() -> None:
    """Print what limits everything: cores, load, and how fast memory is read."""
    values = np.ones(10_000_000)
    values.sum()
    seconds = min(timed(values.sum) for _ in range(7))
    load = os.getloadavg()[0]
    print(f"{platform.machine()}, {cores()} cores, load {load:.1f}, Python {platform.python_version()}")
    print(f"memory is read by one thread at {values.nbytes / seconds / 1e9:.1f} GB/s\n")


def _files(table: Table, _patients: int) -> None:
    with tempfile.TemporaryDirectory(dir=Path.cwd() / ".data") as folder:
        qc_file.measure(table, Path(folder))


PARTS: dict[str, Callable[[Table, int], None]] = {
    "control-rules": lambda table, _: control_rules.measure(table),
    "patients": lambda table, patients: pbrtqc.measure(table, patients),
    "eqa": lambda table, _: eqa.measure(table),
    "file": _files,
    "mllp": lambda table, _: mllp.measure(table),
    "mllp-memory": lambda table, _: mllp.measure_memory(table, float(os.environ.get("MINUTES", "10"))),
    "oru": lambda table, _: hl7v2.measure(table),
    "worker": lambda table, _: worker.measure(table),
    "fhir-bundles": lambda table, _: fhir_bundles.measure(table),
    "fhir-search": lambda table, _: fhir_search.measure(table),
    "log": lambda table, _: log.measure(table),
    "identity": lambda table, _: identity.measure(table),
    "growth": lambda table, _: growth.measure(),
    "memory": lambda table, _: memory.measure(),
}

if __name__ == "__main__":
    main()
