"""Messages about patients: who they are, and which numbers are merged, changed or moved."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.interop.hl7v2.notation import adt, parsed, written

from lienthong.interop.hl7v2 import ACTS, AdtMessage, Identifier, read_adt, read_oru

PID = (
    "PID|1||P1^^^BV^MR~001180012345^^^CCCD^NI||Nguyễn^Đào^Thị^^^^L~Nguyen^Dao^Thi^^^^D||19800517|F|||||0912345678"
    "|^WPN^PH^^84^24^38253531||||A7^^^BV^AN|||||||||||20261101103000+0700|Y"
)
PV1 = "PV1|1|I|NOI^204^2^BV|||||||NOI|||||||||V9^^^BV^VN" + "|" * 25 + "20261120080000|20261121"
MRG = "MRG|P2^^^BV^MR||A3^^^BV^AN||V8^^^BV^VN||Nguyễn^Đào"


def read(*segments: str, event: str = "A08") -> tuple[AdtMessage, list[tuple[str, str]]]:
    message, findings = read_adt(parsed(adt(*segments, event=event)))
    assert message is not None
    return message, [(finding.where, finding.code) for finding in findings]


def numbers(identifiers: tuple[Identifier, ...]) -> list[tuple[str, str, str]]:
    return [(one.value, one.system, one.type_code) for one in identifiers]


def test_read_adt_patient_is_read_with_all_that_pid_says() -> None:
    message, findings = read("EVN|A08|20261120090000||||20261120085500", PID, PV1)

    (event,) = message.events
    patient = event.patient
    assert findings == []
    assert (message.event, message.act) == ("A08", "update")
    assert message.recorded_at is not None
    assert message.occurred_at is not None
    assert (message.recorded_at.text, message.occurred_at.text) == ("20261120090000", "20261120085500")
    assert numbers(patient.identifiers) == [("P1", "BV", "MR"), ("001180012345", "CCCD", "NI")]
    assert (patient.full_name, patient.birth_date, patient.sex) == ("Nguyễn Thị Đào", date(1980, 5, 17), "F")
    assert [(name.family, name.kind) for name in patient.names] == [("Nguyễn", "L"), ("Nguyen", "D")]
    assert [one.display for one in (*patient.phones, *patient.business_phones)] == ["0912345678", "+84 24 38253531"]
    assert patient.account == Identifier(value="A7", system="BV", type_code="AN")
    assert patient.died_at is not None
    assert (patient.died_at.text, patient.is_dead) == ("20261101103000+0700", True)


def test_read_adt_visit_is_read_with_its_number_and_place() -> None:
    message, _ = read(PID, PV1, event="A01")

    visit = message.events[0].visit
    assert visit is not None
    assert visit.number == Identifier(value="V9", system="BV", type_code="VN")
    assert (visit.patient_class, visit.hospital_service) == ("I", "NOI")
    assert visit.admitted_at is not None
    assert visit.discharged_at is not None
    assert (visit.admitted_at.text, visit.discharged_at.text) == ("20261120080000", "20261121")


@pytest.mark.parametrize(
    ("segment", "expected"),
    [("PID|1||7" + "|" * 27 + "N", False), ("PID|1||7" + "|" * 26 + "20261101", True), ("PID|1||7", None)],
    ids=["told alive", "time of death", "not told"],
)
def test_read_adt_death_is_told_or_unknown(segment: str, expected: bool | None) -> None:
    message, _ = read(segment)

    assert message.events[0].patient.is_dead is expected


@pytest.mark.parametrize(
    ("event", "act"),
    [
        *((event, "update") for event in ("A01", "A02", "A03", "A04", "A05", "A08", "A11", "A13", "A28", "A31")),
        *((event, "merge") for event in ("A18", "A30", "A34", "A36", "A39", "A40")),
        ("A47", "change-number"),
        ("A35", "move-account"),
        ("A41", "move-account"),
        ("A45", "move-visit"),
    ],
)
def test_read_adt_event_says_what_is_asked_for(event: str, act: str) -> None:
    message, findings = read(PID, MRG, event=event)

    assert (message.act, findings) == (act, [])
    assert numbers(message.events[0].merges[0].identifiers) == [("P2", "BV", "MR")]


def test_read_adt_several_merges_keep_their_pairs() -> None:
    message, findings = read(
        *("PID|1||P1^^^BV", "MRG|P2^^^BV~P3^^^BV", "PID|2||P4^^^BV", "PV1|1|O", "MRG|P5^^^BV"), event="A40"
    )

    pairs = [
        ([one.value for one in event.patient.identifiers], [one.value for one in merge.identifiers])
        for event in message.events
        for merge in event.merges
    ]
    assert findings == []
    assert pairs == [(["P1"], ["P2", "P3"]), (["P4"], ["P5"])]


def test_read_adt_moved_visits_keep_their_visits() -> None:
    first, second = "PV1|1|O" + "|" * 17 + "V1", "PV1|1|I" + "|" * 17 + "V2"

    message, _ = read(PID, "MRG|||A3||V8", first, "MRG|||A4||V9", second, event="A45")

    merges = message.events[0].merges
    moved = [
        (one.visit_number.value, one.visit.number.value)
        for one in merges
        if one.visit_number and one.visit and one.visit.number
    ]
    assert moved == [("V8", "V1"), ("V9", "V2")]


@pytest.mark.parametrize(
    ("segments", "event", "expected"),
    [
        pytest.param((PV1,), "A08", [("PV1", "segment-order"), ("PID", "segment-missing")], id="no PID"),
        pytest.param(("PID|1||||Lê^An",), "A08", [("PID-3", "required")], id="no number"),
        pytest.param((PID.replace("19800517", "17/05/1980"),), "A08", [("PID-7", "date")], id="no date of birth"),
        pytest.param((PID.replace("|F|", "|X|"),), "A08", [("PID-8", "sex")], id="no sex of table 0001"),
        pytest.param((PID.replace("|19800517|", '|""|'),), "A08", [("PID-7", "null-ignored")], id="null"),
        pytest.param((PID,), "A40", [("MRG", "segment-missing")], id="merge without MRG"),
        pytest.param((MRG, PID, MRG), "A40", [("MRG", "segment-order")], id="MRG before PID"),
        pytest.param((PID, "MRG|||A3"), "A40", [("MRG-1", "required")], id="merge without a number"),
        pytest.param((PID, "MRG|P2"), "A41", [("MRG-3", "required")], id="account without a number"),
        pytest.param((PID, "MRG|P2"), "A45", [("MRG-5", "required")], id="visit without a number"),
    ],
)
def test_read_adt_what_is_missing_or_wrong_is_told(
    segments: tuple[str, ...], event: str, expected: list[tuple[str, str]]
) -> None:
    _, findings = read(*segments, event=event)

    assert findings == expected


@pytest.mark.parametrize(("kind", "event"), [("ADT", "A29"), ("ORU", "R01"), ("ADT", "")])
def test_read_adt_other_message_is_refused_with_what_is_allowed(kind: str, event: str) -> None:
    message, findings = read_adt(parsed(adt(PID, event=event).replace(b"||ADT^", b"||" + kind.encode() + b"^")))

    assert message is None
    assert [finding.where for finding in findings] == ["MSH-9"]
    assert "A40" in findings[0].message


def test_read_adt_blank_trigger_is_taken_from_evn() -> None:
    message, _ = read_adt(parsed(adt("EVN|A31|20261120", PID, event="")))

    assert message is not None
    assert message.event == "A31"


texts = (
    st.text(st.characters(exclude_categories=["Cs", "Mn", "Cc"]), min_size=1, max_size=10)
    .map(str.strip)
    .filter(lambda text: text not in ("", '""'))
)
identifiers = st.lists(st.builds(Identifier, value=texts, system=texts, type_code=texts), min_size=1, max_size=3)


@given(st.sampled_from(sorted(ACTS)), identifiers, identifiers, texts, texts)
def test_read_adt_any_text_comes_back_as_sent(
    event: str, own: list[Identifier], prior: list[Identifier], family: str, given_name: str
) -> None:
    segments = (f"PID|1||{written(own)}||{written([family, given_name])}", f"MRG|{written(prior)}||A1||V1")

    message, findings = read_adt(parsed(adt(*segments, event=event)))

    assert findings == ()
    assert message is not None
    (read_event,) = message.events
    assert read_event.patient.identifiers == tuple(own)
    assert (read_event.patient.names[0].family, read_event.patient.names[0].given) == (family, given_name)
    assert read_event.merges[0].identifiers == tuple(prior)


@given(st.lists(st.sampled_from([PID, PV1, MRG, "PID|1||P2|P3|||bad|X", "MRG", "EVN"]), max_size=6))
def test_read_adt_identity_is_read_as_in_result_messages(segments: list[str]) -> None:
    adt_message, _ = read_adt(parsed(adt(*segments, event="A40")))
    oru, _ = read_oru(parsed(adt(*segments, event="A40").replace(b"ADT^A40", b"ORU^R01")))

    assert adt_message is not None
    assert oru is not None
    assert [one.patient for one in adt_message.events] == [one.patient for one in oru.patients]
