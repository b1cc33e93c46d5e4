"""Searches over resources as received and over what came as HL7 v2, in one answer."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from django.utils import timezone
from tests.factories.exchange import OBR, PID, message
from tests.factories.results import order_draft, store_some_orders
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.fhir.bundles import entry, glucose, patient, report, transaction
from tests.integration.exchange.fhir.conftest import Json, System, system_of

from lienthong.core.models import AuditEvent
from lienthong.results.models import PatientRecord, Report

pytestmark = pytest.mark.django_db

OBX = "OBX|{n}|NM|2345-7^Glucose^LN||{value}|mmol/L|3.9-6.1|{flag}|||F|||20261120070000+0700"


@pytest.fixture
def both(scene: Scene, hospital: System) -> System:
    """One patient's glucose of 4.9 by HL7 v2, and another's of 5.6 by FHIR."""
    scene.glucose.name_vi = "Đường huyết"
    scene.glucose.save()
    scene.process(message(PID, OBR, OBX.format(n=1, value="4.9", flag="N")))
    hospital.post("", transaction(entry(patient("p9", number="P9")), entry(json.loads(glucose(of="Patient/p9")))))
    return hospital


def values(found: list[Json]) -> list[float]:
    return sorted(one["valueQuantity"]["value"] for one in found)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("code=2345-7", [4.9, 5.6]),
        ("code=http://loinc.org|2345-7", [4.9, 5.6]),
        ("code=http://loinc.org|", [4.9, 5.6]),
        ("code=2823-3", []),
        ("code:not=2823-3", [4.9, 5.6]),
        ("code=2823-3,2345-7", [4.9, 5.6]),
        ("code:text=gluc", [4.9, 5.6]),
        ("code:text=%C4%90%C6%AF%E1%BB%9CNG", [4.9]),
        ("code:text=HUYET,no", [4.9]),
        ("code:text=ucose", []),
        ("code:text=%25", []),
        ("code:text=%20", []),
        ("status:text=final", []),
        ("status=final&category=laboratory", [4.9]),
        ("status:not=final", []),
        ("date=2026-11-20", [4.9, 5.6]),
        ("date=ge2026-11-20&date=lt2026-11-21", [4.9, 5.6]),
        ("date=gt2026-11-20", []),
        ("date=lt2026", []),
        ("date:missing=true", []),
        ("value-quantity=gt5", [5.6]),
        ("value-quantity=sa5.6", []),
        ("value-quantity=ge5.6", [5.6]),
        ("value-quantity=lt5", [4.9]),
        ("value-quantity=5.6", [5.6]),
        ("value-quantity=ne5.6", [4.9]),
        ("value-quantity=5.6|http://unitsofmeasure.org|mmol/L", [5.6]),
        ("value-quantity=le4.9||mmol/L", [4.9]),
        ("value-quantity=4.9|http://unitsofmeasure.org|mg/dL", []),
        ("patient.identifier=P9", [5.6]),
        ("subject:Patient.identifier=P1", [4.9]),
        ("patient:identifier=P1", [4.9]),
        ("patient.name=dao", [4.9, 5.6]),
        ("patient=p9", [5.6]),
        ("patient=Patient/p9,Patient/nobody", [5.6]),
        ("subject=nobody", []),
        ("performer=p9", []),
        ("performer=Patient/p9", []),
        ("performer=Organization/{facility}", [4.9]),
        ("performer.identifier={facility}", [4.9]),
        ("performer:Organization.name=Hospital", [4.9]),
        ("_lastUpdated=ge2020-01-01", [4.9, 5.6]),
        ("_lastUpdated=lt2020-01-01", []),
        ("_id=o1", [5.6]),
    ],
    ids=str,
)
def test_search_finds_in_both_places(asked: str, expected: list[float], scene: Scene, both: System) -> None:
    facility = scene.laboratory.facility.code

    assert values(both.search(f"Observation?{asked.format(facility=facility)}")) == expected


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("Observation?cod=1", "has no parameter cod"),
        ("Observation?date=yesterday", "must be YYYY"),
        ("Observation?value-quantity=5|mmol", "number|system|code"),
        ("Observation?code:in=x", "is not searched here"),
        ("Observation?value-string:text=x", "is not searched here"),
        ("Observation?_count=many", "_count must be a whole number"),
        ("Observation?_include=Patient", "Kind:parameter"),
        ("Observation?_sort=value", "_sort may be"),
        ("Observation?code.text=1", "is no reference"),
        ("Spaceship", "no such type"),
    ],
    ids=str,
)
def test_search_that_is_not_understood_is_refused(path: str, told: str, both: System) -> None:
    answer = both.get(path)

    assert answer.status_code in (400, 404)
    assert told in answer.json()["issue"][0]["diagnostics"]


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("Observation", "&".join(["code=2345-7"] * 101)),
        ("Observation", "code=" + ",".join(["2345-7"] * 2_001)),
        ("Patient", "&".join(["_revinclude=Observation:patient"] * 101)),
        ("Patient", "name:contains=" + "a" * 100_001),
        ("Observation", "patient" + ".link" * 5 + ".name=x"),
        ("Observation", "patient" + ".link" * 2_000 + ".name=x"),
    ],
    ids=["parameters", "values", "includes", "characters", "chain", "chain-without-end"],
)
def test_search_that_would_stop_the_database_of_all_is_refused(kind: str, asked: str, both: System) -> None:
    answer = both.post(f"{kind}/_search", asked, Content_Type="application/x-www-form-urlencoded")
    condition = both.post(kind, {"resourceType": kind}, If_None_Exist=asked)

    assert answer.status_code == 400
    assert answer.json()["issue"][0]["code"] == "too-costly"
    assert condition.status_code in (400, 422)


def test_pages_hold_each_result_once_in_order(scene: Scene, both: System) -> None:
    for number in range(2, 7):
        obr = OBR.replace("SX1", f"SX{number}")
        scene.process(message(PID, obr, OBX.format(n=1, value=f"{number}.1", flag="N"), control_id=f"M{number}"))

    pages, path = [], "Observation?code=2345-7&_count=3&_sort=-_lastUpdated&_total=accurate"
    while path:
        bundle = both.get(path).json()
        pages.append([one["resource"]["valueQuantity"]["value"] for one in bundle["entry"]])
        following = [one["url"] for one in bundle["link"] if one["relation"] == "next"]
        path = following[0].partition("/fhir/")[2] if following else ""

    assert [len(page) for page in pages] == [3, 3, 1]
    assert [one for page in pages for one in page] == [6.1, 5.1, 4.1, 3.1, 2.1, 5.6, 4.9]
    assert bundle["total"] == 7


def test_sorted_by_clinical_time_the_newest_comes_first(scene: Scene, both: System) -> None:
    later = OBR.replace("SX1", "SX2").replace("20261120", "20261121")
    scene.process(message(PID, later, OBX.format(n=1, value="7.7", flag="H"), control_id="M2"))

    found = both.search("Observation?code=2345-7&_sort=-date")

    assert found[0]["valueQuantity"]["value"] == 7.7


def test_includes_come_once_and_are_marked(both: System) -> None:
    both.post("", transaction(entry(report(of="Patient/p9"))))

    bundle = both.get(
        "Observation?patient=p9&_include=Observation:patient&_include=Observation:*&_revinclude=DiagnosticReport:result"
    ).json()

    found = [(one["search"]["mode"], one["resource"]["resourceType"]) for one in bundle["entry"]]
    assert found == [("match", "Observation"), ("include", "Patient"), ("include", "DiagnosticReport")]


def test_row_of_the_house_reads_like_a_resource(scene: Scene, both: System) -> None:
    [found] = both.search("Observation?patient.identifier=P1")

    read = both.get(f"Observation/{found['id']}")
    subject = both.get(found["subject"]["reference"]).json()
    specimen = both.get(found["specimen"]["reference"]).json()
    [report_found] = both.search("DiagnosticReport?identifier=SX1")
    facility = both.get(found["performer"][0]["reference"]).json()

    assert read.json() == found
    assert read.headers["ETag"] == 'W/"1"'
    assert (subject["resourceType"], subject["name"][0]["text"]) == ("Patient", "Nguyễn Thị Đào")
    assert specimen["collection"]["collectedDateTime"].startswith("2026-11-20T00:00:00")
    assert report_found["result"] == [{"reference": f"Observation/{found['id']}"}]
    assert facility["name"] == scene.laboratory.facility.name


def test_corrected_result_has_a_history(scene: Scene, both: System) -> None:
    corrected = OBX.format(n=1, value="5.1", flag="N").replace("|||F|", "|||C|")
    scene.process(message(PID, OBR, corrected, control_id="M2"))
    [found] = both.search("Observation?patient.identifier=P1")

    history = both.get(f"Observation/{found['id']}/_history").json()["entry"]
    older = both.get(f"Observation/{found['id']}/_history/1").json()

    assert [one["resource"]["status"] for one in history] == ["corrected", "final"]
    assert older["valueQuantity"]["value"] == 4.9


def test_another_hospital_finds_and_reads_nothing(both: System, other_hospital: System) -> None:
    [found] = both.search("Observation?patient.identifier=P1")
    [received] = both.search("Observation?patient=p9")
    kinds = ("Patient", "Observation", "DiagnosticReport", "Specimen", "ServiceRequest")

    assert [other_hospital.search(kind) for kind in kinds] == [[], [], [], [], []]
    assert other_hospital.search("Observation?patient.identifier=P9") == []
    for path in (f"Observation/{found['id']}", f"Observation/{received['id']}", found["subject"]["reference"]):
        assert other_hospital.get(path).status_code == 404
        assert other_hospital.get(f"{path}/_history").status_code == 404


def test_each_record_that_is_read_is_in_the_audit_log(both: System) -> None:
    both.search("Observation?code=2345-7")

    reads = AuditEvent.objects.filter(action="read")
    assert reads.count() == 2
    assert set(reads.values_list("relation", flat=True)) == {"same-facility"}


def test_token_without_the_scope_is_refused(scene: Scene, both: System) -> None:
    narrow = system_of(scene.laboratory.facility.code, scopes=("system/Patient.rs",))

    answer = narrow.get("Observation?code=2345-7")

    assert answer.status_code == 403
    assert "system/Observation.s" in answer.headers["WWW-Authenticate"]
    assert answer.json()["issue"][0]["code"] == "forbidden"


def test_without_a_token_nothing_is_served_but_metadata(scene: Scene) -> None:
    nobody = System("")

    assert nobody.get("Observation").status_code == 401
    assert nobody.get("metadata").status_code == 200


def test_capability_statement_tells_what_is_searched(both: System) -> None:
    statement = both.get("metadata").json()

    observation = next(one for one in statement["rest"][0]["resource"] if one["type"] == "Observation")
    names = {one["name"] for one in observation["searchParam"]}
    assert {"code", "date", "patient", "value-quantity", "_lastUpdated"} <= names
    for name in sorted(names):
        answer = both.get(f"Observation?{name}:missing=true&_count=1")
        assert answer.status_code == 200, (name, answer.content)


def test_xml_is_answered_and_taken(both: System) -> None:
    text = both.get("Observation/o1?_format=xml")

    assert text.headers["Content-Type"] == "application/fhir+xml; charset=utf-8"
    assert b'<value value="5.6"/>' in text.content


def test_last_results_of_each_code(scene: Scene, both: System) -> None:
    later = OBR.replace("SX1", "SX2").replace("20261120", "20261121")
    scene.process(message(PID, later, OBX.format(n=1, value="7.7", flag="H"), control_id="M2"))

    bundle = both.get("Observation/$lastn?patient.identifier=P1&max=1").json()
    refused = both.get("Observation/$lastn?code=2345-7")

    assert [one["resource"]["valueQuantity"]["value"] for one in bundle["entry"]] == [7.7]
    assert refused.status_code == 400


def test_search_by_form_keeps_numbers_out_of_addresses(both: System) -> None:
    answer = both.post(
        "Observation/_search?_count=5", "patient.identifier=P9", Content_Type="application/x-www-form-urlencoded"
    )

    assert answer.status_code == 200, answer.content
    query = parse_qs(urlsplit(answer.json()["link"][0]["url"]).query)
    assert query["_count"] == ["5"]


FORM = "application/x-www-form-urlencoded"


def links(bundle: Json) -> dict[str, str]:
    return {one["relation"]: one["url"] for one in bundle["link"]}


def told_openly(address: str) -> str:
    """Return an address without what is encrypted in it, where any two letters meet by chance."""
    address, _, query = address.partition("?")
    return urlencode([(name, value) for name, value in parse_qsl(query) if name != "_page"]) + address


def test_pages_of_a_search_by_form_tell_no_number_in_their_addresses(scene: Scene, both: System) -> None:
    for number in range(2, 5):
        obr = OBR.replace("SX1", f"SX{number}")
        scene.process(message(PID, obr, OBX.format(n=1, value=f"{number}.1", flag="N"), control_id=f"M{number}"))

    bundle = both.post("Observation/_search?_count=1", "patient.identifier=P1", Content_Type=FORM).json()
    pages, addresses = [bundle], [*links(bundle).values()]
    while following := links(pages[-1]).get("next"):
        pages.append(both.get(following.partition("/fhir/")[2]).json())
        addresses += links(pages[-1]).values()

    found = [one["resource"]["valueQuantity"]["value"] for page in pages for one in page["entry"]]
    assert sorted(found) == [2.1, 3.1, 4.1, 4.9]
    assert all("_page=" in one for one in addresses)
    assert not [one for one in addresses if "P1" in told_openly(one) or "identifier" in one]
    assert len({*addresses}) > 4  # each time closed anew


def test_link_of_a_page_is_taken_once(both: System) -> None:
    bundle = both.post("Observation/_search?_count=1", "patient.identifier=P1", Content_Type=FORM).json()
    [page] = [text for name, text in parse_qsl(links(bundle)["self"].partition("?")[2]) if name == "_page"]

    once = both.post("Observation/_search", urlencode({"_page": page}), Content_Type=FORM)
    twice = both.post("Observation/_search", urlencode([("_page", page)] * 2), Content_Type=FORM)

    assert (once.status_code, twice.status_code) == (200, 400)
    assert "_page must be there once" in twice.json()["issue"][0]["diagnostics"]


def test_searches_in_a_bundle_and_newest_results_tell_no_number_in_their_addresses(both: System) -> None:
    asked = {"request": {"method": "GET", "url": "Observation?patient.identifier=P1&_count=1"}}
    parameter = {"name": "patient.identifier", "valueString": "P1"}

    batch = both.post("", {"resourceType": "Bundle", "type": "batch", "entry": [asked]}).json()
    newest = both.post("Observation/$lastn", {"resourceType": "Parameters", "parameter": [parameter]}).json()

    for bundle in (batch["entry"][0]["resource"], newest):
        assert len(bundle["entry"]) == 1
        assert not [one for one in links(bundle).values() if "P1" in told_openly(one) or "identifier" in one]


def test_page_of_another_system_or_type_is_refused(both: System, other_hospital: System) -> None:
    bundle = both.post("Observation/_search", "patient.identifier=P1", Content_Type=FORM).json()
    query = links(bundle)["self"].partition("?")[2]

    refused = [other_hospital.get(f"Observation?{query}"), both.get(f"Patient?{query}"), both.get("Patient?_page=A")]

    assert [one.status_code for one in refused] == [400] * 3
    assert both.get(f"Observation?{query}").status_code == 200


def test_search_too_long_for_the_address_of_its_next_page_is_refused(scene: Scene, both: System) -> None:
    numbers = ",".join(["P1", "P9", *(f"{one * 7919:x}" for one in range(10**9, 10**9 + 1_500))])
    asked = f"patient.identifier={numbers}"

    whole = both.post("Observation/_search", asked, Content_Type=FORM)
    parted = both.post("Observation/_search?_count=1", asked, Content_Type=FORM)

    assert (whole.status_code, len(whole.json()["entry"])) == (200, 2)
    assert parted.status_code == 400
    assert parted.json()["issue"][0]["code"] == "too-costly"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("DiagnosticReport?code:text=chem", 1),
        ("DiagnosticReport?code:text=report", 2),
        ("DiagnosticReport?code:text=hoa", 1),
        ("DiagnosticReport?code:text=imaging", 0),
        ("DiagnosticReport?category:text=laboratory", 2),
        ("DiagnosticReport?category:text=radiology", 0),
        ("ServiceRequest?code:text=CHEM", 1),
        ("ServiceRequest?code:text=zz", 0),
        ("Specimen?type:text=blood", 2),
        ("Specimen?type:text=urine", 0),
        ("Organization?type:text=provider", 1),
        ("Organization?type:text=hospital", 0),
    ],
)
def test_texts_of_codes_are_searched_in_other_kinds(asked: str, expected: int, scene: Scene, both: System) -> None:
    both.post("", transaction(entry(report(of="Patient/p9"))))
    record = PatientRecord.objects.get(local_id="P1")
    order = order_draft(scene.laboratory.facility, record.pk, source="SX", placer_number="PL7", service="Chemistry")
    store_some_orders(order, at=timezone.now())
    Report.objects.filter(resource_id=None).update(specimen="Máu toàn phần, whole blood")

    assert len(both.search(asked)) == expected
