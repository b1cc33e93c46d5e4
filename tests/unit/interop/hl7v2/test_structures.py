"""Which segment belongs to which: ORU^R01 and OUL^R22, R23, R24, as hospitals and analysers order them."""

from __future__ import annotations

import pytest

from lienthong.findings import Finding
from lienthong.interop.hl7v2 import Coded, OruMessage, read_results

PID = "PID|1||BN01^^^BVDK^MR||Lê^Bé||20200229|M\r"
PV1 = "PV1|1|E|CC^^3^BVDK||||||||||||||||V900^^^BVDK\r"


def msh(kind: str, processing: str = "P") -> str:
    return f"MSH|^~\\&|AN|BV|LT||20261001||{kind}|1|{processing}|2.5.1||||||UNICODE UTF-8\r"


def obx(name: str, value: str = "1", instrument: str = "AU1") -> str:
    return f"OBX|1|NM|{name}^{name}^L||{value}|g/L|||||F|||20261001||||{instrument}^MAKER\r"


def read(text: str) -> tuple[OruMessage, tuple[Finding, ...]]:
    oru, findings = read_results(text.encode())
    assert oru is not None
    return oru, findings


def names(oru: OruMessage) -> list[tuple[str, str, list[str], list[str]]]:
    """Of each order: its number, its specimen, its observations, those of its specimen."""
    return [
        (
            order.filler_order_number or order.placer_order_number,
            order.specimen.identifier if order.specimen else "",
            [one.code.code for one in order.observations],
            [one.code.code for one in order.specimen_observations],
        )
        for order in oru.orders
    ]


def test_read_results_specimen_oriented_orders_follow_their_specimen() -> None:
    text = (
        msh("OUL^R22^OUL_R22") + PID + "SPM|1|^S1||SER\r" + obx("H") + "SAC|||C1\rOBR|1||F1|GLU\rORC|SC||||CM\r"
        "TQ1|1||||||||R^^HL70485\r" + obx("GLU") + "INV|R1|OK|R1\rOBR|2||F2|URE\r" + obx("URE")
        + "SPM|2|^S2||UR\rOBR|3||F3|NA\r" + obx("NA")
    )  # fmt: skip

    oru, findings = read(text)

    assert findings == ()
    assert names(oru) == [("F1", "S1", ["GLU"], ["H"]), ("F2", "S1", ["URE"], ["H"]), ("F3", "S2", ["NA"], [])]
    first = oru.orders[0]
    assert first.control is not None
    assert (first.control.control, first.control.status) == ("SC", "CM")
    assert first.timings[0].priorities == (Coded("R", "", "HL70485"),)
    assert [material.identifier for material in first.materials] == [Coded("R1")]
    assert first.specimen is not None
    assert [one.identifier.value for one in first.specimen.containers if one.identifier] == ["C1"]


def test_read_results_container_oriented_material_of_the_container_is_the_specimens() -> None:
    text = msh("OUL^R23^OUL_R23") + PID + "SPM|1|S1\rSAC|||C1\rINV|X|OK|CO\rOBR|1||F1|GLU\r" + obx("GLU")

    oru, _ = read(text)

    specimen = oru.orders[0].specimen
    assert specimen is not None
    assert [material.identifier for material in specimen.materials] == [Coded("X")]
    assert oru.orders[0].materials == ()


def test_read_results_order_oriented_specimen_follows_its_order() -> None:
    text = (
        msh("OUL^R24^OUL_R24") + PID + "OBR|1||F1|GLU\rORC|SC\rSPM|1|^S1||SER\rSAC|||C1\r" + obx("GLU")
        + "OBR|2||F2|URE\r" + obx("A") + "SPM|1|^S2\r" + obx("OF-SPECIMEN") + "SAC|||C2\r" + obx("URE")
    )  # fmt: skip

    oru, findings = read(text)

    assert findings == ()
    assert names(oru) == [("F1", "S1", ["GLU"], []), ("F2", "S2", ["A", "URE"], ["OF-SPECIMEN"])]


def test_read_results_patient_observation_of_an_analyser_is_the_patients() -> None:
    oru, findings = read(msh("OUL^R22^OUL_R22") + PID + obx("AGE") + PV1 + "SPM|1|S1\rOBR|1||F1|GLU\r" + obx("GLU"))

    assert findings == ()
    assert [one.code.code for one in oru.patients[0].observations] == ["AGE"]
    assert names(oru) == [("F1", "S1", ["GLU"], [])]


def test_read_results_specimen_before_its_order_is_taken_in_oru_too() -> None:
    oru, _ = read(msh("ORU^R01") + PID + "SPM|1|^S1\rOBR|1||F1|GLU\r" + obx("GLU") + "SPM|2|^S2\rOBR|2||F2|URE\r")

    assert names(oru) == [("F1", "S1", ["GLU"], []), ("F2", "S2", [], [])]


def test_read_results_specimen_without_order_is_told() -> None:
    oru, findings = read(msh("OUL^R22^OUL_R22") + PID + "SPM|1|^S1\rSPM|2|^S2\rOBR|1||F1|GLU\r" + obx("GLU"))

    assert names(oru) == [("F1", "S2", ["GLU"], [])]
    assert [(finding.where, finding.code) for finding in findings] == [("SPM(1)", "segment-ignored")]


def test_read_results_control_before_its_obr_belongs_to_it() -> None:
    oru, _ = read(msh("ORU^R01") + PID + "ORC|RE|P1|F1\rNTE|1||early\rOBR|1|||GLU\rORC|RE|P2|F2\rOBR|2|||URE\r")

    assert [order.filler_order_number for order in oru.orders] == ["F1", "F2"]
    assert oru.orders[0].notes == ("early",)


def test_read_results_comments_belong_to_what_they_follow() -> None:
    oru, _ = read(
        msh("ORU^R01") + PID + "NTE|1||patient~two\r" + PV1 + "OBR|1||F1|GLU\rNTE|1||order\r" + obx("GLU")
        + "NTE|1|L|result|RE^Remark\rSPM|1|S1\rNTE|1||specimen\r"
    )  # fmt: skip

    (patient,) = oru.patients
    (order,) = patient.orders
    assert [comment.text for comment in patient.comments] == ["patient\ntwo"]
    assert order.notes == ("order",)
    assert order.observations[0].notes == ("result",)
    assert (order.observations[0].comments[0].source, order.observations[0].comments[0].kind) == (
        "L",
        Coded("RE", "Remark"),
    )
    assert order.specimen is not None
    assert [comment.text for comment in order.specimen.comments] == ["specimen"]


def test_read_results_visit_tells_class_number_and_place() -> None:
    oru, _ = read(msh("ORU^R01") + PID + PV1 + "OBR|1||F1|GLU\r" + obx("GLU"))

    visit = oru.patients[0].visit
    assert visit is not None
    assert visit.number is not None
    assert visit.location is not None
    assert (visit.patient_class, visit.number.value, visit.location.point_of_care) == ("E", "V900", "CC")


def test_read_results_old_source_tells_role_and_site() -> None:
    oru, _ = read(msh("ORU^R01") + PID + "OBR|1||F1|GLU|||||||||||SER&Serum^^^ARM&Arm^^^Q&Control\r" + obx("GLU"))

    specimen = oru.orders[0].specimen
    assert specimen is not None
    assert (specimen.type, specimen.source_site) == (Coded("SER", "Serum"), Coded("ARM", "Arm"))
    assert oru.is_quality_control


@pytest.mark.parametrize("role", ["Q", "C", "B", "E", "F", "O", "V"])
def test_is_quality_control_each_role_that_is_not_a_patients(role: str) -> None:
    oru, _ = read(msh("OUL^R22") + PID + f"SPM|1|S1|||||||||{role}^^HL70369\rOBR|1||F1|GLU\r" + obx("GLU"))

    assert oru.is_quality_control
