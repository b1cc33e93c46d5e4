"""`exchange convert` of exports and documents: a Bundle for each report, an outcome for what is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.factories.national import (
    GLUCOSE,
    GLUCOSE_ORDER,
    PATIENT,
    document,
    envelope,
    examination,
    export,
    hoso,
    stay,
    table,
)
from tests.unit.cli.test_conversion import run

from lienthong.cli.export_files import exported_messages

LATER = {**GLUCOSE_ORDER, "NGAY_YL": "202611201400", "NGAY_KQ": "202611201500"}
SECOND = {**GLUCOSE, "GIA_TRI": "7.20", "NGAY_KQ": "202611201500"}


def resources(bundle: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == kind]


def test_export_becomes_a_bundle_for_each_report(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(export(services=(GLUCOSE_ORDER, LATER), results=(GLUCOSE, SECOND)))

    code, lines, told = run(str(tmp_path), "--to", "fhir", "--time-zone", "Asia/Ho_Chi_Minh")

    bundles = [json.loads(line) for line in lines]
    assert (code, "2 converted, 0 not" in told) == (0, True)
    values = [resources(one, "Observation")[0]["valueQuantity"]["value"] for one in bundles]
    assert '"value":7.20' in lines[1].replace(" ", "")
    assert values == [5.6, 7.2]
    (patient,) = resources(bundles[0], "Patient")
    assert (patient["gender"], patient["birthDate"]) == ("female", "1980-05-17")
    assert patient["name"][0]["family"] == "Nguyễn"


def test_documents_become_bundles_with_their_intervals_and_words(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(document(charset="GB18030"))
    (tmp_path / "b.xml").write_bytes(examination())

    code, lines, _ = run(str(tmp_path), "--to", "fhir", "--time-zone", "+08:00")

    laboratory, ultrasound = (json.loads(line) for line in lines)
    assert code == 0
    assert resources(laboratory, "Observation")[0]["code"]["coding"][0]["code"] == "GLU"
    assert resources(laboratory, "DiagnosticReport")[0]["status"] == "final"
    assert [one["valueString"] for one in resources(ultrasound, "Observation")] == [
        "肝脏大小形态正常。",
        "肝胆胰脾未见明显异常。",
    ]


def test_what_is_no_report_gives_an_outcome_and_the_run_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(b"<html/>")
    (tmp_path / "b.xml").write_bytes(export())

    code, lines, told = run(str(tmp_path), "--to", "fhir")

    assert code == 1
    assert [json.loads(line)["resourceType"] for line in lines] == ["OperationOutcome", "Bundle"]
    assert "1 converted, 1 not" in told


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        (table("XML4", GLUCOSE), ["patient-missing"]),
        (export(results=()), ["no-results"]),
        (envelope(hoso(("XML1", table("XML1", PATIENT))), stay(), count=3), ["no-results", None, "file-count"]),
        (b"<ClinicalDocument", ["xml"]),
        (b"<ClinicalDocument><code code='C0007'/></ClinicalDocument>", ["patient-missing"]),
        (b"", ["unknown-kind"]),
    ],
    ids=["no patient", "no results", "of three", "broken", "no record target", "empty"],
)
def test_reason_is_told_for_each_report_that_is_none(data: bytes, codes: list[str | None]) -> None:
    found = [(message, [one.code for one in findings]) for message, findings in exported_messages(data)]

    assert [told[-1] if message is None else None for message, told in found] == codes
