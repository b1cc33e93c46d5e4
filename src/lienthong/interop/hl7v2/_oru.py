"""Read a result message: ORU^R01, and OUL^R22, R23 and R24 as analysers send it (HL7 chapter 7, IHE LAW LAB-29).

The structures differ in what stands first. Where a specimen (SPM) comes before any order of its patient, each further
SPM begins a new group and its orders follow; else an SPM belongs to the order before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec.structs import force_setattr

from lienthong.findings import Finding
from lienthong.interop.hl7v2._charset import decode, find_codec
from lienthong.interop.hl7v2._comment import comment_from
from lienthong.interop.hl7v2._datatypes import Comment
from lienthong.interop.hl7v2._delimiters import STANDARD
from lienthong.interop.hl7v2._fields import Fields, fields_of
from lienthong.interop.hl7v2._header import Header, header_from
from lienthong.interop.hl7v2._message import Message, is_blank, is_segment_name, open_message, wrong_segment
from lienthong.interop.hl7v2._observation import Observation, ObservationReader
from lienthong.interop.hl7v2._order import (
    OrderControl,
    OruOrder,
    Timing,
    order_control_from,
    order_from,
    timing_from,
)
from lienthong.interop.hl7v2._oru_types import OruMessage, PatientResults
from lienthong.interop.hl7v2._patient import PatientIdentity, Visit, patient_from, visit_from
from lienthong.interop.hl7v2._specimen import Material, Specimen, container_from, material_from, specimen_from

# Findings that only say how something was read: the message can be used.
NOTES = frozenset({"status-assumed", "no-value", "several-values", "sex", "segment-ignored"})

RESULT_TRIGGERS = {"ORU": ("R01", ""), "OUL": ("R22", "R23", "R24", "")}
RESULT_STRUCTURES = frozenset({"ORU_R01", "OUL_R22", "OUL_R23", "OUL_R24"})
Findings = tuple[Finding, ...]
LONGEST_HEADER = 1_000  # characters; of a longer one, `decode` finds MSH-18
_NOBODY = PatientIdentity()
_UTF_8 = frozenset({"UNICODE UTF-8", "UTF-8", "UTF8"})
_USUAL = fields_of(STANDARD, "utf-8")


def read_results(data: bytes, *, default_charset: str = "utf-8") -> tuple[OruMessage | None, Findings]:
    """Read a result message from its bytes; None where it can't be read, or is of another type.

    `default_charset` is the source's, for messages with a blank MSH-18. Findings whose code is in `NOTES` tell how
    something was read; any other is a fault that a person should look at.
    """
    lines = _usual_lines(data)
    if lines is not None and _is_utf_8(lines[0], default_charset):
        return _read(lines, header_from(lines[0], _USUAL), _USUAL)
    decoded, findings = decode(data, default=default_charset)
    if decoded is None:
        return None, findings
    opened, findings = open_message(decoded)
    if opened is None:
        return None, findings
    fields = fields_of(opened.delimiters, opened.codec)
    return _read(opened.lines, header_from(opened.lines[0], fields), fields)


def read_oru(message: Message) -> tuple[OruMessage | None, Findings]:
    """Read a result message that was parsed; as `read_results` does."""
    separator = message.delimiters.field
    lines = [separator.join((one.name, *one.fields[one.name == "MSH" :])) for one in message.segments]
    fields = fields_of(message.delimiters, message.codec)
    return _read(lines, header_from(lines[0], fields), fields)


def _usual_lines(data: bytes) -> list[str] | None:
    """Return the lines of a message as most are sent: usual delimiters, CR, UTF-8 without marks to be composed.

    In UTF-8 a combining mark begins with one of the bytes CC and CD. None is returned for any other message.
    """
    if not data.startswith(b"MSH|^~\\&|"):
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    if "\n" in text or not (text.isascii() or (b"\xcc" not in data and b"\xcd" not in data)):
        return None
    lines = text.split("\r")
    if not lines[-1]:
        lines.pop()
    return lines


def _is_utf_8(header: str, default_charset: str) -> bool:
    """Whether MSH-18 as sent, or the source's character set where it is blank, says so without further reading."""
    sent = header.split("|", 18)
    declared = sent[17] if len(sent) > 17 else ""
    if len(header) > LONGEST_HEADER or (declared and declared not in _UTF_8):
        return False
    return bool(declared) or find_codec(default_charset) == "utf-8"


def is_result_message(header: Header) -> bool:
    """Whether a message is one that `read_results` reads."""
    has_trigger = header.trigger_event in RESULT_TRIGGERS.get(header.message_code, ())
    return has_trigger or header.message_structure in RESULT_STRUCTURES


def _read(lines: list[str], header: Header, fields: Fields) -> tuple[OruMessage | None, Findings]:
    if not is_result_message(header):
        place = "MSH-9 must be ORU^R01 or OUL^R22, R23 or R24 to be read as results."
        return None, (Finding("MSH-9", "message-type", place),)
    reader = _Reader(fields, header)
    reader.take(lines, fields.delimiters.field)
    return OruMessage(header, reader.finish()), tuple(reader.findings)


class _OpenOrder:
    """An order whose observations are still coming; nobody else has seen it, so it may be filled."""

    __slots__ = ("materials", "observations", "order", "specimens", "timings")

    def __init__(self, order: OruOrder, specimens: Iterable[Specimen], timings: list[Timing]) -> None:
        self.order = order
        self.observations: list[Observation] = []
        self.specimens: list[Specimen] = [*specimens]
        self.timings = timings
        self.materials: list[Material] = []

    def close(self) -> OruOrder:
        if self.observations:
            force_setattr(self.order, "observations", tuple(self.observations))
        if self.specimens:
            force_setattr(self.order, "specimens", tuple(self.specimens))
        if self.timings:
            force_setattr(self.order, "timings", tuple(self.timings))
        if self.materials:
            force_setattr(self.order, "materials", tuple(self.materials))
        return self.order


class _Reader:
    """Takes segments in turn and gathers what belongs together."""

    _patient: PatientIdentity | None
    _visit: Visit | None
    _order: _OpenOrder | None  # that the next OBX belongs to
    _control: OrderControl | None  # ORC before its OBR
    _specimen: Specimen | None
    _into: list[Observation] | None
    _last: OruOrder | Observation | Specimen | None  # that the next NTE belongs to

    def __init__(self, fields: Fields, header: Header) -> None:
        self.fields = fields
        self.findings: list[Finding] = []
        self._is_of_analyser = "OUL" in (header.message_code, header.message_structure[:3])
        self._observations = ObservationReader(fields, self.findings)
        self._pids = self._obrs = self._spms = 0
        self._done: list[PatientResults] = []
        self._begin(None)

    def take(self, lines: list[str], separator: str) -> None:
        """Read the lines after MSH."""
        read_observation = self._observations.read
        for number in range(1, len(lines)):
            sent = lines[number].split(separator)
            name = sent[0]
            if name == "OBX" and self._into is not None:  # as _obx does, without the call
                self._last = observation = read_observation(sent)
                self._into.append(observation)
            elif name in _STEPS:
                _STEPS[name](self, sent)
            elif not is_segment_name(name):
                self._take_odd(lines, number, sent)

    def finish(self) -> tuple[PatientResults, ...]:
        """Return what was gathered; tell of what is missing."""
        self._close()
        if not self._pids and not self._is_of_analyser:  # which often knows no more than the tube
            self.findings.append(Finding("PID", "segment-missing", "A result message must hold PID."))
        if not self._obrs:
            self.findings.append(Finding("OBR", "segment-missing", "A result message must hold OBR."))
        return tuple(self._done)

    def _take_odd(self, lines: list[str], number: int, sent: list[str]) -> None:
        """A line that begins with blanks, is blank, or is no segment."""
        name = sent[0].strip()
        if name in _STEPS:
            _STEPS[name](self, sent)
        elif not is_segment_name(name) and not is_blank(lines[number]):
            self.findings.append(wrong_segment(sum(not is_blank(line) for line in lines[: number + 1])))

    def _begin(self, patient: PatientIdentity | None) -> None:
        self._patient, self._visit = patient, None
        self._orders: list[_OpenOrder] = []
        self._order = self._control = self._specimen = self._last = None
        self._is_specimen_first = False
        self._about_patient: list[Observation] = []
        self._about_specimen: list[Observation] = []
        self._into = self._about_patient if self._is_of_analyser else None
        self._comments: list[Comment] = []  # on the patient
        self._early_comments: list[Comment] = []  # on an order of which only ORC has come
        self._early_timings: list[Timing] = []

    def _close(self) -> None:
        self._close_specimen()
        orders = tuple(map(_OpenOrder.close, self._orders))
        if self._patient or orders or self._about_patient:
            patient = PatientResults(
                self._patient or _NOBODY, orders, self._visit, tuple(self._comments), tuple(self._about_patient)
            )
            self._done.append(patient)

    def _close_specimen(self) -> None:
        if self._specimen and self._about_specimen:
            force_setattr(self._specimen, "observations", tuple(self._about_specimen))
        self._about_specimen = []

    def _pid(self, sent: list[str]) -> None:
        if self._pids or self._orders or self._specimen:
            self._close()
        self._pids += 1
        where = f"PID({self._pids})" if self._pids > 1 else "PID"
        self._begin(patient_from(sent, self.fields, where, self.findings))

    def _pv1(self, sent: list[str]) -> None:
        self._visit = visit_from(sent, self.fields, "PV1", self.findings)

    def _orc(self, sent: list[str]) -> None:
        control = order_control_from(sent, self.fields, "ORC", self.findings)
        order = self._order
        if self._is_of_analyser and order and order.order.control is None and not order.observations:
            force_setattr(order.order, "control", control)
        else:
            self._control, self._early_comments, self._early_timings = control, [], []

    def _obr(self, sent: list[str]) -> None:
        self._obrs += 1
        order = order_from(sent, self.fields, self._obrs, self.findings)
        if self._control:
            force_setattr(order, "control", self._control)
            if self._early_comments:
                force_setattr(order, "comments", tuple(self._early_comments))
        self._close_specimen()
        specimens = (self._specimen,) if self._is_specimen_first and self._specimen else order.specimens
        self._order = _OpenOrder(order, specimens, self._early_timings)
        self._orders.append(self._order)
        self._into, self._last, self._control = self._order.observations, order, None
        self._early_comments, self._early_timings = [], []

    def _obx(self, sent: list[str]) -> None:
        if self._into is not None:
            self._last = observation = self._observations.read(sent)
            self._into.append(observation)
            return
        self._observations.count += 1
        where = f"OBX({self._observations.count})"
        self.findings.append(Finding(where, "segment-order", "OBX comes before any OBR and was not read."))

    def _spm(self, sent: list[str]) -> None:
        self._close_specimen()
        if self._is_specimen_first and self._order is None:
            place = f"SPM({self._spms})"
            told = f"{place} has no order behind it and was not read."
            self.findings.append(Finding(place, "segment-ignored", told))
        self._spms += 1
        self._last = self._specimen = specimen_from(sent, self.fields, f"SPM({self._spms})", self.findings)
        self._is_specimen_first = self._is_specimen_first or not self._orders
        if self._is_specimen_first:
            self._order, self._into = None, self._about_specimen
        elif self._order:
            self._forget_old_specimen(self._order)
            self._order.specimens.append(self._specimen)
            if self._order.observations:  # some send SPM between OBR and its OBX
                self._into = self._about_specimen

    def _forget_old_specimen(self, order: _OpenOrder) -> None:
        """SPM replaces what OBR-14 and OBR-15 say."""
        if order.specimens and order.order.specimens and order.specimens[0] is order.order.specimens[0]:
            order.specimens.clear()
            force_setattr(order.order, "specimens", ())

    def _sac(self, sent: list[str]) -> None:
        if self._specimen is None:
            return
        container = container_from(sent, self.fields, "SAC", self.findings)
        force_setattr(self._specimen, "containers", (*self._specimen.containers, container))
        self._last = self._specimen
        if self._is_of_analyser and self._order:
            self._into = self._order.observations

    def _inv(self, sent: list[str]) -> None:
        material = material_from(sent, self.fields, "INV", self.findings)
        if self._specimen and self._last is self._specimen:
            force_setattr(self._specimen, "materials", (*self._specimen.materials, material))
        elif self._order:
            self._order.materials.append(material)

    def _tq1(self, sent: list[str]) -> None:
        timing = timing_from(sent, self.fields, "TQ1", self.findings)
        if self._order and not self._control:
            self._order.timings.append(timing)
        else:
            self._early_timings.append(timing)

    def _nte(self, sent: list[str]) -> None:
        comment = comment_from(sent, self.fields)
        if comment is None:
            return
        if self._control:
            self._early_comments.append(comment)
        elif self._last is None:
            self._comments.append(comment)
        else:
            force_setattr(self._last, "comments", (*self._last.comments, comment))


_STEPS: dict[str, Callable[[_Reader, list[str]], None]] = {
    "PID": _Reader._pid,
    "PV1": _Reader._pv1,
    "ORC": _Reader._orc,
    "OBR": _Reader._obr,
    "OBX": _Reader._obx,
    "SPM": _Reader._spm,
    "SAC": _Reader._sac,
    "INV": _Reader._inv,
    "TQ1": _Reader._tq1,
    "NTE": _Reader._nte,
}
