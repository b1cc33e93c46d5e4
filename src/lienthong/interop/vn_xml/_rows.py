"""Rows of the three tables as values; each keeps its place in what was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lienthong.interop.hl7v2 import Instant


@dataclass(frozen=True, slots=True)
class Row:
    """A row as sent: its table, its element, which of its kind it is (from 1), and the texts of its elements."""

    table: str
    element: str
    ordinal: int
    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def position(self) -> str:
        """Name the row, as `XML4/CHI_TIET_CLS[3]`; the patient of a stay is `XML1/TONG_HOP`."""
        name = f"{self.table}/{self.element}"
        return name if self.table == "XML1" else f"{name}[{self.ordinal}]"

    def get(self, element: str) -> str:
        return self.texts.get(element, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class StayPatient:
    """XML1: who, when and where. `sex` is GIOI_TINH as sent, `birth` knows to which part it is known."""

    row: Row
    link: str
    patient_number: str = ""
    name: str = ""
    citizen_number: str = ""
    birth: Instant | None = None
    sex: str = ""
    address: str = ""
    phone: str = ""
    insurance_cards: tuple[str, ...] = ()
    admitted_at: Instant | None = None
    discharged_at: Instant | None = None
    stay_kind: str = ""
    facility: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A row of XML3: what was ordered and done, when, and with which devices."""

    row: Row
    link: str
    service_code: str = ""
    service_name: str = ""
    group: str = ""
    department: str = ""
    ordered_by: str = ""
    done_by: str = ""
    ordered_at: Instant | None = None
    done_at: Instant | None = None
    result_at: Instant | None = None
    devices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceResult:
    """A row of XML4: one index of a service. Its value stays as it was sent."""

    row: Row
    link: str
    service_code: str = ""
    index_code: str = ""
    index_name: str = ""
    value: str = ""
    unit: str = ""
    description: str = ""
    conclusion: str = ""
    result_at: Instant | None = None
    read_by: str = ""
    devices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """What an export says of one stay (MA_LK); `patient` is None where its XML1 is missing.

    `position` is its place in the file: `HOSO[2]`, or empty where the file is one table.
    """

    link: str
    patient: StayPatient | None = None
    services: tuple[Service, ...] = ()
    results: tuple[ServiceResult, ...] = ()
    position: str = ""
