"""Viet Nam's insurance export as reports: one for each stay and time of order."""

from __future__ import annotations

import re

from lienthong.exchange.deliveries.pieces import Piece, Split
from lienthong.exchange.errors import Unstorable
from lienthong.exchange.senders import SourceFacts
from lienthong.findings import Finding
from lienthong.interop import vn_xml
from lienthong.interop.hl7v2 import Header, OruMessage
from lienthong.interop.vn_xml import ORDER, ROW, Reading, Stay

MESSAGE_TYPE = "XML4750"
# Where the pipeline's findings name an element of HL7, the element that it was read from.
PLACES = {
    "OBR-3": "XML1/TONG_HOP/MA_LK",
    "PID-3": "XML1/TONG_HOP/MA_BN",
    "PID-5": "XML1/TONG_HOP/HO_TEN",
    "PID-7": "XML1/TONG_HOP/NGAY_SINH",
    "PID-8": "XML1/TONG_HOP/GIOI_TINH",
    f"{ORDER}-3": "XML1/TONG_HOP/MA_LK",
    f"{ORDER}-4": "XML4/CHI_TIET_CLS[{ordinal}]/MA_DICH_VU",
    f"{ORDER}-7": "XML4/CHI_TIET_CLS[{ordinal}]/MA_DICH_VU",
    f"{ROW}-3": "XML4/CHI_TIET_CLS[{ordinal}]/MA_CHI_SO",
    f"{ROW}-5": "XML4/CHI_TIET_CLS[{ordinal}]/GIA_TRI",
    f"{ROW}-6": "XML4/CHI_TIET_CLS[{ordinal}]/DON_VI_DO",
}
# With these findings a row of the piece is lost, so that nobody can say what the report holds.
STRUCTURE = frozenset({"xml", "charset", "doctype", "base64"})
_NO_PATIENT = "is missing or of another MA_LK; send the envelope GIAMDINHHS with the XML1 of the stay."
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
            if any(vn_xml.value_of(one) for one in order.results):
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
    stays = [stay for stay in vn_xml.read_stays(raw, reading) if stay.results]
    if any(one.code in STRUCTURE for one in reading.findings):
        raise Unstorable("structure", reading.findings)
    findings = list(reading.findings)
    for stay in stays:
        _check_owner(stay, source, findings)
    patients = [vn_xml.results_of(stay, findings) for stay in stays]
    facility = next((stay.patient.facility for stay in stays if stay.patient), "")
    header = Header(sending_facility=facility, message_code=MESSAGE_TYPE)
    return OruMessage(header, tuple(one for one in patients if one)), tuple(findings)


def _check_owner(stay: Stay, source: SourceFacts, findings: list[Finding]) -> None:
    """Raise Unstorable where a stay has no patient, or is of another facility than its sender."""
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


def is_other_facility(told: str, registered: str) -> bool:
    """Whether a file is of another facility: only two codes of five digits, which insurance gives, can be compared."""
    return bool(_FACILITY.fullmatch(told) and _FACILITY.fullmatch(registered)) and told != registered
