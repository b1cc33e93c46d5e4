"""Controls that analysers send reach quality control and no patient; what is not known waits with its reason."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.factories.exchange import (
    GLU,
    OBR,
    PID,
    AnalyzerFactory,
    CodeMappingFactory,
    ControlMappingFactory,
    astm_message,
    message,
    moment,
    qc_message,
)
from tests.factories.iqc import ControlLotFactory, ControlTargetFactory
from tests.factories.registry import RegionFactory
from tests.integration.exchange.conftest import Scene

from lienthong.core.models import AuditEvent
from lienthong.exchange.models import HeldControl
from lienthong.iqc import reads as iqc
from lienthong.iqc.models import ControlResult, ControlRun
from lienthong.results.models import HeldResult, InboxMessage, PatientRecord, Result

AT = moment("2026-11-20 06:00")


@pytest.fixture
def scene(scene: Scene) -> Scene:
    """The laboratory SX lies in Vietnam, whose policy says by which rules runs are judged."""
    facility = scene.laboratory.facility
    facility.region = RegionFactory(code="VN")
    facility.save()
    return scene


@pytest.fixture
def bench(scene: Scene) -> Scene:
    """Level 1 of Duotrol has a target on the glucose system, and is mapped."""
    ControlTargetFactory(procedure=scene.glucose_system, control_lot=ControlLotFactory())
    ControlMappingFactory(source=scene.source)
    return scene


def stored() -> list[tuple[str, float, dt.datetime]]:
    rows = ControlResult.objects.order_by("measured_at", "id")
    return list(rows.values_list("run__procedure__code", "value", "measured_at"))


def findings() -> list[list[str]]:
    return [[one["code"] for one in row.findings] for row in InboxMessage.objects.order_by("id")]


def test_control_is_recorded_judged_and_stored_for_no_patient(bench: Scene) -> None:
    done = bench.process(qc_message("4.05"))

    run = ControlRun.objects.get()
    assert (done.control, bench.states()) == (1, [("control", "")])
    assert stored() == [("SX-GLU", 4.05, AT)]
    assert (run.verdict, run.source) == ("accepted", "SX")
    assert (PatientRecord.objects.count(), Result.objects.count()) == (0, 0)
    event = AuditEvent.objects.get(action="receive-control-runs")
    assert (event.actor, event.detail["values"]) == ("system-exchange", 1)


def test_rejected_control_blocks_the_bracket_of_patients_results(bench: Scene) -> None:
    bench.process(qc_message("4.0", control_id="Q1", at="20261119060000"), qc_message("4.9", control_id="Q2"))

    (bracket,) = iqc.brackets([bench.glucose_system.pk])
    assert list(ControlRun.objects.order_by("measured_at").values_list("verdict", flat=True)) == [
        *("accepted", "rejected")
    ]
    assert (bracket.rule, bracket.start, bracket.end) == ("1_3s", moment("2026-11-19 06:00"), None)


def test_value_is_converted_to_the_unit_of_its_target(bench: Scene) -> None:
    bench.process(qc_message("72.06").replace(b"mmol/L", b"mg/dL"))

    ((_code, value, _at),) = stored()
    assert value == pytest.approx(4.0, abs=0.01)


def test_levels_of_one_run_are_judged_together_whatever_messages_bring_them(bench: Scene) -> None:
    second = ControlLotFactory(level=2)
    ControlTargetFactory(procedure=bench.glucose_system, control_lot=second, mean=9.0, sd=0.2)
    ControlMappingFactory(source=bench.source, level="H", control_lot=second)

    bench.process(qc_message("4.05"))
    assert ControlRun.objects.get().verdict == "incomplete"
    bench.process(qc_message("9.1", control_id="Q2", at="20261120060500").replace(b"||M||", b"||H||"))

    assert ControlRun.objects.get().verdict == "accepted"
    assert ControlResult.objects.count() == 2


@pytest.mark.parametrize("value", ["***.**", "", "----"], ids=["stars", "blank", "dashes"])
def test_control_without_a_value_is_not_measured_and_never_zero(bench: Scene, value: str) -> None:
    bench.process(qc_message(value))

    assert (bench.states(), stored(), findings()) == ([("control", "")], [], [["no-value"]])


@pytest.mark.parametrize("value", ["&lt;0.5", "high"], ids=["below-the-range", "text"])
def test_control_whose_value_is_no_number_is_not_measured(bench: Scene, value: str) -> None:
    bench.process(qc_message(value.replace("&lt;", "<")).replace(b"|NM|", b"|ST|"))

    assert (bench.states(), stored(), findings()) == ([("control", "")], [], [["control-not-number"]])


def test_same_control_again_changes_nothing(bench: Scene) -> None:
    bench.process(qc_message("4.05"))
    bench.process(qc_message("4.05"), qc_message("4.05", control_id="Q2"))

    assert bench.states() == [("control", ""), ("duplicate", ""), ("duplicate", "")]
    assert len(stored()) == 1


def test_corrected_control_waits_for_a_person_and_leaves_the_point(bench: Scene) -> None:
    bench.process(qc_message("4.9"))
    corrected = qc_message("4.0", control_id="Q2").replace(b"|||||F|||", b"|||||C|||")
    withdrawn = qc_message("4.9", control_id="Q3").replace(b"|||||F|||", b"|||||W|||").replace(b"||7|", b"||8|")

    bench.process(corrected, withdrawn)

    assert bench.states() == [("control", ""), ("held", "control-refused"), ("held", "control-refused")]
    assert findings()[1:] == [["already-stored"], ["control-withdrawn"]]
    assert [value for _code, value, _at in stored()] == [4.9]


def test_control_of_an_unknown_material_waits_and_is_recorded_once_it_is_mapped(scene: Scene) -> None:
    ControlTargetFactory(procedure=scene.glucose_system, control_lot=ControlLotFactory())
    scene.process(qc_message("4.05"))

    held = HeldControl.objects.get()
    assert scene.states() == [("held", "control-unknown")]
    assert (held.material, held.lot, held.level, held.name) == ("01003", "", "M", "LJ QCR")

    ControlMappingFactory(source=scene.source)
    scene.replay_all()

    assert scene.states() == [("control", "")]
    assert [value for _code, value, _at in stored()] == [4.05]
    assert not HeldControl.objects.waiting().exists()


def test_control_with_an_unknown_code_waits_and_is_recorded_once_it_is_mapped(bench: Scene) -> None:
    glucose = "OBX|3|NM|GLX^Glucose^L||4.02|mmol/L|||||F|||20261120070000"
    bench.process(qc_message("4.05", glucose))
    assert (bench.states(), len(stored())) == ([("control", "")], 1)
    assert HeldResult.objects.get(released_at=None).local_code == "GLX"

    CodeMappingFactory(source=bench.source, local_code="GLX", local_system="L", analyte=bench.glucose)
    bench.replay_all()

    assert [value for _code, value, _at in stored()] == [4.05, 4.02]
    assert bench.states() == [("control", "")]


def test_control_of_which_the_system_is_not_told_waits(bench: Scene) -> None:
    bench.process(qc_message("4.05").replace(b"2345-7^Glucose", b"2823-3^Potassium"))

    assert bench.states() == [("held", "system-unknown")]


def test_control_names_its_system_by_its_instrument(bench: Scene) -> None:
    system = bench.potassium_systems[1]
    ControlTargetFactory(procedure=system, control_lot=ControlLotFactory())
    potassium = qc_message("4.05").replace(b"2345-7^Glucose", b"2823-3^Potassium").replace(b"|||2026", b"|||2026")

    bench.process(potassium.replace(b"F|||20261120060000\r", b"F|||20261120060000||||C8\r"))

    assert [code for code, _value, _at in stored()] == ["SX-K-2"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ((b"F|||20261120060000", b"F|||20261120"), "control-time"),
        ((b"mmol/L", b"%"), "unit-kinds-differ"),
        ((b"20261120060000", b"20991120060000"), "in-the-future"),
    ],
    ids=["no-hour", "unit", "future"],
)
def test_control_that_quality_control_does_not_take_is_held_with_its_reason(
    bench: Scene, change: tuple[bytes, bytes], reason: str
) -> None:
    raw = qc_message("4.05").replace(*change)
    bench.process(raw.replace(b"LJ QCR^99MRC|||20261120060000", b"LJ QCR^99MRC|||20261120"))

    assert (bench.states(), stored()) == ([("held", "control-refused")], [])
    assert findings()[0][-1] == reason


def test_control_without_a_target_is_held_and_recorded_after_the_target_is_set(scene: Scene) -> None:
    mapping = ControlMappingFactory(source=scene.source)
    scene.process(qc_message("4.05"))
    assert (scene.states(), findings()) == ([("held", "control-refused")], [["unknown-lot"]])

    ControlTargetFactory(procedure=scene.glucose_system, control_lot=mapping.control_lot)
    scene.replay_all()

    assert scene.states() == [("control", "")]


def test_calibrator_is_no_control_and_no_patient(bench: Scene) -> None:
    bench.process(message(PID, OBR, GLU, "SPM|1|C1||SER|||||||C"))

    assert (bench.states(), stored(), Result.objects.count()) == ([("control", "")], [], 0)
    assert findings() == [["not-a-control"]]


def test_patient_and_control_of_one_message_go_their_own_ways(bench: Scene) -> None:
    control = OBR.replace("SX1", "SX2"), GLU.replace("5.6", "4.1"), "SPM|1|QC-9||SER|||||||Q"
    ControlMappingFactory(source=bench.source, material="QC-*", level="")

    bench.process(message(PID, OBR, GLU, *control))

    assert bench.states() == [("stored", "")]
    assert [str(value) for value in Result.objects.values_list("reported_value", flat=True)] == ["5.6"]
    assert [value for _code, value, _at in stored()] == [4.1]


def test_controls_are_recorded_though_the_patient_of_the_message_is_not_known(bench: Scene) -> None:
    nobody = PID.replace("P1^^^SX^MR~001180012345^^^CCCD^NI", "")
    ControlMappingFactory(source=bench.source, material="QC-9", level="")
    control = OBR.replace("SX1", "SX2"), GLU.replace("5.6", "4.1"), "SPM|1|QC-9||SER|||||||Q"

    bench.process(message(nobody, OBR, GLU, *control))

    assert bench.states() == [("held", "patient-missing")]
    assert [value for _code, value, _at in stored()] == [4.1]


def test_mapping_that_ended_does_not_name_a_later_control(scene: Scene) -> None:
    ControlTargetFactory(procedure=scene.glucose_system, control_lot=ControlLotFactory())
    ControlMappingFactory(source=scene.source, valid_to=dt.date(2026, 11, 20))

    scene.process(
        qc_message("4.05", at="20261119060000"), qc_message("4.05", control_id="Q2").replace(b"||7|", b"||8|")
    )

    assert scene.states() == [("control", ""), ("held", "control-unknown")]


@pytest.mark.parametrize(
    ("order", "rule"),
    [("O|1|QC-L1||^^^GLU|R||||||Q||||SERUM", ""), ("O|1|QC-L1||^^^GLU|R||||||N||||SERUM", "CTRL* QC-*")],
    ids=["action-code", "source-rule"],
)
def test_control_of_an_analyzer_reaches_quality_control(bench: Scene, order: str, rule: str) -> None:
    source = AnalyzerFactory(code="BS", laboratory=bench.laboratory, control_specimens=rule)
    CodeMappingFactory(source=source, local_code="GLU", analyte=bench.glucose)
    ControlMappingFactory(source=source, material="QC-L1", level="")
    result = "R|1|^^^GLU|4.05|mmol/L||||F||NHA||20261120060000"

    bench.process_astm(astm_message("P|1", order, result))

    assert bench.states() == [("control", "")]
    assert stored() == [("SX-GLU", 4.05, AT)]
    assert PatientRecord.objects.count() == 0


def test_result_of_an_analyzer_without_patient_waits_for_its_order_and_its_controls_do_not(bench: Scene) -> None:
    source = AnalyzerFactory(code="BS", laboratory=bench.laboratory)
    CodeMappingFactory(source=source, local_code="GLU", analyte=bench.glucose)
    ControlMappingFactory(source=source, material="QC-L1", level="")
    results = [f"R|1|^^^GLU|{value}|mmol/L||||F||||20261120060000" for value in ("5.6", "4.05")]

    bench.process_astm(astm_message("P|1", "O|1|SP1001||^^^GLU", results[0], "O|2|QC-L1|||||||||Q", results[1]))

    assert bench.states() == [("held", "order-unknown")]
    assert [value for _code, value, _at in stored()] == [4.05]


def test_result_of_an_analyzer_with_its_patient_is_stored(bench: Scene) -> None:
    source = AnalyzerFactory(code="BS", laboratory=bench.laboratory)
    CodeMappingFactory(source=source, local_code="GLU", analyte=bench.glucose)
    order = "O|1|SP1001||^^^GLU|R|20261120070000|20261120071500||||N||||SERUM"

    bench.process_astm(
        astm_message(
            "P|1|PR1|||Nguyễn^An^Văn||19800517|M",
            order,
            "R|1|^^^GLU|5.6|mmol/L|3.9^6.4|N||F||NHA||20261120080300",
        )
    )

    row = Result.objects.get()
    assert bench.states() == [("stored", "")]
    assert (row.reported_value, row.status, row.reference_range) == ("5.6", "final", "3.9-6.4")
    assert (row.procedure_id, row.measured_at) == (bench.glucose_system.pk, moment("2026-11-20 08:03"))
    assert row.collected_at == moment("2026-11-20 07:15")


@pytest.mark.parametrize("order", ["O|1|QC-L1|||||||||Q", "O|1|QC-L1"], ids=["action-code", "source-rule"])
def test_held_control_does_not_delay_the_next(bench: Scene, order: str) -> None:
    source = AnalyzerFactory(code="BS", laboratory=bench.laboratory, control_specimens="QC*")
    CodeMappingFactory(source=source, local_code="GLU", analyte=bench.glucose)
    ControlMappingFactory(source=source, material="QC-L1", level="")
    results = [f"R|1|^^^GLU|4.0{day}|mmol/L||||F||||{time}" for day, time in ((1, "20261119"), (2, "20261120070000"))]

    bench.process(qc_message("4.9").replace(b"|||||F|||", b"|||||W|||"), qc_message("4.0", control_id="Q2"))
    bench.process_astm(*(astm_message("P|1", order, result) for result in results))

    assert [state for state, _reason in bench.states()] == ["held", "control", "held", "control"]


def test_control_by_the_rule_of_a_source_that_speaks_hl7_reaches_no_patient(bench: Scene) -> None:
    bench.source.control_specimens = "SX1"
    bench.source.save()

    bench.process(message(PID, OBR, GLU))

    assert bench.states() == [("held", "control-unknown")]
    assert PatientRecord.objects.count() == 0
