"""Read a message about patients (ADT): who they are, their visits, and which numbers were merged."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from lienthong.findings import Finding
from lienthong.interop.hl7v2._elements import Elements
from lienthong.interop.hl7v2._header import header_of
from lienthong.interop.hl7v2._message import Message, Segment
from lienthong.interop.hl7v2._patient_segments import read_merge, read_pid, read_pv1
from lienthong.interop.hl7v2._patient_types import AdtMessage, Merge, PatientAct, PatientEvent

# Findings that only say how something was read: the message can be used.
ADT_NOTES = frozenset({"sex", "null-ignored"})

# HL7 table 0003. Admission, transfer, discharge and their cancellations say who the patient is, as A08 and A31 do.
_UPDATES = ("A01", "A02", "A03", "A04", "A05", "A06", "A07", "A08", "A11", "A12", "A13", "A28", "A31")
ACTS: dict[str, PatientAct] = {
    **dict.fromkeys(_UPDATES, "update"),
    **dict.fromkeys(("A18", "A30", "A34", "A36", "A39", "A40"), "merge"),
    **dict.fromkeys(("A46", "A47"), "change-number"),
    **dict.fromkeys(("A35", "A41", "A49"), "move-account"),
    **dict.fromkeys(("A42", "A45", "A50"), "move-visit"),
}
_NAMING_A_NUMBER = frozenset({"merge", "change-number"})


def read_adt(message: Message) -> tuple[AdtMessage | None, tuple[Finding, ...]]:
    """Read a message about patients; None where it is of another type or of an event that is not in `ACTS`.

    Findings whose code is in `ADT_NOTES` tell how something was read; any other is a fault.
    """
    header = header_of(message)
    event = header.trigger_event or message.get("EVN-1")
    act = ACTS.get(event) if header.message_code == "ADT" else None
    if act is None:
        told = "MSH-9 must be ADT with one of the events " + ", ".join(sorted(ACTS)) + "."
        return None, (Finding("MSH-9", "message-type", told),)
    reader = _Reader(act)
    for segment in message.segments[1:]:
        reader.take(segment)
    events = reader.finish()
    return (
        AdtMessage(
            header=header,
            event=event,
            act=act,
            recorded_at=reader.recorded.instant(2) if reader.recorded else None,
            occurred_at=reader.recorded.instant(6) if reader.recorded else None,
            events=events,
        ),
        tuple(reader.findings),
    )


@dataclass(slots=True)
class _Reader:
    act: PatientAct
    findings: list[Finding] = field(default_factory=list)
    recorded: Elements | None = None
    _counts: dict[str, int] = field(default_factory=dict)
    _events: list[PatientEvent] = field(default_factory=list)

    def take(self, segment: Segment) -> None:
        count = self._counts[segment.name] = self._counts.get(segment.name, 0) + 1
        source = Elements(segment, f"{segment.name}({count})" if count > 1 else segment.name, self.findings)
        step = {"EVN": self._evn, "PID": self._pid, "PV1": self._pv1, "MRG": self._mrg}.get(segment.name)
        if step:
            step(source)

    def finish(self) -> tuple[PatientEvent, ...]:
        if not self._events:
            self.findings.append(Finding("PID", "segment-missing", "A message about patients must hold PID."))
        for event in self._events:
            if not event.patient.identifiers:
                told = f"{event.position}-3 must hold the sender's number of the patient, but is blank."
                self.findings.append(Finding(f"{event.position}-3", "required", told))
            if self.act != "update":
                self._check_merges(event)
        return tuple(self._events)

    def _evn(self, source: Elements) -> None:
        self.recorded = source

    def _pid(self, source: Elements) -> None:
        self._events.append(PatientEvent(patient=read_pid(source), position=source.where))

    def _pv1(self, source: Elements) -> None:
        """PV1 belongs to the MRG before it, where there is one (A45), and to the patient."""
        if not self._events:
            self._misplaced(source)
            return
        event, visit = self._events[-1], read_pv1(source)
        merges = event.merges
        if merges and merges[-1].visit is None:
            merges = (*merges[:-1], replace(merges[-1], visit=visit))
        self._events[-1] = replace(event, visit=event.visit or visit, merges=merges)

    def _mrg(self, source: Elements) -> None:
        if not self._events:
            self._misplaced(source)
            return
        event = self._events[-1]
        self._events[-1] = replace(event, merges=(*event.merges, read_merge(source)))

    def _check_merges(self, event: PatientEvent) -> None:
        if not event.merges:
            told = f"{event.position} must be followed by MRG, which names what is merged or moved."
            self.findings.append(Finding("MRG", "segment-missing", told))
        for merge in event.merges:
            if missing := self._missing(merge):
                place = f"{merge.position}-{missing}"
                told = f"{place} must name what is merged or moved, but is blank."
                self.findings.append(Finding(place, "required", told))

    def _missing(self, merge: Merge) -> int | None:
        if self.act in _NAMING_A_NUMBER:
            return None if merge.identifiers else 1
        if self.act == "move-account":
            return None if merge.account else 3
        return None if merge.visit_number or merge.account else 5

    def _misplaced(self, source: Elements) -> None:
        told = f"{source.where} comes before any PID and was not read."
        self.findings.append(Finding(source.where, "segment-order", told))
