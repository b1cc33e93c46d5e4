"""The kind of delivery that a system pushes in JSON: reports with results, texts or a PDF."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from lienthong.exchange.deliveries.pdf import pdf_fault
from lienthong.exchange.deliveries.pieces import Piece, Split
from lienthong.exchange.deliveries.report_form import ReportForm, decode_report, encode_report
from lienthong.exchange.deliveries.report_reading import decimal_comma, parse, place_of, sentence_of
from lienthong.findings import Finding
from lienthong.interop import hl7v2

__all__ = ["MESSAGE_TYPE", "is_of_kind", "parse", "report_faults", "split"]

MESSAGE_TYPE = "REPORT"
NUL = rb"\u0000"  # as JSON writes it


class _Envelope(Struct, forbid_unknown_fields=True):
    """What is pushed, its reports yet unread: a fault of one is no fault of the others."""

    reports: Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=20_000)]


_envelope = msgspec.json.Decoder(_Envelope)


def is_of_kind(data: bytes) -> bool:
    """Whether the bytes begin as a JSON object does."""
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def split(data: bytes) -> Split:
    """Part a push into its reports; one that does not follow the description is told and left out."""
    try:
        envelope = _envelope.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        told = sentence_of(error) if isinstance(error, msgspec.DecodeError) else "The body is not JSON in UTF-8."
        where = place_of(error) if isinstance(error, msgspec.DecodeError) else "$"
        return Split((), (Finding(where, "unreadable", told),))
    pieces: list[Piece] = []
    findings: list[Finding] = []
    first: dict[str, int] = {}
    for index, raw in enumerate(envelope.reports):
        found = _report(bytes(raw), index)
        if not isinstance(found, ReportForm):
            findings += found
        elif found.number in first:
            told = f"reports[{first[found.number]}] has this number already; put all of a report into one."
            findings.append(Finding(f"$.reports[{index}].number", "report-twice", told))
        else:
            first[found.number] = index
            pieces.append(Piece(found.number, encode_report(found), str(index)))
    return Split(tuple(pieces), tuple(findings))


def _report(raw: bytes, index: int) -> ReportForm | list[Finding]:
    place = f"$.reports[{index}]"
    try:
        report = decode_report(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if not isinstance(error, msgspec.DecodeError):
            return [Finding(place, "unreadable", "The report is not JSON in UTF-8.")]
        return [Finding(f"{place}{place_of(error)[1:]}", "form", sentence_of(error))]
    return report_faults(report, place) or report


def report_faults(report: ReportForm, place: str) -> list[Finding]:
    """Check what the description can't say: content at all, decimal signs, days of the calendar, the PDF."""
    faults: list[Finding] = []
    if NUL in encode_report(report):
        faults.append(
            Finding(place, "nul", "A text holds the character U+0000, which is none of any text; leave it out.")
        )
    if not (report.results or report.text or report.document or report.status == "withdrawn"):
        told = "A report must have results, a text or a document."
        faults.append(Finding(f"{place}.results", "no-results", told))
    if report.patient.birth_date and hl7v2.read_instant(report.patient.birth_date.replace("-", "")) is None:
        told = "birth_date is not a day of the calendar; write it as 2026-11-20."
        faults.append(Finding(f"{place}.patient.birth_date", "not-a-date", told))
    for number, result in enumerate(report.results):
        if decimal_comma(result.value):
            told = "value has a comma, which can mean two things; write the decimal sign as a point."
            faults.append(Finding(f"{place}.results[{number}].value", "decimal-comma", told))
    if report.document and (fault := pdf_fault(report.document.data)):
        faults.append(Finding(f"{place}.document.data", fault.code, fault.message))
    return faults
