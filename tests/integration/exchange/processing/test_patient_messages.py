"""Messages about patients: what they do to records, which are held with which reason, and how merges are handed on."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from tests.factories.exchange import PID, message
from tests.integration.exchange.claiming import NOW, Senders, claimed, finish, store_opened
from tests.integration.exchange.conftest import Scene

from lienthong.core.actions import system_user
from lienthong.exchange.errors import Unstorable
from lienthong.exchange.processing.patient_message_reading import MergeDraft, PatientMessageRead, read_patient_message
from lienthong.exchange.processing.patient_messages import open_patient_messages
from lienthong.exchange.senders import SourceFacts
from lienthong.results.actions import Outcome, Waiting
from lienthong.results.models import HeldForReview, PatientRecord, PersonLink, PriorNumber

pytestmark = pytest.mark.django_db
CCCD = PID.split("~")[1].split("^")[0]
PV1 = "PV1|1|I|NOI" + "|" * 16 + "V9"
MRG = "MRG|P2^^^SX^MR||A3||V8"
OTHER = PID.replace("P1^^^SX", "P2^^^SX").replace(CCCD, "")


def adt(*segments: str, event: str = "A08", control_id: str = "A1", **header: str) -> bytes:
    return message(*segments, kind=f"ADT^{event}", control_id=control_id, **header)


def store(*messages: bytes, at: dt.datetime = NOW) -> list[Outcome]:
    outcomes = store_opened(open_patient_messages(claimed(*messages, at=at), Senders(), system_user("exchange"), NOW))
    finish(outcomes)
    return outcomes


def states(outcomes: list[Outcome]) -> list[tuple[str, str]]:
    return [(one.state, one.reason) for one in outcomes]


def read(*segments: str, event: str = "A40") -> PatientMessageRead:
    (waiting,) = claimed(adt(*segments, event=event))
    return read_patient_message(waiting, Senders().known["SX"])


@pytest.mark.parametrize("event", ["A01", "A04", "A08", "A28", "A31"])
def test_message_about_a_new_patient_makes_the_record(scene: Scene, event: str) -> None:
    outcomes = store(adt("EVN", PID, PV1, event=event))

    record = PatientRecord.objects.get()
    assert states(outcomes) == [("stored", "")]
    assert (record.source, record.local_system, record.local_id) == ("SX", "SX", "P1")
    assert (record.full_name, record.birth_date, record.sex) == ("Nguyễn Thị Đào", dt.date(1980, 5, 17), "F")
    assert set(record.identifiers.values_list("system", "value")) == {("SX", "P1"), ("NI", CCCD)}


def test_message_about_a_known_patient_brings_the_record_up_to_date(scene: Scene) -> None:
    store(adt(PID.replace("19800517", "19800518")))
    store(adt(PID.replace(f"~{CCCD}^^^CCCD^NI", "~HC4018012345^^^BHYT^HC"), control_id="A2"))

    record = PatientRecord.objects.get()
    assert record.birth_date == dt.date(1980, 5, 17)
    assert ("HC", "HC4018012345") in set(record.identifiers.values_list("system", "value"))


def test_old_message_again_does_not_undo_what_came_after_it(scene: Scene) -> None:
    first = adt(PID.replace("19800517", "19800518"))
    store(first)
    store(adt(PID, control_id="A2"))
    again = store(first, at=NOW + dt.timedelta(hours=1))

    assert states(again) == [("duplicate", "")]
    assert PatientRecord.objects.get().birth_date == dt.date(1980, 5, 17)


@pytest.mark.parametrize(
    ("segments", "event", "reason"),
    [
        pytest.param(("EVN",), "A08", "structure", id="no PID"),
        pytest.param(("PID|1||||Lê^An",), "A08", "patient-missing", id="no number"),
        pytest.param((PID,), "A40", "structure", id="merge without MRG"),
        pytest.param((PID, "MRG|||A3"), "A40", "merge-number", id="merge without a number"),
        pytest.param((PID, f"MRG|{CCCD}^^^CCCD^NI"), "A40", "merge-number", id="merge of a national number"),
        pytest.param((PID, "MRG|P1^^^SX^MR"), "A40", "merge-number", id="merge into itself"),
        pytest.param((PID, "MRG|P2^^^SX^MR||A3"), "A41", "visit-moved", id="account of another patient"),
        pytest.param((PID, MRG, PV1), "A45", "visit-moved", id="visit of another patient"),
        pytest.param((PID,), "A29", "message-type", id="event that is not taken"),
    ],
)
def test_message_that_nobody_may_act_on_alone_is_held_with_its_reason(
    scene: Scene, segments: tuple[str, ...], event: str, reason: str
) -> None:
    (outcome,) = store(adt(*segments, event=event))

    assert (outcome.state, outcome.reason) == ("held", reason)
    assert outcome.findings
    assert not PatientRecord.objects.exists()


def test_message_of_another_human_being_under_the_same_number_is_held(scene: Scene) -> None:
    store(adt(PID))
    (outcome,) = store(adt("PID|1||P1^^^SX^MR||Trần^Bình||19551201|M", control_id="A2"))

    assert (outcome.state, outcome.reason) == ("held", "identity-conflict")
    assert PatientRecord.objects.get().full_name == "Nguyễn Thị Đào"


def test_message_of_an_unknown_sender_is_held(scene: Scene) -> None:
    outcomes = store_opened(
        open_patient_messages(claimed(adt(PID), source="??"), Senders(), system_user("exchange"), NOW)
    )

    assert states(outcomes) == [("held", "unknown-sender")]


def test_message_whose_sender_was_registered_later_is_that_senders(scene: Scene) -> None:
    class Registered(Senders):
        def source_of(self, one: Waiting) -> SourceFacts | None:
            return self.known["SX"]

    waiting = claimed(adt(PID), adt("EVN", control_id="A2"), source="")
    outcomes = store_opened(open_patient_messages(waiting, Registered(), system_user("exchange"), NOW))

    assert [(one.source, one.state) for one in outcomes] == [("SX", "stored"), ("SX", "held")]


def test_message_with_a_fault_that_nobody_foresaw_is_held_without_its_values(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("lienthong.exchange.processing.patient_messages.merge_records", None)

    outcomes = store(adt(PID, MRG, event="A40"), adt(OTHER, control_id="A2"))

    assert states(outcomes) == [("held", "unforeseen"), ("stored", "")]
    assert list(PatientRecord.objects.values_list("local_id", flat=True)) == ["P2"]
    assert "TypeError" in caplog.text
    assert "Nguyễn" not in caplog.text


def test_message_behind_a_held_one_of_its_lane_has_no_outcome(scene: Scene) -> None:
    first, second, third = claimed(adt("EVN"), adt(PID, control_id="A2"), adt(OTHER, control_id="A3"))
    waiting = [first, replace(second, lane=first.lane), third]

    outcomes = store_opened(open_patient_messages(waiting, Senders(), system_user("exchange"), NOW))

    assert [(one.inbox_id, one.state) for one in outcomes] == [(first.id, "held"), (third.id, "stored")]


@pytest.mark.parametrize("segments", [("MRG|P1||A3",), ("MRG|||A3",)], ids=["own number", "no number"])
def test_account_moved_within_a_patient_changes_nothing_but_is_told(scene: Scene, segments: tuple[str, ...]) -> None:
    (outcome,) = store(adt(PID, *segments, event="A41"))

    assert outcome.state == "stored"
    assert "account-only" in {finding.code for finding in outcome.findings}


@pytest.mark.parametrize(("event", "kind"), [("A40", "merge"), ("A18", "merge"), ("A47", "change-number")])
def test_merge_is_read_as_survivor_and_prior_number(scene: Scene, event: str, kind: str) -> None:
    found = read(PID, MRG, event=event)

    assert found.merges == [
        MergeDraft(kind=kind, source="SX", survivor=("SX", "P1"), prior=("SX", "P2"), position="MRG-1")  # type: ignore[arg-type]  # of the table
    ]
    assert "patient\x1fSX\x1fSX\x1fP2" in found.lock_names()
    assert f"number\x1f{CCCD}" in found.lock_names()


def test_several_merges_are_read_in_their_order(scene: Scene) -> None:
    found = read(PID, f"MRG|P2^^^SX^MR~P3~{CCCD}^^^CCCD^NI", OTHER.replace("P2", "P4"), "MRG|P5^^^OLD^MR")

    assert [(merge.survivor, merge.prior, merge.position) for merge in found.merges] == [
        (("SX", "P1"), ("SX", "P2"), "MRG-1"),
        (("SX", "P1"), ("SX", "P3"), "MRG-1"),
        (("SX", "P4"), ("OLD", "P5"), "MRG(2)-1"),
    ]


def test_update_with_a_stray_mrg_merges_nothing(scene: Scene) -> None:
    assert read(PID, MRG, event="A08").merges == []


def test_merge_lets_the_prior_number_lead_to_the_surviving_record(scene: Scene) -> None:
    store(adt(PID), adt(OTHER, control_id="A2"))

    outcomes = store(adt(PID, MRG, event="A40", control_id="A3"), at=NOW + dt.timedelta(minutes=1))

    assert states(outcomes) == [("stored", "")]
    prior = PriorNumber.objects.get(local_id="P2")
    assert prior.record.local_id == "P1"
    links = PersonLink.objects.filter(superseded_at=None, record__local_id__in=["P1", "P2"])
    assert links.values("person").distinct().count() == 1


def test_merge_of_two_plainly_different_patients_is_held_with_a_case_to_review(scene: Scene) -> None:
    someone_else = PID.replace("P1^^^SX", "P9^^^SX").replace(CCCD, "").replace("19800517|F", "19990101|M")
    store(adt(PID), adt(someone_else, control_id="A2"))

    (outcome,) = store(
        adt(PID, MRG.replace("P2", "P9"), event="A40", control_id="A3"), at=NOW + dt.timedelta(minutes=1)
    )

    assert (outcome.state, outcome.reason) == ("held", "identity-conflict")
    assert not PriorNumber.objects.exists()
    assert HeldForReview.objects.get().inbox_id == outcome.inbox_id


def test_reading_leaves_no_value_of_the_patient_in_what_it_tells(scene: Scene) -> None:
    with pytest.raises(Unstorable) as caught:
        read(PID.replace("19800517", "bad"), "MRG|P1^^^SX^MR")

    told = " ".join(str(finding) for finding in caught.value.findings)
    assert not any(value in told for value in ("Nguyễn", CCCD, "bad"))
