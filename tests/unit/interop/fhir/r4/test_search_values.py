"""What a resource is found by: every parameter of the table is understood, and each data type is read as R4 says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from lienthong.interop.fhir.r4 import search_parameters, searched_types
from lienthong.interop.fhir.r4.search import (
    CompositeValue,
    DateValue,
    QuantityValue,
    ReferenceValue,
    StringValue,
    TokenValue,
    UriValue,
    folded,
    search_values,
)
from lienthong.interop.fhir.r4.search._expressions import compiled

LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
VIETNAM = timezone(timedelta(hours=7))
EXPRESSIONS = [
    pytest.param(name, text, id=f"{name} {one.code}")
    for name in sorted(searched_types())
    for one in search_parameters(name).values()
    for text in (one.expression, *(text for _, text in one.components))
    if text
]
WITHOUT_EXPRESSION = {"_content", "_query", "_text"}


@pytest.mark.parametrize(("name", "text"), EXPRESSIONS)
def test_every_expression_of_the_table_compiles(name: str, text: str) -> None:
    assert compiled(text, name)({"resourceType": name}, []) == compiled(text, name)({"resourceType": name}, [])


def test_parameters_without_expression_are_those_of_text_and_query() -> None:
    missing = {one.code for name in searched_types() for one in search_parameters(name).values() if not one.expression}

    assert missing == WITHOUT_EXPRESSION


@pytest.mark.parametrize(
    "text", ["Patient.name.first()", "Patient.name[x]", "Patient.name.where(use.exists())", "Patient.a + 1", "a || b"]
)
def test_other_fhirpath_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not understood"):
        compiled(text, "Patient")


def observation(**members: Any) -> dict[str, Any]:
    return {"resourceType": "Observation", **members}


def at(*parts: int, zone: timezone = UTC) -> datetime:
    return datetime(*parts, tzinfo=zone)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("resource", "name", "expected"),
    [
        ({"resourceType": "Patient", "id": "p"}, "_id", [TokenValue("", "p")]),
        (
            {"resourceType": "Patient", "meta": {"tag": [{"system": "http://a", "code": "b", "display": "c"}]}},
            "_tag",
            [TokenValue("http://a", "b", ("c",))],
        ),
        ({"resourceType": "Patient", "meta": {"profile": ["http://a|1"]}}, "_profile", [UriValue("http://a|1")]),
        (
            observation(code={"coding": [{"system": LOINC, "code": "1"}, {"code": "K"}], "text": "Kali"}),
            "code",
            [TokenValue(LOINC, "1", ("Kali",)), TokenValue("", "K", ("Kali",))],
        ),
        (observation(code={"text": "Kali"}), "code", [TokenValue("", "", ("Kali",))]),
        (observation(status="final"), "status", [TokenValue("http://hl7.org/fhir/observation-status", "final")]),
        (
            {
                "resourceType": "Patient",
                "identifier": [
                    {
                        "system": "http://a",
                        "value": "1",
                        "type": {"coding": [{"system": "b", "code": "MR"}], "text": "c"},
                    }
                ],
            },
            "identifier",
            [TokenValue("http://a", "1", ("c",), (("b", "MR"),))],
        ),
        (
            {
                "resourceType": "Patient",
                "telecom": [{"system": "phone", "value": "1"}, {"system": "email", "value": "2"}],
            },
            "phone",
            [TokenValue("", "1")],
        ),
        (
            {"resourceType": "Patient", "communication": [{"language": {"coding": [{"code": "vi"}]}}]},
            "language",
            [TokenValue("", "vi")],
        ),
        (
            {"resourceType": "Patient", "active": False},
            "active",
            [TokenValue("http://terminology.hl7.org/CodeSystem/special-values", "false")],
        ),
        (
            {"resourceType": "Patient", "deceasedDateTime": "2024"},
            "deceased",
            [TokenValue("http://terminology.hl7.org/CodeSystem/special-values", "true")],
        ),
        (
            {"resourceType": "Patient", "deceasedDateTime": "2024"},
            "death-date",
            [DateValue(at(2024, 1, 1), at(2025, 1, 1), "year")],
        ),
        (
            {"resourceType": "Patient", "name": [{"family": "Nguyễn", "given": ["Thị", "Đào"]}]},
            "name",
            [StringValue("Nguyễn", "nguyen"), StringValue("Thị", "thi"), StringValue("Đào", "dao")],
        ),
        (
            {"resourceType": "Patient", "address": [{"line": ["1 Trần Phú"], "city": "Hà Nội"}]},
            "address",
            [StringValue("1 Trần Phú", "1 tran phu"), StringValue("Hà Nội", "ha noi")],
        ),
        (
            observation(valueCodeableConcept={"text": "Dương tính"}),
            "value-string",
            [StringValue("Dương tính", "duong tinh")],
        ),
        (
            observation(effectiveDateTime="2024-03-05T10:30:07.25+07:00"),
            "date",
            [DateValue(at(2024, 3, 5, 3, 30, 7, 250000), at(2024, 3, 5, 3, 30, 7, 260000), "fraction")],
        ),
        (
            observation(effectivePeriod={"start": "2024-03-05"}),
            "date",
            [DateValue(at(2024, 3, 5), None, "period")],
        ),
        (
            observation(effectivePeriod={"start": "2024-03", "end": "2024-04-05T10:00:00Z"}),
            "date",
            [DateValue(at(2024, 3, 1), at(2024, 4, 5, 10, 0, 1), "period")],
        ),
        (
            observation(effectiveTiming={"event": ["2024-03-05", "2024-03-01", "2024-03-03"]}),
            "date",
            [DateValue(at(2024, 3, 1), at(2024, 3, 6), "period")],
        ),
        (
            observation(effectiveTiming={"repeat": {"boundsPeriod": {"end": "2024"}}}),
            "date",
            [DateValue(None, at(2025, 1, 1), "period")],
        ),
        (
            observation(valueQuantity={"value": Decimal("5.40"), "system": UCUM, "code": "mmol/L", "unit": "mmol/l"}),
            "value-quantity",
            [QuantityValue(Decimal("5.40"), Decimal("5.40"), Decimal("5.40"), "", UCUM, "mmol/L", "mmol/l")],
        ),
        (
            observation(valueQuantity={"value": 5, "comparator": "<="}),
            "value-quantity",
            [QuantityValue(Decimal(5), None, Decimal(5), "<=")],
        ),
        (
            {"resourceType": "Condition", "onsetRange": {"low": {"value": 3, "code": "a"}}},
            "onset-age",
            [QuantityValue(None, Decimal(3), None, "", "", "a")],
        ),
        (observation(subject={"reference": "Patient/p"}), "subject", [ReferenceValue("Patient", "p", "Patient/p")]),
        (
            observation(subject={"reference": "http://a/fhir/Patient/p/_history/2"}),
            "patient",
            [ReferenceValue("Patient", "p", "http://a/fhir/Patient/p/_history/2")],
        ),
        (
            observation(subject={"type": "Patient", "identifier": {"system": "http://a", "value": "1"}}),
            "patient",
            [ReferenceValue("Patient", "", "", TokenValue("http://a", "1"))],
        ),
        (
            {"resourceType": "ServiceRequest", "instantiatesCanonical": ["http://a/PlanDefinition/x"]},
            "instantiates-canonical",
            [ReferenceValue("PlanDefinition", "x", "http://a/PlanDefinition/x")],
        ),
        (
            {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Composition", "id": "c"}}]},
            "composition",
            [ReferenceValue("Composition", "c", "")],
        ),
        (
            {"resourceType": "Subscription", "channel": {"endpoint": "http://a"}},
            "url",
            [UriValue("http://a")],
        ),
        (
            observation(
                code={"coding": [{"system": LOINC, "code": "1"}]},
                component=[
                    {"code": {"coding": [{"code": "2"}]}, "valueQuantity": {"value": 7}},
                    {"code": {"coding": [{"code": "3"}]}},
                ],
            ),
            "component-code-value-quantity",
            [
                CompositeValue(
                    ((TokenValue("", "2"),), (QuantityValue(Decimal(7), Decimal(7), Decimal(7)),)),
                )
            ],
        ),
        (
            observation(
                code={"coding": [{"code": "1"}]},
                component=[{"code": {"coding": [{"code": "2"}]}}, {"code": {"coding": [{"code": "1"}]}}],
            ),
            "combo-code",
            [TokenValue("", "1"), TokenValue("", "2")],
        ),
    ],
)
def test_value_is_read_as_r4_says(resource: dict[str, Any], name: str, expected: list[object]) -> None:
    assert search_values(resource, resource["resourceType"])[name] == expected


@pytest.mark.parametrize(
    ("resource", "name"),
    [
        (observation(subject={"reference": "Device/d"}), "patient"),
        (observation(subject={"reference": "urn:uuid:6b2e7d5c-6f0a-4a55-9f3f-0d8f8f3f0c11"}), "patient"),
        (observation(subject={"reference": "#p"}), "subject"),
        (observation(valueString="a"), "value-quantity"),
        (observation(valueQuantity={"unit": "g"}), "value-quantity"),
        (observation(effectiveTiming={"code": {"text": "a"}}), "date"),
        (observation(effectiveDateTime="2024-13"), "date"),
        (observation(_status={"id": "a"}), "status"),
        (observation(status=5), "status"),
        ({"resourceType": "Patient", "name": "Nguyễn"}, "name"),
        ({"resourceType": "Location", "position": {"longitude": 1, "latitude": 2}}, "near"),
    ],
)
def test_what_gives_no_value_is_left_out(resource: dict[str, Any], name: str) -> None:
    assert name not in search_values(resource, resource["resourceType"])


def test_contained_patient_is_the_patient() -> None:
    held = {"resourceType": "Patient", "id": "p"}
    resource = observation(contained=[held], subject={"reference": "#p", "identifier": {"value": "1"}})

    assert search_values(resource, "Observation")["patient"] == [ReferenceValue("", "", "", TokenValue("", "1"))]


def test_dates_without_zone_are_of_the_zone_that_is_given() -> None:
    resource = observation(effectiveDateTime="2024-03-05", issued="2024-03-05T10:00:00Z")

    assert search_values(resource, "Observation", VIETNAM)["date"] == [
        DateValue(at(2024, 3, 4, 17), at(2024, 3, 5, 17), "day")
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nguyễn  THỊ\tĐào", "nguyen thi dao"),
        ("O'Brien-Straße", "obrienstrasse"),
        ("Łódź Ærø", "lodz aero"),
        ("王小明", "王小明"),
        ("Ｍ.", "m"),
        ("İstanbul", "istanbul"),
        ("a\u0300\u200b", "a"),
        ("", ""),
    ],
)
def test_text_is_folded_for_comparison(text: str, expected: str) -> None:
    assert folded(text) == expected


@pytest.mark.parametrize("codes", [(), ("code",), ("code", "status", "unknown")], ids=["none", "one", "some"])
def test_only_the_parameters_that_are_looked_for_are_found(codes: tuple[str, ...]) -> None:
    resource = observation(status="final", code={"coding": [{"system": LOINC, "code": "2345-7"}]})
    everything = search_values(resource, "Observation")

    found = search_values(resource, "Observation", codes=codes)

    assert found == {code: everything[code] for code in codes if code in everything}
    assert {"code", "status"} <= set(everything)
