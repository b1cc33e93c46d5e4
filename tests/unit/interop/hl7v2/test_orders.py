"""Order messages: what is ordered, changed or cancelled, and what stands beside it and is no order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.interop.hl7v2.notation import order_message, parsed

from lienthong.interop.hl7v2 import ORDER_NOTES, OrderMessage, escape, read_orders

PID = "PID|1||P1^^^BV^MR||Nguyễn^Đào^Thị||19800517|F"
PV1 = "PV1|1|O|PK1" + "|" * 16 + "V9"
ORC = (
    "ORC|NW|PL1^HIS^1.2.3^ISO|LAB1^LIS|G1|SC|E|1^^^20261121070000^^S||20261120085000|||7^Lê^An^^^BS.||||||||"
    "|Khoa Nội^^K01"
)
TQ1 = "TQ1|1||||||20261121080000||A^ASAP^HL70485"
OBR = "OBR|1|PL1|LAB1|24331-1^Lipid^LN^LIP^Mỡ máu^L|||20261120070000||||||||BLD&Máu|8^Trần^Bình"
DG1 = "DG1|1||E10.9^Đái tháo đường^I10"
SPM = "SPM|1|S1&HIS^S2&LIS||SER^Huyết thanh^L|||||||P||||||20261120070500|20261120080000"
OBX = "OBX|1|NM|2345-7^Glucose^LN||5.6|mmol/L"


def read(*segments: str, kind: str = "OML^O21^OML_O21") -> tuple[OrderMessage, list[tuple[str, str]]]:
    message, findings = read_orders(parsed(order_message(*segments, kind=kind)))
    assert message is not None
    return message, [(finding.where, finding.code) for finding in findings]


def test_read_orders_order_is_read_with_all_that_its_segments_say() -> None:
    message, findings = read(PID, PV1, ORC, TQ1, OBR, "NTE|1||Khẩn", DG1, SPM)

    (order,) = message.orders
    specimen = order.specimen
    assert findings == []
    assert (order.control, order.status, order.group_number) == ("NW", "SC", "G1")
    assert (order.placer_number, order.placer_authority, order.filler_number) == ("PL1", "1.2.3", "LAB1")
    assert (order.service.code, order.service.alt_code, order.service.display) == ("24331-1", "LIP", "Lipid")
    assert (order.priority, order.requester, order.notes) == ("A", "Lê An", ("Khẩn",))
    assert order.ordering_facility is not None
    assert (order.ordering_facility.name, order.ordering_facility.code) == ("Khoa Nội", "K01")
    assert [instant.text for instant in (order.requested_at, order.wanted_at) if instant] == [
        "20261120085000",
        "20261121080000",
    ]
    assert [(one.code, one.system) for one in order.diagnoses] == [("E10.9", "I10")]
    assert specimen is not None
    assert specimen.type is not None
    assert (specimen.identifier, specimen.type.code, specimen.role) == ("S2", "SER", "P")
    assert [one.text for one in (specimen.collected_at, specimen.received_at) if one] == [
        "20261120070500",
        "20261120080000",
    ]
    patient = message.patients[0]
    assert patient.patient is not None
    assert patient.patient.full_name == "Nguyễn Thị Đào"
    assert patient.visit is not None
    assert patient.visit.number is not None
    assert patient.visit.number.value == "V9"


@pytest.mark.parametrize("control", ["NW", "CA", "DC", "XO", "RP", "RO", "SC", "SN", "HD", "ZZ"])
def test_read_orders_control_code_is_read_as_sent(control: str) -> None:
    message, _ = read(PID, f"ORC|{control}|PL1|LAB1", kind="ORM^O01")

    assert [(order.control, order.placer_number, order.filler_number) for order in message.orders] == [
        (control, "PL1", "LAB1")
    ]


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        ((TQ1, "OBR|1|PL1||G^^L"), "A"),
        (("OBR|1|PL1||G^^L" + "|" * 23 + "^^^^^T",), "T"),
        (("OBR|1|PL1||G^^L",), "S"),
        (("OBR|1|PL1||G^^L|R",), "S"),
    ],
    ids=["TQ1-9", "OBR-27", "ORC-7", "ORC-7 before OBR-5"],
)
def test_read_orders_priority_is_found_wherever_a_version_puts_it(segments: tuple[str, ...], expected: str) -> None:
    message, _ = read(PID, ORC, *segments)

    assert message.orders[0].priority == expected


def test_read_orders_old_message_names_its_specimen_in_obr() -> None:
    message, _ = read(PID, ORC, OBR, kind="ORM^O01")

    specimen = message.orders[0].specimen
    assert specimen is not None
    assert specimen.type is not None
    assert (specimen.type.code, specimen.type.text) == ("BLD", "Máu")


@pytest.mark.parametrize("kind", ["OML^O33^OML_O33", "OML^O35^OML_O35"])
def test_read_orders_specimen_before_its_orders_is_theirs(kind: str) -> None:
    second = SPM.replace("S2", "S9").replace("|1|S1", "|2|S1")

    message, findings = read(
        *(PID, SPM, "SAC|||C1", "ORC|NW|A", "OBR|1|A||G^^L", "ORC|NW|B", "OBR|2|B||K^^L"),
        *(second, "ORC|NW|C", "OBR|3|C||N^^L"),
        kind=kind,
    )

    assert findings == []
    assert [(one.placer_number, one.specimen.identifier) for one in message.orders if one.specimen] == [
        ("A", "S2"),
        ("B", "S2"),
        ("C", "S9"),
    ]


@pytest.mark.parametrize(
    "segments",
    [
        pytest.param((PID, ORC, OBR, SPM, "SAC|||C1"), id="after its order"),
        pytest.param((PID, SPM, "SAC|||C1", ORC, OBR), id="before its order"),
    ],
)
def test_read_orders_container_is_that_of_the_specimen_before_it(segments: tuple[str, ...]) -> None:
    kind = "OML^O21^OML_O21" if segments[1] == ORC else "OML^O33^OML_O33"

    message, findings = read(*segments, kind=kind)

    specimen = message.orders[0].specimen
    assert findings == []
    assert specimen is not None
    assert [one.identifier.value for one in specimen.containers if one.identifier] == ["C1"]


def test_read_orders_earlier_results_are_passed_over_with_a_note() -> None:
    earlier = ("PID|1||P1^^^BV^MR", "PV1|1|I", "ORC|PR|PL0|LAB0", "OBR|1|PL0|LAB0|G^^L", OBX)

    message, findings = read(PID, ORC, OBR, SPM, *earlier, "ORC|NW|PL2", "OBR|2|PL2||K^^L")

    assert [order.placer_number for order in message.orders] == ["PL1", "PL2"]
    assert findings == [("PID(2)", "prior-results")]


def test_read_orders_observations_beside_an_order_are_noted() -> None:
    message, findings = read(PID, ORC, OBR, OBX, "NTE|1||of the observation", OBX)

    assert message.orders[0].notes == ()
    assert findings == [("OBX(1)", "order-observations")]
    assert {code for _, code in findings} <= ORDER_NOTES


def test_read_orders_of_a_second_patient_are_that_patients() -> None:
    message, _ = read(PID, "ORC|NW|A", PID.replace("P1", "P2"), "ORC|NW|B", kind="ORM^O01")

    found = [
        (one.patient.identifiers[0].value, [order.placer_number for order in one.orders])
        for one in message.patients
        if one.patient
    ]
    assert found == [("P1", ["A"]), ("P2", ["B"])]


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        pytest.param((ORC, OBR), [("PID", "segment-missing")], id="no PID"),
        pytest.param((PID,), [("ORC", "segment-missing")], id="no order"),
        pytest.param((PID, OBR), [("OBR(1)", "control-assumed")], id="no ORC"),
        pytest.param((PID, "ORC||PL1"), [("ORC-1", "required")], id="no control code"),
        pytest.param((PID, "ORC|NW"), [("ORC-2", "required")], id="no number"),
        pytest.param((PID, "ORC|NW|A", "OBR|1"), [("OBR(1)-4", "required")], id="no service"),
        pytest.param((PID, "ORC|NW|A|||||||now"), [("ORC-9", "date")], id="no time"),
    ],
)
def test_read_orders_what_is_missing_or_wrong_is_told(
    segments: tuple[str, ...], expected: list[tuple[str, str]]
) -> None:
    _, findings = read(*segments)

    assert findings == expected


@pytest.mark.parametrize(
    ("kind", "words"),
    [("ORL^O22^ORL_O22", "an answer to orders"), ("ORR^O02", "an answer to orders"), ("ADT^A08", "none of these")],
)
def test_read_orders_answer_is_no_order(kind: str, words: str) -> None:
    message, findings = read_orders(parsed(order_message(PID, ORC, kind=kind)))

    assert message is None
    assert [finding.where for finding in findings] == ["MSH-9"]
    assert words in findings[0].message


@pytest.mark.parametrize(("role", "expected"), [("Q", True), ("P", False), ("", False)])
def test_read_orders_control_material_is_told_from_a_patients(role: str, expected: bool) -> None:
    message, _ = read(PID, ORC, OBR, SPM.replace("|P|", f"|{role}|"))

    assert message.is_quality_control is expected


texts = (
    st.text(st.characters(exclude_categories=["Cs", "Mn", "Cc"]), min_size=1, max_size=10)
    .map(str.strip)
    .filter(lambda text: text not in ("", '""'))
)


@given(st.lists(st.tuples(texts, texts, texts, texts), min_size=1, max_size=4))
def test_read_orders_any_text_comes_back_as_sent(sent: list[tuple[str, str, str, str]]) -> None:
    segments = [PID]
    for placer, filler, service, doctor in (map(escape, one) for one in sent):
        segments += [f"ORC|NW|{placer}|{filler}|||||||||7^{doctor}", f"OBR|1|||{service}^{service}^L"]

    message, findings = read(*segments)

    assert findings == []
    assert [(one.placer_number, one.filler_number, one.service.code, one.requester) for one in message.orders] == sent


@given(
    st.lists(
        st.sampled_from([PID, PV1, ORC, TQ1, OBR, DG1, SPM, OBX, "ORC|PR|A", "NTE|1||x", "ORC", "OBR"]), max_size=12
    )
)
def test_read_orders_any_run_of_segments_loses_no_order(segments: list[str]) -> None:
    for kind in ("OML^O21^OML_O21", "OML^O33^OML_O33"):
        message, findings = read(*segments, kind=kind)

        new = sum(segment.startswith("ORC") and segment not in ("ORC|PR|A", "ORC") for segment in segments)
        assert sum(order.control == "NW" and order.placer_number == "PL1" for order in message.orders) >= new
        assert len(message.orders) <= sum(segment.startswith(("ORC", "OBR")) for segment in segments)
        assert all(where for where, _ in findings)
