from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.unit.interop.hl7v2.effort import examples
from tests.unit.interop.hl7v2.strategies import oru_messages

from lienthong.findings import Finding
from lienthong.interop.hl7v2 import (
    NOTES,
    Coded,
    Delimiters,
    Identifier,
    Observation,
    OruMessage,
    OruOrder,
    escape,
    make_oru,
    parse,
    read_oru,
    read_results,
    write,
)

MSH = "MSH|^~\\&|LIS|BVDK Cà Mau|LT||20261001093000+0700||ORU^R01^ORU_R01|42|P|2.5.1||||||UNICODE UTF-8\r"
PID = "PID|1||BN01^^^BVDK&1.2.3&ISO^MR~079199000001^^^^NI||Nguyễn^Đức^Văn^^^^L||19900804|F\r"
OBR = (
    "OBR|1|P1^HIS|F1^LIS|57021-8^CBC^LN^HH01^Công thức máu^99VN||202610010600|20261001071500+0700"
    "|||||||||||||||202610010930|||F\r"
)
OBX = (
    "OBX|1|NM|718-7^HGB^LN||135|g/L^^UCUM|130-170|N|||F|||20261001071500+0700"
    "||||XN1000~SN7|20261001084500+0700||||Khoa XN^^^^^^^^^K1\r"
)
SPM = "SPM|1|^S77||WB^Máu toàn phần^HL70487|||||||P||||||20261001071000+0700|20261001073000+0700\r"


def read(text: str) -> tuple[OruMessage, tuple[Finding, ...]]:
    message, findings = parse(text.encode())
    assert message is not None
    assert findings == ()
    oru, findings = read_oru(message)
    assert oru is not None
    assert read_results(text.encode()) == (oru, findings)
    return oru, findings


def test_read_oru_patient_is_who_pid_says() -> None:
    oru, findings = read(MSH + PID + OBR + OBX + SPM)

    assert findings == ()
    patient = oru.patients[0].patient
    assert patient.identifiers == (
        Identifier(value="BN01", system="1.2.3", type_code="MR", namespace="BVDK", system_type="ISO"),
        Identifier(value="079199000001", type_code="NI"),
    )
    assert (patient.full_name, patient.birth_date, patient.sex) == ("Nguyễn Văn Đức", date(1990, 8, 4), "F")


def test_read_oru_order_has_numbers_times_and_specimen() -> None:
    order = read(MSH + PID + OBR + OBX + SPM)[0].orders[0]

    assert (order.placer_order_number, order.filler_order_number, order.result_status) == ("P1", "F1", "F")
    assert order.service.codes == (("LN", "57021-8"), ("99VN", "HH01"))
    assert order.specimen is not None
    assert (order.specimen.identifier, order.specimen.role) == ("S77", "P")
    assert order.specimen.type == Coded("WB", "Máu toàn phần", "HL70487")
    assert order.collected_at is not None
    assert order.collected_at.text == "20261001071000+0700"
    assert order.requested_at is not None
    assert order.requested_at.is_local
    assert order.producer is not None
    assert (order.producer.name, order.producer.code) == ("Khoa XN", "K1")


def test_read_oru_observation_has_value_unit_and_times() -> None:
    observation = read(MSH + PID + OBR + OBX + SPM)[0].orders[0].observations[0]

    assert observation.code == Coded("718-7", "HGB", "LN")
    assert (observation.values, observation.number, observation.comparator) == (("135",), Decimal(135), "")
    assert observation.unit == Coded("g/L", "", "UCUM")
    assert (observation.reference_range, observation.flags, observation.status) == ("130-170", ("N",), "F")
    assert (observation.equipment, observation.position) == (("XN1000", "SN7"), "OBX(1)")
    assert observation.analysed_at is not None
    assert observation.analysed_at.precision == "second"


def test_read_oru_old_version_takes_the_specimen_from_obr() -> None:
    old = "OBR|1||F1|GLU^Glucose^L|||20261001071500|||||||20261001073000|SER&Serum&HL70070\r"

    order = read(MSH + PID + old + OBX)[0].orders[0]

    assert order.specimen is not None
    assert order.specimen.type == Coded("SER", "Serum", "HL70070")
    assert order.specimen.received_at is not None
    assert order.collected_at is not None
    assert order.collected_at.text == "20261001071500"


def test_read_oru_order_numbers_stand_in_orc_where_obr_is_blank() -> None:
    order = read(MSH + PID + "ORC|RE|P9|F9\rOBR|1|||X^Y^L\r" + OBX)[0].orders[0]

    assert (order.placer_order_number, order.filler_order_number) == ("P9", "F9")


def test_read_oru_two_patients_keep_their_orders() -> None:
    other = PID.replace("BN01", "BN02")

    oru, _ = read(MSH + PID + OBR + OBX + other + OBR + OBX + OBX)

    assert [len(patient.orders[0].observations) for patient in oru.patients] == [1, 2]
    assert oru.patients[1].patient.identifiers[0].value == "BN02"


def test_read_oru_observation_after_specimen_describes_the_specimen() -> None:
    order = read(MSH + PID + OBR + OBX + SPM + "OBX|2|ST|H^Haemolysis^L||++||||||F\r")[0].orders[0]

    assert len(order.observations) == 1
    assert order.specimen_observations[0].outcome == "positive"


def test_read_oru_specimen_before_its_observations_does_not_take_them() -> None:
    order = read(MSH + PID + OBR + SPM + OBX + OBX)[0].orders[0]

    assert (len(order.observations), order.specimen_observations) == (2, ())


def test_read_oru_notes_belong_to_what_stands_before_them() -> None:
    order = read(MSH + PID + OBR + "NTE|1||mẫu tốt\r" + OBX + "NTE|1||đã kiểm tra\rNTE|2||lần 2\r")[0].orders[0]

    assert order.notes == ("mẫu tốt",)
    assert order.observations[0].notes == ("đã kiểm tra", "lần 2")


@pytest.mark.parametrize(
    ("value", "values", "codes"),
    [
        ("", (), []),
        ('""', (), []),
        ("***.**", ("***.**",), ["no-value"]),
        ("60~120", ("60", "120"), ["several-values"]),
        ("12,5", ("12,5",), ["number"]),
        ("hemolysed", ("hemolysed",), ["number"]),
    ],
)
def test_read_oru_value_that_is_no_number_is_kept_as_reported(
    value: str, values: tuple[str, ...], codes: list[str]
) -> None:
    oru, findings = read(MSH + PID + OBR + OBX.replace("|135|", f"|{value}|"))

    observation = oru.orders[0].observations[0]
    assert (observation.values, observation.number) == (values, None)
    assert [finding.code for finding in findings] == codes
    assert all(finding.where == "OBX(1)-5" and "12,5" not in finding.message for finding in findings)


@pytest.mark.parametrize(
    ("text", "where", "code"),
    [
        (MSH + PID + OBR + OBX.replace("|||F|", "||||", 1), "OBX(1)-11", "status-assumed"),
        (MSH + PID + OBR + OBX.replace("|||F|", "|||Final|", 1), "OBX(1)-11", "status"),
        (MSH + PID.replace("19900804", "199008") + OBR + OBX, "PID-7", "date"),
        (MSH + PID.replace("|F\r", "|1\r") + OBR + OBX, "PID-8", "sex"),
        (MSH + PID + OBR.replace("202610010600", "1/10/2026") + OBX, "OBR(1)-6", "date"),
        (MSH + PID + OBR + OBX.replace("718-7^HGB^LN", ""), "OBX(1)-3", "required"),
        (MSH + OBR + OBX, "PID", "segment-missing"),
        (MSH + PID, "OBR", "segment-missing"),
    ],
    ids=["status blank", "status", "birth date", "sex", "time", "code", "no PID", "no OBR"],
)
def test_read_oru_fault_gives_a_finding_with_its_place(text: str, where: str, code: str) -> None:
    _, findings = read(text)

    assert [(finding.where, finding.code) for finding in findings] == [(where, code)]


def test_read_oru_of_an_analyser_needs_no_patient() -> None:
    oru, findings = read(MSH.replace("ORU^R01^ORU_R01", "OUL^R22^OUL_R22") + OBR + OBX)

    assert findings == ()
    assert oru is not None
    assert oru.patients[0].patient.identifiers == ()


def test_read_oru_observation_without_order_gives_a_finding() -> None:
    _, findings = read(MSH + PID + OBX + OBR)

    assert [(finding.where, finding.code) for finding in findings] == [("OBX(1)", "segment-order")]


def test_read_oru_blank_status_is_final_and_only_noted() -> None:
    oru, findings = read(MSH + PID + OBR + OBX.replace("|||F|", "||||", 1))

    assert oru.orders[0].observations[0].status == "F"
    assert {finding.code for finding in findings} <= NOTES


def test_read_oru_other_message_type_gives_none() -> None:
    message, _ = parse(MSH.replace("ORU^R01^ORU_R01", "ADT^A01^ADT_A01").encode())
    assert message is not None

    oru, findings = read_oru(message)

    assert oru is None
    assert [(finding.where, finding.code) for finding in findings] == [("MSH-9", "message-type")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MSH + PID + OBR + OBX + SPM, False),
        (MSH.replace("|P|", "|Q|") + PID + OBR + OBX, True),
        (MSH + PID + OBR + OBX + SPM.replace("|P|", "|Q|"), True),
        (MSH + PID + OBR + OBX + SPM.replace("|P|", "|C|"), True),
        (MSH + PID + "OBR|1||1|01003^LJ QCR^99MRC\r" + OBX, True),
    ],
    ids=["patient", "MSH-11", "SPM-11 control", "SPM-11 calibrator", "OBR-4"],
)
def test_is_quality_control_material_that_is_not_a_patients(text: str, expected: bool) -> None:
    assert read(text)[0].is_quality_control is expected


@pytest.mark.parametrize(
    ("pid", "expected"),
    [
        ("PID|1|E5|||A", ["E5"]),
        ("PID|1||^^^^MR||A", []),
        ("PID|1||M1^^^^MR||A||||||||||||||079199000001", ["M1", "079199000001"]),
    ],
    ids=["PID-2 of version 2.3", "blank", "PID-19"],
)
def test_read_oru_identifiers_stand_in_older_fields_too(pid: str, expected: list[str]) -> None:
    oru, _ = read(f"{MSH}{pid}\r{OBR}{OBX}")

    assert [identifier.value for identifier in oru.patients[0].patient.identifiers] == expected


def test_full_name_of_ideographs_has_no_blank() -> None:
    oru, _ = read(MSH + "PID|1||1||欧阳^娜娜\r" + OBR + OBX)

    assert oru.patients[0].patient.full_name == "欧阳娜娜"


def test_read_oru_composite_values_are_in_standard_notation_whatever_was_sent() -> None:
    sent = (MSH + PID + OBR + "OBX|1|CWE|X^Y^L||1^a\\T\\b^L&M||||||F\r").translate(str.maketrans("^&~", "%$*"))

    observation = read(sent)[0].orders[0].observations[0]

    assert observation.values == ("1^a$b^L&M",)
    assert observation.text == "a$b"


@examples(60)
@given(oru_messages, st.sampled_from([Delimiters(), Delimiters(component="%", subcomponent="$", truncation="#")]))
def test_read_oru_of_what_make_oru_writes_is_the_same(oru: OruMessage, delimiters: Delimiters) -> None:
    application = oru.header.sending_application.replace("^", delimiters.component)
    as_sent = escape(oru.header.control_id, delimiters)
    header = replace(oru.header, delimiters=delimiters, sending_application=application, control_id_as_sent=as_sent)
    oru = replace(oru, header=header)

    message, findings = parse(write(make_oru(oru)))

    assert findings == ()
    assert message is not None
    assert read_oru(message)[0] == numbered(oru)


def numbered(oru: OruMessage) -> OruMessage:
    """Give the orders and observations the numbers that they have in the message."""
    observation_numbers, order_numbers = count(1), count(1)

    def number_all(observations: tuple[Observation, ...]) -> tuple[Observation, ...]:
        return tuple(replace(one, ordinal=next(observation_numbers)) for one in observations)

    def number_order(order: OruOrder) -> OruOrder:
        order = replace(order, ordinal=next(order_numbers), observations=number_all(order.observations))
        specimens = (replace(one, observations=number_all(one.observations)) for one in order.specimens)
        return replace(order, specimens=tuple(specimens))

    patients = (replace(one, orders=tuple(map(number_order, one.orders))) for one in oru.patients)
    return replace(oru, patients=tuple(patients))


def test_make_oru_codec_that_msh_18_does_not_name_raises() -> None:
    oru, _ = read(MSH + PID + OBR + OBX)

    with pytest.raises(ValueError, match="codec must be that of MSH-18"):
        make_oru(replace(oru, header=replace(oru.header, codec="gbk")))


@given(st.lists(st.sampled_from([PID, OBR, OBX, SPM, "ORC|RE\r", "NTE|1||a\r"]), max_size=8), st.text(max_size=30))
def test_read_oru_segments_in_any_order_never_raise(segments: list[str], tail: str) -> None:
    message, _ = parse((MSH + "".join(segments) + tail).encode(errors="ignore"))

    if message is not None:
        assert read_oru(message)[0] is not None


@pytest.mark.parametrize(
    ("sent", "read"),
    [("D1^Lê^Văn Mẫu", "Lê Văn Mẫu"), ("D1^Lê", "Lê"), ("D1", "D1"), ("", "")],
    ids=["name", "family name", "number only", "nobody"],
)
def test_requester_is_the_name_of_the_ordering_provider(sent: str, read: str) -> None:
    obr = "|".join(["OBR", "1", "", "R1", "LAB^Laboratory^L", *[""] * 11, sent])
    text = f"MSH|^~\\&|A|B|C|D|20261122||ORU^R01|1|P|2.5.1\rPID|1||1\r{obr}\rOBX|1|NM|GLU^Glucose^L||5.1|mmol/L|||||F\r"
    message, _ = parse(text.encode())
    assert message is not None

    oru, _ = read_oru(message)

    assert oru is not None
    assert oru.patients[0].orders[0].requester == read
