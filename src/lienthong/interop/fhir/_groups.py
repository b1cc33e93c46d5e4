"""Segment groups: which patient, visit, order and specimen a segment belongs to."""

from __future__ import annotations

from collections.abc import Callable

from lienthong.interop.fhir._bundle import Build
from lienthong.interop.fhir._clinical import allergy, condition
from lienthong.interop.fhir._encounter import add_visit_details, encounter
from lienthong.interop.fhir._json import Element
from lienthong.interop.fhir._observation import annotation, observation
from lienthong.interop.fhir._orders import Order, diagnostic_report, order_key, service_request
from lienthong.interop.fhir._parts import code_of, parts_of
from lienthong.interop.fhir._patient import add_details, add_note, merged_patient, patient, related_person
from lienthong.interop.fhir._results import close_order
from lienthong.interop.fhir._specimen import NOT_OF_A_PATIENT, specimen
from lienthong.interop.fhir._systems import absent
from lienthong.interop.hl7v2 import Segment

_RESULTS = frozenset(("ORU", "OUL"))


class Groups:
    """Takes segments in their order, as the message maps of the guide group them (ORU_R01, OML_O21, ADT_A01 …)."""

    def __init__(self, build: Build, code: str) -> None:
        self._build = build
        self._gives_results = code in _RESULTS
        self._specimen_first = code == "OUL"
        self._patient: tuple[Element, Element] | None = None
        self._visit: tuple[Element, Element] | None = None
        self._common: Segment | None = None
        self._order: Order | None = None
        self._orders = 0
        self._early: list[tuple[Segment | None, Element]] = []  # SPM before OBR (OUL^R22), and the OBX of it
        self._early_observations: list[tuple[Element, Segment, int]] = []
        self._early_is_used = False
        self._noted: Callable[[Element], None] | None = None
        self._focus: list[Element] = []
        self._steps: dict[str, Callable[[Segment], None]] = {
            "PID": self._pid,
            "PD1": self._pd1,
            "MRG": self._mrg,
            "NK1": self._nk1,
            "PV1": self._pv1,
            "PV2": self._pv2,
            "AL1": self._al1,
            "DG1": self._dg1,
            "ORC": self._orc,
            "OBR": self._obr,
            "OBX": self._obx,
            "NTE": self._nte,
            "SPM": self._spm,
        }

    def take(self, segment: Segment) -> bool:
        """Read a segment; False where no map has its name."""
        step = self._steps.get(segment.name)
        if step is None:
            return False
        step(segment)
        return True

    def finish(self) -> list[Element]:
        """Close what is open and return what the message is about."""
        self._close_order()
        if self._early and not self._early_is_used:  # specimens that no order came for
            self._open(None, None)
            self._take_early()
            self._close_order()
        if not self._focus and self._patient:
            return [self._visit[1] if self._visit else self._patient[1]]
        return self._focus

    @property
    def _subject(self) -> Element:
        return self._patient[1] if self._patient else absent()

    def _pid(self, segment: Segment) -> None:
        self._close_order()
        found = patient(segment, self._build)
        numbers = segment.sent(3) or segment.sent(2) or self._build.control_id
        self._patient = found, self._build.add(found, numbers)
        self._visit = None
        self._noted = lambda note: add_note(found, note)

    def _pd1(self, segment: Segment) -> None:
        if self._patient:
            add_details(self._patient[0], segment, self._build)

    def _mrg(self, segment: Segment) -> None:
        if not self._patient:
            return
        found, numbers = merged_patient(segment, self._patient[1], self._build)
        if numbers:
            other = self._build.add(found, segment.sent(1))
            links = self._patient[0].setdefault("link", [])
            if isinstance(links, list):
                links.append({"other": other, "type": "replaces"})

    def _nk1(self, segment: Segment) -> None:
        found = related_person(segment, self._build, self._subject)
        self._build.add(found, segment.sent(2), segment.sent(3))

    def _pv1(self, segment: Segment) -> None:
        found = encounter(segment, self._build, self._patient[1] if self._patient else None)
        number = segment.sent(19) or f"{segment.sent(44)}|{self._build.control_id}"
        self._visit = found, self._build.add(found, number)

    def _pv2(self, segment: Segment) -> None:
        if self._visit:
            add_visit_details(self._visit[0], segment, self._build)

    def _al1(self, segment: Segment) -> None:
        self._build.add(allergy(segment, self._build, self._subject), segment.sent(3))

    def _dg1(self, segment: Segment) -> None:
        found = condition(segment, self._build, self._subject)
        reference = self._build.add(found, segment.sent(3), segment.sent(4))
        if self._order:
            reasons = self._order.request.setdefault("reasonReference", [])
        elif self._visit:
            reasons = self._visit[0].setdefault("diagnosis", [])
            reference = {"condition": reference}
        else:
            return
        if isinstance(reasons, list):
            reasons.append(reference)

    def _orc(self, segment: Segment) -> None:
        if self._order and self._specimen_first and not self._order.results:
            self._common = segment  # OUL puts ORC behind its OBR
            self._reopen(self._order.segment, segment)
            return
        self._close_order()
        self._common = segment

    def _obr(self, segment: Segment) -> None:
        common, self._common = self._common, None
        self._close_order(keep_common=True)
        self._open(segment, common)
        self._take_early()

    def _take_early(self) -> None:
        """Give the open order the specimens that came before it: in OUL^R22 each order until the next specimen."""
        if self._order:
            self._order.specimens.extend(self._early)
            self._order.about_specimens.extend(self._early_observations)
        self._early_observations = []
        self._early_is_used = True
        if not self._specimen_first:
            self._early = []

    def _open(self, obr: Segment | None, orc: Segment | None) -> None:
        self._orders += 1
        order = Order(
            number=self._orders,
            key=order_key(obr, orc, self._build, self._orders),
            request=service_request(obr, orc, self._build),
            report=diagnostic_report(obr, orc, self._build) if obr and self._gives_results else None,
            segment=obr or Segment("OBR", ()),
        )
        self._order = order
        self._noted = lambda note: _note_order(order, note)

    def _reopen(self, obr: Segment, orc: Segment) -> None:
        before = self._order
        self._orders -= 1
        self._open(obr, orc)
        self._common = None
        if self._order and before:
            self._order.specimens = before.specimens
            self._order.about_specimens = before.about_specimens

    def _obx(self, segment: Segment) -> None:
        if not (parts_of(segment, 3) or parts_of(segment, 5)):
            self._build.report("OBX-3", "required", "OBX-3 and OBX-5 are blank: there is no observation to convert.")
            return
        found = observation(segment, self._build)
        self._noted = lambda note: _note(found, note)
        order = self._order
        if order is None and self._early:
            self._early_observations.append((found, segment, len(self._early) - 1))
        elif order is None:
            self._loose_observation(segment, found)
        elif order.has_specimen_open and order.results and not self._specimen_first:
            order.about_specimens.append((found, segment, len(order.specimens) - 1))
        else:
            order.results.append((segment, found))

    def _loose_observation(self, segment: Segment, found: Element) -> None:
        """An OBX of the patient (ADT), of a specimen before its order (OUL), or of an order without OBR."""
        if self._patient and not self._build.is_control:
            found["subject"] = self._patient[1]
        self._build.add(found, self._build.control_id, segment.sent(3), segment.sent(4), is_shared=False)

    def _nte(self, segment: Segment) -> None:
        note = annotation(segment, self._build)
        if note and self._noted:
            self._noted(note)

    def _spm(self, segment: Segment) -> None:
        found = specimen(segment, self._build)
        is_control = code_of(segment, 11) in NOT_OF_A_PATIENT
        order = self._order
        if self._specimen_first and (order is None or order.results):
            self._close_order()
            order = None
            if self._early_is_used:
                self._early = []
        if order is None:
            self._early_is_used = False
            self._early.append((segment, found))
        else:
            order.specimens.append((segment, found))
            order.has_specimen_open = True
            order.is_control = order.is_control or is_control
        self._noted = lambda note: _note(found, note)

    def _close_order(self, *, keep_common: bool = False) -> None:
        if self._order is None and self._common and not keep_common:
            self._open(None, self._common)
        if self._order:
            self._focus.append(
                close_order(self._order, self._build, self._patient, self._visit[1] if self._visit else None)
            )
        self._order = None
        if not keep_common:
            self._common = None


def _note(found: Element, note: Element) -> None:
    notes = found.setdefault("note", [])
    if isinstance(notes, list):
        notes.append(note)


def _note_order(order: Order, note: Element) -> None:
    """A note under OBR is of the report where there is one (extension note: R4's DiagnosticReport has no element)."""
    if order.report is not None:
        add_note(order.report, note)
    else:
        _note(order.request, note)
