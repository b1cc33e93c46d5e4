"""What was measured: SPM, its containers (SAC) and what is in them (INV), HL7 chapters 7 and 13."""

from __future__ import annotations

from msgspec import Struct

from lienthong.findings import Finding
from lienthong.interop.hl7v2._datatypes import Coded, Comment, EntityIdentifier, Identifier, Quantity
from lienthong.interop.hl7v2._fields import Fields, coded_of
from lienthong.interop.hl7v2._instant import Instant
from lienthong.interop.hl7v2._observation import Observation
from lienthong.interop.hl7v2._patient import instant_at, not_a_time

# HL7 table 0369: material that is not one patient's, whatever PID says.
NON_PATIENT_ROLES = frozenset({"B", "C", "E", "F", "O", "Q", "V"})


class Container(Struct, frozen=True, gc=False):
    """A container (SAC)."""

    external_accession: EntityIdentifier | None = None
    accession: EntityIdentifier | None = None
    identifier: EntityIdentifier | None = None
    primary: EntityIdentifier | None = None
    equipment: EntityIdentifier | None = None
    registered_at: Instant | None = None
    status: Coded | None = None
    carrier_type: Coded | None = None
    carrier: EntityIdentifier | None = None
    position: str = ""
    additives: tuple[Coded, ...] = ()


class Material(Struct, frozen=True, gc=False):
    """A reagent or control material (INV); `kind` is HL7 table 0384 (CO control, RC reagent calibrator, R1 …)."""

    identifier: Coded | None = None
    statuses: tuple[Coded, ...] = ()
    kind: Coded | None = None
    container: Coded | None = None
    carrier: Coded | None = None
    position: Coded | None = None
    initial_quantity: str = ""
    current_quantity: str = ""
    available_quantity: str = ""
    consumption_quantity: str = ""
    unit: Coded | None = None
    expires_at: Instant | None = None
    first_used_at: Instant | None = None
    on_board: str = ""
    used_for: tuple[Coded, ...] = ()
    lot: str = ""
    manufacturer: Coded | None = None
    supplier: Coded | None = None


class Specimen(Struct, frozen=True, gc=False):
    """SPM with the containers and materials named below it, or before version 2.5 OBR-15 and OBR-14.

    `observations` are the OBX that describe the specimen.
    """

    placer: EntityIdentifier | None = None
    filler: EntityIdentifier | None = None
    type: Coded | None = None
    roles: tuple[Coded, ...] = ()
    collected_at: Instant | None = None
    received_at: Instant | None = None
    parents: tuple[EntityIdentifier, ...] = ()
    type_modifiers: tuple[Coded, ...] = ()
    additives: tuple[Coded, ...] = ()
    collection_method: Coded | None = None
    source_site: Coded | None = None
    site_modifiers: tuple[Coded, ...] = ()
    collection_site: Coded | None = None
    amount: Quantity | None = None
    grouped_count: str = ""
    descriptions: tuple[str, ...] = ()
    handling: tuple[Coded, ...] = ()
    risks: tuple[Coded, ...] = ()
    collected_until: Instant | None = None
    expires_at: Instant | None = None
    is_available: str = ""
    reject_reasons: tuple[Coded, ...] = ()
    quality: Coded | None = None
    appropriateness: Coded | None = None
    conditions: tuple[Coded, ...] = ()
    current_quantity: Quantity | None = None
    container_count: str = ""
    container_type: Coded | None = None
    container_condition: Coded | None = None
    child_role: Coded | None = None
    accessions: tuple[Identifier, ...] = ()
    containers: tuple[Container, ...] = ()
    materials: tuple[Material, ...] = ()
    observations: tuple[Observation, ...] = ()
    comments: tuple[Comment, ...] = ()

    @property
    def identifier(self) -> str:
        """The filler's number (SPM-2.2), else the placer's."""
        number = self.filler or self.placer
        return number.value if number else ""

    @property
    def role(self) -> str:
        """SPM-11, of HL7 table 0369 (P patient, Q control, C calibrator …)."""
        return self.roles[0].code if self.roles else ""

    @property
    def is_of_patient(self) -> bool:
        return not any(role.code in NON_PATIENT_ROLES for role in self.roles)


def specimen_from(sent: list[str], fields: Fields, where: str, findings: list[Finding]) -> Specimen:
    """Read SPM from its fields as sent."""
    sent = sent + [""] * (31 - len(sent))
    placer, filler = fields.pair_of_things(sent[2])
    collected = fields.period(sent[17])
    if collected.begin is None and fields.value(sent[17]):
        findings.append(not_a_time(f"{where}-17"))
    pairs = [fields.pair_of_things(one) for one in fields.repetitions(sent[3])]
    return Specimen(
        placer,
        filler,
        fields.coded(sent[4]),
        fields.codeds(sent[11]),
        collected.begin,
        instant_at(sent, 18, fields, where, findings),
        tuple(number for pair in pairs if (number := pair[1] or pair[0])),
        fields.codeds(sent[5]),
        fields.codeds(sent[6]),
        fields.coded(sent[7]),
        fields.coded(sent[8]),
        fields.codeds(sent[9]),
        fields.coded(sent[10]),
        fields.quantity(sent[12]),
        fields.value(sent[13]),
        tuple(text for text in map(fields.whole, fields.repetitions(sent[14])) if text),
        fields.codeds(sent[15]),
        fields.codeds(sent[16]),
        collected.end,
        instant_at(sent, 19, fields, where, findings),
        fields.value(sent[20]),
        fields.codeds(sent[21]),
        fields.coded(sent[22]),
        fields.coded(sent[23]),
        fields.codeds(sent[24]),
        fields.quantity(sent[25]),
        fields.value(sent[26]),
        fields.coded(sent[27]),
        fields.coded(sent[28]),
        fields.coded(sent[29]),
        fields.identifiers(sent[30]),
    )


def old_specimens(source: str, received: Instant | None, fields: Fields) -> tuple[Specimen, ...]:
    """Read OBR-15 of old versions (SPS: type, additive, method, site, its modifier, method modifier, role)."""
    if not source:
        return (Specimen(None, None, None, (), None, received),) if received else ()
    codes = [coded_of(fields.subcomponents(one)) for one in fields.components_sent(source)] + [None] * 7
    if not any(codes) and received is None:
        return ()
    additives, roles, modifiers = ((code,) if code else () for code in (codes[1], codes[6], codes[4]))
    found = Specimen(
        type=codes[0],
        roles=roles,
        received_at=received,
        additives=additives,
        collection_method=codes[2] or codes[5],
        source_site=codes[3],
        site_modifiers=modifiers,
    )
    return (found,)


def container_from(sent: list[str], fields: Fields, where: str, findings: list[Finding]) -> Container:
    """Read SAC from its fields as sent."""
    sent = sent + [""] * (28 - len(sent))
    return Container(
        fields.thing(sent[1]),
        fields.thing(sent[2]),
        fields.thing(sent[3]),
        fields.thing(sent[4]),
        fields.thing(sent[5]),
        instant_at(sent, 7, fields, where, findings),
        fields.coded(sent[8]),
        fields.coded(sent[9]),
        fields.thing(sent[10]),
        fields.whole(sent[11]),
        fields.codeds(sent[27]),
    )


def material_from(sent: list[str], fields: Fields, where: str, findings: list[Finding]) -> Material:
    """Read INV from its fields as sent."""
    sent = sent + [""] * (19 - len(sent))
    return Material(
        fields.coded(sent[1]),
        fields.codeds(sent[2]),
        fields.coded(sent[3]),
        fields.coded(sent[4]),
        fields.coded(sent[5]),
        fields.coded(sent[6]),
        fields.value(sent[7]),
        fields.value(sent[8]),
        fields.value(sent[9]),
        fields.value(sent[10]),
        fields.coded(sent[11]),
        instant_at(sent, 12, fields, where, findings),
        instant_at(sent, 13, fields, where, findings),
        fields.value(sent[14]),
        fields.codeds(sent[15]),
        fields.value(sent[16]),
        fields.coded(sent[17]),
        fields.coded(sent[18]),
    )
