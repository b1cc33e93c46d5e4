"""The header of a document: who it is about, who wrote, signed, keeps and asked for it, and what it replaces."""

from __future__ import annotations

from lienthong.findings import Finding
from lienthong.interop.cn_cda._document import CdaPatient, CdaPerson, Organisation, RelatedDocument
from lienthong.interop.cn_cda._elements import ROOTS
from lienthong.interop.cn_cda._values import instant_of
from lienthong.interop.sent_xml import Node

# Identifiers of the patient's role that name a report, an order or a specimen.
OF_REPORT = frozenset({"order", "specimen", "examination_report", "laboratory_report"})


def patient_of(root: Node, findings: list[Finding]) -> CdaPatient | None:
    """Read recordTarget; None where it is missing."""
    role = root.find("recordTarget", "patientRole")
    if role is None:
        return None
    person = role.find("patient") or Node("patient")
    identifiers = [*role.all("id"), *person.all("id")]
    resident = next((one for one in identifiers if ROOTS.get(one.get("root")) == "resident" and extension(one)), None)
    numbers = [
        (one.get("root"), extension(one))
        for one in identifiers
        if extension(one) and ROOTS.get(one.get("root")) not in (*OF_REPORT, "resident")
    ]
    sex, telecom = person.find("administrativeGenderCode"), role.find("telecom")
    where = "recordTarget/patientRole/patient/birthTime"
    return CdaPatient(
        resident_number=extension(resident) if resident else "",
        numbers=tuple(dict.fromkeys(numbers)),
        name=name_of(person),
        sex=sex.get("code") if sex else "",
        birth=instant_of(person.find("birthTime"), where, findings),
        phone=telecom.get("value").removeprefix("tel:") if telecom else "",
    )


def numbers_of(root: Node) -> dict[str, str]:
    """Return the numbers of report, order and specimen, which the templates keep with the patient's role."""
    role = root.find("recordTarget", "patientRole")
    found: dict[str, str] = {}
    for one in (*(role.all("id") if role else ()), *_order_ids(root)):
        name = ROOTS.get(one.get("root"), "")
        if name in OF_REPORT and extension(one):
            found.setdefault(name, extension(one))
    return found


def _order_ids(root: Node) -> tuple[Node, ...]:
    order = root.find("inFulfillmentOf", "order")
    return order.all("id") if order else ()


def author_of(root: Node, findings: list[Finding]) -> CdaPerson | None:
    """Read the first author, with the time of the report."""
    author = root.find("author")
    if author is None:
        return None
    assigned = author.find("assignedAuthor") or Node("assignedAuthor")
    return _person(assigned, author.find("time"), "author/time", findings)


def signers_of(root: Node, findings: list[Finding]) -> tuple[CdaPerson, ...]:
    """Read who signed: the legal authenticator, then the others."""
    signed = [*root.all("legalAuthenticator"), *root.all("authenticator")]
    people = (
        _person(one.find("assignedEntity") or Node("assignedEntity"), one.find("time"), f"{one.name}/time", findings)
        for one in signed
    )
    return tuple(one for one in people if one.name or one.identifier)


def custodian_of(root: Node) -> Organisation | None:
    """Read who keeps the document."""
    kept = root.find("custodian", "assignedCustodian", "representedCustodianOrganization")
    return _organisation(kept) if kept else None


def requester_of(root: Node) -> Organisation | None:
    """Read the department or institution that asked for the examination."""
    for participant in root.all("participant"):
        organisation = participant.find("associatedEntity", "scopingOrganization")
        if organisation and (found := _organisation(organisation)).name:
            return found
    return None


def related_of(root: Node) -> tuple[RelatedDocument, ...]:
    """Read what the document replaces or appends to; an empty relation, which templates contain, is none."""
    found = []
    for one in root.all("relatedDocument"):
        parent = one.find("parentDocument")
        if parent is None:
            continue
        related = RelatedDocument(
            kind=one.get("typeCode") or "RPLC",
            id=identity(parent, "id"),
            set_id=identity(parent, "setId"),
            version=version_of(parent),
        )
        if related.id or related.set_id:
            found.append(related)
    return tuple(found)


def identity(node: Node, name: str) -> str:
    """Return an identifier: its extension, else its root, else its text, which some templates write."""
    found = node.find(name)
    if found is None or found.get("nullFlavor"):
        return ""
    return extension(found) or found.get("root") or found.text


def version_of(node: Node) -> str:
    found = node.find("versionNumber")
    return (found.get("value") or found.text) if found else ""


def extension(node: Node) -> str:
    return "" if node.get("nullFlavor") else node.get("extension")


def name_of(node: Node) -> str:
    """Return a name: its text, else its parts as they stand, Chinese ones without blanks between."""
    name = node.find("name")
    if name is None:
        return ""
    parts = [one for one in name.whole_text.splitlines() if one]
    return ("" if all(ord(part[0]) > 0x2E80 for part in parts) else " ").join(parts)


def _person(assigned: Node, time: Node | None, where: str, findings: list[Finding]) -> CdaPerson:
    person, code = assigned.find("assignedPerson"), assigned.find("code")
    return CdaPerson(
        name=name_of(person) if person else "",
        identifier=next((found for one in assigned.all("id") if (found := extension(one))), ""),
        role=code.get("displayName") if code else "",
        at=instant_of(time, where, findings),
    )


def _organisation(node: Node) -> Organisation:
    return Organisation(name_of(node), next((found for one in node.all("id") if (found := extension(one))), ""))
