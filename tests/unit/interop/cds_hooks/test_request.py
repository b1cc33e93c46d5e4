from __future__ import annotations

import copy
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lienthong.interop.cds_hooks import (
    HOOKS,
    DraftOrder,
    Patient,
    PatientIdentifier,
    PatientName,
    read_feedback,
    read_request,
)

SHARED = Path(__file__).parents[5] / "shared/data/cds-hooks"
FILES = sorted(SHARED.glob("*.json"))

REQUEST: dict[str, Any] = {
    "hook": "order-select",
    "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
    "fhirServer": "https://his.example/fhir",
    "context": {
        "userId": "Practitioner/7",
        "patientId": "77",
        "encounterId": "88",
        "selections": ["ServiceRequest/b"],
        "draftOrders": {
            "resourceType": "Bundle",
            "entry": [
                {
                    "resource": {
                        "resourceType": "ServiceRequest",
                        "id": identity,
                        "status": "draft",
                        "priority": "routine",
                        "code": {"coding": [{"system": "http://loinc.org", "code": code, "display": "Glucose"}]},
                    }
                }
                for identity, code in (("a", "718-7"), ("b", "2345-7"))
            ],
        },
    },
    "prefetch": {
        "patient": {
            "resourceType": "Patient",
            "identifier": [
                {"system": "http://bv.example/mrn", "value": "BN01", "type": {"coding": [{"code": "MR"}]}},
                {"system": "http://gov.example/cccd", "value": " 079199000001 "},
                {"system": "empty"},
            ],
            "name": [{"text": "Nguyễn Văn Đức", "family": "Nguyễn", "given": ["Văn", "Đức"]}],
            "birthDate": "1990-08-04",
            "gender": "male",
        },
        "encounter": {"resourceType": "Encounter", "class": {"system": "v3-ActCode", "code": "EMER"}},
    },
}


def changed(path: str, value: object) -> dict[str, Any]:
    document = copy.deepcopy(REQUEST)
    *parents, last = path.split(".")
    place = document
    for parent in parents:
        place = place[parent]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return document


def test_read_request_whole_request_is_read() -> None:
    request, findings = read_request(REQUEST)

    assert findings == ()
    assert request is not None
    assert (request.hook, request.user_id, request.patient_id) == ("order-select", "Practitioner/7", "77")
    assert (request.encounter_id, request.fhir_server) == ("88", "https://his.example/fhir")
    assert request.encounter_class == "EMER"
    assert request.patient == Patient(
        identifiers=(
            PatientIdentifier(value="BN01", system="http://bv.example/mrn", type_code="MR"),
            PatientIdentifier(value="079199000001", system="http://gov.example/cccd"),
        ),
        names=(PatientName(text="Nguyễn Văn Đức", family="Nguyễn", given=("Văn", "Đức")),),
        birth_date=date(1990, 8, 4),
        gender="male",
    )


def test_orders_at_order_select_are_the_selected_ones() -> None:
    request, _ = read_request(REQUEST)
    assert request is not None

    assert request.orders == (
        DraftOrder(
            reference="ServiceRequest/b",
            codes=(("http://loinc.org", "2345-7"),),
            display="Glucose",
            status="draft",
            priority="routine",
        ),
    )
    assert request.orders[0].resource_type == "ServiceRequest"


def test_orders_at_order_sign_are_all() -> None:
    document = changed("hook", "order-sign")
    del document["context"]["selections"]

    request, findings = read_request(document)

    assert findings == ()
    assert request is not None
    assert [order.reference for order in request.orders] == ["ServiceRequest/a", "ServiceRequest/b"]


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("hook", "patient-view", "hook"),
        ("hookInstance", None, "hookInstance"),
        ("context.userId", None, "context.userId"),
        ("context.patientId", 77, "context.patientId"),
        ("context.draftOrders", [], "context.draftOrders"),
        ("context.selections", None, "context.selections"),
    ],
)
def test_read_request_missing_element_is_named(path: str, value: object, where: str) -> None:
    request, findings = read_request(changed(path, value))

    assert request is None
    assert [finding.where for finding in findings] == [where]


def test_read_request_selection_without_draft_gives_a_finding() -> None:
    request, findings = read_request(changed("context.selections", ["ServiceRequest/z"]))

    assert request is not None
    assert request.orders == ()
    assert [(finding.where, finding.code) for finding in findings] == [("context.selections[0]", "selection-unknown")]


@pytest.mark.parametrize(
    ("encounter", "expected"),
    [
        ({"resourceType": "Encounter", "class": {"code": "IMP"}}, "IMP"),
        ({"resourceType": "Encounter", "class": [{"coding": [{"code": "AMB"}]}]}, "AMB"),
        ({"resourceType": "Encounter"}, None),
        ({"resourceType": "Encounter", "class": {}}, None),
        ({"resourceType": "OperationOutcome", "class": {"code": "IMP"}}, None),
        (None, None),
    ],
    ids=["R4", "R5", "no class", "empty class", "error instead", "not prefetched"],
)
def test_read_request_encounter_class_that_is_not_given_is_unknown(encounter: object, expected: str | None) -> None:
    request, _ = read_request(changed("prefetch.encounter", encounter))

    assert request is not None
    assert request.encounter_class == expected


def test_read_request_without_prefetch_knows_no_patient() -> None:
    request, findings = read_request(changed("prefetch", None))

    assert findings == ()
    assert request is not None
    assert (request.patient, request.encounter_class) == (None, None)


@pytest.mark.parametrize("birth_date", ["1990", "1990-08", "1990-02-30", "19900804", 1990])
def test_read_request_birth_date_that_is_not_full_is_unknown(birth_date: object) -> None:
    request, _ = read_request(changed("prefetch.patient.birthDate", birth_date))

    assert request is not None
    assert request.patient is not None
    assert request.patient.birth_date is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["hook", "context", "draftOrders", "entry", "resource", "id", "prefetch", "patient", "feedback"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    json_values,
    st.sampled_from(["context", "prefetch", "prefetch.patient", "context.draftOrders", "context.selections"]),
)
def test_read_request_arbitrary_json_never_raises(value: Any, path: str) -> None:
    read_request(value)
    read_feedback(value)
    read_feedback({"feedback": [value]})
    read_request(changed(path, value))


@pytest.mark.shared
@pytest.mark.skipif(not FILES, reason="shared data is absent")
def test_shared_contexts_are_accepted_by_the_hooks_that_are_offered() -> None:
    accepted = []
    for path in FILES:
        hook = path.stem.rpartition("-")[0]
        document = {"hook": hook, "hookInstance": "1", "fhirServer": "https://x", **json.loads(path.read_text())}

        request, findings = read_request(document)

        if hook in HOOKS:
            assert findings == (), path
            assert request is not None
            assert [order.reference for order in request.orders] == [
                "NutritionOrder/pureeddiet-simple",
                "MedicationRequest/smart-MedicationRequest-103",
            ]
            assert request.orders[1].codes == (("http://www.nlm.nih.gov/research/umls/rxnorm", "617993"),)
            accepted.append(path.name)
        else:
            assert request is None
            assert findings[0].code == "hook-unknown"

    print(f"CDS Hooks: {len(accepted)} of {len(FILES)} contexts are of the hooks offered, and accepted")
    assert len(accepted) == 4
