"""What was ordered: ORC, OBR and TQ1 (HL7 chapter 4)."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from lienthong.findings import Finding
from lienthong.interop.hl7v2._datatypes import (
    Address,
    Coded,
    Comment,
    EntityIdentifier,
    Organisation,
    Person,
    Place,
    Quantity,
    Telecom,
)
from lienthong.interop.hl7v2._fields import Fields
from lienthong.interop.hl7v2._instant import Instant
from lienthong.interop.hl7v2._observation import Observation
from lienthong.interop.hl7v2._patient import instant_at
from lienthong.interop.hl7v2._specimen import Material, Specimen, old_specimens

CONTROL_WORDS = frozenset({"LJ", "QC", "QCR"})  # of analysers, in OBR-4
_NO_SERVICE = Coded()
_BLANKS = [""] * 51


class OrderControl(Struct, frozen=True, gc=False):
    """ORC; `control` is HL7 table 0119 (NW, RE, SC, CA …), `status` 0038."""

    control: str = ""
    placer: EntityIdentifier | None = None
    filler: EntityIdentifier | None = None
    placer_group: EntityIdentifier | None = None
    status: str = ""
    transaction_at: Instant | None = None
    requesters: tuple[Person, ...] = ()
    parent_placer: EntityIdentifier | None = None
    parent_filler: EntityIdentifier | None = None
    entered_by: tuple[Person, ...] = ()
    verified_by: tuple[Person, ...] = ()
    location: Place | None = None
    callback: tuple[Telecom, ...] = ()
    effective_at: Instant | None = None
    reason: Coded | None = None
    entering_organisation: Coded | None = None
    facility: Organisation | None = None
    facility_address: Address | None = None
    facility_phones: tuple[Telecom, ...] = ()
    status_modifier: Coded | None = None
    kind: Coded | None = None


class Timing(Struct, frozen=True, gc=False):
    """When an order is to be carried out, and how urgently (TQ1; OBR-5 and OBR-27.6 in old versions)."""

    quantity: Quantity | None = None
    begin: Instant | None = None
    end: Instant | None = None
    priorities: tuple[Coded, ...] = ()
    condition: str = ""
    instruction: str = ""


class OruOrder(Struct, frozen=True, gc=False):
    """OBR with its ORC, specimens and observations; `materials` are the reagents that INV names below the order."""

    service: Coded
    placer: EntityIdentifier | None = None
    filler: EntityIdentifier | None = None
    requested_at: Instant | None = None
    observed_at: Instant | None = None
    requesters: tuple[Person, ...] = ()
    reported_at: Instant | None = None
    section: str = ""
    result_status: str = ""
    ordinal: int = 0
    control: OrderControl | None = None
    observations: tuple[Observation, ...] = ()
    specimens: tuple[Specimen, ...] = ()
    comments: tuple[Comment, ...] = ()
    timings: tuple[Timing, ...] = ()
    materials: tuple[Material, ...] = ()
    observed_until: Instant | None = None
    priority: str = ""
    collectors: tuple[Person, ...] = ()
    action_code: str = ""
    danger: Coded | None = None
    clinical_information: str = ""
    callback: tuple[Telecom, ...] = ()
    placer_field_1: str = ""
    placer_field_2: str = ""
    filler_field_1: str = ""
    filler_field_2: str = ""
    parent_result: str = ""
    result_copies: tuple[Person, ...] = ()
    parent_placer: EntityIdentifier | None = None
    parent_filler: EntityIdentifier | None = None
    reasons: tuple[Coded, ...] = ()
    principal_interpreter: Person | None = None
    assistants: tuple[Person, ...] = ()
    technicians: tuple[Person, ...] = ()
    scheduled_at: Instant | None = None
    procedure: Coded | None = None
    segment: str = "OBR"

    @property
    def position(self) -> str:
        """Name the segment, as in `OBR(1)`; the record of another notation where `segment` says so."""
        return f"{self.segment}({self.ordinal})" if self.ordinal else ""

    @property
    def placer_order_number(self) -> str:
        """OBR-2, or ORC-2 where that is blank."""
        number = self.placer or (self.control.placer if self.control else None)
        return number.value if number else ""

    @property
    def filler_order_number(self) -> str:
        """OBR-3, or ORC-3 where that is blank."""
        number = self.filler or (self.control.filler if self.control else None)
        return number.value if number else ""

    @property
    def requester(self) -> str:
        """The name of who ordered (OBR-16, else ORC-12), family before given, else the number."""
        found = self.requesters or (self.control.requesters if self.control else ())
        return found[0].display if found else ""

    @property
    def specimen(self) -> Specimen | None:
        """The first specimen."""
        return self.specimens[0] if self.specimens else None

    @property
    def specimen_observations(self) -> tuple[Observation, ...]:
        """The observations that describe the specimens."""
        return tuple(one for specimen in self.specimens for one in specimen.observations)

    @property
    def collected_at(self) -> Instant | None:
        """When the specimen was collected: SPM-17, or OBR-7, which HL7 defines as that time for a specimen."""
        collected = (specimen.collected_at for specimen in self.specimens)
        return next((instant for instant in collected if instant), self.observed_at)

    @property
    def producer(self) -> Organisation | None:
        """The first producer that an observation names."""
        return next((one.producer for one in self.observations if one.producer), None)

    @property
    def notes(self) -> tuple[str, ...]:
        """The texts of the comments."""
        return tuple(comment.text for comment in self.comments)

    @property
    def is_quality_control(self) -> bool:
        """Whether the material is a control, a calibrator or a proficiency testing item, not a patient's."""
        if any(not specimen.is_of_patient for specimen in self.specimens):
            return True
        words = " ".join((self.service.text, self.service.alt_text)).upper().split()
        return not CONTROL_WORDS.isdisjoint(words)


def order_from(sent: list[str], fields: Fields, ordinal: int, findings: list[Finding]) -> OruOrder:
    """Read OBR from its fields as sent; what belongs to the order is added later."""
    where = f"OBR({ordinal})"
    has_more = len(sent) > 26 and any(sent[26:])
    sent = sent + _BLANKS
    service = fields.coded(sent[4])
    if service is None:
        findings.append(Finding(f"{where}-4", "required", f"{where}-4 must name the service, but is blank."))
    order = (
        service or _NO_SERVICE,
        fields.thing(sent[2]),
        fields.thing(sent[3]),
        instant_at(sent, 6, fields, where, findings) if sent[6] else None,
        instant_at(sent, 7, fields, where, findings) if sent[7] else None,
        fields.persons(sent[16]) if sent[16] else (),
        instant_at(sent, 22, fields, where, findings) if sent[22] else None,
        fields.value(sent[24]),
        fields.value(sent[25]),
        ordinal,
    )
    specimens: tuple[Specimen, ...] = ()
    if sent[14] or sent[15]:
        specimens = old_specimens(sent[15], instant_at(sent, 14, fields, where, findings), fields)
    if has_more or sent[5] or any(sent[8:14]) or any(sent[17:22]):
        rare = _rare(sent, fields, where, findings)
        return OruOrder(*order, None, (), specimens, (), (), (), *rare)
    return OruOrder(*order, None, (), specimens)


def _rare(sent: list[str], fields: Fields, where: str, findings: list[Finding]) -> tuple[Any, ...]:
    """What a laboratory seldom sends, in the order of the struct after `materials`."""
    parent_placer, parent_filler = fields.pair_of_things(sent[29])
    return (
        instant_at(sent, 8, fields, where, findings),
        fields.value(sent[5]),
        fields.persons(sent[10]),
        fields.value(sent[11]),
        fields.coded(sent[12]),
        fields.whole(sent[13]),
        fields.telecoms(sent[17]),
        *map(fields.whole, sent[18:22]),
        fields.whole(sent[26]),
        fields.persons(sent[28]),
        parent_placer,
        parent_filler,
        fields.codeds(sent[31]),
        next(iter(fields.named_persons(sent[32])), None),
        fields.named_persons(sent[33]),
        fields.named_persons(sent[34]),
        instant_at(sent, 36, fields, where, findings),
        fields.coded(sent[44]),
    )


def order_control_from(sent: list[str], fields: Fields, where: str, findings: list[Finding]) -> OrderControl:
    """Read ORC from its fields as sent."""
    sent = sent + _BLANKS
    common = (
        fields.value(sent[1]),
        fields.thing(sent[2]),
        fields.thing(sent[3]),
        fields.thing(sent[4]) if sent[4] else None,
        fields.value(sent[5]),
        instant_at(sent, 9, fields, where, findings) if sent[9] else None,
        fields.persons(sent[12]) if sent[12] else (),
    )
    if not (sent[8] or any(sent[10:12]) or any(sent[13:])):
        return OrderControl(*common)
    return OrderControl(
        *common,
        *fields.pair_of_things(sent[8]),
        fields.persons(sent[10]),
        fields.persons(sent[11]),
        fields.place(sent[13]),
        fields.telecoms(sent[14]),
        instant_at(sent, 15, fields, where, findings),
        fields.coded(sent[16]),
        fields.coded(sent[17]),
        fields.organisation(sent[21]),
        next(iter(fields.addresses(sent[22])), None),
        fields.telecoms(sent[23]),
        fields.coded(sent[25]),
        fields.coded(sent[29]),
    )


def timing_from(sent: list[str], fields: Fields, where: str, findings: list[Finding]) -> Timing:
    """Read TQ1 from its fields as sent."""
    sent = sent + [""] * (12 - len(sent))
    return Timing(
        fields.quantity(sent[2]),
        instant_at(sent, 7, fields, where, findings),
        instant_at(sent, 8, fields, where, findings),
        fields.codeds(sent[9]),
        fields.whole(sent[10]),
        fields.whole(sent[11]),
    )
