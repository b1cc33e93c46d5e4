"""The request of a CDS Hooks 2.0 client for the hooks at which a clinician chooses and signs orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from lienthong.findings import Finding
from lienthong.interop.cds_hooks._json import Json, JsonObject, as_object, object_at, objects_at, string_at, strings_at

Hook = Literal["order-select", "order-sign"]
HOOKS: tuple[Hook, ...] = ("order-select", "order-sign")


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftOrder:
    """A draft of context.draftOrders; `reference` is relative (`ServiceRequest/1`), `codes` are (system, code)."""

    reference: str
    codes: tuple[tuple[str, str], ...] = ()
    display: str = ""
    status: str = ""
    priority: str = ""

    @property
    def resource_type(self) -> str:
        return self.reference.partition("/")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientIdentifier:
    value: str
    system: str = ""
    type_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientName:
    text: str = ""
    family: str = ""
    given: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """The prefetched patient; `birth_date` is None where it is absent or not a full date."""

    identifiers: tuple[PatientIdentifier, ...] = ()
    names: tuple[PatientName, ...] = ()
    birth_date: date | None = None
    gender: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request. `patient` is None where it was not prefetched; `encounter_class` None where it is unknown."""

    hook: Hook
    hook_instance: str
    user_id: str
    patient_id: str
    encounter_id: str = ""
    fhir_server: str = ""
    selections: tuple[str, ...] = ()
    draft_orders: tuple[DraftOrder, ...] = ()
    patient: Patient | None = None
    encounter_class: str | None = None

    @property
    def orders(self) -> tuple[DraftOrder, ...]:
        """The drafts to decide on: the selected ones at order-select, all at order-sign."""
        if self.hook == "order-sign":
            return self.draft_orders
        return tuple(order for order in self.draft_orders if order.reference in self.selections)


def read_request(body: Json) -> tuple[Request | None, tuple[Finding, ...]]:
    """Read a request; None where a required element is missing, with a finding for each."""
    document = as_object(body)
    context, prefetch = object_at(document, "context"), object_at(document, "prefetch")
    hook = next((one for one in HOOKS if one == string_at(document, "hook")), None)
    findings = _missing(document, context, hook)
    if hook is None or findings:
        return None, findings
    drafts, findings = _read_drafts(object_at(context, "draftOrders"))
    selections = strings_at(context, "selections")
    return (
        Request(
            hook=hook,
            hook_instance=string_at(document, "hookInstance"),
            user_id=string_at(context, "userId"),
            patient_id=string_at(context, "patientId"),
            encounter_id=string_at(context, "encounterId"),
            fhir_server=string_at(document, "fhirServer"),
            selections=selections,
            draft_orders=drafts,
            patient=_read_patient(object_at(prefetch, "patient")),
            encounter_class=_read_encounter_class(object_at(prefetch, "encounter")),
        ),
        (*findings, *_unknown_selections(selections, drafts)),
    )


def _missing(document: JsonObject, context: JsonObject, hook: Hook | None) -> tuple[Finding, ...]:
    required = {
        "hookInstance": bool(string_at(document, "hookInstance")),
        "context.userId": bool(string_at(context, "userId")),
        "context.patientId": bool(string_at(context, "patientId")),
        "context.draftOrders": string_at(object_at(context, "draftOrders"), "resourceType") == "Bundle",
        "context.selections": hook != "order-select" or isinstance(context.get("selections"), list),
    }
    missing = [
        Finding(where, "required", f"{where} is required.") for where, is_there in required.items() if not is_there
    ]
    if hook is None:
        missing.insert(0, Finding("hook", "hook-unknown", f"hook must be one of {', '.join(HOOKS)}."))
    return tuple(missing)


def _read_drafts(bundle: JsonObject) -> tuple[tuple[DraftOrder, ...], tuple[Finding, ...]]:
    drafts: list[DraftOrder] = []
    findings: list[Finding] = []
    for index, entry in enumerate(objects_at(bundle, "entry")):
        resource = object_at(entry, "resource")
        kind, identity = string_at(resource, "resourceType"), string_at(resource, "id")
        if kind and identity:
            drafts.append(_read_draft(resource, f"{kind}/{identity}"))
        else:
            where = f"context.draftOrders.entry[{index}].resource"
            findings.append(Finding(where, "required", f"{where} must have resourceType and id."))
    return tuple(drafts), tuple(findings)


def _read_draft(resource: JsonObject, reference: str) -> DraftOrder:
    concept = object_at(resource, "code") or object_at(resource, "medicationCodeableConcept")
    concept = object_at(concept, "concept") or concept  # ServiceRequest.code of FHIR R5 is a CodeableReference
    codings = objects_at(concept, "coding")
    displays = (string_at(concept, "text"), *(string_at(coding, "display") for coding in codings))
    return DraftOrder(
        reference=reference,
        codes=tuple((string_at(one, "system"), string_at(one, "code")) for one in codings if string_at(one, "code")),
        display=next((display for display in displays if display), ""),
        status=string_at(resource, "status"),
        priority=string_at(resource, "priority"),
    )


def _unknown_selections(selections: tuple[str, ...], drafts: tuple[DraftOrder, ...]) -> tuple[Finding, ...]:
    known = {draft.reference for draft in drafts}
    return tuple(
        Finding(f"context.selections[{index}]", "selection-unknown", "The selection names no draft of draftOrders.")
        for index, selection in enumerate(selections)
        if selection not in known
    )


def _read_patient(resource: JsonObject) -> Patient | None:
    if string_at(resource, "resourceType") != "Patient":
        return None
    return Patient(
        identifiers=tuple(
            _read_identifier(one) for one in objects_at(resource, "identifier") if string_at(one, "value").strip()
        ),
        names=tuple(
            PatientName(text=string_at(one, "text"), family=string_at(one, "family"), given=strings_at(one, "given"))
            for one in objects_at(resource, "name")
        ),
        birth_date=_read_date(string_at(resource, "birthDate")),
        gender=string_at(resource, "gender"),
    )


def _read_identifier(identifier: JsonObject) -> PatientIdentifier:
    codings = objects_at(object_at(identifier, "type"), "coding")
    return PatientIdentifier(
        value=string_at(identifier, "value").strip(),
        system=string_at(identifier, "system"),
        type_code=next((string_at(coding, "code") for coding in codings), ""),
    )


def _read_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _read_encounter_class(resource: JsonObject) -> str | None:
    """Encounter.class is a Coding in FHIR R4 and a list of CodeableConcept in R5."""
    if string_at(resource, "resourceType") != "Encounter":
        return None
    codings = [object_at(resource, "class")]
    for concept in objects_at(resource, "class"):
        codings.extend(objects_at(concept, "coding"))
    return next((code for code in (string_at(coding, "code") for coding in codings) if code), None)
