"""An imaging report as one result: the examination that was ordered (OBR-4), told in the words of the report.

Radiology and ultrasound systems send a report line by line, section by section, each with a code of its own: findings,
measures, conclusion (HL7 chapter 7, OBX-3 with the suffixes GDT and IMP; LOINC 59776-5 and 19005-8). None of these
lines is a result that could stand for an examination; all of them together are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from lienthong.interop.hl7v2 import Coded, Document, Observation, OruOrder, Reading

# OBR-24 (HL7 table 0074): the sections whose reports are imaging.
SECTIONS = frozenset({"RAD", "RX", "RUS", "VUS", "OUS", "CUS", "CT", "CTH", "NMR", "NMS", "XRC", "IMG", "US", "MR"})
WITHDRAWN, NO_RESULT = frozenset("DWX"), frozenset("INO")
FINAL = frozenset("FUVCAB")
FILES = frozenset({"ED", "RP"})
# Said in OBX-3 beside the study's own number; none of them is a section of the report.
STUDY_CODES = frozenset({"113014", "110180"})


def is_of_imaging(order: OruOrder) -> bool:
    """Whether OBR-24 says that an order is of imaging."""
    return order.section.strip().upper() in SECTIONS


def is_document(one: Observation) -> bool:
    """Whether an observation is a file, a pointer to one, the number of the study, or the whole text of a report."""
    return one.value_type in FILES or one.code.code in STUDY_CODES or is_whole_text(one)


def is_whole_text(one: Observation) -> bool:
    """Whether an observation holds all that a report says in words, which the comment on the report repeats."""
    return one.value_type not in FILES and any(isinstance(value, Document) for value in one.parsed)


def without_files(order: OruOrder) -> OruOrder:
    """Return an order with the observations that may be results; mostly that is the order itself."""
    if not any(map(is_document, order.observations)):
        return order
    return replace(order, observations=tuple(one for one in order.observations if not is_document(one)))


def as_examination(order: OruOrder) -> OruOrder:
    """Return an imaging order with one observation, its examination; files and numbers of the study are left out.

    The time of the examination is OBR-7, else that of the first line (OBX-14): it is both collection and measurement.
    """
    lines = [one for one in (_in_words(each, order) for each in order.observations) if not is_document(one)]
    told = [one for one in lines if one.status not in NO_RESULT]
    standing = [one for one in told if one.status not in WITHDRAWN]
    files = [one for one in order.observations if one.value_type in FILES and one.status not in WITHDRAWN | NO_RESULT]
    at = order.observed_at or next((one.observed_at for one in told if one.observed_at), None)
    text = report_text(standing, order.service) or "; ".join(dict.fromkeys(one.code.display for one in files))
    examination = Observation(
        code=order.service,
        value_type="TX",
        values=(text,) if text else (),
        parsed=(Reading(),),
        status=_status([*told, *files]),
        observed_at=at,
        analysed_at=at,
        instruments=tuple(dict.fromkeys(device for one in told for device in one.instruments)),
        ordinal=order.ordinal,
        comments=tuple(comment for one in told for comment in one.comments),
        segment=order.segment,
    )
    return replace(
        order,
        observations=(examination,) if told or files else (),
        observed_at=at,
        comments=tuple(one for one in order.comments if one.text != text),
    )


def report_text(observations: Sequence[Observation], service: Coded) -> str:
    """Return the lines of a report; a section begins with its name where it is not that of the examination."""
    lines: list[str] = []
    section: Coded | None = None
    for one in observations:
        name = "" if one.code == section or one.code.codes == service.codes else one.code.display
        section = one.code
        unit = one.unit.code or one.unit.text if one.unit else ""
        words = f"{one.text} {unit}".strip()
        if words:
            lines.append(f"{name}: {words}" if name else words)
    return "\n".join(lines)


def _in_words(one: Observation, order: OruOrder) -> Observation:
    """Return an observation; the whole text of a report as a line of the examination itself."""
    if not is_whole_text(one):
        return one
    words = tuple(value.data for value in one.parsed if isinstance(value, Document))
    return replace(one, code=order.service, values=words, parsed=(Reading(),))


def _status(observations: Iterable[Observation]) -> str:
    """Return one status (HL7 table 0085) for all lines: what is not final in one of them is not final."""
    statuses = {one.status for one in observations} - NO_RESULT
    standing = statuses - WITHDRAWN
    if not standing:
        return "W" if statuses else "I"
    if not standing <= FINAL:
        return "P"
    return "C" if standing & set("CAB") else "F"
