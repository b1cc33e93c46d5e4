from __future__ import annotations

import pytest
from tests.unit.interop.fhir.messages import ORC, PID, bundle_of, of_kind, resolved

AUTHORITIES = {
    "OID": ("X^^^&1.2.3&ISO", {"system": "urn:oid:1.2.3"}),
    "name": ("X^^^BVDK", {"assigner": {"display": "BVDK"}}),
    "both": ("X^^^BVDK&1.2.3&ISO", {"system": "urn:oid:1.2.3", "assigner": {"display": "BVDK"}}),
    "no URI": (
        "X^^^&11D&CLIA",
        {"assigner": {"identifier": {"type": {"text": "CLIA"}, "value": "11D"}}},
    ),
    "none": ("X", {}),
}


@pytest.mark.parametrize(("sent", "expected"), AUTHORITIES.values(), ids=AUTHORITIES)
def test_identifier_names_its_authority(sent: str, expected: dict[str, object]) -> None:
    (patient,) = of_kind(bundle_of(f"PID|1||{sent}"), "Patient")

    assert patient["identifier"] == [{"value": "X", **expected}]


@pytest.mark.parametrize(("sent", "expected"), [("M", "male"), ("F", "female"), ("A", "other"), ("U", "unknown")])
def test_sex_is_that_of_the_map(sent: str, expected: str) -> None:
    (patient,) = of_kind(bundle_of(f"PID|1||X|||||{sent}"), "Patient")

    assert patient["gender"] == expected


def test_unknown_sex_is_kept_and_not_guessed() -> None:
    (patient,) = of_kind(bundle_of("PID|1||X|||||nam"), "Patient")

    assert "gender" not in patient
    coding = patient["_gender"]["extension"][0]["valueCodeableConcept"]["coding"][0]
    assert coding == {"system": "http://terminology.hl7.org/CodeSystem/v2-0001", "code": "nam"}


def test_name_keeps_its_parts() -> None:
    (patient,) = of_kind(bundle_of("PID|1||X||Van Lo&Van&Lo^Jo^Ann^Jr^Dr^MD^L^I~^^^^^^N~^^^^^^^^^^^^^^Jo"), "Patient")

    first, called = patient["name"]
    assert first["family"] == "Van Lo"
    assert first["given"] == ["Jo", "Ann"]
    assert (first["prefix"], first["suffix"], first["use"]) == (["Dr"], ["Jr", "MD"], "official")
    assert first["_family"]["extension"][0]["valueString"] == "Van"
    assert first["extension"][0]["valueCode"] == "IDE"
    assert called == {"use": "nickname", "given": ["Jo"]}


def test_address_and_telephone_follow_their_maps() -> None:
    pid = "PID|1||X||||||||1 Main&Main St^Apt 2^Hue^TT^53000^VN^H||^PRN^CP^^84^90^1234567~^NET^Internet^a@b.vn|0243^^FX"
    (patient,) = of_kind(bundle_of(pid), "Patient")

    assert patient["address"] == [
        {
            "line": ["1 Main", "Main St", "Apt 2"],
            "city": "Hue",
            "state": "TT",
            "postalCode": "53000",
            "country": "VN",
            "use": "home",
        }
    ]
    mobile, mail, fax = patient["telecom"]
    assert (mobile["value"], mobile["system"], mobile["use"]) == ("+84 90 1234567", "phone", "home")
    assert (mail["value"], mail["system"]) == ("a@b.vn", "email")
    assert (fax["value"], fax["system"], fax["use"]) == ("0243", "fax", "work")


def test_telephone_of_unknown_kind_says_so() -> None:
    (patient,) = of_kind(bundle_of("PID|1||X||||||||||0243"), "Patient")

    assert patient["telecom"][0]["_system"]["extension"][0]["valueCode"] == "unknown"


def test_marital_status_has_the_maps_code_and_the_senders() -> None:
    (patient,) = of_kind(bundle_of("PID|1||X" + "|" * 13 + "A"), "Patient")

    assert [one["code"] for one in patient["maritalStatus"]["coding"]] == ["L", "A"]


def test_next_of_kin_is_related_to_the_patient() -> None:
    bundle = bundle_of(PID, "NK1|1|Tran^Ha|MTH^Mother^HL70063||0909^PRN^PH", kind="ADT^A04^ADT_A01")

    (mother,) = of_kind(bundle, "RelatedPerson")
    assert resolved(bundle, mother["patient"])["resourceType"] == "Patient"
    assert mother["relationship"][0]["coding"][0]["code"] == "MTH"
    assert mother["telecom"][0]["value"] == "0909"


def test_merge_names_the_record_that_is_replaced() -> None:
    bundle = bundle_of(PID, "MRG|OLD1^^^BVDK^MR", kind="ADT^A40^ADT_A39")

    kept, replaced = of_kind(bundle, "Patient")
    assert kept["link"][0]["type"] == "replaces"
    assert resolved(bundle, kept["link"][0]["other"]) == replaced
    assert replaced["identifier"][0]["value"] == "OLD1"
    assert replaced["active"] is False


def test_visit_has_class_people_places_and_period() -> None:
    pv1 = "PV1|1|I|W1^R2^B3^BVDK||||D1^Le^An|||CAR" + "|" * 9 + "V1^^^BVDK" + "|" * 25 + "20240301+0700|20240303"
    bundle = bundle_of(PID, pv1, kind="ADT^A03^ADT_A03")

    (visit,) = of_kind(bundle, "Encounter")
    assert (visit["class"]["code"], visit["status"]) == ("IMP", "finished")
    assert visit["identifier"][0]["value"] == "V1"
    assert visit["participant"][0]["type"][0]["coding"][0]["code"] == "ATND"
    bed = resolved(bundle, visit["location"][0]["location"])
    room = resolved(bundle, bed["partOf"])
    ward = resolved(bundle, room["partOf"])
    assert [one["name"] for one in (bed, room, ward)] == ["B3", "R2", "W1"]
    assert visit["period"]["end"] == "2024-03-03"


@pytest.mark.parametrize(("sent", "expected"), [("E", "EMER"), ("O", "AMB"), ("R", "R"), ("VIP", "VIP")])
def test_class_of_a_visit_is_that_of_the_map(sent: str, expected: str) -> None:
    (visit,) = of_kind(bundle_of(PID, f"PV1|1|{sent}"), "Encounter")

    assert visit["class"]["code"] == expected


def test_allergies_and_diagnoses_are_of_the_patient() -> None:
    bundle = bundle_of(
        PID, "PV1|1|I", "AL1|1|DA|PEN^Penicillin^99LAB|SV|rash|2020", "DG1|1||E11^Diabetes^I10", kind="ADT^A01^ADT_A01"
    )

    (allergy,), (condition,) = of_kind(bundle, "AllergyIntolerance"), of_kind(bundle, "Condition")
    assert allergy["category"] == ["medication"]
    assert allergy["criticality"] == "high"
    assert allergy["onsetDateTime"] == "2020"
    assert condition["code"]["coding"][0]["system"] == "http://hl7.org/fhir/sid/icd-10"
    assert resolved(bundle, of_kind(bundle, "Encounter")[0]["diagnosis"][0]["condition"]) == condition


def test_order_without_results_is_a_request() -> None:
    obr = "OBR|1|O1||24323-8^Panel^LN|S|20240306|||||G||||||||||||||||||||E11^Diabetes^I10"
    bundle = bundle_of(
        PID,
        ORC.replace("RE", "NW") + "||||||20240305090000+0700|||D1^Le^An",
        obr,
        "NTE|1||fasting",
        kind="OML^O21^OML_O21",
    )

    (request,) = of_kind(bundle, "ServiceRequest")
    assert (request["status"], request["intent"], request["priority"]) == ("active", "reflex-order", "stat")
    assert request["authoredOn"] == "2024-03-05T09:00:00+07:00"
    assert request["occurrenceDateTime"] == "2024-03-06"
    assert request["note"] == [{"text": "fasting"}]
    assert request["reasonCode"][0]["coding"][0]["code"] == "E11"
    assert resolved(bundle, request["requester"])["name"][0]["family"] == "Le"
    assert of_kind(bundle, "DiagnosticReport") == []


def test_segment_without_a_map_is_reported() -> None:
    (outcome,) = of_kind(bundle_of(PID, "ZPI|secret"), "OperationOutcome")

    assert outcome["issue"][0]["expression"] == ["ZPI"]
    assert "secret" not in str(outcome)
