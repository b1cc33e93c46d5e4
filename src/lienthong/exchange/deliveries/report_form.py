"""A report as a system pushes it in JSON. The description of the interface is made of these structs, which read it.

Values are texts, so that 1.50 stays 1.50 and 00123 keeps its zeros. A time without an offset is a time at the facility.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

LONGEST = 100
Text = Annotated[str, Meta(max_length=200)]
Long = Annotated[str, Meta(max_length=20_000)]
Code = Annotated[str, Meta(max_length=60)]
Number = Annotated[str, Meta(max_length=LONGEST)]
Status = Literal["final", "preliminary", "corrected", "withdrawn"]
Moment = Annotated[
    dt.datetime,
    Meta(description="RFC 3339; without an offset a time in the zone of the facility (2026-11-20T07:30:00)"),
]


def _told(text: str) -> Meta:
    return Meta(description=text)


class PatientForm(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Who the report is about. `number` is the sender's own number of the patient."""

    number: Annotated[str, Meta(min_length=1, max_length=LONGEST, description="the sender's own number of the patient")]
    national_number: Annotated[Number, _told("number of the identity card, as text")] = ""
    insurance_card: Annotated[Number, _told("number of the health insurance card")] = ""
    name: Annotated[Text, _told("family, middle and given name in the order in which they are written")] = ""
    birth_date: Annotated[
        str,
        Meta(pattern=r"^$|^\d{4}(-\d{2}(-\d{2})?)?$", description="2026-11-20; a year alone where no more is known"),
    ] = ""
    sex: Annotated[Literal["F", "M", "U"], _told("F female, M male, U not known")] = "U"
    phone: Annotated[str, Meta(max_length=40)] = ""
    address: Text = ""


class ResultForm(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One result. `code` is the sender's own code, which is mapped once for the sender."""

    code: Annotated[str, Meta(min_length=1, max_length=60, description="the sender's own code of the test")]
    name: Annotated[Text, _told("the test as the sender calls it")] = ""
    loinc: Annotated[str, Meta(max_length=10, description="LOINC code, where the sender knows it")] = ""
    value: Annotated[Long, _told("as reported, as text: 1.50 stays 1.50; a point is the decimal sign")] = ""
    unit: Annotated[Code, _told("as reported; UCUM where the sender can")] = ""
    range: Annotated[Text, _told("interval of the laboratory, such as 3.9-6.4")] = ""
    flags: Annotated[list[Annotated[str, Meta(max_length=10)]], _told("HL7 table 0078: H, L, HH, LL, A, N")] = []
    status: Annotated[Status | None, _told("of this result; that of the report where it is not told")] = None
    measured_at: Annotated[Moment | None, _told("when it was measured")] = None
    analyser: Annotated[Code, _told("analyser or measuring system")] = ""
    comment: Long = ""


class DocumentForm(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The report as a PDF."""

    data: Annotated[bytes, Meta(min_length=1, description="the PDF in base64")]
    title: Text = ""
    content_type: Literal["application/pdf"] = "application/pdf"


class ReportForm(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One report with its results, or with a text or a PDF in place of them."""

    number: Annotated[
        str,
        Meta(min_length=1, max_length=LONGEST, description="number of the report, the same in each of its versions"),
    ]
    patient: PatientForm
    order_number: Annotated[Number, _told("number of the order, if one is known")] = ""
    service: Annotated[Text, _told("what was examined, in words")] = ""
    status: Annotated[Status, _told("of the report; withdrawn takes all its results back")] = "final"
    requester: Annotated[Text, _told("who asked for it")] = ""
    specimen: Annotated[Code, _told("kind of specimen (serum, blood, urine) or its number")] = ""
    collected_at: Annotated[Moment | None, _told("when the specimen was taken")] = None
    received_at: Annotated[Moment | None, _told("when the laboratory received it")] = None
    released_at: Annotated[Moment | None, _told("when it was released; a correction has a later time")] = None
    comment: Long = ""
    text: Annotated[Long, _told("findings and conclusion of a report in words, such as of imaging")] = ""
    document: DocumentForm | None = None
    results: list[ResultForm] = []


class DeliveryForm(Struct, forbid_unknown_fields=True):
    """What is pushed: one report or many. Each is stored or refused by itself."""

    reports: Annotated[list[ReportForm], Meta(min_length=1, max_length=20_000)]


_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(ReportForm)


def encode_report(report: ReportForm) -> bytes:
    """Write a report as its piece: the same content gives the same bytes."""
    return _encoder.encode(report)


def decode_report(data: bytes) -> ReportForm:
    """Read a report; raise msgspec.ValidationError or msgspec.DecodeError where it is none."""
    return _decoder.decode(data)
