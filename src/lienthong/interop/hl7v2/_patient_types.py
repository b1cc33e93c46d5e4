"""What a message about patients (ADT) holds, as dataclasses in HL7's words (chapter 3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from lienthong.interop.hl7v2._datatypes import Identifier, PersonName
from lienthong.interop.hl7v2._header import Header
from lienthong.interop.hl7v2._instant import Instant
from lienthong.interop.hl7v2._patient import PatientIdentity, Visit

PatientAct = Literal["update", "merge", "change-number", "move-account", "move-visit"]


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

    patient: PatientIdentity
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
