from __future__ import annotations

from typing import Any

import pytest
from tests.unit.interop.fhir.checks import check
from tests.unit.interop.fhir.messages import MSH, OBR, ORC, PID, bundle_of, observation_of, of_kind, resolved

OBX = "OBX|1|NM|1-8^A^LN||5|mmol/L|3.9-6.1|H|||F|||20240305080000+0700"
SPM = "SPM|1|S1&LIS||BLD^Blood^HL70487|||||||{}||||||20240305075500+0700|20240305081000+0700"
STATUSES = {
    **dict(F="final", P="preliminary", C="corrected", A="amended", X="cancelled", D="entered-in-error"),
    **dict(W="entered-in-error", I="unknown", N="unknown", O="unknown", R="unknown", S="unknown", V="unknown"),
    **dict(U="unknown", B="unknown", Z="unknown"),
}
REPORTS = {
    **dict(F="final", P="preliminary", C="corrected", O="registered", I="registered", S="registered", R="partial"),
    **dict(X="cancelled", A="unknown", M="unknown", N="unknown", Y="unknown", Z="unknown"),
}
KEPT = "http://hl7.org/fhir/StructureDefinition/alternate-codes"


@pytest.mark.parametrize(("sent", "expected"), STATUSES.items())
def test_result_status_is_that_of_the_map(sent: str, expected: str) -> None:
    found = observation_of(f"OBX|1|NM|1-8^A^LN||5||||||{sent}")

    assert found["status"] == expected
    if sent not in "FPCAXD":  # lost or shared with another code
        coding = found["_status"]["extension"][0]["valueCodeableConcept"]["coding"][0]
        assert coding == {"system": "http://terminology.hl7.org/CodeSystem/v2-0085", "code": sent}
        assert found["_status"]["extension"][0]["url"] == KEPT


@pytest.mark.parametrize(("sent", "expected"), REPORTS.items())
def test_report_status_is_that_of_the_map(sent: str, expected: str) -> None:
    (report,) = of_kind(bundle_of(PID, ORC, OBR.removesuffix("F") + sent), "DiagnosticReport")

    assert report["status"] == expected


@pytest.mark.parametrize(("status", "reason"), [("X", "cannot-be-obtained"), ("N", "not-asked")])
def test_status_without_value_says_why(status: str, reason: str) -> None:
    assert observation_of(f"OBX|1||1-8^A^LN||||||||{status}")["dataAbsentReason"]["coding"][0]["code"] == reason


def test_value_beside_status_x_stays_and_gives_no_reason() -> None:
    found = observation_of("OBX|1|ST|1-8^A^LN||haemolysed||||||X")

    assert found["valueString"] == "haemolysed"
    assert "dataAbsentReason" not in found


FLAGS = {
    "table 0078": ("H", {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"}]}),
    "inactive": ("QCF", {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0078"}]}),
    "unknown": ("odd", {"text": "odd"}),
    "local": ("7^Odd^99LAB", {"coding": [{"system": "urn:lienthong:hl7v2:coding-system:BVDK:99LAB"}]}),
}


@pytest.mark.parametrize(("sent", "expected"), FLAGS.values(), ids=FLAGS)
def test_interpretation_is_a_code_only_where_it_is_known(sent: str, expected: dict[str, Any]) -> None:
    (flag,) = observation_of(f"OBX|1|NM|1-8^A^LN||5|||{sent}|||F")["interpretation"]

    assert flag.get("text") == expected.get("text")
    assert [one["system"] for one in flag.get("coding", [])] == [one["system"] for one in expected.get("coding", [])]


LIMITS = {
    "both": ("3.9-6.1", {"low", "high"}),
    "at most": ("<=5", {"high"}),
    "below is no limit of a range": ("<5", set()),
    "at least": ("≥1.0", {"low"}),
    "text": ("see report", set()),
    "reversed": ("6-3", set()),
}


@pytest.mark.parametrize(("sent", "sides"), LIMITS.values(), ids=LIMITS)
def test_reference_range_is_text_and_limits_where_they_are_certain(sent: str, sides: set[str]) -> None:
    (limits,) = observation_of(f"OBX|1|NM|1-8^A^LN||5|mmol/L|{sent}||||F")["referenceRange"]

    assert limits["text"] == sent
    assert limits.keys() - {"text"} == sides


def test_report_ties_its_results_request_specimen_patient_and_visit() -> None:
    bundle = bundle_of(PID, "PV1|1|I", ORC, OBR, OBX, SPM.format("P"))

    (report,), (request,) = of_kind(bundle, "DiagnosticReport"), of_kind(bundle, "ServiceRequest")
    (observation,), (specimen,) = of_kind(bundle, "Observation"), of_kind(bundle, "Specimen")
    assert [resolved(bundle, one)["id"] for one in report["result"]] == [observation["id"]]
    assert resolved(bundle, report["basedOn"][0]) == request
    for one in (report, observation):
        assert resolved(bundle, one["subject"])["resourceType"] == "Patient"
        assert resolved(bundle, one["encounter"])["class"]["code"] == "IMP"
    assert resolved(bundle, observation["specimen"]) == specimen
    assert specimen["collection"]["collectedDateTime"] == "2024-03-05T07:55:00+07:00"
    assert specimen["type"]["coding"][0]["code"] == "BLD"
    assert report["effectiveDateTime"] == "2024-03-05T08:00:00+07:00"
    assert report["issued"] == "2024-03-05T10:00:00+07:00"


CONTROLS = {
    "SPM-11 Q": (MSH, SPM.format("Q")),
    "SPM-11 C": (MSH, SPM.format("C")),
    "MSH-11 Q": (MSH.replace("|P|2.5.1", "|Q|2.5.1"), ""),
}


@pytest.mark.parametrize(("msh", "spm"), CONTROLS.values(), ids=CONTROLS)
def test_result_of_control_material_is_of_no_patient(msh: str, spm: str) -> None:
    bundle = bundle_of(PID, "PV1|1|I", ORC, OBR, OBX, *([spm] if spm else []), msh=msh)

    for kind in ("Observation", "DiagnosticReport", "Specimen"):
        for one in of_kind(bundle, kind):
            assert "subject" not in one
            assert "encounter" not in one
    assert "reference" not in of_kind(bundle, "ServiceRequest")[0]["subject"]


def test_result_names_who_made_it_and_with_what() -> None:
    people = "|T1^Le^Mai|PCR^Amplification^99LAB|AU5800^LIS|20240305090000+0700"
    obx = f"{OBX}|11D^Central^CLIA{people}||||Central Lab^^^^^^XX^^^7|1 Street^^Hue|D1^Tran^Binh"
    bundle = bundle_of(PID, ORC, OBR, obx)

    (found,) = of_kind(bundle, "Observation")
    observer, director, producer = found["performer"]
    assert resolved(bundle, resolved(bundle, observer)["practitioner"])["name"][0]["family"] == "Le"
    role = resolved(bundle, director)
    assert role["code"][0]["coding"][0]["code"] == "MDIR"
    assert resolved(bundle, role["organization"])["name"] == "Central Lab"
    assert resolved(bundle, role["organization"])["address"][0]["city"] == "Hue"
    assert producer["identifier"]["value"] == "11D"
    assert found["method"]["coding"][0]["code"] == "PCR"
    assert resolved(bundle, found["device"])["identifier"][0]["value"] == "AU5800"
    assert found["extension"][0]["valueDateTime"] == "2024-03-05T09:00:00+07:00"


def test_notes_belong_to_what_stands_before_them() -> None:
    bundle = bundle_of(
        PID, "NTE|1||of the patient", ORC, OBR, "NTE|1||of the report", OBX, "NTE|1||of\\.br\\the result"
    )

    (patient,), (report,) = of_kind(bundle, "Patient"), of_kind(bundle, "DiagnosticReport")
    (observation,) = of_kind(bundle, "Observation")
    assert patient["extension"][0]["valueAnnotation"] == {"text": "of the patient"}
    assert report["extension"][0]["valueAnnotation"] == {"text": "of the report"}
    assert observation["note"] == [{"text": "of\nthe result"}]


def test_answer_to_a_question_of_the_order_is_no_result() -> None:
    question = "OBX|2|CWE|11778-8^Pregnant^LN||N^No^HL70136||||||F" + "|" * 17 + "|QST"
    bundle = bundle_of(PID, ORC, OBR, OBX, question)

    (report,), (request,) = of_kind(bundle, "DiagnosticReport"), of_kind(bundle, "ServiceRequest")
    assert len(report["result"]) == 1
    assert resolved(bundle, request["supportingInfo"][0])["code"]["coding"][0]["code"] == "11778-8"


def test_observation_names_its_specimen_where_the_order_has_several() -> None:
    obx = OBX + "|" * 19 + "S2&LIS"
    bundle = bundle_of(PID, ORC, OBR, OBX, obx, SPM.format("P"), SPM.format("P").replace("S1", "S2"))

    first, second = of_kind(bundle, "Observation")
    assert "specimen" not in first
    assert resolved(bundle, second["specimen"])["identifier"][0]["value"] == "S2"


def test_old_specimen_source_is_a_specimen() -> None:
    obr = "OBR|1|O1|F1|24323-8^Panel^LN|||20240305080000+0700|||||||20240305081000+0700|BLD&Blood&HL70070|||||||||CH|F"
    bundle = bundle_of(PID, ORC, obr, OBX)

    (specimen,) = of_kind(bundle, "Specimen")
    assert specimen["type"]["coding"][0] == {
        "system": "http://terminology.hl7.org/CodeSystem/v2-0070",
        "code": "BLD",
        "display": "Blood",
    }
    assert specimen["receivedTime"] == "2024-03-05T08:10:00+07:00"
    assert specimen["collection"]["collectedDateTime"] == "2024-03-05T08:00:00+07:00"


def test_specimen_before_its_order_is_that_of_its_results() -> None:
    bundle = bundle_of(PID, SPM.format("P"), OBR, ORC, OBX, kind="OUL^R22^OUL_R22")

    (observation,), (report,) = of_kind(bundle, "Observation"), of_kind(bundle, "DiagnosticReport")
    assert resolved(bundle, observation["specimen"])["identifier"][0]["value"] == "S1"
    assert len(report["result"]) == 1


def test_observation_of_a_specimen_is_focused_on_it() -> None:
    about = "OBX|1|ST|20^Volume^99LAB||small||||||F"
    bundle = bundle_of(PID, ORC, OBR, OBX, SPM.format("P"), about)

    (report,) = of_kind(bundle, "DiagnosticReport")
    _, found = of_kind(bundle, "Observation")
    assert len(report["result"]) == 1
    assert resolved(bundle, found["focus"][0])["resourceType"] == "Specimen"


def test_organisation_never_has_the_use_home() -> None:
    addresses = "1 Trần Phú^^Huế^^^^H~2 Lê Lợi^^Huế^^^^B"
    orc = f"{ORC}{'|' * 18}Khoa Nội|{addresses}|^PRN^PH^^84^24^1234567~^WPN^PH^^84^24^7654321"

    bundle = bundle_of(PID, orc, OBR)

    (found,) = [one for one in of_kind(bundle, "Organization") if one.get("name") == "Khoa Nội"]
    assert [one.get("use") for one in found["address"]] == [None, "work"]
    assert [one.get("use") for one in found["telecom"]] == [None, "work"]
    check(bundle)
