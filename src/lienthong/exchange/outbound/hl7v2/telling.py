"""What is gathered of a report before it is written: its facts, its patient as the receiver knows him or her, marks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils import timezone

from lienthong.exchange.outbound.hl7v2.files import FileTold, files_told
from lienthong.exchange.outbound.hl7v2.marks import Mark, standing_marks
from lienthong.exchange.outbound.hl7v2.settings import Hl7Settings
from lienthong.exchange.outbound.hl7v2.shelf import Shelf
from lienthong.interop.hl7v2 import Instant, read_instant, write_instant
from lienthong.registry import reads as registry
from lienthong.registry.reads import AnalyteFacts, FacilityFacts, ProcedureFacts
from lienthong.results import outgoing
from lienthong.results import reads as results
from lienthong.results.outgoing import PatientNumbers
from lienthong.results.reads import OrderFacts, ReportFacts


@dataclass(frozen=True, slots=True)
class Telling:
    """A report as one receiver is told it.

    `order` is the receiver's own that the report answers; `own` are the numbers by which the receiver knows the
    patient, `theirs` those of the laboratory. `observed` and `marks` go by the keys of results; `files` are what the
    receiver wants of what stands beside them.
    """

    report: ReportFacts
    laboratory: FacilityFacts
    receiver: FacilityFacts
    order: OrderFacts | None
    own: PatientNumbers | None
    theirs: PatientNumbers
    analytes: Mapping[int, AnalyteFacts]
    procedures: Mapping[int, ProcedureFacts]
    observed: Mapping[int, dt.datetime]
    marks: Mapping[int, list[Mark]]
    files: tuple[FileTold, ...] = ()

    def instant(self, moment: dt.datetime | None) -> Instant | None:
        """Return a point in time in the laboratory's zone, with its offset."""
        zone = ZoneInfo(self.laboratory.time_zone)
        return read_instant(write_instant(moment.astimezone(zone))) if moment else None


def gather(
    report: ReportFacts, receiver: FacilityFacts, shelf: Shelf, settings: Hl7Settings, *, at: dt.datetime
) -> Telling:
    """Read all that a message about a report says."""
    on = timezone.localdate(at)
    orders = results.orders_of_report(report.id) if report.placer_number else []
    order = next((one for one in orders if one.facility_id == receiver.id), None)
    record = report.patient.record_id
    own = order.patient_record_id if order else outgoing.record_at(record, facility_id=receiver.id)
    numbers = outgoing.patient_numbers({record} | ({own} if own is not None else set()))
    systems = {one.procedure_id for one in report.results if one.procedure_id is not None}
    return Telling(
        report=report,
        laboratory=shelf.facility(report.facility_id, at=at),
        receiver=receiver,
        order=order,
        own=numbers[own] if own is not None else None,
        theirs=numbers[record],
        analytes=shelf.analytes(at=at),
        procedures=registry.procedures(systems, on=on) if systems else {},
        observed=outgoing.times_of_observation([one.id for one in report.results]),
        marks=standing_marks(report.results, receiver, at=at),
        files=files_told(report, settings),
    )
