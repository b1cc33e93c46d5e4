"""A message as people see it: the patient's segments are hidden until they are asked for, faulty fields are marked."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import partial

from lienthong.exchange.analyzers.raw import is_astm
from lienthong.exchange.analyzers.raw import lay_out as lay_out_astm
from lienthong.exchange.deliveries.raw_markup import is_markup, lay_out_markup
from lienthong.exchange.deliveries.raw_report import is_report, lay_out_report
from lienthong.exchange.imaging.raw import is_dicom, lay_out_dicom
from lienthong.exchange.raw_bundle import is_bundle_text, lay_out_bundle
from lienthong.findings import Finding
from lienthong.interop import hl7v2
from lienthong.interop.hl7v2 import Message, Segment

SHOWN = frozenset({"MSH", "ORC", "OBR", "OBX", "SPM", "FHS", "BHS", "BTS", "FTS", "TQ1"})
FREE_TEXT = frozenset({"TX", "FT", "ED", "RP", "XPN", "XCN", "CX", "XAD", "XTN"})
LONGEST_FIELD = 400
_PLACE = re.compile(r"(?P<segment>[A-Z][A-Z0-9]{2}\(?\d*\)?)-(?P<field>\d+)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text; `is_faulty` where a finding names it, `is_hidden` where the patient's data stood."""

    text: str
    is_faulty: bool = False
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class RawMessage:
    """Lines of pieces. `is_open` says that nothing is hidden; `is_unreadable` that only the bytes could be shown."""

    lines: tuple[tuple[Piece, ...], ...]
    is_open: bool
    is_unreadable: bool


def show(
    data: bytes, findings: Collection[Finding], *, default_charset: str, with_patient: bool, codes: Collection[str] = ()
) -> RawMessage:
    """Lay out a message, with the patient's data only where `with_patient`; fields with `codes` are marked."""
    for is_such, lay_out_such in (
        (is_dicom, lay_out_dicom),
        (is_astm, partial(lay_out_astm, default_charset=default_charset)),
        (is_markup, lay_out_markup),
        (is_bundle_text, lay_out_bundle),
        (is_report, lay_out_report),  # begins as a Bundle does, so that it comes last
    ):
        if is_such(data) and (rows := lay_out_such(data, findings, with_patient=with_patient, codes=codes)):
            pieces = tuple(tuple(Piece(*piece) for piece in line) for line in rows)
            return RawMessage(pieces, is_open=with_patient, is_unreadable=False)
    if is_dicom(data):
        return RawMessage((), is_open=with_patient, is_unreadable=True)
    message, _ = hl7v2.parse(data, default_charset=default_charset)
    if message is None:
        plain = data.decode("latin-1").splitlines() if with_patient else []
        return RawMessage(tuple((Piece(line),) for line in plain), is_open=with_patient, is_unreadable=True)
    faulty = {match.groups() for one in findings if (match := _PLACE.match(one.where))}
    lines = tuple(_line(segment, name, faulty, codes, with_patient) for segment, name in _named(message))
    return RawMessage(lines, is_open=with_patient, is_unreadable=False)


def _named(message: Message) -> Iterable[tuple[Segment, str]]:
    """Name segments as findings do: the third OBX is OBX(3)."""
    counts: dict[str, int] = {}
    for segment in message:
        counts[segment.name] = count = counts.get(segment.name, 0) + 1
        is_counted = count > 1 or segment.name in ("OBX", "OBR", "SPM")
        yield segment, f"{segment.name}({count})" if is_counted else segment.name


def _line(
    segment: Segment, name: str, faulty: set[tuple[str, ...]], codes: Collection[str], with_patient: bool
) -> tuple[Piece, ...]:
    if not with_patient and segment.name not in SHOWN:
        return Piece(f"{segment.name}{segment.delimiters.field}"), Piece("", is_hidden=True)
    first = 2 if segment.name == "MSH" else 1
    pieces = [Piece(segment.name)]
    for number in range(first, len(segment.fields) + 1):
        pieces.append(Piece(segment.delimiters.field))
        pieces.append(_field(segment, number, name, faulty, codes, with_patient))
    return tuple(piece for piece in pieces if piece.text or piece.is_hidden)


def _field(
    segment: Segment, number: int, name: str, faulty: set[tuple[str, ...]], codes: Collection[str], with_patient: bool
) -> Piece:
    if not with_patient and segment.name == "OBX" and number == 5 and segment.value(2) in FREE_TEXT:
        return Piece("", is_hidden=bool(segment.sent(5)))
    text = segment.sent(number)
    shown = text if len(text) <= LONGEST_FIELD else f"{text[:LONGEST_FIELD]}…"
    is_code = segment.name == "OBX" and number == 3 and any(code in segment.components(3) for code in codes)
    return Piece(shown, is_faulty=bool(text) and ((name, str(number)) in faulty or is_code))
