"""Which numbers of results and orders name a tube: of analysers that speak HL7, and of each kind of order."""

from __future__ import annotations

import pytest
from tests.factories.exchange import message
from tests.integration.exchange.tubes import DAY, WAITING, Ward, change_source, order_of

from lienthong.exchange.models import Source

pytestmark = pytest.mark.django_db


def oul(*specimen: str, pid: str = "", control_id: str = "L1") -> bytes:
    """Return a LAB-29 of an analyser that speaks HL7: the specimen first, no patient."""
    result = f"OBX|1|NM|2345-7^Glucose^LN||5.6|mmol/L|||||F|||||||AU^M|{DAY}080000"
    order = "OBR|1|AW77||CHEM^Chemistry^L"
    segments = [*([pid] if pid else []), *specimen, order, result]
    return message(*segments, kind="OUL^R22^OUL_R22", control_id=control_id)


@pytest.mark.parametrize(
    ("specimen", "held"),
    [
        pytest.param(("SPM|1|T1||SER|||||||P",), [], id="SPM-2.1"),
        pytest.param(("SPM|1|||SER|||||||P", "SAC|||T1"), [], id="SAC-3"),
        pytest.param(("SPM|1|||SER|||||||P|||||||||||||||||||T1",), [], id="SPM-30"),
        pytest.param(("SPM|1|^T1||SER|||||||P",), ["patient-missing"], id="SPM-2.2, the analyser's own"),
        pytest.param(("SPM|1|T3||SER|||||||P",), [WAITING], id="unknown"),
    ],
)
def test_analyser_that_speaks_hl7_is_joined_by_the_tube(ward: Ward, specimen: tuple[str, ...], held: list[str]) -> None:
    ward.ordered()
    ward.scene.process(oul(*specimen))

    assert ward.held == held
    assert ward.whose == ([] if held else [("P1", "5.6")])


@pytest.mark.parametrize(
    ("kind", "order", "held"),
    [
        pytest.param("placer", ("PL1", ""), [], id="OBR-2"),
        pytest.param("specimen", ("PL1", ""), ["patient-missing"], id="OBR-2 is no tube's"),
        pytest.param("placer", ("PL9", "PL1"), [WAITING], id="OBR-2 is no filler's"),
    ],
)
def test_order_number_of_an_analyser_counts_only_where_tubes_bear_it(
    ward: Ward, kind: str, order: tuple[str, str], held: list[str]
) -> None:
    Source.objects.filter(code="SX").update(tube_number=kind)
    placer, filler = order
    ward.order(
        "PID|1||P1^^^SX^MR||Lê^An", f"ORC|NW|{placer}|{filler}||||||{DAY}063000", f"OBR|1|{placer}|{filler}|GLU^^L"
    )
    ward.scene.process(oul().replace(b"AW77", b"PL1"))

    assert ward.held == held
    assert ward.whose == ([] if held else [("P1", "5.6")])


def test_tube_that_bears_the_fillers_number_is_found_by_it(ward: Ward) -> None:
    change_source(tube_number="filler")
    ward.order("PID|1||P1^^^SX^MR||Lê^An", f"ORC|NW|PL1|T1||||||{DAY}063000", "OBR|1|PL1|T1|GLU^^L")
    ward.measured()

    assert ward.whose == [("P1", "5.6")]


@pytest.mark.parametrize(
    ("specimen", "held"), [(("SPM|1|T1||SER",), []), ((), ["patient-missing"])], ids=["a tube", "no tube"]
)
def test_results_with_an_empty_pid_are_joined_by_the_tube(
    ward: Ward, specimen: tuple[str, ...], held: list[str]
) -> None:
    result = f"OBX|1|NM|2345-7^^LN||5.6|mmol/L|||||F||||||||{DAY}080000"
    ward.ordered()
    ward.scene.process(message("PID|1", "OBR|1||R1|CHEM^^L", *specimen, result))

    assert ward.held == held


@pytest.mark.parametrize(
    "tubes",
    [
        pytest.param(("SPM|1|A1^B1||SER|||||||P",), id="SPM-2.2"),
        pytest.param(("SPM|1|A1||SER|||||||P|||||||||||||||||||B1",), id="SPM-30"),
        pytest.param(("SPM|1|A1||SER|||||||P", "SAC|||B1"), id="SAC-3"),
    ],
)
def test_each_number_that_an_order_gives_its_tubes_counts(ward: Ward, tubes: tuple[str, ...]) -> None:
    ward.order(*order_of("", "P1", "PL1"), *tubes)
    ward.measured("B1")

    assert ward.whose == [("P1", "5.6")]


def test_system_that_lost_the_patients_number_is_not_joined(ward: Ward) -> None:
    ward.ordered()
    segments = ("PID|1||||Lê^An||19800517|F", f"OBR|1|PL1|R1|CHEM^Chemistry^L|||{DAY}070000", "SPM|1|T1||SER")
    ward.scene.process(message(*segments, "OBX|1|NM|2345-7^Glucose^LN||5.6|mmol/L|||||F"))

    assert (ward.whose, ward.held) == ([], ["patient-missing"])
