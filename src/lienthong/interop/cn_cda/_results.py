"""A document's results in the words of HL7 v2, in which all results are read.

A document is one report. It is known by the number of the report, else by the set of its versions, else by the document
that it replaces, else by its own number: so a document that replaces another makes new versions of its results.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lienthong.findings import Finding
from lienthong.interop.cn_cda._document import CdaDocument, CdaPatient, Item
from lienthong.interop.cn_cda._elements import ROOTS
from lienthong.interop.hl7v2 import (
    Coded,
    Comment,
    EntityIdentifier,
    Identifier,
    Observation,
    OruOrder,
    PatientIdentity,
    PatientResults,
    Person,
    PersonName,
    Specimen,
    Telecom,
    is_placeholder,
)

# What items and the report are called in positions: `item(2)` is the second item.
ITEM, REPORT = "item", "report"
SEXES = {"0": "U", "1": "M", "2": "F", "9": "U"}  # GB/T 2261.1
# Findings and conclusion of an examination, as HL7 v2 sends them.
FINDINGS = Coded("59776-5", "Procedure findings", "LN")
IMPRESSION = Coded("19005-8", "Imaging study impression", "LN")
_PERSONAL = {"outpatient": "PI", "inpatient": "PI", "health_card": "XX"}
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)


def results_of(document: CdaDocument, findings: list[Finding]) -> PatientResults | None:
    """Return the patient and the orders of a document; None where it names no patient."""
    if document.patient is None:
        return None
    number, more = number_of(document)
    findings += more
    read = _examination if document.kind == "examination" else _laboratory
    return PatientResults(_identity(document.patient), tuple(read(document, number, findings)))


def number_of(document: CdaDocument) -> tuple[str, tuple[Finding, ...]]:
    """Return the number by which the report is known through its versions."""
    kind = f"{document.kind}_report"
    if number := document.numbers.get(kind) or document.set_id:
        return number, ()
    replaced = document.replaced
    if replaced is None:
        return document.id, ()
    told = (
        "relatedDocument names what is replaced, and no number of the report or set of versions does; a document that "
        "replaces this one in turn must name the first one."
    )
    return replaced.set_id or replaced.id, (Finding("setId", "replacement-chain", told),)


def _identity(patient: CdaPatient) -> PatientIdentity:
    numbers = [
        *(Identifier(value, root, _PERSONAL.get(ROOTS.get(root, ""), "MR")) for root, value in patient.numbers),
        Identifier(patient.resident_number, "resident-id", "NI"),
    ]
    return PatientIdentity(
        identifiers=tuple(one for one in numbers if one.value),
        names=(PersonName(family=patient.name),),
        birth=patient.birth,
        sex=SEXES.get(patient.sex),
        phones=(Telecom(number=patient.phone),) if patient.phone else (),
    )


def _laboratory(document: CdaDocument, number: str, findings: list[Finding]) -> Iterator[OruOrder]:
    """Yield one order for each specimen and time of collection."""
    groups: dict[tuple[str, str], list[Item]] = {}
    for item in document.items:
        if is_placeholder(item.value):
            place = f"item[{item.ordinal}]/value"
            findings.append(Finding(place, "no-value", f"{place} is blank; the item gives no result."))
            continue
        at = item.collected_at.text if item.collected_at else ""
        groups.setdefault((item.specimen_kind, at), []).append(item)
    for items in groups.values():
        yield _order(document, number, items, tuple(_observation(document, one) for one in items))


def _examination(document: CdaDocument, number: str, findings: list[Finding]) -> Iterator[OruOrder]:
    """Yield the examination: what was seen and what is concluded, and its quantities."""
    first = document.items[0] if document.items else Item(ordinal=1)
    words = tuple(
        Observation(
            code=code,
            value_type="TX",
            values=(text,),
            status=_status(document),
            instruments=_devices(first),
            sites=(Coded(text=first.body_site),) if first.body_site else (),
            segment=name,
            ordinal=1,
        )
        for code, name in ((FINDINGS, "findings"), (IMPRESSION, "conclusion"))
        if (text := document.texts.get(name, ""))
    )
    quantities = tuple(_observation(document, one) for one in document.items if not is_placeholder(one.value))
    if not words and not quantities:
        findings.append(Finding("section", "no-value", "section holds neither findings nor a conclusion."))
        return
    yield _order(document, number, [first], (*words, *quantities))


def _order(document: CdaDocument, number: str, items: list[Item], observations: tuple[Observation, ...]) -> OruOrder:
    first = items[0]
    is_laboratory = document.kind == "laboratory"
    author, placer = document.author, document.numbers.get("order", "")
    category = document.texts.get("category") or document.title
    return OruOrder(
        service=Coded(text=category) if is_laboratory else Coded(first.code, first.name or category, first.code_system),
        placer=EntityIdentifier(placer) if placer else None,
        filler=EntityIdentifier(number),
        observed_at=None if is_laboratory else first.examined_at,
        requesters=(Person(family=document.requested_by.name),) if document.requested_by else (),
        reported_at=(author.at if author else None) or document.written_at,
        result_status=_status(document),
        observations=observations,
        specimens=(_specimen(document, first),) if is_laboratory else (),
        comments=tuple(_comments(document)),
        technicians=tuple(Person(one.identifier, one.name) for one in document.signers),
        segment=REPORT,
        ordinal=first.ordinal,
    )


def _specimen(document: CdaDocument, first: Item) -> Specimen:
    number = document.numbers.get("specimen", "")
    return Specimen(
        filler=EntityIdentifier(number) if number else None,
        type=Coded(first.specimen_kind, first.specimen_kind) if first.specimen_kind else None,
        collected_at=first.collected_at,
        received_at=first.received_at,
        conditions=(Coded(text=first.specimen_state),) if first.specimen_state else (),
    )


def _observation(document: CdaDocument, item: Item) -> Observation:
    method = item.method or document.texts.get("method", "")
    return Observation(
        code=Coded(item.code or item.name, item.name, item.code_system if item.code else "name"),
        value_type="NM" if _NUMBER.fullmatch(item.value) else "ST",
        values=(item.value,),
        unit=Coded(item.unit, item.unit) if item.unit else None,
        reference_range=item.reference_range,
        interpretations=tuple(Coded(one) for one in item.interpretations),
        status=_status(document),
        method=Coded(text=method) if method else None,
        instruments=_devices(item),
        observed_at=item.effective_at,
        analysed_at=item.examined_at,
        comments=(Comment(item.result_code),) if item.result_code else (),
        segment=ITEM,
        ordinal=item.ordinal,
    )


def _devices(item: Item) -> tuple[EntityIdentifier, ...]:
    return (EntityIdentifier(item.device),) if item.device else ()


def _status(document: CdaDocument) -> str:
    """A document is signed when it is shared, so it is final; one that replaces another corrects it."""
    return "C" if document.replaced else "F"


def _comments(document: CdaDocument) -> Iterable[Comment]:
    return (Comment(text) for name in ("laboratory_text", "remark") if (text := document.texts.get(name)))
