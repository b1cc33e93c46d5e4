"""Control rules against violations that another program found, on demonstration series and on simulated runs.

There are no differences. The other program's "10_x" and "8_x" are 10x and 8x here; its scope within_run of 1_2s and
1_3s says that some level of the run is beyond.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lienthong.metrology import westgard

SHARED = Path(__file__).parents[5] / "shared" / "data" / "iqc"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SHARED.exists(), reason="../shared/data/iqc is not there"),
]

RULES = ("1_2s", "1_3s", "2_2s", "2_2s_across", "R_4s", "4_1s", "8x", "10x")
WITHIN_RUN = ("1_2s", "1_3s", "R_4s")


def read(name: str) -> Any:
    return json.loads((SHARED / name).read_text(encoding="utf-8"))


def test_evaluate_demonstration_series_finds_every_violation_and_no_other() -> None:
    with (SHARED / "qc_series.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    value, target, sd = (np.array([float(row[name]) for row in rows]) for name in ("value", "target", "sd"))
    expected = {
        (series["series"], violation["index"], rule.replace("_x", "x"))
        for series in read("qc_series_expected.json")
        for violation in series["violations"]
        for rule in violation["rules"]
    }

    found = westgard.evaluate(value, target, sd, series=[int(row["series"]) for row in rows], rules=RULES)

    violations = {
        (int(rows[i]["series"]), int(rows[i]["index"]), rule)
        for rule in RULES
        for i in np.flatnonzero(found.hits[rule])
    }
    assert len(rows) == 2253
    assert len(expected) == 42
    assert violations == expected


@pytest.mark.parametrize("at", range(12))
def test_evaluate_simulated_two_level_runs_finds_every_violation_and_no_other(at: int) -> None:
    runs = read("two_level_runs.json")[at]["runs"]
    z = np.array([run[level] for run in runs for level in ("L1", "L2")])
    number = np.repeat([run["run"] for run in runs], 2)
    level = np.tile([1, 2], len(runs))
    expected = {(run["run"], *violation) for run in runs for violation in run["violations"]}

    found = westgard.evaluate(z, 0, 1, run=number, level=level, rules=[rule for rule in RULES if rule != "8x"])

    violations = {
        (int(number[i]), *_as_listed(rule, int(level[i])))
        for rule, hit in found.hits.items()
        for i in np.flatnonzero(hit)
    }
    assert expected
    assert violations == expected


def _as_listed(rule: str, level: int) -> tuple[str, str, str]:
    if rule in WITHIN_RUN:
        return rule, "within_run", "L1+L2"
    if rule == "2_2s_across":
        return "2_2s", "across_material", "L1+L2"
    return rule.replace("10x", "10_x"), "within_material", f"L{level}"
