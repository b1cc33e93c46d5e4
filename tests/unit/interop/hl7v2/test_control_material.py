"""What messages tell of control materials, in the ways in which analysers tell it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lienthong.interop import hl7v2
from lienthong.interop.hl7v2 import ControlMaterial, control_materials

MSH = "MSH|^~\\&|cobas pro||host||20261120060000||OUL^R22^OUL_R22|97|P|2.5.1"


def materials(*segments: str) -> dict[str, ControlMaterial]:
    message, _ = hl7v2.parse("\r".join([MSH, *segments]).encode())
    assert message is not None
    return control_materials(message)


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        (
            ["SPM|1|QC1&BARCODE||SERPLAS|||||||Q", "SAC|||QC1", "INV|PCCC1^PreciControl^99ROC|OK|CO|||||||||||||62001"],
            ControlMaterial(material="PCCC1", name="PreciControl", lot="62001"),
        ),
        (["SPM|1|QC1&BARCODE||SERPLAS|||||||Q"], ControlMaterial(material="QC1")),
        (["SPM|1|||SERPLAS|||||||Q", "SAC|||QC7^BARCODE"], ControlMaterial(material="QC7")),
        (
            ["SPM|1|QC1||SERPLAS|||||||Q", "INV|2049001|OK|R1|||||||||||||256616"],
            ControlMaterial(material="QC1"),
        ),
        ([], ControlMaterial(material="20490", name="Glucose")),
    ],
    ids=["law-inventory", "specimen", "container", "reagent-is-no-control", "service"],
)
def test_material_before_its_order_is_told(segments: list[str], expected: ControlMaterial) -> None:
    assert materials(*segments, "OBR|1|||20490^Glucose^99ROC") == {"OBR(1)": expected}


def test_each_specimen_has_its_own_material() -> None:
    found = materials(
        *("SPM|1|QC1||S|||||||Q", "OBR|1|||A", "OBX|1|NM|A||1", "OBR|2|||B", "OBX|1|NM|B||2"),
        *("SPM|2|QC2||S|||||||Q", "OBR|3|||A", "OBX|1|NM|A||3"),
    )

    assert [one.material for one in found.values()] == ["QC1", "QC1", "QC2"]


def test_level_and_lot_among_the_observations_are_told() -> None:
    found = materials(
        "OBR|1||1|01003^LJ QCR^99MRC",
        "OBX|1|IS|03004^Qc Level^99MRC||M",
        "OBX|2|ST|03005^QC Lot No^99MRC||L2201",
        "OBX|3|NM|6801^PCT^LN||0.45",
    )

    assert found["OBR(1)"] == ControlMaterial(material="01003", name="LJ QCR", level="M", lot="L2201")


@pytest.mark.shared
def test_control_of_a_published_message_is_told(shared_data: Path) -> None:
    data = (shared_data / "hl7v2" / "analyzers" / "zybio-q3-qc-lj.hl7").read_bytes()
    message, _ = hl7v2.parse(data)

    assert message is not None
    assert control_materials(message) == {"OBR(1)": ControlMaterial(material="01003", name="LJ QCR", level="M")}


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "number"), [("roche-cobas-pro-oul-r22-patient-1", "022"), ("roche-cobas-pro-oul-r22-patient-2", "140799")]
)
def test_reagents_of_a_published_message_are_no_control_material(shared_data: Path, name: str, number: str) -> None:
    message, _ = hl7v2.parse((shared_data / "hl7v2" / "analyzers" / f"{name}.hl7").read_bytes())

    assert message is not None
    assert control_materials(message) == {"OBR(1)": ControlMaterial(material=number)}


@pytest.mark.parametrize("name", ["qc " * 300_000, "QC " + "x" * 200 + " level"], ids=["long", "beyond what is read"])
def test_name_of_any_length_is_looked_at_in_its_beginning(name: str) -> None:
    found = materials("SPM|1|QC1||S|||||||Q", "OBR|1|||A", f"OBX|1|ST|1^{name}||2")

    assert found == {"OBR(1)": ControlMaterial(material="QC1")}
