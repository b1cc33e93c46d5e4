"""What a foreign facility holds, in all its forms, and every kind of caller that asks for it.

The laboratory SX holds one woman's data twice: by HL7 v2 (a report that answers the order PL1, and one that answers
nothing), and by FHIR (the same, and a resource of each kind that may tell of a patient). All is of one person, who is
known at each hospital that asks.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass

from django.utils import timezone
from tests.factories.exchange import GLU, OBR, SourceFactory, message
from tests.factories.registry import LaboratoryFactory
from tests.factories.results import claim, order_draft, store_patient_record, store_some_orders
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.fhir.bundles import entry, glucose, patient, report, transaction
from tests.integration.exchange.fhir.conftest import Json, System, system_of

from lienthong.core.access.caller import token_digest
from lienthong.core.models import AccessToken, ConnectedSystem
from lienthong.exchange.fhir.kinds import KINDS
from lienthong.registry.models import Facility
from lienthong.results.models import OrderVersion
from lienthong.results.resources.compartment import OF_PATIENT
from lienthong.results.resources.names import name_of

NATIONAL = "001180012345"
NATIONAL_SYSTEM = "http://fhir.ehealth.gov.vn/core/sid/national_id"
PLACED = {"type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "PLAC"}]}}
SUBJECT = {"reference": "Patient/p9"}
# Who asks. The first six ask in the name of the laboratory itself, which may read everything.
CALLERS = (
    "none", "expired", "revoked", "suspended", "type", "right", "foreign", "open", "done", "cancelled", "old",
    "answered", "owner",
)  # fmt: skip
RIGHTS = "cruds"
WORDS = {"Patient": "patient", "DiagnosticReport": "report", "Observation": "result", "Specimen": "specimen"}
# The resources that any system may read: they tell of no patient.
PUBLIC = frozenset(("Practitioner/zz-doctor", "Organization/zz-place", "Device/zz-analyser"))
OF_ANSWER = frozenset(("v2 patient", "v2 report A", "v2 result A", "v2 specimen A"))
OF_RECEIVED_ANSWER = frozenset(("Patient/p9", "DiagnosticReport/ra", "Observation/oa"))
# These are another's order, or of a kind that is nobody's: they stay with their sender, as do those of a kind of which
# nothing is searched that says whose they are.
OF_SENDER = frozenset(("Practitioner/zz-carer", "v2 order"))


@dataclass(frozen=True, slots=True)
class Held:
    """A resource of the laboratory: the id under which it is read by the laboratory, and by everybody else."""

    kind: str
    own_id: str
    other_id: str

    def id_for(self, caller: str) -> str:
        return self.other_id if caller in CALLERS[6:-1] else self.own_id


@dataclass(frozen=True, slots=True)
class Foreign:
    """`held` are the laboratory's resources by label, `systems` who asks; `patients` are the askers' own records."""

    facility: Facility
    held: dict[str, Held]
    systems: dict[str, System]
    patients: dict[str, int]

    def readable(self, caller: str) -> frozenset[str]:
        """Return the labels of what a caller may read."""
        every = frozenset(self.held)
        linked = {kind for kind, one in KINDS.items() if kind == "Patient" or OF_PATIENT & set(one.parameters)}
        unlinked = {label for label, one in self.held.items() if one.kind not in linked}
        return {
            "owner": every,
            "open": every - OF_SENDER - (unlinked - PUBLIC),
            "answered": PUBLIC | OF_ANSWER | OF_RECEIVED_ANSWER,
        }.get(caller, PUBLIC)


def make_foreign(scene: Scene) -> Foreign:
    """Fill the laboratory and register all callers."""
    facility = scene.laboratory.facility
    owner = system_of(facility.code, sources=("SX",))
    _send_messages(scene)
    _send_resources(owner)
    held = _held(owner)
    systems = {"owner": owner} | {name: _of_owner(name, facility) for name in CALLERS[1:6]} | {"none": System("")}
    patients = {}
    for name in CALLERS[6:-1]:
        systems[name], patients[name] = _hospital(name, facility)
    record = int(held["v2 patient"].own_id)
    order = order_draft(facility, record, source="SX", placer_number="zz-own", service="zz-order")
    store_some_orders(order, at=timezone.now())
    OrderVersion.objects.filter(order__facility=facility).update(status="completed")  # it opens nothing to its placer
    AccessToken.objects.filter(expires_at__gt=timezone.now()).update(expires_at=timezone.now() + dt.timedelta(days=1))
    [found] = [one for one in owner.search("ServiceRequest") if one["id"].isdecimal() and "zz-own" in json.dumps(one)]
    held["v2 order"] = Held("ServiceRequest", found["id"], found["id"])
    return Foreign(facility, held, systems, patients)


def without(right: str, facility: Facility) -> System:
    """Return a system of a facility with every right but one."""
    return system_of(facility.code, scopes=(f"system/*.{RIGHTS.replace(right, '')}",), sources=("SX",))


def _send_messages(scene: Scene) -> None:
    pid = f"PID|1||zz-v2-p^^^SX^MR~{NATIONAL}^^^CCCD^NI||Nguyễn^Đào^Thị||19800517|F|||12 Phố zz-street"
    for number, placer in (("A", "PL1"), ("B", "OTHER")):
        obr = OBR.replace("PL1|SX1|CHEM^Chemistry", f"{placer}|zz-v2-{number}|CHEM^zz-service-{number}")
        obx = GLU.replace("Glucose", f"zz-name-{number}").replace("5.6", "4.9")
        corrected = obx.replace("|4.9|", "|5.3|").replace("|||F|", "|||C|")
        scene.process(message(pid, obr, obx, control_id=f"{number}1"))
        scene.process(message(pid, obr, corrected, control_id=f"{number}2"))


def _send_resources(owner: System) -> None:
    woman = patient("p9", number="zz-p9") | {"birthDate": "1980-05-17", "address": [{"text": "zz-home"}]}
    woman["identifier"].append({"system": NATIONAL_SYSTEM, "value": NATIONAL})
    bodies = [woman]
    for letter, placer in (("a", "PL1"), ("b", "OTHER-2")):
        value = json.loads(glucose(f"o{letter}", of="Patient/p9"))
        value |= {"identifier": [{"value": f"zz-o{letter}"}], "note": [{"text": f"zz-note-{letter}"}]}
        told = report(f"r{letter}", results=(f"Observation/o{letter}",), of="Patient/p9")
        told["identifier"] = [{"value": f"zz-r{letter}"}, {**PLACED, "value": placer}]
        bodies += [value, told]
    for several in (bodies[:3], [*bodies[3:]], *([one] for one in _others())):
        answer = owner.post("", transaction(*(entry(one) for one in several)))
        assert answer.status_code == 200, answer.content
    changed = bodies[1] | {"valueQuantity": bodies[1]["valueQuantity"] | {"value": 6.4}}
    assert owner.put("Observation/oa", changed).status_code == 200


def _others() -> list[Json]:
    """Return a resource of each other kind that laboratories exchange."""
    loinc = {"coding": [{"system": "http://loinc.org", "code": "2345-7"}], "text": "zz-code"}
    number = [{"system": "urn:x:zz", "value": "zz-number"}]
    act = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
    ambulatory = {"system": act, "code": "AMB"}
    scope = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "research"}]}
    of_patient: dict[str, Json] = {
        "Specimen": {"subject": SUBJECT, "type": {"text": "zz-blood"}, "collection": {"collectedDateTime": "2026"}},
        "ServiceRequest": {"status": "active", "intent": "plan", "code": loinc, "subject": SUBJECT},
        "Encounter": {"status": "finished", "class": ambulatory, "subject": SUBJECT},
        "Condition": {"code": {"text": "zz-diagnosis"}, "subject": SUBJECT},
        "Provenance": {"target": [SUBJECT], "recorded": "2026-11-20T01:00:00Z",
                       "agent": [{"who": {"display": "zz-who"}}]},
        "Consent": {"status": "active", "scope": scope, "category": [{"text": "zz-consent"}], "patient": SUBJECT,
                    "policyRule": {"text": "zz-rule"}},
        "DocumentReference": {"status": "current", "subject": SUBJECT,
                              "content": [{"attachment": {"title": "zz-title"}}]},
        "Media": {"status": "completed", "subject": SUBJECT, "content": {"title": "zz-picture"}},
        "ImagingStudy": {"status": "available", "subject": SUBJECT, "description": "zz-study"},
        "List": {"status": "current", "mode": "working", "title": "zz-list", "subject": SUBJECT},
    }  # fmt: skip
    others: list[Json] = [
        {"resourceType": "Device", "id": "zz-implant", "patient": SUBJECT, "identifier": number},
        {"resourceType": "Device", "id": "zz-analyser", "identifier": number},
        {"resourceType": "Practitioner", "id": "zz-doctor", "identifier": number},
        {"resourceType": "Practitioner", "id": "zz-carer", "identifier": number,
         "contained": [{"resourceType": "Patient", "id": "x", "name": [{"text": "zz-inside"}]}],
         "extension": [{"url": "http://example.org/cares-for", "valueReference": {"reference": "#x"}}]},
        {"resourceType": "Organization", "id": "zz-place", "name": "zz-place"},
        {"resourceType": "Binary", "id": "zz-binary", "contentType": "text/plain", "data": "enotYmluYXJ5"},
        {"resourceType": "Bundle", "id": "zz-bundle", "type": "collection",
         "entry": [{"fullUrl": "http://example.org/Basic/1",
                    "resource": {"resourceType": "Basic", "id": "1", "code": {"text": "zz-inner"}}}]},
    ]  # fmt: skip
    numbered = {kind: {} if kind == "Provenance" else {"identifier": number} for kind in of_patient}
    return [
        *(
            {"resourceType": kind, "id": f"zz-{kind.lower()}", **numbered[kind], **one}
            for kind, one in of_patient.items()
        ),
        *others,
    ]


def _held(owner: System) -> dict[str, Held]:
    """List all that the laboratory holds, as it finds it itself."""
    reports = {one["id"]: json.dumps(one) for one in owner.search("DiagnosticReport")}
    letters = {id_: letter for id_, text in reports.items() for letter in "AB" if f"zz-v2-{letter}" in text}
    found: dict[str, Held] = {}
    for kind in ("Patient", "DiagnosticReport", "Observation", *sorted({one["resourceType"] for one in _others()})):
        for resource in owner.search(f"{kind}?_count=500"):
            id_, row = resource["id"], resource["id"].partition("-")[0]
            if row.isdecimal():
                letter = "" if kind == "Patient" else f" {letters.get(row, 'alone')}"
                found[f"v2 {WORDS[kind]}{letter}"] = Held(kind, id_, id_)
            elif "zz-" in json.dumps(resource):  # the facilities of the registry are nobody's
                found[f"{kind}/{id_}"] = Held(kind, id_, str(name_of(kind, source="SX", own_id=id_)))
    return found


def _of_owner(name: str, facility: Facility) -> System:
    """Return a caller of the laboratory itself that is refused."""
    scopes = {"type": ("system/Organization.cruds",)}.get(name, ("system/*.cruds",))
    system = system_of(facility.code, scopes=scopes, sources=("SX",))
    row = AccessToken.objects.get(digest=token_digest(system.token))
    past = timezone.now() - dt.timedelta(minutes=1)
    if name == "expired":
        AccessToken.objects.filter(pk=row.pk).update(expires_at=past)
    if name == "revoked":
        AccessToken.objects.filter(pk=row.pk).update(revoked_at=past)
    if name == "suspended":
        ConnectedSystem.objects.filter(pk=row.system_id).update(suspended_at=past)
    return system


def _hospital(name: str, laboratory: Facility) -> tuple[System, int]:
    """Register a hospital that knows the woman, and that has the order for her that its name says."""
    source = SourceFactory(code=f"H-{name}", laboratory=LaboratoryFactory(facility__region=laboratory.region))
    facility = source.facility
    numbers = (("MR", f"N-{name}"), ("NI", NATIONAL))
    who = claim(facility, source=source.code, local_id=f"N-{name}", identifiers=numbers)
    record = store_patient_record(who, at=timezone.now())
    assert record
    if name != "foreign":
        placer = "PL1" if name == "answered" else f"PL-{name}"
        store_some_orders(order_draft(facility, record, source=source.code, placer_number=placer), at=timezone.now())
    status = {"done": "completed", "cancelled": "cancelled", "answered": "completed"}.get(name)
    versions = OrderVersion.objects.filter(order__facility=facility)
    if status:
        versions.update(status=status)
    if name == "old":
        versions.update(recorded_at=timezone.now() - dt.timedelta(days=31))
    return system_of(facility.code, sources=(source.code,)), record
