from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.unit.interop.fhir.messages import ORC, PID, back, bundle_of

from lienthong.interop import fhir, hl7v2

PATIENT = {"resourceType": "Patient", "id": "p", "name": [{"family": "Le"}], "gender": "female"}
RESULT = {
    "resourceType": "Observation",
    "id": "o",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "1-8", "display": "A"}]},
    "subject": {"reference": "Patient/p"},
}


def bundle(*resources: dict[str, Any], **elements: Any) -> dict[str, Any]:
    entries = [{"fullUrl": f"http://a.vn/{one['resourceType']}/{one['id']}", "resource": one} for one in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries, **elements}


def line(written: list[str], name: str) -> list[str]:
    return next(one for one in written if one.startswith(name)).split("|")


VALUES: dict[str, tuple[dict[str, Any], tuple[str, str, str]]] = {
    "number": ({"valueQuantity": {"value": Decimal("1.50"), "unit": "mg"}}, ("NM", "1.50", "mg")),
    "exponent": ({"valueQuantity": {"value": Decimal("1.5E+3")}}, ("NM", "1500", "")),
    "UCUM": (
        {"valueQuantity": {"value": 5, "unit": "G/L", "system": "http://unitsofmeasure.org", "code": "10*9/L"}},
        ("NM", "5", "10*9/L^G/L^UCUM"),
    ),
    "comparator": ({"valueQuantity": {"value": 5, "comparator": "<"}}, ("SN", "<^5", "")),
    "low side": ({"valueRange": {"low": {"value": 5}}}, ("SN", ">=^5", "")),
    "ratio": ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 80}}}, ("SN", "^1^:^80", "")),
    "text": ({"valueString": "a|b^c\nd"}, ("TX", "a\\F\\b\\S\\c\\.br\\d", "")),
    "truth": ({"valueBoolean": True}, ("CWE", "Y^Yes^HL70136", "")),
    "integer": ({"valueInteger": 3}, ("NM", "3", "")),
    "day": ({"valueDateTime": "2024-03-05"}, ("DT", "20240305", "")),
    "instant": ({"valueDateTime": "2024-03-05T10:30:07Z"}, ("TS", "20240305103007+0000", "")),
    "time": ({"valueTime": "10:30:07"}, ("TM", "103007", "")),
    "nothing": ({}, ("", "", "")),
}


@pytest.mark.parametrize(("value", "expected"), VALUES.values(), ids=VALUES)
def test_value_of_each_type_is_written(value: dict[str, Any], expected: tuple[str, str, str]) -> None:
    obx = line(back(bundle(PATIENT, {**RESULT, **value})), "OBX")

    assert (obx[2], obx[5] if len(obx) > 5 else "", obx[6] if len(obx) > 6 else "") == expected


def test_observation_alone_is_a_result_with_its_patient() -> None:
    written = back(bundle(PATIENT, {**RESULT, "valueInteger": 3}))

    assert [one[:3] for one in written] == ["MSH", "PID", "OBR", "OBX"]
    assert line(written, "MSH")[8] == "ORU^R01^ORU_R01"
    assert line(written, "OBR")[4] == "1-8^A^LN"


def test_components_with_codes_of_their_own_are_results_of_their_own() -> None:
    parts = [
        {"code": {"coding": [{"system": "http://loinc.org", "code": code}]}, "valueQuantity": {"value": number}}
        for code, number in (("8480-6", 120), ("8462-4", 80))
    ]
    written = [one.split("|") for one in back(bundle(PATIENT, {**RESULT, "component": parts})) if one.startswith("OBX")]

    assert [(one[3].split("^")[0], one[5]) for one in written] == [("1-8", ""), ("8480-6", "120"), ("8462-4", "80")]


def test_members_of_a_panel_follow_it() -> None:
    panel = {**RESULT, "hasMember": [{"reference": "Observation/m"}]}
    member = {**RESULT, "id": "m", "valueInteger": 3}
    report = {
        "resourceType": "DiagnosticReport",
        "id": "r",
        "status": "final",
        "code": {"text": "Panel"},
        "subject": {"reference": "Patient/p"},
        "result": [{"reference": "Observation/o"}],
    }

    written = back(bundle(PATIENT, report, panel, member))

    assert [one[:3] for one in written] == ["MSH", "PID", "OBR", "OBX", "OBX"]


def test_references_are_found_by_address_id_and_within() -> None:
    specimen = {"resourceType": "Specimen", "id": "s", "type": {"text": "Blood"}}
    inside = {**RESULT, "contained": [specimen], "specimen": {"reference": "#s"}}
    outside = {**RESULT, "id": "o2", "subject": {"reference": "http://a.vn/Patient/p"}}

    written = back(bundle(PATIENT, inside, outside))

    assert line(written, "SPM")[4] == "^Blood"
    assert sum(one.startswith("PID") for one in written) == 1


def test_results_of_two_patients_are_two_groups() -> None:
    other = {**PATIENT, "id": "q"}
    written = back(bundle(PATIENT, other, RESULT, {**RESULT, "id": "o2", "subject": {"reference": "Patient/q"}}))

    assert [one[:3] for one in written] == ["MSH", "PID", "OBR", "OBX", "PID", "OBR", "OBX"]


def test_request_without_results_is_an_order() -> None:
    request = {
        "resourceType": "ServiceRequest",
        "id": "r",
        "status": "active",
        "intent": "order",
        "priority": "stat",
        "code": {"text": "Panel"},
        "subject": {"reference": "Patient/p"},
    }
    written = back(bundle(PATIENT, request))

    assert line(written, "MSH")[8] == "OML^O21^OML_O21"
    assert line(written, "ORC")[1] == "NW"
    assert line(written, "OBR")[5] == "S"


@pytest.mark.parametrize(
    ("lines", "event"),
    [
        ((PID, "PV1|1|I", "AL1|1|DA|PEN^Penicillin^99LAB"), "A01"),
        ((PID, "MRG|OLD1^^^BVDK^MR"), "A40"),
        ((PID, "NK1|1|Tran^Ha|MTH^Mother^HL70063"), "A31"),
    ],
)
def test_patient_message_comes_back_with_its_event(lines: tuple[str, ...], event: str) -> None:
    written = back(bundle_of(*lines, kind=f"ADT^{event}"))

    assert line(written, "MSH")[8].split("^")[:2] == ["ADT", event]
    assert line(written, "EVN")[1] == event
    assert [one[:3] for one in written][3:] == [one[:3] for one in lines[1:]]
    for sent in lines:
        assert line(written, sent[:3])[2:4] == sent.split("|")[2:4]


def test_order_message_comes_back() -> None:
    obr = "OBR|1|O1|F1|24323-8^Panel^LN|S|20240306"
    written = back(
        bundle_of(
            PID, ORC.replace("RE", "NW"), obr, "NTE|1||fasting", "DG1|1||E11^Diabetes^I10", kind="OML^O21^OML_O21"
        )
    )

    assert [one[:3] for one in written] == ["MSH", "PID", "ORC", "OBR", "NTE", "DG1"]
    assert line(written, "OBR")[2:7] == obr.split("|")[2:]


def test_time_of_the_message_is_the_bundles_else_the_callers() -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    dated = bundle(PATIENT, timestamp="2024-03-05T10:30:07+07:00")

    assert fhir.from_bundle(dated, at=at).message.get("MSH-7") == "20240305103007+0700"  # type: ignore[union-attr]
    assert fhir.from_bundle(bundle(PATIENT), at=at).message.get("MSH-7") == "20260102030405+0000"  # type: ignore[union-attr]


def test_equal_bundles_give_equal_control_ids() -> None:
    first, second = (fhir.from_bundle(bundle(PATIENT, RESULT)).message for _ in range(2))

    assert first is not None
    assert first == second
    assert first.get("MSH-10")


NOTHING = {
    "text": "x",
    "list": [],
    "resource": PATIENT,
    "empty Bundle": {"resourceType": "Bundle"},
    "Bundle of others": bundle({"resourceType": "Medication", "id": "m"}),
}


@pytest.mark.parametrize("value", NOTHING.values(), ids=NOTHING)
def test_json_without_a_message_in_it_gives_a_finding(value: object) -> None:
    written = fhir.from_bundle(value)

    assert written.message is None
    assert written.findings[0].where == "Bundle"


def test_control_result_comes_back_as_one() -> None:
    written = back(bundle_of(PID, ORC, "OBR|1|O1|F1|1^A^LN", "OBX|1|NM|1-8^A^LN||5", "SPM|1|S1|||||||||Q"))

    assert not any(one.startswith("PID") for one in written)
    assert line(written, "SPM")[11].split("^")[0] == "Q"


def test_message_written_is_in_utf_8_and_parses() -> None:
    message = fhir.from_bundle(bundle({**PATIENT, "name": [{"family": "阮", "given": ["Thị Ánh"]}]})).message

    assert message is not None
    again, findings = hl7v2.parse(hl7v2.write(message))
    assert findings == ()
    assert again is not None
    assert again.get("PID-5.2") == "Thị Ánh"
