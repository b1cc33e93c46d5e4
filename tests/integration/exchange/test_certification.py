"""The entrance test: the published cases, what a run says of them, the signed report, and that no patient is made."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from tests.integration.exchange.conftest import Scene

from lienthong.core.actions import system_user
from lienthong.core.secrets import public_key
from lienthong.errors import Conflict
from lienthong.exchange.certification import actions, signing
from lienthong.exchange.certification.cases import Filling, archive, cases, published, wire
from lienthong.exchange.certification.judging import CaseVerdict
from lienthong.exchange.certification.models import Certification
from lienthong.exchange.certification.self_test import self_test
from lienthong.exchange.processing import reading
from lienthong.exchange.processing.measured import Measured, measure
from lienthong.interop import hl7v2
from lienthong.interop.hl7v2 import Observation
from lienthong.results.models import HeldResult, InboxMessage, PatientRecord, Report, Result

FILLING = Filling("LIS", "30001", "LTCERT-7", "2345-7", dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC))
Change = Callable[[bytes], bytes | None]


def opened(scene: Scene) -> Certification:
    run = actions.open_certification("SX", by=system_user("operator"), at=timezone.now())
    return Certification.objects.select_related("source").get(pk=run)


def replay(scene: Scene, run: Certification, change: Change = lambda data: data) -> dict[str, CaseVerdict]:
    """Send each step as a sender's system does, changed by the way, and judge what arrived."""
    filling = actions.filling_of(run)
    sent = [change(published(filling, case, step)) for case in cases() for step in case.steps]
    scene.process(*[data for data in sent if data is not None])
    return judged(run)


def judged(run: Certification) -> dict[str, CaseVerdict]:
    return {one.case.key: one for one in actions.judge_certification(run, at=timezone.now())}


def failing(verdicts: dict[str, CaseVerdict]) -> dict[str, list[tuple[str, str, str, tuple[str, ...]]]]:
    return {
        key: [(step.step.id, step.state, step.reason, step.differs) for step in one.steps if step.verdict != "passed"]
        for key, one in verdicts.items()
        if one.verdict != "passed"
    }


def test_each_case_has_a_number_of_its_own_and_is_told_in_three_languages() -> None:
    numbers = [one.number for one in cases()]

    assert len(numbers) == len(set(numbers)) >= 20
    for case in cases():
        assert all(case.titles[one] and case.abouts[one] for one in ("en", "vi", "zh"))
        assert case.steps[0].template


@pytest.mark.parametrize("case", cases(), ids=lambda one: one.key)
def test_published_step_names_its_sender_run_and_training(case: object) -> None:
    for step in case.steps:  # type: ignore[attr-defined]
        header = hl7v2.header(published(FILLING, case, step))  # type: ignore[arg-type]
        assert header is not None
        assert (header.sending_application, header.sending_facility) == ("LIS", "30001")
        assert header.control_id.startswith("LTCERT-7-")
        assert header.processing_id == "T"


def test_archive_holds_what_goes_over_the_wire_in_order() -> None:
    with zipfile.ZipFile(io.BytesIO(archive(FILLING))) as book:
        names = book.namelist()
        first = book.read(names[0])

    assert names == sorted(names)
    assert len(names) == sum(len(wire(FILLING, case)) for case in cases())
    assert first.startswith(b"MSH|^~\\&|LIS|30001|")


@pytest.mark.django_db
def test_sender_that_replays_all_passes_and_no_patient_is_made(scene: Scene) -> None:
    run = opened(scene)

    verdicts = replay(scene, run)

    assert failing(verdicts) == {}
    assert {one.verdict for one in verdicts.values()} == {"passed"}
    assert [model.objects.count() for model in (PatientRecord, Report, Result, HeldResult)] == [0, 0, 0, 0]
    assert set(InboxMessage.objects.values_list("state", flat=True)) == {"training"}


@pytest.mark.django_db
def test_judging_twice_says_the_same_and_leaves_the_inbox_as_it_was(scene: Scene) -> None:
    run = opened(scene)
    first = replay(scene, run)
    before = list(InboxMessage.objects.order_by("id").values("id", "state", "reason", "attempts", "results_stored"))

    second = judged(run)

    assert {key: one.steps for key, one in first.items()} == {key: one.steps for key, one in second.items()}
    assert before == list(
        InboxMessage.objects.order_by("id").values("id", "state", "reason", "attempts", "results_stored")
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "case", "step", "differs"),
    [
        pytest.param(lambda data: data.replace("Thử".encode(), b"Thu"), "good", "A", "PID-5", id="marks lost"),
        pytest.param(lambda data: data.replace(b"|5.6|", b"|6|"), "good", "A", "OBX(1)-5", id="digits lost"),
        pytest.param(lambda data: data.replace(b"|C|", b"|F|"), "amended", "B", "OBX(1)-11", id="status lost"),
        pytest.param(
            lambda data: data.replace(b"|||||||Q", b"|||||||P"), "control", "A", "OBR(1) SPM-11", id="control lost"
        ),
    ],
)
def test_system_that_spoils_a_message_fails_with_the_place(
    scene: Scene, change: Change, case: str, step: str, differs: str
) -> None:
    run = opened(scene)

    verdicts = replay(scene, run, change)

    found = next(one for one in verdicts[case].steps if one.step.id == step)
    assert verdicts[case].verdict == found.verdict == "failed"
    assert differs in found.differs


@pytest.mark.django_db
def test_placeholder_of_which_a_number_is_kept_fails(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    run = opened(scene)

    def zero_for_stars(one: Observation, *more: Any) -> Measured:  # as a platform would that takes stars for zero
        return replace(measure(one, *more), value=Decimal(0)) if "*" in one.text else measure(one, *more)

    monkeypatch.setattr(reading, "measure", zero_for_stars)

    verdicts = replay(scene, run)

    [step] = verdicts["placeholder"].steps
    assert (step.verdict, step.numbers, step.differs) == ("failed", 1, ())
    assert verdicts["good"].verdict == "passed"


@pytest.mark.django_db
def test_sender_that_mends_nothing_has_those_steps_not_sent(scene: Scene) -> None:
    run = opened(scene)
    fixes = {published(actions.filling_of(run), case, step) for case in cases() for step in case.steps if step.is_fix}

    verdicts = replay(scene, run, lambda data: None if data in fixes else data)

    assert verdicts["good"].verdict == "passed"
    assert [(one.step.id, one.verdict) for one in verdicts["wrong-unit"].steps] == [("A", "passed"), ("B", "not-sent")]
    assert verdicts["wrong-unit"].verdict == "not-sent"  # nothing that came of it is wrong


@pytest.mark.django_db
def test_system_that_writes_its_own_control_ids_is_known_by_its_report_numbers(scene: Scene) -> None:
    run, count = opened(scene), iter(range(1000))

    def own(data: bytes) -> bytes:
        fields = data.split(data[3:4], 10)
        return data[3:4].join([*fields[:9], b"OWN%d" % next(count), *fields[10:]])

    verdicts = replay(scene, run, own)

    by_number = {key for key, one in verdicts.items() if one.verdict == "passed"}
    assert {"good", "amended", "wrong-unit", "wrong-patient", "cancelled"} <= by_number


@pytest.mark.django_db
def test_step_that_failed_once_passes_when_it_is_sent_again_rightly(scene: Scene) -> None:
    run = opened(scene)
    case = next(one for one in cases() if one.key == "good")
    right = published(actions.filling_of(run), case, case.steps[0])
    scene.process(right.replace(b"|5.6|", b"|6|"))
    first = judged(run)["good"].verdict

    scene.process(right)

    assert (first, judged(run)["good"].verdict) == ("failed", "passed")


@pytest.mark.django_db
def test_run_without_messages_is_not_sent(scene: Scene) -> None:
    assert {one.verdict for one in judged(opened(scene)).values()} == {"not-sent"}


@pytest.mark.django_db
def test_passed_run_is_signed_and_anyone_can_check_it(scene: Scene) -> None:
    run = opened(scene)
    replay(scene, run)

    has_passed = actions.close_certification(run.pk, by=system_user("operator"), at=timezone.now())

    run.refresh_from_db()
    checked = signing.check(run.signed, public_key=public_key())
    assert has_passed
    assert checked.is_genuine
    assert (checked.said["sub"], checked.said["edition"]) == ("SX", run.edition)
    assert len(checked.said["passed"]) == len(cases())  # type: ignore[arg-type]
    assert not signing.check(run.signed[:-6] + "AAAAAA").is_genuine


@pytest.mark.django_db
def test_run_that_has_not_passed_is_closed_without_a_signature(scene: Scene) -> None:
    run = opened(scene)

    has_passed = actions.close_certification(run.pk, by=system_user("operator"), at=timezone.now())

    run.refresh_from_db()
    assert (has_passed, run.has_passed, run.signed) == (False, False, "")
    with pytest.raises(Conflict):
        actions.close_certification(run.pk, by=system_user("operator"), at=timezone.now())


@pytest.mark.django_db
def test_second_run_of_a_sender_is_a_conflict(scene: Scene) -> None:
    opened(scene)

    with pytest.raises(Conflict):
        opened(scene)


@pytest.mark.django_db(transaction=True)
def test_platform_passes_its_own_test_over_mllp_and_signs_nothing(committed_scene: Scene) -> None:
    verdicts = {one.case.key: one for one in self_test("SX", by=system_user("operator"), clock=timezone.now)}

    # A listener that takes no batches answers one for all; the case says so.
    assert set(failing(verdicts)) <= {"batch"}
    assert Certification.objects.get().signed == ""
    assert not PatientRecord.objects.exists()
