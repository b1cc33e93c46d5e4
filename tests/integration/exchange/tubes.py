"""A hospital whose analyser knows tubes and no patients: what it orders, and what is measured."""

from __future__ import annotations

from dataclasses import dataclass

from tests.factories.exchange import AnalyzerFactory, CodeMappingFactory, astm_message, message
from tests.integration.exchange.conftest import Scene

from lienthong.exchange.models import Source
from lienthong.results.models import InboxMessage, PatientRecord, Result

DAY = "20261120"
WAITING = "order-unknown"


def make_ward(scene: Scene) -> Ward:
    """The hospital SX with its analyser BS, whose code GLU is mapped."""
    source = AnalyzerFactory(code="BS", laboratory=scene.laboratory)
    CodeMappingFactory(source=source, local_code="GLU", analyte=scene.glucose)
    return Ward(scene)


@dataclass(slots=True)
class Ward:
    """The hospital SX: its ordering system HIS, and an analyser that knows numbers of tubes and no patients."""

    scene: Scene
    count: int = 0

    def order(self, *segments: str, facility: str = "SX") -> None:
        self.count += 1
        name = f"O{self.count}"
        self.scene.process(message(*segments, kind="OML^O21^OML_O21", control_id=name, facility=facility))

    def ordered(self, tube: str = "T1", patient: str = "P1", number: str = "PL1", **more: str) -> None:
        """Let the hospital order; `day`, `control`, `facility` and `collected` change what it says."""
        self.order(*order_of(tube, patient, number, **more), facility=more.get("facility", "SX"))

    def measured(self, tube: str = "T1", value: str = "5.6", *, day: str = DAY, patient: str = "P|1") -> None:
        self.scene.process_astm(result_of(tube, value, day=day, patient=patient))

    @property
    def whose(self) -> list[tuple[str, str]]:
        """Return sender's number of the patient and value of each current result, in order of their storing."""
        local = dict(PatientRecord.objects.values_list("id", "local_id"))
        rows = Result.objects.filter(is_current=True).order_by("id").values_list("patient_record_id", "reported_value")
        return [(local[record], value) for record, value in rows]

    @property
    def held(self) -> list[str]:
        return list(InboxMessage.objects.filter(state="held").order_by("id").values_list("reason", flat=True))


def order_of(tube: str, patient: str, number: str, **more: str) -> tuple[str, ...]:
    day, control = more.get("day", DAY), more.get("control", "NW")
    specimen = f"SPM|1|{tube}||SER|||||||P||||||{more.get('collected', '')}"
    return (
        f"PID|1||{patient}^^^SX^MR||{more.get('name', 'Lê^An')}||19800517|F",
        f"ORC|{control}|{number}|||||||{day}063000",
        f"OBR|1|{number}||GLU^Glucose^L",
        *([specimen] if tube else []),
    )


def result_of(tube: str, value: str = "5.6", *, day: str = DAY, patient: str = "P|1") -> bytes:
    order = f"O|1|{tube}||^^^GLU|R||||||N||||SERUM"
    return astm_message(patient, order, f"R|1|^^^GLU|{value}|mmol/L||||F||||{day}080000")


def change_source(**values: object) -> None:
    row = Source.objects.get(code="BS")
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
