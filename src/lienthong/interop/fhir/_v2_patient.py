"""Patient, RelatedPerson, Encounter, AllergyIntolerance and Condition as PID, PD1, NK1, MRG, PV1, PV2, AL1 and DG1."""

from __future__ import annotations

from lienthong.interop.fhir._index import Index, Resource
from lienthong.interop.fhir._json import element_at, elements_at, number_at, text_at, texts_at
from lienthong.interop.fhir._lines import Line, repetitions
from lienthong.interop.fhir._systems import NOTE, PARTICIPATION
from lienthong.interop.fhir._times import time_back
from lienthong.interop.fhir._v2_types import cwe, cx, ei, extension_at, pl, xad, xcn, xon, xpn, xtn
from lienthong.interop.fhir._vocabulary import ENCOUNTER_CLASS, MARITAL_STATUS, SEX, alternate, code_back
from lienthong.interop.hl7v2 import Segment

_EXTENSION = "http://hl7.org/fhir/StructureDefinition/"
_CLASS_BACK = {code: sent for sent, (code, _) in ENCOUNTER_CLASS.items()}
_CLASS_BACK.update({"ACUTE": "I", "NONAC": "I", "OBSENC": "O", "SS": "O", "VR": "O", "HH": "O", "FLD": "O"})
_PEOPLE = {"ATND": 7, "REF": 8, "CON": 9, "ADM": 17, "PART": 52}
_PLACES = {"active": 3, "planned": 3, "completed": 6, "reserved": 42}
_STAY = {
    13: "reAdmission",
    14: "admitSource",
    16: "specialCourtesy",
    36: "dischargeDisposition",
    38: "dietPreference",
}
_CATEGORIES = {"medication": "DA", "food": "FA", "environment": "EA"}
_CRITICALITY = {"high": "SV", "low": "MI", "unable-to-assess": "U"}


def pid(patient: Resource, index: Index) -> Segment:
    """Write a Patient as PID; every number goes to PID-3."""
    line = Line("PID")
    line.put(1, "1")
    line.put(3, repetitions([cx(one, index) for one in elements_at(patient, "identifier")]))
    line.put(5, repetitions([xpn(one) for one in elements_at(patient, "name")]))
    line.put_text(6, text_at(extension_at(patient, f"{_EXTENSION}patient-mothersMaidenName"), "valueString"))
    birth = extension_at(element_at(patient, "_birthDate"), f"{_EXTENSION}patient-birthTime")
    line.put_text(7, time_back(birth, "valueDateTime") or time_back(patient, "birthDate"))
    line.put_text(8, code_back(patient, "gender", SEX))
    line.put(11, repetitions([xad(one) for one in elements_at(patient, "address")]))
    points = elements_at(patient, "telecom")
    line.put(13, repetitions([xtn(one) for one in points if one.get("use") != "work"]))
    line.put(14, repetitions([xtn(one) for one in points if one.get("use") == "work"]))
    line.put(15, cwe(element_at(patient, "communication", "language")))
    line.put(16, _marital(element_at(patient, "maritalStatus")))
    religion = extension_at(patient, f"{_EXTENSION}patient-religion")
    line.put(17, cwe(element_at(religion, "valueCodeableConcept")))
    place = extension_at(patient, f"{_EXTENSION}patient-birthPlace")
    line.put_text(23, text_at(place, "valueAddress", "text"))
    line.put(24, _yes_no(patient.get("multipleBirthBoolean")))
    line.put(25, number_at(patient, "multipleBirthInteger"))
    for number, name in ((26, "patient-citizenship"), (28, "patient-nationality")):
        every = [one for one in elements_at(patient, "extension") if one.get("url") == f"{_EXTENSION}{name}"]
        line.put(number, repetitions([cwe(element_at(one, "extension", "valueCodeableConcept")) for one in every]))
    died = time_back(patient, "deceasedDateTime")
    line.put_text(29, died)
    line.put(30, "Y" if died else _yes_no(patient.get("deceasedBoolean")))
    return line.segment()


def pd1(patient: Resource, index: Index) -> list[Segment]:
    line = Line("PD1")
    carers = index.all_of(patient, "generalPractitioner")
    line.put(3, repetitions([xon(one, index) for one in carers if one.get("resourceType") == "Organization"]))
    line.put(4, repetitions([xcn(one, index) for one in carers if one.get("resourceType") != "Organization"]))
    return [line.segment()] if line.has() else []


def notes(resource: Resource, index: Index) -> list[Segment]:
    """Write the notes of a resource as NTE: `note`, and the extension note where R4 has no such element."""
    extended = [one for one in elements_at(resource, "extension") if one.get("url") == NOTE]
    every = [*(element_at(one, "valueAnnotation") for one in extended), *elements_at(resource, "note")]
    found: list[Segment] = []
    for note in every:
        text = text_at(note, "text")
        if text.strip():
            line = Line("NTE")
            line.put(1, str(len(found) + 1))
            line.put_text(3, text)
            line.put(4, cwe(element_at(extension_at(note, f"{_EXTENSION}annotationType"), "valueCodeableConcept")))
            line.put(5, xcn(index.resolve(element_at(note, "authorReference")), index))
            line.put_text(6, time_back(note, "time"))
            found.append(line.segment())
    return found


def nk1(patient: Resource, index: Index) -> list[Segment]:
    """Write those related to a Patient, and its contacts, as NK1."""
    people = [one for one in index.of("RelatedPerson") if index.resolve(element_at(one, "patient")) is patient]
    found: list[Segment] = []
    for person in (*people, *elements_at(patient, "contact")):
        line = Line("NK1")
        line.put(1, str(len(found) + 1))
        line.put(2, repetitions([xpn(one) for one in elements_at(person, "name")]))
        kinds = elements_at(person, "relationship")
        line.put(3, cwe(kinds[0]) if kinds else "")
        line.put(7, cwe(kinds[1]) if len(kinds) > 1 else "")
        line.put(4, repetitions([xad(one) for one in elements_at(person, "address")]))
        points = elements_at(person, "telecom")
        line.put(5, repetitions([xtn(one) for one in points if one.get("use") != "work"]))
        line.put(6, repetitions([xtn(one) for one in points if one.get("use") == "work"]))
        line.put_text(8, time_back(element_at(person, "period"), "start"))
        line.put_text(9, time_back(element_at(person, "period"), "end"))
        line.put_text(15, code_back(person, "gender", SEX))
        line.put_text(16, time_back(person, "birthDate"))
        line.put(20, cwe(element_at(person, "communication", "language")))
        line.put(33, repetitions([cx(one, index) for one in elements_at(person, "identifier")]))
        found.append(line.segment())
    return found


def mrg(patient: Resource, index: Index) -> list[Segment]:
    """Write the records that a Patient replaces as MRG."""
    found: list[Segment] = []
    for link in elements_at(patient, "link"):
        other = index.resolve(element_at(link, "other"))
        if link.get("type") == "replaces" and other:
            line = Line("MRG")
            line.put(1, repetitions([cx(one, index) for one in elements_at(other, "identifier")]))
            line.put(7, repetitions([xpn(one) for one in elements_at(other, "name")]))
            found.append(line.segment())
    return found


def visit(encounter: Resource, index: Index) -> list[Segment]:
    """Write an Encounter as PV1, and PV2 where it has a reason or a priority."""
    if not encounter:
        return []
    line = Line("PV1")
    line.put(1, "1")
    line.put_text(2, _class(element_at(encounter, "class")))
    _put_places(line, encounter, index)
    line.put(4, cwe(element_at(encounter, "type")))
    _put_people(line, encounter, index)
    line.put(10, cwe(element_at(encounter, "serviceType")))
    stay = element_at(encounter, "hospitalization")
    line.put(5, cx(element_at(stay, "preAdmissionIdentifier"), index))
    for number, key in _STAY.items():
        line.put(number, cwe(element_at(stay, key)))
    numbers = [cx(one, index) for one in elements_at(encounter, "identifier")]
    line.put(19, numbers[0] if numbers else "")
    line.put(50, repetitions(numbers[1:]))
    line.put_text(44, time_back(element_at(encounter, "period"), "start"))
    line.put_text(45, time_back(element_at(encounter, "period"), "end"))
    more = Line("PV2")
    more.put(3, cwe(element_at(encounter, "reasonCode")))
    more.put(25, cwe(element_at(encounter, "priority")))
    return [line.segment(), *([more.segment()] if more.has() else [])]


def al1(patient: Resource, index: Index) -> list[Segment]:
    found: list[Segment] = []
    for allergy in index.of("AllergyIntolerance"):
        if index.resolve(element_at(allergy, "patient")) is not patient:
            continue
        line = Line("AL1")
        line.put(1, str(len(found) + 1))
        categories = texts_at(allergy, "category")
        line.put_text(2, _CATEGORIES.get(categories[0], "") if categories else _kept(element_at(allergy, "_category")))
        line.put(3, cwe(element_at(allergy, "code")))
        severity = _kept(element_at(allergy, "_criticality"))
        line.put_text(4, severity or _CRITICALITY.get(text_at(allergy, "criticality"), ""))
        reactions = [cwe(one) for one in elements_at(element_at(allergy, "reaction"), "manifestation")]
        line.put(5, repetitions([one.partition("^")[0] or one.strip("^") for one in reactions]))
        line.put_text(6, time_back(allergy, "onsetDateTime"))
        found.append(line.segment())
    return found


def dg1(conditions: list[Resource], index: Index) -> list[Segment]:
    found: list[Segment] = []
    for number, condition in enumerate(conditions, start=1):
        line = Line("DG1")
        code = element_at(condition, "code")
        line.put(1, str(number))
        line.put(3, cwe({"coding": list(elements_at(code, "coding"))}))
        line.put_text(4, text_at(code, "text"))
        line.put_text(5, time_back(condition, "onsetDateTime"))
        line.put(16, xcn(index.resolve(element_at(condition, "asserter")), index))
        line.put_text(19, time_back(condition, "recordedDate"))
        line.put(20, ei(element_at(condition, "identifier"), index))
        is_wrong = text_at(condition, "verificationStatus", "coding", "code") == "entered-in-error"
        line.put(21, "D" if is_wrong else "")
        found.append(line.segment())
    return found


def _kept(element: Resource) -> str:
    url = str(alternate("", "")["url"])
    return text_at(extension_at(element, url), "valueCodeableConcept", "coding", "code")


def _yes_no(value: object) -> str:
    return {True: "Y", False: "N"}.get(value, "") if isinstance(value, bool) else ""


def _marital(status: Resource) -> str:
    """The sender's own coding comes before the one that HL7's map put beside it."""
    codings = elements_at(status, "coding")
    own = [one for one in codings if not text_at(one, "system").startswith(_V3)]
    if not own:
        back = {code: sent for sent, (code, _) in reversed(MARITAL_STATUS.items())}
        own = [
            {"system": "http://terminology.hl7.org/CodeSystem/v2-0002", "code": back[text_at(one, "code")]}
            for one in codings
            if text_at(one, "code") in back
        ] or list(codings)
    return cwe({**status, "coding": own})


_V3 = "http://terminology.hl7.org/CodeSystem/v3-"


def _class(coding: Resource) -> str:
    return _CLASS_BACK.get(text_at(coding, "code"), text_at(coding, "code"))


def _put_places(line: Line, encounter: Resource, index: Index) -> None:
    for one in elements_at(encounter, "location"):
        number = _PLACES.get(text_at(one, "status"), 3)
        place = pl(index.resolve(element_at(one, "location")), index)
        if not line.has(number):
            line.put(number, place)
        elif number == 3:
            line.put(11, place)


def _put_people(line: Line, encounter: Resource, index: Index) -> None:
    for kind, number in _PEOPLE.items():
        people = [
            xcn(index.resolve(element_at(one, "individual")), index)
            for one in elements_at(encounter, "participant")
            if any(
                coding.get("system") == PARTICIPATION and coding.get("code") == kind
                for coding in elements_at(element_at(one, "type"), "coding")
            )
        ]
        line.put(number, repetitions(people))
