"""What an ASTM message says, as dataclasses in the words of E1394: sender, patients, orders, results, requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from lienthong.interop.hl7v2 import Instant, is_placeholder


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """H: who sends. `name` is the first component of H-5, `parts` all of them (model, software, serial number …)."""

    name: str = ""
    parts: tuple[str, ...] = ()
    control_id: str = ""
    processing_id: str = ""
    version: str = ""
    sent_at: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """C: a remark on the record before it; `source` is P (practice), L (laboratory) or I (instrument)."""

    text: str
    source: str = ""
    type: str = ""
    position: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurand:
    """The universal test id: a standard's code (parts 1 to 3), and the manufacturer's or local code (part 4 and on)."""

    code: str = ""
    name: str = ""
    system: str = ""
    local: tuple[str, ...] = ()

    @property
    def local_code(self) -> str:
        return self.local[0] if self.local else ""

    @property
    def is_empty(self) -> bool:
        return not (self.code or self.local_code)


@dataclass(frozen=True, slots=True, kw_only=True)
class TestResult:
    """R: one measured value. `value` is as sent, its components parted by `^`; `status` is R-9 (F, C, P, X …)."""

    measurand: Measurand
    value: str = ""
    unit: str = ""
    range: str = ""
    flags: tuple[str, ...] = ()
    status: str = ""
    operator: str = ""
    started_at: Instant | None = None
    completed_at: Instant | None = None
    instrument: tuple[str, ...] = ()
    comments: tuple[Comment, ...] = ()
    position: str = field(default="", compare=False)

    __test__ = False

    @property
    def has_no_value(self) -> bool:
        """Whether R-4 is blank or holds a placeholder such as `***.**`; neither is zero."""
        return is_placeholder(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class TestOrder:
    """O: what was asked of one specimen, and what was found. `action_code` is O-12; Q is a control specimen."""

    specimen_id: str = ""
    specimen_parts: tuple[str, ...] = ()
    instrument_specimen_id: str = ""
    instrument_specimen_parts: tuple[str, ...] = ()
    measurands: tuple[Measurand, ...] = ()
    priority: str = ""
    requested_at: Instant | None = None
    collected_at: Instant | None = None
    action_code: str = ""
    received_at: Instant | None = None
    descriptor: str = ""
    physician: str = ""
    reported_at: Instant | None = None
    report_types: tuple[str, ...] = ()
    results: tuple[TestResult, ...] = ()
    comments: tuple[Comment, ...] = ()
    position: str = field(default="", compare=False)

    __test__ = False

    @property
    def is_quality_control(self) -> bool:
        """Whether O-12 says that the specimen is a control."""
        return self.action_code == "Q"


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """P: whose specimen it is, as far as the analyser knows. `sex` is as sent."""

    practice_id: str = ""
    laboratory_id: str = ""
    other_id: str = ""
    family_name: str = ""
    given_name: str = ""
    middle_name: str = ""
    birth_date: date | None = None
    sex: str = ""
    orders: tuple[TestOrder, ...] = ()
    comments: tuple[Comment, ...] = ()
    position: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Q: an analyser asks what is to be measured of specimens."""

    specimen_ids: tuple[str, ...] = ()
    measurands: tuple[Measurand, ...] = ()
    status: str = ""
    position: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalyzerMessage:
    """A message by its levels: sender, patients with their orders and results, requests, and how it ended (L-3)."""

    sender: Sender
    patients: tuple[Patient, ...] = ()
    requests: tuple[Request, ...] = ()
    termination: str = ""

    @property
    def orders(self) -> tuple[TestOrder, ...]:
        return tuple(order for patient in self.patients for order in patient.orders)
