"""Rules of resources, each named after its key."""

from __future__ import annotations

from lienthong.interop.fhir.r4.checking.invariants._reading import Node, child, children, codings, has, has_choice, text

_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
_ABATED = ("inactive", "resolved", "remission")


def obs_3(reference_range: Node) -> bool:
    return has(reference_range, "low", "high", "text")


def obs_6(observation: Node) -> bool:
    return not has(observation, "dataAbsentReason") or not has_choice(observation, "value")


def obs_7(observation: Node) -> bool:
    """Codings are the same where system and code are."""
    if "component" not in observation or not has_choice(observation, "value"):
        return True
    own = codings(child(observation, "code"))
    return not any(own & codings(child(one, "code")) for one in children(observation, "component"))


def pat_1(contact: Node) -> bool:
    return has(contact, "name", "telecom", "address", "organization")


def org_1(organization: Node) -> bool:
    return has(organization, "identifier", "name")


def org_2(organization: Node) -> bool:
    return all(text(one, "use") != "home" for one in children(organization, "address"))


def org_3(organization: Node) -> bool:
    return all(text(one, "use") != "home" for one in children(organization, "telecom"))


def prr_1(service_request: Node) -> bool:
    return not has(service_request, "orderDetail") or has(service_request, "code")


def ait_1(allergy: Node) -> bool:
    return _is_in_error(allergy, "allergyintolerance-verification") or has(allergy, "clinicalStatus")


def ait_2(allergy: Node) -> bool:
    return not _is_in_error(allergy, "allergyintolerance-verification") or not has(allergy, "clinicalStatus")


def con_1(stage: Node) -> bool:
    return has(stage, "summary", "assessment")


def con_2(evidence: Node) -> bool:
    return has(evidence, "code", "detail")


def con_4(condition: Node) -> bool:
    clinical = codings(child(condition, "clinicalStatus"))
    is_past = any((f"{_TERMINOLOGY}condition-clinical", code) in clinical for code in _ABATED)
    return not has_choice(condition, "abatement") or is_past


def con_5(condition: Node) -> bool:
    return not _is_in_error(condition, "condition-ver-status") or not has(condition, "clinicalStatus")


def ppc_1(consent: Node) -> bool:
    return has(consent, "policy", "policyRule")


def cmp_1(section: Node) -> bool:
    return has(section, "text", "entry", "section")


def cmp_2(section: Node) -> bool:
    return not (has(section, "emptyReason") and has(section, "entry"))


def inv_1(parameter: Node) -> bool:
    has_value = has_choice(parameter, "value")
    has_resource = has(parameter, "resource")
    return not (has_value or has_resource) if has(parameter, "part") else has_value != has_resource


def _is_in_error(resource: Node, system: str) -> bool:
    return (_TERMINOLOGY + system, "entered-in-error") in codings(child(resource, "verificationStatus"))
