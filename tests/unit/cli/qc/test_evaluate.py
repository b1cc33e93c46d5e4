from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook, load_workbook

from lienthong.metrology import westgard

Run = Callable[..., tuple[int, str, str]]
Columns = dict[str, list[object]]


def mixed(seed: int = 5) -> Columns:
    """Two laboratories, two levels, a lot change, missing and excluded results, in the order of time."""
    rng = np.random.default_rng(seed)
    rows = []
    for run in range(60):
        for laboratory in ("HN-1", "HCM-2"):
            for level, mean, sd in (("1", 5.0, 0.2), ("2", 12.0, 0.5)):
                shift = 1.4 if laboratory == "HCM-2" and run > 40 else 0
                value = round(mean + sd * (1.3 * rng.standard_normal() + shift), 3)
                missing = rng.random() < 0.03
                rows.append(
                    {
                        "laboratory": laboratory,
                        "run": run,
                        "level": level,
                        "lot": f"L{1 + run // 30}",
                        "value": None if missing else value,
                        "mean": mean,
                        "sd": sd,
                        "excluded": bool(rng.random() < 0.03),
                        "measured_at": f"2026-03-{1 + run // 24:02d}T{run % 24:02d}:00:00",
                    }
                )
    return {key: [row[key] for row in rows] for key in rows[0]}


def written(path: Path, columns: Columns) -> Path:
    if path.suffix == ".xlsx":
        book = Workbook()
        book.active.append(list(columns))
        for row in zip(*columns.values(), strict=True):
            book.active.append(row)
        book.save(path)
    elif path.suffix == ".csv":
        arrow_csv.write_csv(pa.table(columns), path)
    else:
        pq.write_table(pa.table(columns), path)
    return path


def read(path: Path) -> list[dict[str, object]]:
    if path.suffix == ".xlsx":
        heading, *rows = load_workbook(path).active.iter_rows(values_only=True)
        return [dict(zip(heading, row, strict=True)) for row in rows]
    table = pq.read_table(path) if path.suffix == ".parquet" else arrow_csv.read_csv(path)
    return [{key: None if value == "" else value for key, value in row.items()} for row in table.to_pylist()]


def by_library(columns: Columns) -> westgard.Evaluation:
    return westgard.evaluate(
        np.array(columns["value"], dtype=float),
        columns["mean"],
        columns["sd"],
        series=columns["laboratory"],
        run=columns["run"],
        level=columns["level"],
        lot=columns["lot"],
        excluded=columns["excluded"],
    )


def expected(columns: Columns) -> list[tuple[str, str | None]]:
    """Return verdict and rules of each row, as the library has them."""
    found = by_library(columns)
    verdicts = np.select(
        [~found.judged, found.rejected, found.warned], ["not judged", "rejected", "warning"], "accepted"
    )
    rules = ["; ".join(rule for rule in westgard.STANDARD if found.hits[rule][i]) for i in range(len(verdicts))]
    return [(str(verdict), hit or None) for verdict, hit in zip(verdicts, rules, strict=True)]


@pytest.mark.parametrize("extension", [".csv", ".parquet", ".xlsx"])
def test_verdicts_are_those_of_the_library(tmp_path: Path, lienthong: Run, extension: str) -> None:
    columns = mixed()
    path = written(tmp_path / f"controls{extension}", columns)

    code, _, errors = lienthong(path, "--all")

    rows = read(tmp_path / f"controls-verdicts{extension}")
    assert (code, errors) == (0, "")
    assert [(row["verdict"], row["rules"]) for row in rows] == expected(columns)
    assert {verdict for verdict, _ in expected(columns)} == {"accepted", "warning", "rejected", "not judged"}


def test_violations_have_the_rows_of_their_members(tmp_path: Path, lienthong: Run) -> None:
    columns = mixed()
    found = by_library(columns)

    lienthong(written(tmp_path / "controls.csv", columns))

    rows = read(tmp_path / "controls-verdicts.csv")
    assert [row["row"] - 2 for row in rows] == np.flatnonzero(found.warned | found.rejected).tolist()
    for row in rows:
        told = dict(part.split(": ") for part in (row["members"] or "").split("; ") if part)
        rules = [rule for rule in row["rules"].split("; ") if not rule.startswith("1_")]
        assert list(told) == rules
        for rule in rules:
            assert [int(one) - 2 for one in told[rule].split()] == found.members(rule, row["row"] - 2).tolist()


def test_rows_in_any_order_have_the_verdicts_of_the_order_of_time(tmp_path: Path, lienthong: Run) -> None:
    columns = mixed()
    order = np.random.default_rng(3).permutation(len(columns["run"]))
    shuffled = {key: [values[i] for i in order] for key, values in columns.items()}

    lienthong(written(tmp_path / "sorted.csv", columns), "--all")
    lienthong(written(tmp_path / "shuffled.csv", shuffled), "--all")

    in_order, in_disorder = read(tmp_path / "sorted-verdicts.csv"), read(tmp_path / "shuffled-verdicts.csv")
    for place, i in enumerate(order):
        assert in_disorder[place]["rules"] == in_order[i]["rules"]
        assert in_disorder[place]["verdict"] == in_order[i]["verdict"]


def test_columns_of_other_names_are_mapped(tmp_path: Path, lienthong: Run) -> None:
    columns = {"Ergebnis": [5.0, 5.7], "Soll": [5.0, 5.0], "s": [0.2, 0.2], "Gerät": ["a", "b"]}
    path = written(tmp_path / "controls.csv", columns)

    code, _, _ = lienthong(
        path, "--column", "value=ergebnis", "--column", "mean=Soll", "--column", "sd=s", "--series", "Gerät"
    )

    assert code == 0
    assert [(row["row"], row["Gerät"], row["rules"]) for row in read(tmp_path / "controls-verdicts.csv")] == [
        (3, "b", "1_2s; 1_3s")
    ]


def test_several_columns_make_a_series(tmp_path: Path, lienthong: Run) -> None:
    values = [5.5, 5.5, 5.5, 5.5]
    columns = {"value": values, "mean": [5.0] * 4, "sd": [0.2] * 4, "site": list("aabb"), "assay": list("xyxy")}
    path = written(tmp_path / "controls.csv", columns)

    lienthong(path, "--series", "site", "--series", "assay", "--output", tmp_path / "apart.csv", "--rules", "2_2s")
    lienthong(path, "--series", "site", "--output", tmp_path / "together.csv", "--rules", "2_2s")

    assert read(tmp_path / "apart.csv") == []
    assert [row["row"] for row in read(tmp_path / "together.csv")] == [3, 5]


@pytest.mark.parametrize(
    ("columns", "fault"),
    [
        pytest.param({"value": ["5", "abc"], "mean": [5, 5], "sd": [1, 1]}, "row 3, column value: 'abc'", id="number"),
        pytest.param({"value": [5, 5], "mean": [5, 5], "sd": [1, 0]}, "row 3, column sd: the target SD", id="sd"),
        pytest.param({"value": [5, 5]}, "the column mean is missing", id="column"),
        pytest.param(
            {"value": [5, 5], "mean": [5, 5], "sd": [1, 1], "level": ["1", ""]}, "row 3, column level", id="level"
        ),
        pytest.param(
            {"value": [5, 5], "mean": [5, 5], "sd": [1, 1], "time": ["2026-01-01", "?"]},
            "row 3, column time",
            id="time",
        ),
    ],
)
def test_nothing_is_written_where_the_input_has_faults(
    tmp_path: Path, lienthong: Run, columns: Columns, fault: str
) -> None:
    path = written(tmp_path / "controls.csv", columns)

    code, out, errors = lienthong(path, "--summary", tmp_path / "summary.csv")

    assert (code, out) == (1, "")
    assert fault in errors
    assert [found.name for found in tmp_path.iterdir()] == ["controls.csv"]


def test_segment_that_returns_is_a_fault_of_the_table(tmp_path: Path, lienthong: Run) -> None:
    columns = {"value": [5.0] * 3, "mean": [5.0] * 3, "sd": [0.2] * 3, "segment": [1, 2, 1]}

    code, _, errors = lienthong(written(tmp_path / "controls.csv", columns))

    assert code == 1
    assert "segment must not return" in errors


def test_tabs_are_read_and_comma_is_written(tmp_path: Path, lienthong: Run) -> None:
    path = tmp_path / "controls.tsv"
    path.write_text("row\tvalue\tmean\tsd\na\t9\t5\t1\n")

    code, _, _ = lienthong(path, "--series", "row")

    assert code == 0
    assert [(row["row"], row["row (series)"]) for row in read(tmp_path / "controls-verdicts.csv")] == [(2, "a")]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        pytest.param(["--rules", "1_2s,5_zs"], "is not a control rule", id="rule"),
        pytest.param(["--rules", ",".join(f"{n}x" for n in range(2, 40))], "more than 32", id="too-many-rules"),
        pytest.param(["--rules", ","], "is not a control rule", id="no-rule"),
        pytest.param(["--column", "wert=Ergebnis"], "columns are value", id="column"),
        pytest.param(["--target", "median"], "first:N", id="target"),
        pytest.param(["--target", "first:1"], "first:N", id="too-few"),
        pytest.param(["--output", "controls.csv"], "never overwritten", id="input"),
        pytest.param(["--summary", "controls.csv"], "never overwritten", id="input-as-summary"),
        pytest.param(["--output", "out.txt"], "must end in", id="extension"),
        pytest.param(["--output", "none/out.csv"], "is not there", id="folder"),
        pytest.param(["--output", "a.csv", "--summary", "a.csv"], "at once", id="both"),
    ],
)
def test_wrong_command_line_exits_with_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lienthong: Run, options: list[str], reason: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = written(Path("controls.csv"), {"value": [5.0], "mean": [5.0], "sd": [1.0]})
    before = path.read_bytes()

    code, _, errors = lienthong(path, *options)

    assert code == 2
    assert reason in " ".join(errors.replace("│", " ").split())
    assert path.read_bytes() == before


def test_json_has_totals_and_series(tmp_path: Path, lienthong: Run) -> None:
    columns = mixed()
    found = by_library(columns)
    path = written(tmp_path / "controls.parquet", columns)

    _, out, _ = lienthong(path, "--json", "--summary", tmp_path / "summary.csv")

    told = json.loads(out)
    assert told["results"] == told["accepted"] + told["warnings"] + told["rejections"] + told["not_judged"] == 240
    assert told["rejections"] == np.count_nonzero(found.rejected)
    assert told["not_judged"] == np.count_nonzero(~found.judged)
    assert told["hits"] == {rule: np.count_nonzero(found.hits[rule]) for rule in westgard.STANDARD}
    one = next(row for row in told["series"] if (row["laboratory"], row["level"]) == ("HN-1", "2"))
    of = np.array(
        [lab == "HN-1" and level == "2" for lab, level in zip(columns["laboratory"], columns["level"], strict=True)]
    )
    values = np.array(columns["value"], dtype=float)[of & found.judged]
    assert one["n"] == values.size
    assert one["mean"] == pytest.approx(values.mean(), rel=1e-12)
    assert one["sd"] == pytest.approx(values.std(ddof=1), rel=1e-12)
    assert one["cv"] == pytest.approx(100 * values.std(ddof=1) / values.mean(), rel=1e-12)
    assert one["bias"] == pytest.approx(100 * (values.mean() - 12) / 12, rel=1e-9)
    assert one["rejections"] == np.count_nonzero(found.rejected & of)
    assert one["1_3s"] == np.count_nonzero(found.hits["1_3s"] & of)
    assert [row["rejections"] for row in read(tmp_path / "summary.csv")] == [
        row["rejections"] for row in told["series"]
    ]


def test_printed_summary_names_series_rules_and_output(tmp_path: Path, lienthong: Run) -> None:
    _, out, _ = lienthong(written(tmp_path / "controls.csv", mixed()))

    lines = out.splitlines()
    assert lines[0].split()[:3] == ["laboratory", "level", "n"]
    assert [line.split()[:2] for line in lines[1:5]] == [["HCM-2", "1"], ["HCM-2", "2"], ["HN-1", "1"], ["HN-1", "2"]]
    assert lines[-1] == f"verdicts in {tmp_path / 'controls-verdicts.csv'}"


def test_printed_summary_of_many_series_has_the_worst(tmp_path: Path, lienthong: Run) -> None:
    series = np.repeat(np.arange(100), 10)
    values = np.where(np.arange(1000) % 10 < series // 10, 9.0, 5.0)
    path = written(
        tmp_path / "controls.parquet", {"series": series, "value": values, "mean": [5.0] * 1000, "sd": [1.0] * 1000}
    )

    _, out, _ = lienthong(path, "--rules", "1_3s")
    _, whole, _ = lienthong(path, "--rules", "1_3s", "--json")

    shown = [line.split() for line in out.splitlines()[1:21]]
    assert {int(line[0]) for line in shown} == set(range(80, 100))
    assert [int(line[-1]) for line in shown] == sorted((int(line[-1]) for line in shown), reverse=True)
    assert "… those with most rejections" in out
    assert [row["rejections"] for row in json.loads(whole)["series"]] == [i // 10 for i in range(100)]


def test_targets_come_from_the_first_results(tmp_path: Path, lienthong: Run) -> None:
    rng = np.random.default_rng(8)
    values = rng.normal(5, 0.2, 60).round(4)
    path = written(tmp_path / "controls.csv", {"value": values, "level": ["1"] * 55 + ["2"] * 5})

    code, _, _ = lienthong(path, "--target", "first:20", "--all")

    rows = read(tmp_path / "controls-verdicts.csv")
    assert code == 0
    assert [row["mean"] for row in rows[:55]] == pytest.approx([values[:20].mean()] * 55, rel=1e-9)
    assert [row["sd"] for row in rows[:55]] == pytest.approx([values[:20].std(ddof=1)] * 55, rel=1e-9)
    assert {row["verdict"] for row in rows[55:]} == {"not judged"}


def test_cumulative_targets_rest_on_what_went_before(tmp_path: Path, lienthong: Run) -> None:
    values = np.random.default_rng(8).normal(5, 0.2, 40).round(4)
    path = written(tmp_path / "controls.csv", {"value": values})

    lienthong(path, "--target", "cumulative:10", "--all")

    rows = read(tmp_path / "controls-verdicts.csv")
    assert rows[5]["mean"] == pytest.approx(values[:10].mean(), rel=1e-9)
    assert rows[30]["mean"] == pytest.approx(values[:30].mean(), rel=1e-9)
    assert rows[30]["sd"] == pytest.approx(values[:30].std(ddof=1), rel=1e-9)


def test_inclusive_counts_a_result_on_the_limit(tmp_path: Path, lienthong: Run) -> None:
    path = written(tmp_path / "controls.csv", {"value": [5.0, 5.4], "mean": [5.0, 5.0], "sd": [0.2, 0.2]})

    lienthong(path)
    strict = read(tmp_path / "controls-verdicts.csv")
    lienthong(path, "--inclusive")

    assert strict == []
    assert [row["rules"] for row in read(tmp_path / "controls-verdicts.csv")] == ["1_2s"]


@pytest.mark.parametrize("run", [[1, 2, 3], [20260302001, 20260302002, 20260302003]], ids=["short", "long"])
def test_numbers_of_runs_of_any_width_are_judged(tmp_path: Path, lienthong: Run, run: list[int]) -> None:
    columns = {"value": [5.5, 5.5, 4.0], "run": run, "level": [7, 7, 7], "mean": [5.0] * 3, "sd": [0.2] * 3}

    lienthong(written(tmp_path / "controls.parquet", columns), "--rules", "2_2s,R_4s_consecutive")

    rows = read(tmp_path / "controls-verdicts.parquet")
    assert [(row["row"], row["rules"]) for row in rows] == [(2, "2_2s"), (3, "R_4s_consecutive")]


def test_members_of_a_window_are_those_beyond_the_limit(tmp_path: Path, lienthong: Run) -> None:
    columns = {"value": [5.5, 5.0, 5.5], "mean": [5.0] * 3, "sd": [0.2] * 3}

    lienthong(written(tmp_path / "controls.csv", columns), "--rules", "2of3_2s")

    assert [row["members"] for row in read(tmp_path / "controls-verdicts.csv")] == ["2of3_2s: 2 4"]
