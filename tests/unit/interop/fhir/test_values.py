from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.unit.interop.fhir.messages import observation_of

from lienthong.interop import fhir

MMOL = {"unit": "mmol/L", "system": "http://unitsofmeasure.org", "code": "mmol/L"}
LOINC = {"system": "http://loinc.org", "code": "1-8"}

VALUES: dict[str, tuple[str, str, str, str, Any]] = {
    "NM": ("NM", "1.50", "mmol/L", "valueQuantity", {"value": Decimal("1.50"), **MMOL}),
    "NM with comparator": ("NM", "<0.01", "", "valueQuantity", {"value": Decimal("0.01"), "comparator": "<"}),
    "NM that is text": ("NM", "haemolysed", "", "valueString", "haemolysed"),
    "NM with leading zeros": ("NM", "+007", "", "valueQuantity", {"value": Decimal("7")}),
    "SN comparator": ("SN", ">=^40", "", "valueQuantity", {"value": Decimal(40), "comparator": ">="}),
    "SN equals": ("SN", "=^40", "", "valueQuantity", {"value": Decimal(40)}),
    "SN range": ("SN", "^1^-^3", "", "valueRange", {"low": {"value": Decimal(1)}, "high": {"value": Decimal(3)}}),
    "SN titre": (
        "SN",
        "^1^:^80",
        "",
        "valueRatio",
        {"numerator": {"value": Decimal(1)}, "denominator": {"value": Decimal(80)}},
    ),
    "SN graded": ("SN", "^2^+", "", "valueString", "2 +"),
    "SN not equal": ("SN", "<>^2", "", "valueString", "<> 2"),
    "NR": ("NR", "1^10", "", "valueRange", {"low": {"value": Decimal(1)}, "high": {"value": Decimal(10)}}),
    "CE": ("CE", "1-8^A^LN", "", "valueCodeableConcept", {"coding": [{**LOINC, "display": "A"}]}),
    "CWE with text only": ("CWE", "^Detected", "", "valueCodeableConcept", {"text": "Detected"}),
    "CWE of an HL7 table": (
        "CWE",
        "Y^Yes^HL70136",
        "",
        "valueCodeableConcept",
        {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0136", "code": "Y", "display": "Yes"}]},
    ),
    "CWE of an OID": (
        "CWE",
        "7^^^^^^2.1^^^^^^^1.2.3",
        "",
        "valueCodeableConcept",
        {"coding": [{"system": "urn:oid:1.2.3", "version": "2.1", "code": "7"}]},
    ),
    "IS": ("IS", "A", "", "valueCodeableConcept", {"coding": [{"code": "A"}]}),
    "ST": ("ST", "1:80", "", "valueString", "1:80"),
    "FT": ("FT", "one\\.br\\two \\T\\ three", "", "valueString", "one\ntwo & three"),
    "DT": ("DT", "202403", "", "valueDateTime", "2024-03"),
    "TS": ("TS", "20240305103007.25-0330", "", "valueDateTime", "2024-03-05T10:30:07.25-03:30"),
    "TS without offset takes MSH-7's": ("TS", "20240305103007", "", "valueDateTime", "2024-03-05T10:30:07+07:00"),
    "TM": ("TM", "103007.5", "", "valueTime", "10:30:07.5"),
    "DR": ("DR", "20240305^20240306", "", "valuePeriod", {"start": "2024-03-05", "end": "2024-03-06"}),
    "VR": ("VR", "1^2", "", "valueString", "1-2"),
    "unknown type": ("XYZ", "a^b", "", "valueString", "a^b"),
}


@pytest.mark.parametrize(("kind", "sent", "unit", "key", "value"), VALUES.values(), ids=VALUES)
def test_value_of_each_type_is_that_of_the_map(kind: str, sent: str, unit: str, key: str, value: Any) -> None:
    found = observation_of(f"OBX|1|{kind}|1-8^A^LN||{sent}|{unit}|||||F")

    assert {name: one for name, one in found.items() if name.startswith("value")} == {key: value}
    assert "dataAbsentReason" not in found


@pytest.mark.parametrize("placeholder", ["***.**", "----", "N/A", "*"])
@pytest.mark.parametrize("kind", ["NM", "SN"])
def test_placeholder_is_no_value_and_never_zero(kind: str, placeholder: str) -> None:
    found = observation_of(f"OBX|1|{kind}|1-8^A^LN||{placeholder}|mmol/L|||||F")

    assert not any(name.startswith("value") for name in found)
    assert found["dataAbsentReason"]["text"] == placeholder
    assert found["dataAbsentReason"]["coding"][0]["code"] == "unknown"


@pytest.mark.parametrize("sent", ["", '""', " "])
def test_empty_number_has_neither_value_nor_reason(sent: str) -> None:
    found = observation_of(f"OBX|1|NM|1-8^A^LN||{sent}||||||I")

    assert not any(name.startswith("value") for name in found)
    assert "dataAbsentReason" not in found


UNITS = {
    "UCUM as said": ("10*9/L^G/L^UCUM", {"unit": "G/L", "system": "http://unitsofmeasure.org", "code": "10*9/L"}),
    "printed, one meaning": ("mg/dl", {"unit": "mg/dl", "system": "http://unitsofmeasure.org", "code": "mg/dL"}),
    "printed, no certain meaning": ("G", {"unit": "G"}),
    "said to be UCUM, but none": ("tera.l-1^^UCUM", {"unit": "tera.l-1"}),
    "local code": (
        "1^CM^99LAB",
        {"unit": "CM", "system": "urn:lienthong:hl7v2:coding-system:BVDK:99LAB", "code": "1"},
    ),
    "none": ("", {}),
}


@pytest.mark.parametrize(("sent", "expected"), UNITS.values(), ids=UNITS)
def test_unit_is_a_code_only_where_it_is_certain(sent: str, expected: dict[str, str]) -> None:
    quantity = observation_of(f"OBX|1|NM|1-8^A^LN||5|{sent}|||||F")["valueQuantity"]

    assert quantity == {"value": Decimal(5), **expected}


def test_unit_of_a_text_is_kept_beside_it() -> None:
    found = observation_of("OBX|1|ST|1-8^A^LN||about 5|mmol/L|||||F")

    assert found["extension"] == [{"url": "urn:lienthong:hl7v2:unit", "valueQuantity": MMOL}]


def test_repeated_value_is_components_of_the_same_code() -> None:
    found = observation_of("OBX|1|NM|1-8^A^LN||27~25|mmol/L|||||F")

    assert [part["valueQuantity"]["value"] for part in found["component"]] == [27, 25]
    assert all(part["code"] == found["code"] for part in found["component"])


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("^application^pdf^Base64^QUJD", {"contentType": "application/pdf", "data": "QUJD"}),
        ("^text^plain^A^ABC", {"contentType": "text/plain", "data": "QUJD"}),
        ("^image^JPEG^Hex^414243", {"contentType": "image/jpeg", "data": "QUJD"}),
    ],
)
def test_data_is_an_attachment(sent: str, expected: dict[str, str]) -> None:
    (extension,) = observation_of(f"OBX|1|ED|1-8^A^LN||{sent}||||||F")["extension"]

    assert extension["valueAttachment"] == expected


def test_data_that_is_no_base64_is_kept_as_text() -> None:
    assert observation_of("OBX|1|ED|1-8^A^LN||^a^pdf^Base64^###||||||F")["valueString"] == "^a^pdf^Base64^###"


def test_pointer_is_an_attachment_with_its_address() -> None:
    (extension,) = observation_of("OBX|1|RP|1-8^A^LN||http://a.vn/1^^image^jpeg||||||F")["extension"]

    assert extension["valueAttachment"] == {"contentType": "image/jpeg", "url": "http://a.vn/1"}


@pytest.mark.parametrize(
    ("kind", "sent"),
    [("RP", ":" * 1_000_000 + " x"), ("RP", "x:"), ("RP", ":x"), ("NM", "0" * 1_000_000 + "x")],
    ids=["colons", "no path", "no scheme", "zeros"],
)
def test_what_is_no_pointer_and_no_number_is_kept_in_no_such_place(kind: str, sent: str) -> None:
    found = observation_of(f"OBX|1|{kind}|1-8^A^LN||{sent}||||||F")

    assert found.get("valueString", sent) == sent
    assert not found.keys() & {"extension", "valueQuantity"}


def test_json_keeps_the_digits_of_numbers() -> None:
    written = fhir.dumps(observation_of("OBX|1|NM|1-8^A^LN||1.50||0.50-1.00||||F"))

    assert '"value":1.50' in written
    assert '"low":{"value":0.50}' in written
    assert '"high":{"value":1.00}' in written
