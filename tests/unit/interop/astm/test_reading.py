"""What an analyser's message says: levels, orders, results, requests, and what is told where it is broken."""

from __future__ import annotations

import random
from datetime import date

import pytest
from tests.unit.interop.astm.conversation import MESSAGE

from lienthong.findings import Finding
from lienthong.interop.astm import AnalyzerMessage, parse, read_results

HEADER = "H|\\^&|42||BS-240^Mindray^SN7|||||LIS||P|LIS2-A2|20261120080500"
FULL = [
    HEADER,
    "P|1|PR1|LAB7|X9|Nguyễn^An^Văn||19800517|M",
    "C|1|L|fasting^12 h|G",
    "O|1|SP1001^12^3|7^50016^1|^^^GLU\\2823-3^Potassium^LN^K|S|20261120070000|20261120071500|||NHA|N|||20261120074500"
    "|SERUM|Dr Tran||||||20261120090000|||F",
    "C|1|I|haemolysis +|I",
    "R|1|^^^GLU^1|5.6|mmol/L|3.9^6.4|N\\A||F||NHA|20261120080000|20261120080300|BS-240^SN7",
    "C|1|I|first dilution|I",
    "R|2|2823-3^Potassium^LN^K|***.**|mmol/L||||X",
    "M|1|anything of the maker",
    "L|1|N",
]


def read(*lines: str) -> tuple[AnalyzerMessage, tuple[Finding, ...]]:
    message, findings = parse("".join(f"{line}\r" for line in lines).encode())
    assert message is not None, findings
    return read_results(message)


def codes(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(one.where, one.code) for one in findings]


def test_message_is_read_by_its_levels() -> None:
    message, findings = read(*FULL)
    (patient,) = message.patients
    (order,) = patient.orders
    glucose, potassium = order.results

    assert codes(findings) == [("R(2)-4", "no-value")]
    assert (message.sender.name, message.sender.parts) == ("BS-240", ("BS-240", "Mindray", "SN7"))
    assert (message.sender.control_id, message.sender.processing_id, message.termination) == ("42", "P", "N")
    assert (patient.practice_id, patient.laboratory_id, patient.birth_date) == ("PR1", "LAB7", date(1980, 5, 17))
    assert (patient.family_name, patient.given_name, patient.middle_name, patient.sex) == ("Nguyễn", "An", "Văn", "M")
    assert [one.text for one in patient.comments] == ["fasting 12 h"]
    assert (order.specimen_id, order.specimen_parts) == ("SP1001", ("SP1001", "12", "3"))
    assert order.instrument_specimen_id == "7"
    assert [(one.code, one.local_code) for one in order.measurands] == [("", "GLU"), ("2823-3", "K")]
    assert (order.priority, order.action_code, order.descriptor, order.physician) == ("S", "N", "SERUM", "Dr Tran")
    assert order.collected_at is not None
    assert order.collected_at.text == "20261120071500"
    assert order.report_types == ("F",)
    assert [one.text for one in order.comments] == ["haemolysis +"]
    assert (glucose.value, glucose.unit, glucose.range, glucose.flags) == ("5.6", "mmol/L", "3.9 6.4", ("N", "A"))
    assert (glucose.status, glucose.operator, glucose.instrument) == ("F", "NHA", ("BS-240", "SN7"))
    assert glucose.completed_at is not None
    assert [one.text for one in glucose.comments] == ["first dilution"]
    assert potassium.has_no_value
    assert potassium.measurand.name == "Potassium"


@pytest.mark.parametrize("value", ["", "***.**", "----", "N/A"], ids=["blank", "stars", "dashes", "not-applicable"])
def test_placeholder_is_no_value(value: str) -> None:
    message, findings = read(HEADER, "P|1", "O|1|S1", f"R|1|^^^GLU|{value}", "L|1|N")

    assert message.orders[0].results[0].has_no_value
    assert ("R(1)-4", "no-value") in codes(findings)


def test_results_belong_to_the_order_before_them() -> None:
    message, _ = read(
        *(HEADER, "P|1", "O|1|S1", "R|1|^^^A|1", "O|2|S2||^^^B||||||Q", "R|1|^^^B|2", "R|2|^^^C|3"),
        *("P|2|P9", "O|1|S3", "R|1|^^^D|4", "L|1|N"),
    )

    assert [len(patient.orders) for patient in message.patients] == [2, 1]
    found = [(one.specimen_id, [result.value for result in one.results]) for one in message.orders]
    assert found == [("S1", ["1"]), ("S2", ["2", "3"]), ("S3", ["4"])]
    assert [one.is_quality_control for one in message.orders] == [False, False, False]


def test_action_code_q_names_a_control_specimen() -> None:
    message, _ = read(HEADER, "P|1", "O|1|QC-1||^^^GLU|R||||||Q||||SERUM", "R|1|^^^GLU|5.5", "L|1|N")

    assert message.orders[0].is_quality_control


def test_request_names_its_specimens() -> None:
    message, _ = read(HEADER, "Q|1|^SP1\\^SP2||^^^ALL||||||||O", "L|1|N")

    assert message.requests[0].specimen_ids == ("SP1", "SP2")
    assert message.requests[0].status == "O"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([HEADER, "P|1", "R|1|^^^GLU|5", "L|1|N"], ("R(1)", "record-order")),
        ([HEADER, "P|1", "O|1|S1", "R|1|^^^GLU|5"], ("L", "terminator-missing")),
        ([HEADER, "O|1|S1", "R|1|^^^GLU|5", "L|1|N"], ("O(1)", "patient-record-missing")),
        ([HEADER, "P|1||||||19801399", "L|1|N"], ("P(1)-8", "date")),
        ([HEADER, "P|1|||||19801399|19801231", "L|1|N"], None),
        ([HEADER, "P|1", "O|1|S1", "R|1||5", "L|1|N"], ("R(1)-3", "measurand-missing")),
        ([HEADER, "P|1", "O|1|S1", "R|1|^^^GLU|5|||||?", "L|1|N"], ("R(1)-9", "status")),
        ([HEADER, "Z|1", "L|1|N"], ("Z", "record-unknown")),
        ([HEADER, "L|1|N", "P|1"], ("P(1)", "after-terminator")),
    ],
    ids=[
        *("result-without-order", "no-terminator", "no-patient", "birth-date", "other-field"),
        *("no-measurand", "status", "unknown-record", "after-the-end"),
    ],
)
def test_what_is_broken_is_told_with_its_place(lines: list[str], expected: tuple[str, str] | None) -> None:
    _message, findings = read(*lines)

    assert (expected in codes(findings)) if expected else not findings


@pytest.mark.parametrize("seed", range(60))
def test_changed_messages_are_read_or_told_and_raise_nothing(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 — a test that can be repeated
    sound = "".join(f"{line}\r" for line in FULL).encode()
    for data in (MESSAGE, sound):
        for _ in range(20):
            changed = bytearray(data)
            for _change in range(chance.randint(1, 6)):
                place = chance.randrange(len(changed))
                match chance.randrange(4):
                    case 0:
                        changed[place] = chance.randrange(256)
                    case 1:
                        del changed[place : place + chance.randint(1, 20)]
                    case 2:
                        changed[place:place] = bytes(chance.choices(b"|^\\&\rHPORL\x00", k=chance.randint(1, 5)))
                    case _:
                        changed[place:place] = changed[chance.randrange(len(changed)) :][:40]
            message, findings = parse(bytes(changed), default_charset="8859/1")
            if message is None:
                assert findings
            else:
                read_results(message)
