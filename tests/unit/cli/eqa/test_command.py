from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook
from tests.unit.cli.eqa.conftest import Columns, Run, write

from lienthong.cli.eqa.reading import read_results
from lienthong.cli.eqa.scoring import VERDICTS, Scores, score
from lienthong.cli.eqa.settings import settings_for

FORMATS = (".csv", ".parquet", ".xlsx")


def library(file: Path) -> Scores:
    results = read_results(file, {})
    return score(results, settings_for(results, assigned=None, sigma=None, limit=None, divisor=3.0, minimum=12))


@pytest.mark.parametrize("written", FORMATS)
@pytest.mark.parametrize("read", FORMATS)
def test_every_format_is_read_and_written(
    tmp_path: Path, lienthong: Run, potassium: Columns, read: str, written: str
) -> None:
    file = write(tmp_path / f"round{read}", potassium)
    output = tmp_path / f"scores{written}"

    code, _, _ = lienthong(file, "--output", output)

    expected = library(write(tmp_path / "same.csv", potassium))
    z, verdicts, x_pt = written_scores(output)
    assert code == 0
    assert z == pytest.approx(expected.z.tolist(), rel=1e-9, nan_ok=True)
    assert x_pt == pytest.approx(expected.assigned.x_pt.tolist(), rel=1e-9)
    assert [one.lower().replace(" ", "_") for one in verdicts] == [VERDICTS[one] for one in expected.verdict]


def written_scores(output: Path) -> tuple[list[float], list[str], list[float]]:
    """Return z, verdicts, and assigned values of each peer group."""
    if output.suffix == ".xlsx":
        sheets = load_workbook(output).worksheets
        rows = [list(sheet.values) for sheet in sheets]
        columns = [dict(zip(of[0], zip(*of[1:], strict=True), strict=True)) for of in rows]
    else:
        beside = output.with_name(f"{output.stem}.assigned{output.suffix}")
        reader = pq.read_table if output.suffix == ".parquet" else arrow_csv.read_csv
        columns = [reader(path).to_pydict() for path in (output, beside)]
    scores, assigned = columns
    x_pt = assigned.get("x_pt") or assigned["Assigned value x_pt"]
    verdicts = scores.get("verdict") or scores["Verdict"]
    return [np.nan if z is None else z for z in scores["z"]], list(verdicts), list(x_pt)


def test_columns_are_mapped(tmp_path: Path, lienthong: Run, potassium: Columns) -> None:
    renamed = {{"value": "Ergebnis", "participant": "Labor"}.get(key, key): of for key, of in potassium.items()}
    file = write(tmp_path / "runde.csv", renamed)

    mapped = lienthong(file, "--column", "value=Ergebnis", "--column", "participant=Labor", "--json")
    unmapped = lienthong(file, "--json")

    assert mapped[0] == 0
    assert json.loads(mapped[1])["participants"] == 39
    assert unmapped[0] == 1
    assert "the column value is missing" in unmapped[2]


@pytest.mark.parametrize(
    "headings",
    [
        ("Mã đơn vị", "Chất phân tích", "Mẫu", "Phương pháp", "Kết quả"),
        ("实验室编码", "分析物", "样品", "方法", "结果"),
        ("LAB", "Analyte", "sample_code", "Peer-Group", "Result"),
    ],
    ids=["Vietnamese", "Chinese", "English"],
)
def test_usual_headings_are_found(tmp_path: Path, lienthong: Run, headings: tuple[str, ...]) -> None:
    rows = [f"P{i},K,S1,m,{5 + 0.1 * i:.1f}" for i in range(12)]
    file = tmp_path / "round.csv"
    file.write_text("\n".join([",".join(headings), *rows]), encoding="utf-8")

    code, told, _ = lienthong(file, "--json")

    assert code == 0
    assert json.loads(told)["results"] == 12


def test_summary_counts_what_was_scored(round_file: Path, lienthong: Run) -> None:
    code, told, _ = lienthong(round_file, "--json")

    expected = library(round_file)
    summary = json.loads(told)
    assert code == 0
    assert summary["verdicts"] == dict(zip(VERDICTS, np.bincount(expected.verdict).tolist(), strict=True))
    assert summary["not_evaluated"] == {"missing": 1, "censored": 1}
    assert summary["analytes"][0]["samples"] == 2
    assert "QZ-" not in told


def test_table_is_printed_in_the_language(round_file: Path, lienthong: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")

    code, told, _ = lienthong(round_file, "--language", "vi")

    assert code == 0
    assert "Chất phân tích" in told
    assert "nhóm so sánh quá nhỏ" in told


def test_command_starts_neither_django_nor_charts(round_file: Path) -> None:
    script = (
        "import sys; from lienthong.cli import app; "
        f"app(['eqa', 'score', {str(round_file)!r}, '--json'], standalone_mode=False); "
        "from django.conf import settings; "
        "print(settings.configured, sorted({'django.db', 'altair', 'typst', 'psycopg'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "False []"


FAULTS = [
    ("A,K,abc,,,mmol/L", "row 3, column value: the result is neither a number"),
    ("A,K,5,-1,,mmol/L", "row 3, column u: u must be greater than 0, but is -1"),
    ("A,K,5,,0.3,mmol/L", "row 3, column sigma_pt: sigma_pt must be the same"),
    ("P0,K,5,,0.2,mmol/L", "row 3, column participant: a second result of the same participant"),
    ("A,K,5,,0.2,mg/dL", "row 3, column unit: the unit is 'mg/dL' here and 'mmol/L' in row 2"),
    (",K,5,,0.2,mmol/L", "row 3, column participant: this cell must be filled"),
]


@pytest.mark.parametrize(("row", "message"), FAULTS, ids=[message[8:40] for _, message in FAULTS])
def test_faulty_file_names_row_and_column_and_writes_nothing(
    tmp_path: Path, lienthong: Run, row: str, message: str
) -> None:
    file = tmp_path / "round.csv"
    file.write_text(f"participant,analyte,value,u,sigma_pt,unit\nP0,K,5,,0.2,mmol/L\n{row}\nB,K,5,,0.2,mmol/L\n")

    code, told, errors = lienthong(
        file, "--output", tmp_path / "s.xlsx", "--report", tmp_path / "r.html", "--assigned", "median"
    )

    assert code == 1
    assert message in errors
    assert told == ""
    assert [path.name for path in tmp_path.iterdir()] == ["round.csv"]


def test_every_fault_of_a_file_is_said_at_once(tmp_path: Path, lienthong: Run) -> None:
    file = tmp_path / "round.csv"
    file.write_text("participant,analyte,value,u\nA,K,abc,\nB,K,<4,-1\nC,K,4..,\n")

    _, _, errors = lienthong(file)

    assert [line.split(":")[0] for line in errors.replace("bad-input: ", "").splitlines() if "round.csv" in line] == [
        "round.csv, row 2, column value",
        "round.csv, row 4, column value",
        "round.csv, row 3, column u",
    ]


def test_capital_u_must_be_named(tmp_path: Path, lienthong: Run) -> None:
    file = tmp_path / "round.csv"
    file.write_text("participant,analyte,value,x_pt,u_x_pt,sigma_pt,U\nA,K,11,10,0.4,0.5,0.6\n")

    unnamed = lienthong(file)
    expanded = lienthong(file, "--column", "expanded_u=U", "--output", tmp_path / "s.parquet")

    assert unnamed[0] == 1
    assert "U may be a standard or an expanded uncertainty" in unnamed[2]
    assert expanded[0] == 0
    assert pq.read_table(tmp_path / "s.parquet")["e_n"].to_pylist() == [pytest.approx(1.0)]


@pytest.mark.parametrize(
    "options",
    [
        ("--column", "wert=x"),
        ("--assigned", "mean"),
        ("--sigma-pt", "0.3"),
        ("--limit", "-1"),
        ("--divisor", "0"),
        ("--output", "scores.txt"),
        ("--report", "report.docx"),
        ("--language", "fr"),
    ],
    ids=lambda options: " ".join(options),
)
def test_wrong_command_line_ends_with_2(round_file: Path, lienthong: Run, options: tuple[str, ...]) -> None:
    code, told, _ = lienthong(round_file, *options)

    assert code == 2
    assert told == ""


@pytest.mark.parametrize(
    ("options", "message"),
    [(("--participant", "QZ-1"), "no participant 'QZ-1'"), (("--analyte", "Na"), "no analyte 'Na'")],
    ids=["participant", "analyte"],
)
def test_unknown_choice_is_refused(
    tmp_path: Path, round_file: Path, lienthong: Run, options: tuple[str, ...], message: str
) -> None:
    code, _, errors = lienthong(round_file, *options, "--report", tmp_path / "r.html")

    assert code == 1
    assert message in errors
    assert not (tmp_path / "r.html").exists()


def test_headings_and_words_follow_the_language(tmp_path: Path, round_file: Path, lienthong: Run) -> None:
    lienthong(round_file, "--language", "zh", "--output", tmp_path / "s.xlsx")

    book = load_workbook(tmp_path / "s.xlsx")
    rows = list(book.worksheets[0].values)
    assert book.sheetnames == ["评分", "指定值"]
    assert rows[0][1:6] == ("轮次", "分析物", "样品", "对等组", "实验室编码")
    assert {row[rows[0].index("判定")] for row in rows[1:]} == {"满意", "不满意", "未评价"}


def test_text_like_a_formula_stays_text(tmp_path: Path, lienthong: Run, potassium: Columns) -> None:
    potassium["peer group"] = ["=1+1"] * len(potassium["value"])
    lienthong(write(tmp_path / "round.csv", potassium), "--output", tmp_path / "s.xlsx")

    cell = load_workbook(tmp_path / "s.xlsx").worksheets[0]["E2"]

    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_scores_of_one_participant_hold_no_other(tmp_path: Path, round_file: Path, lienthong: Run) -> None:
    lienthong(round_file, "--participant", "QZ-707", "--output", tmp_path / "s.csv")

    text = (tmp_path / "s.csv").read_text() + (tmp_path / "s.assigned.csv").read_text()
    assert text.count("QZ-707") == 2
    assert text.count("QZ-") == 2
