"""Each rule of R4 that is checked: one resource that keeps it, one that breaks it, and a page that names the others."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from lienthong.interop.fhir.r4 import check, resource_types, type_definition, type_names
from lienthong.interop.fhir.r4.checking.invariants import RULES

PAGE = Path(__file__).parents[5] / "docs/fhir-validation.md"
# Rules that hold for every object, for a whole resource, or for a text; they stand in code of their own.
ELSEWHERE = {
    *(("Element", "ele-1"), ("Narrative", "txt-1"), ("Narrative", "txt-2"), ("Reference", "ref-1")),
    *(("DomainResource", f"dom-{number}") for number in (2, 3, 4, 5)),
}
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
UCUM = "http://unitsofmeasure.org"


def concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": TERMINOLOGY + system, "code": code}]}


def extended(**value: Any) -> dict[str, Any]:
    return {"resourceType": "Basic", "code": {"text": "a"}, "extension": [{"url": "http://example.org/a", **value}]}


def observation(**members: Any) -> dict[str, Any]:
    return {"resourceType": "Observation", "status": "final", "code": {"text": "K"}, **members}


def repeat(**members: Any) -> dict[str, Any]:
    return extended(valueTiming={"repeat": members})


def condition(**members: Any) -> dict[str, Any]:
    return {"resourceType": "Condition", "subject": {"display": "a"}, **members}


def allergy(**members: Any) -> dict[str, Any]:
    return {"resourceType": "AllergyIntolerance", "patient": {"display": "a"}, **members}


def consent(**members: Any) -> dict[str, Any]:
    needed = {"status": "active", "scope": {"text": "a"}, "category": [{"text": "a"}]}
    return {"resourceType": "Consent", **needed, **members}


def composition(**section: Any) -> dict[str, Any]:
    return {
        "resourceType": "Composition",
        "status": "final",
        "type": {"text": "a"},
        "date": "2024",
        "author": [{"display": "a"}],
        "title": "a",
        "section": [{"title": "a", **section}],
    }


def bundle(kind: str, *entries: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": kind, **members, **({"entry": list(entries)} if entries else {})}


def entry(number: int = 1, **members: Any) -> dict[str, Any]:
    return {"fullUrl": f"urn:uuid:6b2e7d5c-6f0a-4a55-9f3f-0d8f8f3f0c{number:02}", "resource": basic(), **members}


def basic(**members: Any) -> dict[str, Any]:
    return {"resourceType": "Basic", "code": {"text": "a"}, **members}


def parameter(**members: Any) -> dict[str, Any]:
    return {"resourceType": "Parameters", "parameter": [{"name": "a", **members}]}


def trigger(**members: Any) -> dict[str, Any]:
    return extended(valueTriggerDefinition=members)


def requirement(**members: Any) -> dict[str, Any]:
    return extended(valueDataRequirement={"type": "Patient", **members})


EXPRESSION = {"language": "text/cql", "expression": "a"}
DATA = [{"type": "Patient"}]
IN_ERROR = concept("condition-ver-status", "entered-in-error")
ACTIVE = concept("condition-clinical", "active")
REQUEST = {"method": "GET", "url": "Patient/1"}
RESPONSE = {"status": "200"}
K = {"coding": [{"system": "http://loinc.org", "code": "2823-3"}]}
HEADER = {"resourceType": "MessageHeader", "eventCoding": {"code": "a"}, "source": {"endpoint": "http://example.org"}}
DOCUMENT = {"identifier": {"system": "http://example.org", "value": "1"}, "timestamp": "2024-01-01T00:00:00Z"}
FIRST = {"fullUrl": "urn:uuid:6b2e7d5c-6f0a-4a55-9f3f-0d8f8f3f0c99", "resource": composition(text=None)}
FIRST["resource"]["section"] = [{"emptyReason": {"text": "a"}, "section": [{"entry": [{"display": "a"}]}]}]

CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "Extension ext-1": (extended(valueCode="a"), extended(valueCode="a", extension=[{"url": "b", "valueCode": "c"}])),
    "Attachment att-1": (
        extended(valueAttachment={"contentType": "text/plain", "data": "QUJD"}),
        extended(valueAttachment={"data": "QUJD"}),
    ),
    "ContactPoint cpt-2": (
        extended(valueContactPoint={"system": "phone", "value": "1"}),
        extended(valueContactPoint={"value": "1"}),
    ),
    "Expression exp-1": (
        extended(valueExpression=EXPRESSION),
        extended(valueExpression={"language": "text/cql", "name": "a"}),
    ),
    "Quantity qty-3": (
        extended(valueQuantity={"code": "g", "system": UCUM}),
        extended(valueQuantity={"value": 1, "code": "g"}),
    ),
    "SimpleQuantity sqty-1": (
        observation(referenceRange=[{"low": {"value": 1}}]),
        observation(referenceRange=[{"low": {"value": 1, "comparator": "<"}}]),
    ),
    "Age age-1": (
        extended(valueAge={"value": 1, "system": UCUM, "code": "a"}),
        extended(valueAge={"value": 0, "system": UCUM, "code": "a"}),
    ),
    "Count cnt-3": (
        extended(valueCount={"value": 2, "system": UCUM, "code": "1"}),
        extended(valueCount={"value": 2, "system": UCUM, "code": "a"}),
    ),
    "Distance dis-1": (
        extended(valueDistance={"value": 2, "system": UCUM, "code": "m"}),
        extended(valueDistance={"value": 2, "system": UCUM}),
    ),
    "Duration drt-1": (
        extended(valueDuration={"value": 2, "system": UCUM, "code": "h"}),
        extended(valueDuration={"system": UCUM, "code": "h"}),
    ),
    "Period per-1": (
        extended(valuePeriod={"start": "2024-01-02T00:00:00+07:00", "end": "2024-01-01T17:00:00Z"}),
        extended(valuePeriod={"start": "2024-01-02T00:00:01+07:00", "end": "2024-01-01T17:00:00Z"}),
    ),
    "Range rng-2": (
        extended(valueRange={"low": {"value": 2, "unit": "g"}, "high": {"value": 1, "unit": "kg"}}),
        extended(valueRange={"low": {"value": 2, "unit": "g"}, "high": {"value": 1, "unit": "g"}}),
    ),
    "Ratio rat-1": (
        extended(valueRatio={"numerator": {"value": 1}, "denominator": {"value": 8}}),
        extended(valueRatio={"numerator": {"value": 1}}),
    ),
    "Timing.repeat tim-1": (repeat(duration=1, durationUnit="h"), repeat(duration=1)),
    "Timing.repeat tim-2": (repeat(period=1, periodUnit="h"), repeat(period=1)),
    "Timing.repeat tim-4": (repeat(duration=0, durationUnit="h"), repeat(duration=-1, durationUnit="h")),
    "Timing.repeat tim-5": (repeat(period=0, periodUnit="h"), repeat(period=-1, periodUnit="h")),
    "Timing.repeat tim-6": (repeat(period=1, periodMax=2, periodUnit="h"), repeat(periodMax=2)),
    "Timing.repeat tim-7": (repeat(duration=1, durationMax=2, durationUnit="h"), repeat(durationMax=2)),
    "Timing.repeat tim-8": (repeat(count=1, countMax=2), repeat(countMax=2)),
    "Timing.repeat tim-9": (repeat(offset=1, when=["MORN"]), repeat(offset=1, when=["C"])),
    "Timing.repeat tim-10": (repeat(when=["MORN"]), repeat(when=["MORN"], timeOfDay=["10:00:00"])),
    "TriggerDefinition trd-1": (
        trigger(type="data-added", data=DATA),
        trigger(type="data-added", data=DATA, timingDate="2024"),
    ),
    "TriggerDefinition trd-2": (
        trigger(type="data-added", data=DATA, condition=EXPRESSION),
        trigger(type="named-event", name="a", condition=EXPRESSION),
    ),
    "TriggerDefinition trd-3": (trigger(type="periodic", timingDate="2024"), trigger(type="periodic", name="a")),
    "DataRequirement.codeFilter drq-1": (
        requirement(codeFilter=[{"path": "a"}]),
        requirement(codeFilter=[{"path": "a", "searchParam": "b"}]),
    ),
    "DataRequirement.dateFilter drq-2": (
        requirement(dateFilter=[{"searchParam": "a"}]),
        requirement(dateFilter=[{"valueDateTime": "2024"}]),
    ),
    "Observation.referenceRange obs-3": (
        observation(referenceRange=[{"text": "a"}]),
        observation(referenceRange=[{"type": {"text": "a"}}]),
    ),
    "Observation obs-6": (
        observation(dataAbsentReason={"text": "a"}),
        observation(dataAbsentReason={"text": "a"}, valueString="b"),
    ),
    "Observation obs-7": (
        observation(code=K, valueString="a", component=[{"code": {"text": "b"}}]),
        observation(code=K, valueString="a", component=[{"code": K}]),
    ),
    "Patient.contact pat-1": (
        {"resourceType": "Patient", "contact": [{"name": {"text": "a"}}]},
        {"resourceType": "Patient", "contact": [{"gender": "male"}]},
    ),
    "Organization org-1": ({"resourceType": "Organization", "name": "a"}, {"resourceType": "Organization"}),
    "Organization org-2": (
        {"resourceType": "Organization", "name": "a", "address": [{"use": "work"}]},
        {"resourceType": "Organization", "name": "a", "address": [{"use": "home"}]},
    ),
    "Organization org-3": (
        {"resourceType": "Organization", "name": "a", "telecom": [{"use": "work"}]},
        {"resourceType": "Organization", "name": "a", "telecom": [{"use": "home"}]},
    ),
    "ServiceRequest prr-1": (
        {"resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": {"display": "a"}},
        {
            **{"resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": {"display": "a"}},
            "orderDetail": [{"text": "a"}],
        },
    ),
    "AllergyIntolerance ait-1": (
        allergy(clinicalStatus=concept("allergyintolerance-clinical", "active")),
        allergy(),
    ),
    "AllergyIntolerance ait-2": (
        allergy(verificationStatus=concept("allergyintolerance-verification", "entered-in-error")),
        allergy(
            verificationStatus=concept("allergyintolerance-verification", "entered-in-error"),
            clinicalStatus=concept("allergyintolerance-clinical", "active"),
        ),
    ),
    "Condition.stage con-1": (
        condition(stage=[{"summary": {"text": "a"}}]),
        condition(stage=[{"type": {"text": "a"}}]),
    ),
    "Condition.evidence con-2": (
        condition(evidence=[{"code": [{"text": "a"}]}]),
        condition(evidence=[{"id": "a", "extension": [{"url": "b", "valueCode": "c"}]}]),
    ),
    "Condition con-4": (
        condition(abatementString="a", clinicalStatus=concept("condition-clinical", "resolved")),
        condition(abatementString="a", clinicalStatus=ACTIVE),
    ),
    "Condition con-5": (
        condition(verificationStatus=IN_ERROR),
        condition(verificationStatus=IN_ERROR, clinicalStatus=ACTIVE),
    ),
    "Consent ppc-1": (consent(policyRule={"text": "a"}), consent()),
    "Composition.section cmp-1": (composition(entry=[{"display": "a"}]), composition()),
    "Composition.section cmp-2": (
        composition(entry=[{"display": "a"}]),
        composition(entry=[{"display": "a"}], emptyReason={"text": "a"}),
    ),
    "Parameters.parameter inv-1": (
        parameter(part=[{"name": "a", "valueCode": "b"}]),
        parameter(valueCode="a", part=[]),
    ),
    "Bundle bdl-1": (bundle("searchset", total=0), bundle("collection", total=0)),
    "Bundle bdl-2": (
        bundle("searchset", entry(resource=basic(id="a"), search={"mode": "match"})),
        bundle("collection", entry(search={"mode": "match"})),
    ),
    "Bundle bdl-3": (bundle("batch", entry(request=REQUEST)), bundle("batch", entry())),
    "Bundle bdl-4": (bundle("batch-response", {"response": RESPONSE}), bundle("batch-response", entry())),
    "Bundle.entry bdl-5": (bundle("batch", {"request": REQUEST}), bundle("batch", {"link": []})),
    "Bundle bdl-7": (
        bundle("collection", entry(resource=basic(meta={"versionId": "1"})), entry()),
        bundle("collection", entry(), entry()),
    ),
    "Bundle.entry bdl-8": (
        bundle("collection", entry(fullUrl="http://example.org/Basic/1", resource=basic(id="1"))),
        bundle("collection", entry(fullUrl="http://example.org/Basic/1/_history/2", resource=basic(id="1"))),
    ),
    "Bundle bdl-9": (bundle("document", FIRST, **DOCUMENT), bundle("document", FIRST, timestamp=DOCUMENT["timestamp"])),
    "Bundle bdl-10": (
        bundle("document", FIRST, **DOCUMENT),
        bundle("document", FIRST, identifier=DOCUMENT["identifier"]),
    ),
    "Bundle bdl-11": (bundle("document", FIRST, entry(), **DOCUMENT), bundle("document", entry(), FIRST, **DOCUMENT)),
    "Bundle bdl-12": (
        bundle("message", entry(resource=HEADER), entry(2)),
        bundle("message", entry(2), entry(resource=HEADER)),
    ),
}


def rules(resource: dict[str, Any]) -> list[str]:
    return [issue.rule for issue in check(resource)]


@pytest.mark.parametrize("name", CASES)
def test_rule_is_kept_and_broken(name: str) -> None:
    kept, broken = CASES[name]

    assert rules(kept) == []
    assert name.partition(" ")[2] in rules(broken)


def test_every_rule_has_its_case() -> None:
    assert {tuple(name.split(" ")) for name in CASES} == set(RULES)


def test_every_rule_is_one_of_hl7_and_makes_an_error() -> None:
    known = {(one.type, one.key): one.severity for name in type_names() for one in type_definition(name).constraints}

    assert {known[key] for key in RULES} == {"error"}


def test_page_counts_the_rules() -> None:
    assert f"the {len(RULES)} rules with severity" in PAGE.read_text("utf-8")


def test_page_lists_exactly_the_rules_that_are_not_checked() -> None:
    section = PAGE.read_text("utf-8").partition("## Rules that are not checked")[2].partition("\n## ")[0]
    listed = {
        (name, key)
        for name, keys in re.findall(r"^\| (\w+) \| ([^|]+) \|", section, re.MULTILINE)
        for key in keys.split()
    }

    missing = {
        (name.partition(".")[0], one.key)
        for name in type_names()
        for one in type_definition(name).constraints
        if one.severity == "error" and one.type == name and (name, one.key) not in {*RULES, *ELSEWHERE}
    }

    assert {(name, f"`{key}`") for name, key in missing} == listed - {("type", "keys")}


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (bundle("collection", {"resource": basic()}), [("Bundle.entry[0]", "full-url")]),
        (bundle("batch", {"resource": basic(), "request": REQUEST}), []),
        (bundle("collection", entry(fullUrl="Basic/1")), [("Bundle.entry[0].fullUrl", "full-url")]),
        (bundle("collection", entry(fullUrl="urn:uuid:1")), [("Bundle.entry[0].fullUrl", "full-url")]),
        (bundle("collection", entry(fullUrl="urn:oid:1.2.x")), [("Bundle.entry[0].fullUrl", "full-url")]),
        (bundle("collection", entry(fullUrl="http://example.org/any")), []),
        (
            bundle("collection", entry(fullUrl="http://example.org/Basic/2", resource=basic(id="1"))),
            [("Bundle.entry[0].fullUrl", "full-url")],
        ),
        (bundle("searchset", entry()), [("Bundle.entry[0].resource", "searchset-id")]),
        (bundle("batch", entry(resource=basic(subject={"reference": "Patient?a=b"}), request=REQUEST)), []),
        (
            bundle("collection", entry(resource=basic(author={"reference": entry(2)["fullUrl"]})), entry(2)),
            [("Bundle.entry[0].resource.author.reference", "reference-target")],
        ),
        (
            bundle(
                "collection",
                entry(fullUrl="http://example.org/Basic/1", resource=basic(id="1", subject={"reference": "Group/2"})),
                entry(fullUrl="http://example.org/Group/2"),
            ),
            [
                ("Bundle.entry[1].fullUrl", "full-url"),
                ("Bundle.entry[0].resource.subject.reference", "reference-target"),
            ],
        ),
    ],
    ids=lambda value: None,
)
def test_entries_of_a_bundle_agree(resource: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert [(issue.place, issue.rule) for issue in check(resource)] == expected


@pytest.mark.parametrize(
    ("resource", "place", "rule"),
    [
        (bundle("collection", entry(), entry(2, search={"mode": "match"})), "Bundle.entry[1]", "bdl-2"),
        (bundle("batch", entry(request=REQUEST), entry(2)), "Bundle.entry[1]", "bdl-3"),
        (bundle("collection", entry(), entry(2, request=REQUEST)), "Bundle.entry[1]", "bdl-3"),
        (bundle("batch-response", {"response": RESPONSE}, entry()), "Bundle.entry[1]", "bdl-4"),
        (bundle("collection", entry(), entry(2), entry(2)), "Bundle.entry[2]", "bdl-7"),
    ],
)
def test_rule_of_all_entries_names_the_first_that_breaks_it(resource: dict[str, Any], place: str, rule: str) -> None:
    assert (place, rule) in [(issue.place, issue.rule) for issue in check(resource)]


def test_bundle_in_a_resource_is_checked_like_any_other() -> None:
    held = {"id": "b", **bundle("collection", {"resource": basic()})}
    resource = basic(contained=[held], extension=[{"url": "a", "valueReference": {"reference": "#b"}}])

    assert [(issue.place, issue.rule) for issue in check(resource)] == [("Basic.contained[0].entry[0]", "full-url")]


def test_there_is_a_resource_for_each_case() -> None:
    assert {kept["resourceType"] for kept, _ in CASES.values()} <= resource_types()
