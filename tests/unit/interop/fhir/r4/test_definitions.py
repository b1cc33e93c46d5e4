"""The table of R4's definitions: whole, small, and unpacked as HL7 means it."""

from __future__ import annotations

from importlib.resources import files

import pytest

from lienthong.interop.fhir.r4 import (
    release,
    resource_types,
    search_parameters,
    searched_types,
    type_definition,
    type_names,
    value_set,
)
from lienthong.interop.fhir.r4._definitions import primitives

MOST_BYTES = 1_500_000
SEARCHED = {
    *("Patient", "Observation", "DiagnosticReport", "Specimen", "ServiceRequest", "Organization", "Location"),
    *("Practitioner", "PractitionerRole", "Device", "Provenance", "Bundle", "Consent", "Encounter", "Condition"),
    *("AllergyIntolerance", "RelatedPerson", "Subscription", "StructureDefinition", "CodeSystem", "ValueSet"),
    *("Media", "ImagingStudy", "Endpoint"),
}


def element(type_name: str, name: str):  # type: ignore[no-untyped-def]
    return next(one for one in type_definition(type_name).elements if one.name == name)


def test_table_is_of_r4_and_small() -> None:
    data = files("lienthong.interop.fhir.r4").joinpath("definitions.json").read_bytes()

    assert release() == "4.0.1"
    assert b'"licence":"CC0-1.0"' in data[:300]
    assert len(data) < MOST_BYTES


def test_resources_are_those_of_r4() -> None:
    assert len(resource_types()) == 146
    assert {"Patient", "Observation", "Parameters", "Bundle"} <= resource_types()
    assert resource_types().isdisjoint({"Resource", "DomainResource", "SubscriptionStatus", "Quantity"})


@pytest.mark.parametrize("name", sorted(type_names()))
def test_every_element_has_types_that_exist(name: str) -> None:
    definition = type_definition(name)

    assert definition.elements
    for one in definition.elements:
        assert one.types, one
        assert one.least <= (one.most or one.least)
        assert all(use.code in type_names() or use.code in primitives() for use in one.types)
        assert all(use.profile in ("", *type_names()) for use in one.types)
        assert one.is_choice or len(one.types) == 1
    names = [written for one in definition.elements for written, _ in one.names()]
    assert len(names) == len(set(names))


def test_elements_are_in_order_with_the_inherited_first() -> None:
    names = [one.name for one in type_definition("Observation").elements]

    assert names[:8] == [
        *("id", "meta", "implicitRules", "language", "text", "contained", "extension", "modifierExtension"),
    ]
    assert names[8:12] == ["identifier", "basedOn", "partOf", "status"]


@pytest.mark.parametrize(
    ("type_name", "name", "expected"),
    [
        ("Observation", "status", (1, 1, ["code"], "observation-status")),
        ("Observation", "category", (0, None, ["CodeableConcept"], "")),
        ("Observation.component", "referenceRange", (0, None, ["Observation.referenceRange"], "")),
        ("Timing.repeat", "bounds", (0, 1, ["Duration", "Range", "Period"], "")),
        ("Resource", "id", (0, 1, ["id"], "")),
        ("Element", "id", (0, 1, ["string"], "")),
        ("Extension", "url", (1, 1, ["uri"], "")),
        ("Bundle.entry.request", "method", (1, 1, ["code"], "http-verb")),
        ("Narrative", "div", (1, 1, ["xhtml"], "")),
    ],
)
def test_element_is_that_of_hl7(type_name: str, name: str, expected: object) -> None:
    found = element(type_name, name)

    assert (found.least, found.most, [use.code for use in found.types], found.value_set) == expected


def test_choice_has_a_name_for_each_type() -> None:
    names = [name for name, _ in element("Observation", "value").names()]

    assert names[:3] == ["valueQuantity", "valueCodeableConcept", "valueString"]
    assert "valueDateTime" in names


def test_reference_has_its_targets_and_quantity_its_profile() -> None:
    assert element("Observation", "subject").types[0].targets == ("Patient", "Group", "Device", "Location")
    assert element("Observation.referenceRange", "low").types[0].profile == "SimpleQuantity"
    assert element("Provenance", "target").types[0].targets == ()


@pytest.mark.parametrize(
    ("name", "count"), [("observation-status", 8), ("bundle-type", 9), ("http-verb", 6), ("administrative-gender", 4)]
)
def test_value_set_has_its_codes(name: str, count: int) -> None:
    (codes,) = (value_set(name) or {}).values()

    assert len(codes) == count


def test_value_set_of_other_makers_is_open() -> None:
    assert value_set("mimetypes") is None


def test_every_required_code_list_is_known_or_open() -> None:
    named = {one.value_set for name in type_names() for one in type_definition(name).elements if one.value_set}

    assert {name for name in named if value_set(name) is None} == {
        *("mimetypes", "currencies", "ucum-units", "LL379-9"),
    }


def test_search_parameters_are_there_for_what_laboratories_ask() -> None:
    assert searched_types() == SEARCHED
    assert {"_id", "_lastUpdated", "_tag", "code", "date", "patient", "value-quantity", "combo-code"} <= set(
        search_parameters("Observation")
    )
    assert search_parameters("Observation")["code-value-quantity"].components == (
        ("token", "code"),
        ("quantity", "value.as(Quantity)"),
    )
    assert search_parameters("Patient")["birthdate"].expression == "Patient.birthDate"
    assert search_parameters("Patient")["general-practitioner"].targets
