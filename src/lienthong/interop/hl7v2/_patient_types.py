"""What PID, PV1 and MRG hold, as dataclasses in HL7's words (chapter 3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from lienthong.interop.hl7v2._header import Header
from lienthong.interop.hl7v2._instant import Instant
from lienthong.interop.hl7v2._oru_types import Identifier, PatientIdentity

PatientAct = Literal["update", "merge", "change-number", "move-account", "move-visit"]


@dataclass(frozen=True, slots=True)
class PersonName:
    """XPN: `type_code` is HL7 table 0200 (L legal, M maiden …), `representation` table 0465 (A, I, P)."""

    family: str = ""
    given: str = ""
    middle: str = ""
    type_code: str = ""
    representation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """PID. `identity` is who the patient is; `former_numbers` are PID-2 and PID-4 where PID-3 is valued too.

    `is_deceased` is PID-30, or True where PID-29 names a time of death; None where neither is told.
    """

    identity: PatientIdentity
    names: tuple[PersonName, ...] = ()
    former_numbers: tuple[Identifier, ...] = ()
    account: Identifier | None = None
    telephones: tuple[str, ...] = ()
    died_at: Instant | None = None
    is_deceased: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """PV1. `patient_class` is HL7 table 0004 (E, I, O, P …), `location` point of care, room, bed and facility."""

    number: Identifier | None = None
    patient_class: str = ""
    location: tuple[str, ...] = ()
    attending: str = ""
    service: str = ""
    admitted_at: Instant | None = None
    discharged_at: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """MRG, with the PV1 that follows it. `identifiers` are MRG-1, or MRG-4 where it is blank."""

    identifiers: tuple[Identifier, ...] = ()
    account: Identifier | None = None
    visit_number: Identifier | None = None
    names: tuple[PersonName, ...] = ()
    visit: Visit | None = None
    position: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientEvent:
    """One patient of a message: who it is, the visit, and what was merged into or moved to this patient."""

    patient: Patient
    visit: Visit | None = None
    merges: tuple[Merge, ...] = ()
    position: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdtMessage:
    """A message about patients: what it asks for, when that happened, and whom it is about."""

    header: Header
    event: str
    act: PatientAct
    recorded_at: Instant | None = None
    occurred_at: Instant | None = None
    events: tuple[PatientEvent, ...] = ()
