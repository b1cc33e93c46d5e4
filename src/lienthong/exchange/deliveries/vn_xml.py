"""Viet Nam's insurance export as reports: one for each stay and time of order, in the words in which results are read.

XML4 tells no time of collection. The order's time (NGAY_YL of XML3) is never later than that, so it stands for it, and
is marked as standing for it; the time of the result (NGAY_KQ) never does. Its time of carrying out (NGAY_TH_YL) is not
taken as that of measurement: no text was seen that says so of laboratories.
"""

from __future__ import annotations

import re

from lienthong.exchange.deliveries.pieces import Piece, Split
from lienthong.exchange.errors import Unstorable
from lienthong.exchange.senders import SourceFacts
from lienthong.findings import Finding
from lienthong.interop import vn_xml
from lienthong.interop.hl7v2 import (
    Address,
    Coded,
    Comment,
    EntityIdentifier,
    Header,
    Identifier,
    Observation,
    OruMessage,
    OruOrder,
    PatientIdentity,
    PatientResults,
    Person,
    PersonName,
    Telecom,
    is_placeholder,
)
from lienthong.interop.vn_xml import JoinedResult, Reading, ServiceOrder, Stay, StayPatient

MESSAGE_TYPE = "XML4750"
LONGEST_CODE = 60  # of what a mapping can name
ROW, ORDER = "row", "order"
SEXES = {"1": "M", "2": "F", "3": "U"}
# Where the pipeline's findings name an element of HL7, the element that it was read from.
PLACES = {
    "OBR-3": "XML1/TONG_HOP/MA_LK",
    "PID-3": "XML1/TONG_HOP/MA_BN",
    "PID-5": "XML1/TONG_HOP/HO_TEN",
    "PID-7": "XML1/TONG_HOP/NGAY_SINH",
    "PID-8": "XML1/TONG_HOP/GIOI_TINH",
    f"{ORDER}-3": "XML1/TONG_HOP/MA_LK",
    f"{ORDER}-7": "XML4/CHI_TIET_CLS[{ordinal}]/MA_DICH_VU",
    f"{ROW}-3": "XML4/CHI_TIET_CLS[{ordinal}]/MA_CHI_SO",
    f"{ROW}-5": "XML4/CHI_TIET_CLS[{ordinal}]/GIA_TRI",
    f"{ROW}-6": "XML4/CHI_TIET_CLS[{ordinal}]/DON_VI_DO",
}
# With these findings a row of the piece is lost, so that nobody can say what the report holds.
STRUCTURE = frozenset({"xml", "charset", "doctype", "base64"})
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
_COMMA = re.compile(r"[<>≤≥=]*\s*[+-]?\d+,\d+", re.ASCII)
_FACILITY = re.compile(r"\d{5}", re.ASCII)


def is_of_kind(data: bytes) -> bool:
    """Whether bytes are an export: an envelope GIAMDINHHS, or a table XML1, XML3 or XML4 by itself."""
    return vn_xml.is_export(data)


def split(data: bytes) -> Split:
    """Take an export apart into its reports: one for each stay (MA_LK) and time of order (NGAY_YL).

    An order whose results are all blank gives no piece. The number of a report is `MA_LK/NGAY_YL`, so that the same
    export changes nothing and a corrected one makes new versions.
    """
    reading = Reading()
    pieces: list[Piece] = []
    for stay in vn_xml.read_stays(data, reading):
        prefix = f"{stay.position}/" if stay.position else ""
        orders, findings = vn_xml.join(stay)
        reading.findings += [Finding(f"{prefix}{one.where}", one.code, one.message) for one in findings]
        if stay.patient is None and stay.results:
            reading.tell(f"{prefix}XML1", "patient-missing", _NO_PATIENT)
        for order in orders:
            if any(_value(one) for one in order.results):
                where = f"{prefix}{order.results[0].result.row.position}"
                pieces.append(Piece(order.number, vn_xml.write_piece(stay, order), where))
            else:
                place = f"{prefix}{order.results[0].result.row.position}"
                reading.tell(f"{place}/GIA_TRI", "no-value", "and all others of its order are blank; it is no report.")
    if not pieces and not reading.findings:
        reading.tell("XML4", "no-results", "holds no result; nothing is stored of the file.")
    return Split(tuple(pieces), tuple(reading.findings))


def parse(raw: bytes, source: SourceFacts) -> tuple[OruMessage, tuple[Finding, ...]]:
    """Read a piece as results; raise Unstorable where nobody can say whose they are, or where they are not whole."""
    reading = Reading()
    stays = list(vn_xml.read_stays(raw, reading))
    if any(one.code in STRUCTURE for one in reading.findings):
        raise Unstorable("structure", reading.findings)
    findings = list(reading.findings)
    patients = tuple(_patient(stay, source, findings) for stay in stays if stay.results)
    header = Header(sending_facility=_facility(stays), message_code=MESSAGE_TYPE)
    return OruMessage(header, patients), tuple(findings)


_NO_PATIENT = "is missing or of another MA_LK; send the envelope GIAMDINHHS with the XML1 of the stay."


def _facility(stays: list[Stay]) -> str:
    return next((stay.patient.facility for stay in stays if stay.patient), "")


def _patient(stay: Stay, source: SourceFacts, findings: list[Finding]) -> PatientResults:
    if stay.patient is None:
        told = Finding("XML1", "patient-missing", f"XML1 {_NO_PATIENT}")
        raise Unstorable("patient-missing", [*findings, told])
    if is_other_facility(stay.patient.facility, source.facility_code):
        place = "XML1/TONG_HOP/MA_CSKCB"
        told = Finding(
            place,
            "other-facility",
            f"{place} is not the facility of this sender; send the file as the sender that is registered for it.",
        )
        raise Unstorable("other-facility", [*findings, told])
    orders, joined = vn_xml.join(stay)
    findings += joined
    named = _services_without_indices(stay)
    read = tuple(order for one in orders for order in _orders(one, named, findings))
    return PatientResults(_identity(stay.patient), read)


def is_other_facility(told: str, registered: str) -> bool:
    """Whether a file is of another facility: only two codes of five digits, which insurance gives, can be compared."""
    return bool(_FACILITY.fullmatch(told) and _FACILITY.fullmatch(registered)) and told != registered


def _identity(patient: StayPatient) -> PatientIdentity:
    numbers = [
        Identifier(patient.patient_number, type_code="PI"),
        Identifier(patient.citizen_number, "CCCD", "NI"),
        *(Identifier(card, "BHYT", "HC") for card in patient.insurance_cards),
    ]
    return PatientIdentity(
        identifiers=tuple(one for one in numbers if one.value),
        names=(_name(patient.name),),
        birth=patient.birth,
        sex=SEXES.get(patient.sex),
        addresses=(Address(street=patient.address, kind="H"),) if patient.address else (),
        phones=(Telecom(number=patient.phone),) if patient.phone else (),
    )


def _name(text: str) -> PersonName:
    """Part a Vietnamese name: the family name first, the given name last."""
    family, *rest = text.split() or [""]
    return PersonName(family=family, given=rest[-1] if rest else "", middle=" ".join(rest[:-1]))


def _services_without_indices(stay: Stay) -> frozenset[str]:
    """Return the services of which several indices came without a code: only their names tell them apart."""
    names: dict[str, set[str]] = {}
    for one in stay.results:
        if not one.index_code:
            names.setdefault(one.service_code, set()).add(one.index_name)
    return frozenset(code for code, found in names.items() if len(found) > 1)


def _orders(order: ServiceOrder, named: frozenset[str], findings: list[Finding]) -> list[OruOrder]:
    """Return one order for each service and time of result: these are what its results share."""
    groups: dict[tuple[str, str], list[JoinedResult]] = {}
    for one in order.results:
        if _value(one) is None:
            place = f"{one.result.row.position}/GIA_TRI"
            findings.append(Finding(place, "no-value", f"{place} is blank; the row gives no result."))
            continue
        at = one.result.result_at
        groups.setdefault((one.result.service_code, at.text if at else ""), []).append(one)
    return [_order(order, group, named, findings) for group in groups.values()]


def _order(order: ServiceOrder, group: list[JoinedResult], named: frozenset[str], findings: list[Finding]) -> OruOrder:
    first = group[0]
    service = first.service
    return OruOrder(
        service=Coded(first.result.service_code, service.service_name if service else "", "MA_DICH_VU"),
        filler=EntityIdentifier(order.number),
        requested_at=order.ordered_at,
        observed_at=order.ordered_at,  # stands for the collection, and is marked so
        requesters=(Person(service.ordered_by),) if service and service.ordered_by else (),
        reported_at=first.result.result_at,
        observations=tuple(_observation(one, named, findings) for one in group),
        segment=ORDER,
        ordinal=first.result.row.ordinal,
    )


def _observation(one: JoinedResult, named: frozenset[str], findings: list[Finding]) -> Observation:
    result = one.result
    value = _value(one) or ""
    if _COMMA.fullmatch(value):
        place = f"{result.row.position}/GIA_TRI"
        told = "has a comma, which may part thousands; it is kept as text. Write a decimal point."
        findings.append(Finding(place, "number", f"{place} {told}"))
    return Observation(
        code=_code(one, named),
        sub_id=result.service_code if result.index_code else "",
        value_type="NM" if _NUMBER.fullmatch(value) else "ST",
        values=(value,),
        unit=Coded(result.unit, result.unit) if result.unit else None,
        status="F" if result.result_at else "P",
        instruments=tuple(EntityIdentifier(device) for device in one.devices),
        observers=(Person(result.read_by),) if result.read_by else (),
        comments=tuple(Comment(text) for text in _notes(one, value)),
        segment=ROW,
        ordinal=result.row.ordinal,
    )


def _value(one: JoinedResult) -> str | None:
    """Return GIA_TRI, else the conclusion, else the description; None where the row has none."""
    result = one.result
    texts = ("" if is_placeholder(result.value) else result.value, result.conclusion, result.description)
    return next((text for text in texts if text), None)


def _notes(one: JoinedResult, value: str) -> list[str]:
    """Return what the row says beside its value, each text once."""
    return [text for text in dict.fromkeys((one.result.description, one.result.conclusion)) if text and text != value]


def _code(one: JoinedResult, named: frozenset[str]) -> Coded:
    """Return the code that a mapping names: the index, else the service where that has one index, else the name.

    A service's own code never stands for one of its indices: a blood count is not its haemoglobin.
    """
    result = one.result
    if result.index_code:
        return Coded(result.index_code, result.index_name, "MA_CHI_SO")
    if result.service_code in named:
        return Coded(result.index_name[:LONGEST_CODE], result.index_name, "TEN_CHI_SO")
    name = result.index_name or (one.service.service_name if one.service else "")
    return Coded(result.service_code, name, "MA_DICH_VU")
