"""What is wrong with a resource is told with its place and rule, and never with a value."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from lienthong.interop.fhir import Issue
from lienthong.interop.fhir.r4 import check

DIV = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'
SECRET = "Nguyen7391"


def observation(**members: Any) -> dict[str, Any]:
    return {"resourceType": "Observation", "status": "final", "code": {"text": "K"}, **members}


def patient(**members: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", **members}


def found(resource: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(issue.place, issue.code, issue.rule) for issue in check(resource)]


@pytest.mark.parametrize(
    "resource",
    [
        patient(),
        patient(name=[{"given": ["A", "B"], "_given": [None, {"id": "x"}]}]),
        patient(name=[{"_given": [{"extension": [{"url": "http://example.org/a", "valueCode": "b"}]}]}]),
        patient(birthDate="2024-02-29", _birthDate={"id": "b"}),
        patient(_birthDate={"extension": [{"url": "http://example.org/a", "valueDecimal": Decimal("1.50")}]}),
        patient(text={"status": "generated", "div": DIV.format("a<br/>b")}),
        observation(valueQuantity={"value": 5, "comparator": "<"}),
        observation(valueString="\u00a0"),
        observation(effectiveDateTime="2024-06-30T23:59:60Z", issued="2024-01-01T00:00:00.123456789+07:00"),
        observation(subject={"reference": "http://example.org/fhir/Patient/1/_history/2"}),
        observation(subject={"reference": "urn:uuid:6b2e7d5c-6f0a-4a55-9f3f-0d8f8f3f0c11"}),
        observation(subject={"reference": "http://example.org/people?id=1"}),
        observation(_status={"extension": [{"url": "http://example.org/a", "valueBoolean": True}]})
        | {"status": "final"},
        {
            "resourceType": "Observation",
            "code": {"text": "K"},
            "_status": {"extension": [{"url": "x", "valueId": "a"}]},
        },
        {"resourceType": "Binary", "contentType": "text/plain", "data": "QUJD\r\nREVG"},
        {"resourceType": "Parameters"},
    ],
)
def test_valid_resource_has_no_issues(resource: dict[str, Any]) -> None:
    assert check(resource) == ()


@pytest.mark.parametrize(
    ("resource", "place", "code", "rule"),
    [
        ({}, "Resource", "structure", "resource-type"),
        ({"resourceType": "Human"}, "Human", "structure", "resource-type"),
        ({"resourceType": "Quantity", "value": 1}, "Quantity", "structure", "resource-type"),
        ({"resourceType": "DomainResource"}, "DomainResource", "structure", "resource-type"),
        ({"resourceType": SECRET + " x"}, "Resource", "structure", "resource-type"),
        (patient(nme=[]), "Patient.nme", "structure", "unknown-element"),
        (patient(**{SECRET + "é": 1}), "Patient.?", "structure", "unknown-element"),
        (patient(_name=[{"id": "a"}]), "Patient._name", "structure", "unknown-element"),
        (patient(id="a", _id={"id": "b"}), "Patient._id", "structure", "unknown-element"),
        (patient(fhir_comments=["a"]), "Patient.fhir_comments", "structure", "unknown-element"),
        (
            patient(maritalStatus={"resourceType": "x"}),
            "Patient.maritalStatus.resourceType",
            "structure",
            "unknown-element",
        ),
        (observation(valueAddress={}), "Observation.valueAddress", "structure", "unknown-element"),
        (patient(name={"family": SECRET}), "Patient.name", "structure", "cardinality"),
        (patient(gender=["male"]), "Patient.gender", "structure", "type"),
        (patient(maritalStatus=[{"text": SECRET}]), "Patient.maritalStatus", "structure", "cardinality"),
        (patient(maritalStatus=SECRET), "Patient.maritalStatus", "structure", "type"),
        (patient(birthDate={"value": SECRET}), "Patient.birthDate", "structure", "type"),
        (patient(birthDate=None), "Patient.birthDate", "structure", "type"),
        (patient(meta=None), "Patient.meta", "structure", "type"),
        (patient(name=[None]), "Patient.name[0]", "structure", "type"),
        (patient(name=[]), "Patient.name", "structure", "empty"),
        (patient(name=[{}]), "Patient.name[0]", "invariant", "ele-1"),
        (patient(name=[{"id": "a"}]), "Patient.name[0]", "invariant", "ele-1"),
        (patient(name=[{"family": ""}]), "Patient.name[0].family", "value", "empty"),
        (patient(name=[{"given": [None]}]), "Patient.name[0].given[0]", "structure", "type"),
        (patient(name=[{"given": [None], "_given": [None]}]), "Patient.name[0].given[0]", "structure", "type"),
        (patient(_birthDate={}), "Patient._birthDate", "invariant", "ele-1"),
        (patient(active="true"), "Patient.active", "value", "boolean"),
        (patient(multipleBirthInteger=1.5), "Patient.multipleBirthInteger", "value", "integer"),
        (patient(multipleBirthInteger=True), "Patient.multipleBirthInteger", "value", "integer"),
        (patient(multipleBirthInteger=2**31), "Patient.multipleBirthInteger", "value", "integer"),
        (patient(telecom=[{"rank": 0}]), "Patient.telecom[0].rank", "value", "positiveInt"),
        (patient(birthDate="2023-02-29"), "Patient.birthDate", "value", "date"),
        (patient(birthDate="2023-1-1"), "Patient.birthDate", "value", "date"),
        (patient(birthDate="0000"), "Patient.birthDate", "value", "date"),
        (patient(birthDate="2023-01-01T00:00:00Z"), "Patient.birthDate", "value", "date"),
        (patient(birthDate="２０２３"), "Patient.birthDate", "value", "date"),
        (observation(effectiveDateTime="2023-01-01T10:00Z"), "Observation.effectiveDateTime", "value", "dateTime"),
        (observation(effectiveDateTime="2023-01-01T10:00:00"), "Observation.effectiveDateTime", "value", "dateTime"),
        (observation(issued="2023-01-01"), "Observation.issued", "value", "instant"),
        (observation(valueTime="24:00:00"), "Observation.valueTime", "value", "time"),
        (observation(valueQuantity={"value": "5"}), "Observation.valueQuantity.value", "value", "decimal"),
        (observation(valueQuantity={"value": 10**64}), "Observation.valueQuantity.value", "value", "decimal"),
        (observation(valueString="a\x00"), "Observation.valueString", "value", "string"),
        (patient(id="a b"), "Patient.id", "value", "id"),
        (patient(id="a" * 65), "Patient.id", "value", "id"),
        (patient(language=" vi"), "Patient.language", "value", "code"),
        (patient(implicitRules="http://a b"), "Patient.implicitRules", "value", "uri"),
        (patient(photo=[{"contentType": "a/b", "data": "A"}]), "Patient.photo[0].data", "value", "base64Binary"),
        (patient(gender="M"), "Patient.gender", "code-invalid", "required-binding"),
        (patient(gender=1), "Patient.gender", "value", "code"),
        ({"resourceType": "Observation", "status": "final"}, "Observation", "required", "cardinality"),
        (observation(valueString="a", valueInteger=1), "Observation", "structure", "choice"),
        (
            observation(valueString="a", _valueInteger={"id": "a", "extension": []}),
            "Observation",
            "structure",
            "choice",
        ),
        (observation(component=[{"valueString": "a"}]), "Observation.component[0]", "required", "cardinality"),
        (
            observation(component=[{"code": {"text": "a"}}, {"code": {"text": "b"}, "valueQuantity": {"value": "1"}}]),
            "Observation.component[1].valueQuantity.value",
            "value",
            "decimal",
        ),
        (patient(extension=[{"valueCode": "a"}]), "Patient.extension[0]", "required", "cardinality"),
        (patient(text={"status": "generated", "div": DIV.format("")}), "Patient.text.div", "value", "xhtml"),
        (patient(text={"status": "generated", "div": "<div>a</div>"}), "Patient.text.div", "value", "xhtml"),
        (patient(text={"status": "generated", "div": DIV.format("&nbsp;")}), "Patient.text.div", "value", "xhtml"),
        (
            patient(text={"status": "generated", "div": DIV.format("<script>a</script>")}),
            "Patient.text.div",
            "value",
            "xhtml",
        ),
        (
            patient(text={"status": "generated", "div": DIV.format("<b onclick='a'>b</b>")}),
            "Patient.text.div",
            "value",
            "xhtml",
        ),
        (
            patient(text={"status": "generated", "div": DIV.format("<a href=' java\nscript:a'>b</a>")}),
            "Patient.text.div",
            "value",
            "xhtml",
        ),
        (
            {"resourceType": "Condition", "subject": {"display": "a"}, "clinicalStatus": {"text": "active"}},
            "Condition.clinicalStatus",
            "code-invalid",
            "required-binding",
        ),
        (observation(subject={"reference": "1"}), "Observation.subject.reference", "value", "reference"),
        (observation(subject={"reference": "Human/1"}), "Observation.subject.reference", "value", "reference"),
        (
            observation(subject={"reference": "Patient?identifier=1"}),
            "Observation.subject.reference",
            "value",
            "reference",
        ),
        (observation(subject={"reference": "#p"}), "Observation.subject.reference", "invariant", "ref-1"),
        (
            observation(subject={"reference": "Device/1"}, performer=[{"reference": "Device/1"}]),
            "Observation.performer[0].reference",
            "value",
            "reference-target",
        ),
        (patient(birthDate="2024", _birthDate={"id": ""}), "Patient._birthDate.id", "value", "empty"),
        (patient(name=[{"given": ["A"], "_given": [{}]}]), "Patient.name[0]._given[0]", "invariant", "ele-1"),
    ],
)
def test_fault_is_told_with_its_place_and_rule(resource: dict[str, Any], place: str, code: str, rule: str) -> None:
    assert (place, code, rule) in found(resource)


def test_messages_say_what_is_allowed_and_never_a_value() -> None:
    resource = patient(
        gender=SECRET,
        birthDate=SECRET,
        id=SECRET + " ",
        name=[{"use": SECRET, "period": {"start": SECRET}}],
        telecom=[{"system": SECRET, "value": SECRET, "rank": SECRET}],
        managingOrganization={"reference": SECRET},
        text={"status": SECRET, "div": SECRET},
        contact=[{"relationship": SECRET}],
        link=[{"other": {"reference": f"Device/{SECRET}"}, "type": SECRET}],
    )

    issues = check(resource)

    assert len(issues) > 10
    assert not any(SECRET in str(issue) for issue in issues)
    assert "the code must be one of female, male, other, unknown" in [issue.message for issue in issues]


def test_all_faults_are_told_at_once() -> None:
    resource = {"resourceType": "Observation", "status": "x", "value": 1, "valueString": "", "subject": []}

    assert found(resource) == [
        ("Observation.status", "code-invalid", "required-binding"),
        ("Observation.value", "structure", "unknown-element"),
        ("Observation.valueString", "value", "empty"),
        ("Observation.subject", "structure", "cardinality"),
        ("Observation", "required", "cardinality"),
    ]


def test_issue_reads_as_a_sentence() -> None:
    assert str(check(patient(active="yes"))[0]) == (
        "Patient.active: the value must be true or false, without quotes [boolean]"
    )


@pytest.mark.parametrize(
    ("contained", "rule"),
    [
        ({"resourceType": "Organization", "name": "a"}, "contained-id"),
        ({"resourceType": "Organization", "id": "o", "name": "a", "contained": [{"resourceType": "Basic"}]}, "dom-2"),
        ({"resourceType": "Organization", "id": "p", "name": "a"}, "dom-3"),
        ({"resourceType": "Organization", "id": "o", "name": "a", "meta": {"versionId": "1"}}, "dom-4"),
        ({"resourceType": "Organization", "id": "o", "name": "a", "meta": {"lastUpdated": "x"}}, "dom-4"),
        ({"resourceType": "Organization", "id": "o", "name": "a", "meta": {"security": [{"code": "R"}]}}, "dom-5"),
    ],
)
def test_contained_resource_keeps_the_rules(contained: dict[str, Any], rule: str) -> None:
    resource = patient(contained=[contained], managingOrganization={"reference": "#o"})

    assert ("Patient.contained[0]", "invariant", rule) in found(resource)


def test_contained_resource_may_be_referred_to_or_refer_to_its_container() -> None:
    held = {"resourceType": "Organization", "id": "o", "name": "a"}
    back = {"resourceType": "Provenance", "id": "v", "target": [{"reference": "#"}], "recorded": "2024-01-01T00:00:00Z"}
    back["agent"] = [{"who": {"display": "a"}}]

    assert found(patient(contained=[held, back], managingOrganization={"reference": "#o"})) == []


def test_reference_to_a_contained_resource_of_another_type_is_refused() -> None:
    held = {"resourceType": "Device", "id": "o"}

    assert found(patient(contained=[held], managingOrganization={"reference": "#o"})) == [
        ("Patient.managingOrganization.reference", "value", "reference-target")
    ]


def test_fault_in_a_contained_resource_has_its_place() -> None:
    held = {"resourceType": "Organization", "id": "o", "name": 5}

    assert found(patient(contained=[held], managingOrganization={"reference": "#o"})) == [
        ("Patient.contained[0].name", "value", "string")
    ]


def test_too_many_levels_are_an_issue() -> None:
    extension: dict[str, Any] = {"url": "a", "valueCode": "b"}
    for _ in range(5000):
        extension = {"url": "a", "extension": [extension]}

    assert found(patient(extension=[extension])) == [("Patient", "too-long", "depth")]


def test_many_faults_are_told_up_to_a_thousand() -> None:
    resource = patient(name=[{"use": "x", "given": {}}] * 20_000, **{f"a{at}": 1 for at in range(20_000)})

    issues = check(resource)

    assert len(issues) == 1000
    assert all(isinstance(issue, Issue) for issue in issues)


def test_check_changes_nothing() -> None:
    resource = patient(name=[{"given": ["A"]}], contained=[{"resourceType": "Basic"}])
    before = json.dumps(resource)

    check(resource)

    assert json.dumps(resource) == before


@pytest.mark.parametrize(
    ("address", "is_taken"),
    [
        ("data:image/png;base64,iVBORw0KGgo=", True),
        ("DATA:image/jpeg;base64,/9j/", True),
        ("data:image/svg+xml,%3Csvg%20onload=alert(1)%3E", False),
        ("data:application/xhtml+xml,%3Cscript/%3E", False),
        (" java\tscript:alert(1)", False),
    ],
)
def test_address_in_a_narrative_that_could_run_is_refused(address: str, is_taken: bool) -> None:
    div = DIV.format(f'<a href="{address}">a</a><img src="{address}" alt="a"/>')

    assert (not check(patient(text={"status": "generated", "div": div}))) is is_taken


def test_resource_of_nothing_but_faults_is_not_looked_at_to_its_end() -> None:
    """Each level would carry every fault up: a body of ten megabytes would take twenty minutes."""
    faults: dict[str, Any] = {"url": "u", "extension": [{"a": 1}] * 200_000}
    for _level in range(45):
        faults = {"url": "u", "extension": [faults]}

    issues = check({"resourceType": "Basic", "code": {"text": "K"}, "extension": [faults]})

    assert len(issues) == 1000
    assert issues[0].place.endswith(".extension[0].extension[0].a")
