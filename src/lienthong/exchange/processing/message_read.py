"""What a message gives before anything of it is stored: patients, reports, controls, and what is held back."""

from __future__ import annotations

from dataclasses import dataclass, field

from lienthong.exchange.processing.ownerless import Ownerless
from lienthong.exchange.senders import SourceFacts
from lienthong.findings import Finding
from lienthong.interop.hl7v2 import OruOrder
from lienthong.results.actions import HeldDraft, PatientClaim, ReportDraft, order_lock_name


@dataclass(frozen=True, slots=True)
class ReportRead:
    """A report without marks, and for each result the systems and the instants by which it is marked."""

    draft: ReportDraft
    systems: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class PatientRead:
    """Reports of one patient: of a claim, or of a record that is known by the order."""

    claim: PatientClaim | None
    reports: tuple[ReportRead, ...]
    record_id: int | None = None


@dataclass(slots=True)
class MessageRead:
    """All that a message gives; `controls` are its orders of control specimens.

    `ownerless` are reports whose patient is to be found by the order of the tube.
    """

    source: SourceFacts
    patients: list[PatientRead] = field(default_factory=list)
    held: list[HeldDraft] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    controls: list[OruOrder] = field(default_factory=list)
    ownerless: list[Ownerless] = field(default_factory=list)

    @property
    def is_held(self) -> bool:
        """Whether all its results wait, so that nothing of it is stored."""
        return bool(self.held) and not (self.patients or self.ownerless)

    def lock_names(self) -> list[str]:
        """Name what two workers must not write at once: patients, numbers, orders; reports lock themselves."""
        place = self.source.facility_id
        names = [order_lock_name(facility_id=place, number=one) for tube in self.ownerless for one in tube.numbers]
        for patient in self.patients:
            claim = patient.claim
            if claim is None:
                continue
            names += claim.lock_names()
            numbers = [report.draft.placer_number for report in patient.reports if report.draft.placer_number]
            names += [order_lock_name(facility_id=claim.facility_id, number=number) for number in numbers]
        return names
