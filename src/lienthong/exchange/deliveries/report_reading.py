"""From a pushed report to the form in which the pipeline reads results; positions stay those of the JSON.

`results(2)-3` is the code of the second result, in the numbers that HL7 gives the fields of OBX.
"""

from __future__ import annotations

import base64
import datetime as dt
import re

import msgspec

from lienthong.exchange.deliveries.report_form import DocumentForm, PatientForm, ReportForm, ResultForm, decode_report
from lienthong.exchange.errors import Unstorable
from lienthong.exchange.senders import SourceFacts
from lienthong.exchange.single_reports import identity, instant, single_report
from lienthong.findings import Finding
from lienthong.interop.hl7v2 import (
    Coded,
    Comment,
    Document,
    EntityIdentifier,
    Identifier,
    Instant,
    Observation,
    OruMessage,
    OruOrder,
    PatientIdentity,
    Person,
    PersonName,
    Specimen,
)

RESULT, REPORT, DOCUMENT = "results", "report", "document"
STATUS = {"final": "F", "preliminary": "P", "corrected": "C", "withdrawn": "X"}
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_COMMA = re.compile(r"[<>]?=?\s*[+-]?\d+,\d+")


def parse(raw: bytes, source: SourceFacts) -> tuple[OruMessage, tuple[Finding, ...]]:
    """Parse a piece as results; raise Unstorable where it is no report."""
    try:
        report = decode_report(raw)
    except msgspec.DecodeError as error:
        raise Unstorable("unreadable", [Finding(place_of(error), "unreadable", sentence_of(error))]) from error
    return message_of(report), ()


def message_of(report: ReportForm) -> OruMessage:
    """Return the report in the words of HL7."""
    return single_report(_identity(report.patient), _order(report))


def place_of(error: msgspec.DecodeError) -> str:
    """Return where in the JSON the error is: `$.results[0].code`; `$` where that is not told."""
    found = re.search(r" - at (?:key in )?`(\$[^`]*)`", str(error))
    return found[1] if found else "$"


def sentence_of(error: msgspec.DecodeError) -> str:
    """Return what is wrong as a sentence. What was sent is not repeated: only fields and what is allowed are named."""
    told = re.sub(r" - at .*$", "", str(error), flags=re.DOTALL)
    if "Invalid enum value" in told:
        told = "the value is none of those that the description allows"
    elif "unknown field" in told:
        told = "it holds a field that is not described"
    return f"This does not follow the description of the interface: {told}."


def decimal_comma(value: str) -> bool:
    """Whether a value is a number with a comma, which could be a decimal sign or part thousands."""
    return _COMMA.fullmatch(value.strip()) is not None


def _identity(patient: PatientForm) -> PatientIdentity:
    pairs = ((patient.number, "MR"), (patient.national_number, "NI"), (patient.insurance_card, "HC"))
    return identity(
        [Identifier(value=value, type_code=kind) for value, kind in pairs],
        names=[PersonName(family=patient.name)] if patient.name else [],
        birth_date=patient.birth_date.replace("-", ""),
        sex=patient.sex,
        phone=patient.phone,
        address=patient.address,
    )


def _order(report: ReportForm) -> OruOrder:
    texts = [text for text in (report.text, report.comment) if text]
    observations = [_observation(one, number, report.status) for number, one in enumerate(report.results, start=1)]
    if report.text:
        observations.append(_text(report.text, report.status))
    if report.document:
        observations.append(_document(report.document, report.status))
    return OruOrder(
        service=Coded(code=report.service, text=report.service),
        placer=EntityIdentifier(report.order_number) if report.order_number else None,
        filler=EntityIdentifier(report.number),
        observed_at=_instant(report.collected_at),
        requesters=(Person(family=report.requester),) if report.requester else (),
        specimens=_specimens(report),
        reported_at=_instant(report.released_at),
        result_status=STATUS[report.status],
        observations=tuple(observations),
        comments=tuple(Comment(text) for text in texts),
        segment=REPORT,
        ordinal=1,
    )


def _specimens(report: ReportForm) -> tuple[Specimen, ...]:
    if not (report.specimen or report.received_at or report.collected_at):
        return ()
    kind = Coded(code=report.specimen, text=report.specimen) if report.specimen else None
    collected, received = _instant(report.collected_at), _instant(report.received_at)
    return (Specimen(type=kind, roles=(Coded(code="P"),), collected_at=collected, received_at=received),)


def _observation(result: ResultForm, number: int, of_report: str) -> Observation:
    local = Coded(code=result.code, text=result.name)
    code = local
    if result.loinc:
        code = Coded(code=result.loinc, text=result.name, system="LN", alt_code=result.code, alt_text=result.name)
    value = result.value.strip()
    return Observation(
        code=code,
        value_type="NM" if _NUMBER.fullmatch(value) else "ST",
        values=(value,) if value else (),
        unit=Coded(code=result.unit, text=result.unit) if result.unit else None,
        reference_range=result.range,
        interpretations=tuple(Coded(code=flag) for flag in result.flags),
        status=STATUS[result.status or of_report],
        analysed_at=_instant(result.measured_at),
        instruments=(EntityIdentifier(result.analyser),) if result.analyser else (),
        comments=(Comment(result.comment),) if result.comment else (),
        segment=RESULT,
        ordinal=number,
    )


def _text(text: str, status: str) -> Observation:
    return _attached("TX", 1, Coded(), Document(kind="text", subtype="plain", data=text), status)


def _document(document: DocumentForm, status: str) -> Observation:
    kind, _slash, subtype = document.content_type.partition("/")
    data = base64.b64encode(document.data).decode()
    title = Coded(text=document.title)
    return _attached("ED", 2, title, Document(kind=kind, subtype=subtype, encoding="Base64", data=data), status)


def _attached(value_type: str, number: int, title: Coded, content: Document, status: str) -> Observation:
    """What a report has beside its results: no code is asked for it, and a later one of its kind takes its place."""
    return Observation(
        code=title,
        sub_id=f"{content.kind}/{content.subtype}",
        value_type=value_type,
        parsed=(content,),
        status=STATUS[status],
        segment=DOCUMENT,
        ordinal=number,
    )


def _instant(moment: dt.datetime | None) -> Instant | None:
    if moment is None:
        return None
    text = moment.strftime("%Y%m%d%H%M%S%z")
    return instant(text.zfill(19) if moment.tzinfo else text.zfill(14))
