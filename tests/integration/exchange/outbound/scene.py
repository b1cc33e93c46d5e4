"""Hospital 30001 orders at the laboratory of hospital 30002; its system, an outlet, is told the reports."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count

from tests.factories.recognition import hai_duong
from tests.factories.registry import AnalyteFactory, FacilityFactory
from tests.factories.results import (
    NOON,
    claim,
    order_draft,
    report_draft,
    result_draft,
    store_one_report,
    store_patient_record,
    store_some_orders,
)

from lienthong.core.actions import system_user
from lienthong.core.log.sequencer import append_waiting
from lienthong.exchange.outbound.actions import OutletEntry, register_outlet
from lienthong.exchange.outbound.channels import Channel, DispatchFacts, OutletFacts, Sent, Wanted
from lienthong.exchange.outbound.hl7v2.channel import Hl7Channel
from lienthong.exchange.outbound.hl7v2.settings import Hl7Settings
from lienthong.exchange.outbound.models import Dispatch, Outlet
from lienthong.exchange.outbound.sending import NEVER, work_outlet
from lienthong.registry.models import Analyte, Facility
from lienthong.results.actions import ResultDraft
from lienthong.results.feed import Change
from lienthong.results.models import Report

AT = NOON + dt.timedelta(hours=1)
IDENTITY = "034180000123"
SECOND = dt.timedelta(seconds=1)


@dataclass
class Scene:
    """The patient is P1 at the hospital and L9 at the laboratory; order PL1 is open."""

    ours: Facility
    theirs: Facility
    own_record: int
    their_record: int
    glucose: Analyte
    messages: count[int] = field(default_factory=lambda: count(10))

    def report(self, number: str, *results: ResultDraft, placer: str = "PL1", **changes: object) -> int:
        """Store a report of the laboratory, or a changed one, and let the log append it; return its key."""
        results = results or (result_draft(self.glucose.pk),)
        draft = report_draft(self.theirs, *results, source="EX", number=number, placer_number=placer, **changes)
        store_one_report(draft, patient_record_id=self.their_record, inbox_id=next(self.messages))
        append_waiting(by=system_user("log"))
        return Report.objects.get(source="EX", number=number).pk

    def corrected(self, number: str, value: str = "6.1") -> int:
        """Correct the glucose of a report."""
        draft = result_draft(
            self.glucose.pk, status="corrected", reported_value=value, value=Decimal(value), amends=True
        )
        return self.report(number, draft, status="corrected")

    def outlet(self, port: int = 1, *, facility: str = "30001", code: str = "HIS", **settings: object) -> int:
        """Register an outlet of HL7 v2 at a port of this machine, without TLS."""
        usual = {"host": "127.0.0.1", "port": port, "tls": False, "answer_seconds": 5, "language": "en"}
        entry = OutletEntry(
            code=code,
            name=f"System {code}",
            channel="hl7v2",
            facility=facility,
            settings=Hl7Settings(**{**usual, **settings}).plain(),  # type: ignore[arg-type]  # as named
        )
        return register_outlet(entry, by=system_user("command-line"), at=AT)


def make_scene() -> Scene:
    region = hai_duong()
    ours = FacilityFactory(code="30001", region=region, name_en="Hospital 30001")
    theirs = FacilityFactory(code="30002", region=region, name_en="Hospital 30002")
    FacilityFactory(code="30003", region=region, name_en="Hospital 30003")
    numbers = (("NI", IDENTITY),)
    own = store_patient_record(claim(ours, source="SO", local_system="HIS1", identifiers=(("MR", "P1"), *numbers)))
    foreign = store_patient_record(claim(theirs, source="EX", local_id="L9", identifiers=(("MR", "L9"), *numbers)))
    assert own
    assert foreign
    store_some_orders(order_draft(ours, own, source="SO"))
    glucose = AnalyteFactory(key="GLU", loinc="2345-7", unit="mmol/L", molar_mass=180.16, name_en="Glucose")
    return Scene(ours, theirs, own, foreign, glucose)


@dataclass
class Clock:
    """Time as the test tells it."""

    now: dt.datetime = AT

    def __call__(self) -> dt.datetime:
        return self.now

    def forward(self, **period: float) -> None:
        self.now += dt.timedelta(**period)


def work(outlet_id: int, *, clock: Callable[[], dt.datetime] | None = None, channel: Channel | None = None) -> int:
    """Do what is due for an outlet; return how many attempts were made."""
    channels = {"hl7v2": channel or Hl7Channel()}
    return work_outlet(outlet_id, channels=channels, clock=clock or Clock(), stop=NEVER)


def states(outlet_id: int) -> list[str]:
    """Return the states of an outlet's dispatches in order."""
    rows = Dispatch.objects.filter(outlet_id=outlet_id).order_by("position", "pk")
    return list(rows.values_list("state", flat=True))


def row(outlet_id: int) -> Outlet:
    return Outlet.objects.get(pk=outlet_id)


@dataclass
class Told:
    """A channel that wants every report and does with each what the test says; it remembers what it was asked."""

    outcomes: Callable[[DispatchFacts], Sent] = lambda _dispatch: Sent(outcome="delivered")
    asked: list[DispatchFacts] = field(default_factory=list)
    stop: threading.Event | None = None

    def wanted(self, changes: Sequence[Change], outlet: OutletFacts, *, at: dt.datetime) -> list[Wanted]:
        return [Wanted(one.position, "report", str(one.report_id), one.version) for one in changes]

    def send(self, dispatch: DispatchFacts, outlet: OutletFacts, *, at: dt.datetime) -> Sent:
        self.asked.append(dispatch)
        return self.outcomes(dispatch)
