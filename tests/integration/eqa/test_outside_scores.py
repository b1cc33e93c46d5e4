"""Scores of outside providers by file and by certificate, and the evidence that recognition reads."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from tests.factories.core import UserFactory
from tests.factories.eqa import CertificateFactory, OutsideSchemeFactory
from tests.factories.registry import FacilityFactory, LaboratoryFactory, ProcedureFactory, bind
from tests.integration.eqa.conftest import AFTER, FINAL, NOW, Scene

from lienthong.core.models import Happening, User
from lienthong.eqa import actions, reads
from lienthong.eqa.models import Certificate, ProcedureScore, Round
from lienthong.errors import BadInput, Conflict, NotAllowed
from lienthong.registry.models import Procedure

HEADER = "provider,scheme,round,laboratory,procedure,analyte,percent,z,passed,finished_on"
UNTIL = dt.date(2026, 11, 30)


@pytest.fixture
def procedure(scene: Scene) -> Procedure:
    """A measuring system in the region, beside an outside scheme RIQAS of the nation."""
    OutsideSchemeFactory(code="RIQAS", organiser="Randox", regions=[scene.nation])
    laboratory = LaboratoryFactory(code="LAB1", facility=FacilityFactory(region=scene.region))
    return ProcedureFactory(code="LAB1-PHOS", laboratory=laboratory, analyte=scene.analyte)


def bring(scene: Scene, *rows: str, at: dt.datetime = NOW) -> actions.ImportOutcome:
    data = "\n".join([HEADER, *rows]).encode()
    return actions.import_scores(data, "s.csv", by=scene.officer, at=at)


GOOD = "Randox,RIQAS,C12,LAB1,LAB1-PHOS,,95,1.2,yes,2026-09-30"


def test_file_of_scores_is_stored_once_and_recognition_is_told(scene: Scene, procedure: Procedure) -> None:
    first, again = bring(scene, GOOD), bring(scene, GOOD)

    assert (first.stored, again.stored, again.unchanged) == (1, 0, 1)
    score = ProcedureScore.objects.get()
    assert (score.percent, score.worst_z, score.passed, score.source) == (95.0, 1.2, True, "file")
    assert list(Happening.objects.values_list("kind", "key")) == [("eqa-final", str(score.round_id))]


def test_changed_score_supersedes_and_stays_readable(scene: Scene, procedure: Procedure) -> None:
    bring(scene, GOOD)

    outcome = bring(scene, GOOD.replace(",yes,", ",no,"), at=AFTER)

    assert outcome.changed == 1
    before = reads.evidence([procedure.pk], until=UNTIL, known_at=NOW)[procedure.pk]
    after = reads.evidence([procedure.pk], until=UNTIL)[procedure.pk]
    assert ([one.passed for one in before], [one.passed for one in after]) == ([True], [False])


def test_analyte_finds_the_only_procedure_and_never_guesses_between_two(scene: Scene, procedure: Procedure) -> None:
    by_analyte = GOOD.replace("LAB1-PHOS,,", ",PHOS,")

    alone = bring(scene, by_analyte)
    ProcedureFactory(laboratory=procedure.laboratory, analyte=scene.analyte)
    between_two = bring(scene, by_analyte)

    assert alone.stored == 1
    assert [finding.code for finding in between_two.findings] == ["several-procedures"]


@pytest.mark.parametrize(
    ("found", "put", "place", "code"),
    [
        ("RIQAS,C12", "NONE,C12", "B2", "unknown-scheme"),
        ("Randox", "Another", "A2", "other-provider"),
        ("LAB1,LAB1-PHOS", "LABX,LAB1-PHOS", "D2", "unknown-laboratory"),
        ("LAB1,LAB1-PHOS", "LAB1,LAB1-XX", "E2", "unknown-procedure"),
        (",95,", ",130,", "G2", "too-large"),
        (",yes,", ",maybe,", "I2", "not-yes-or-no"),
        ("2026-09-30", "2027-09-30", "J2", "in-the-future"),
    ],
)
def test_fault_of_a_score_is_found_in_its_cell(
    scene: Scene, procedure: Procedure, found: str, put: str, place: str, code: str
) -> None:
    outcome = bring(scene, GOOD.replace(found, put))

    assert [(finding.where, finding.code) for finding in outcome.findings] == [(f"s.csv!{place}", code)]
    assert not ProcedureScore.objects.exists()


def test_round_has_one_day_and_a_procedure_one_row(scene: Scene, procedure: Procedure) -> None:
    twice = bring(scene, GOOD, GOOD)
    bring(scene, GOOD)
    other_day = bring(scene, GOOD.replace("2026-09-30", "2026-09-29"))

    assert [finding.code for finding in twice.findings] == ["duplicate-row"]
    assert [finding.code for finding in other_day.findings] == ["other-day"]


def test_laboratory_outside_the_officer_s_region_is_not_found(scene: Scene, procedure: Procedure) -> None:
    far = ProcedureFactory(code="FAR-PHOS", laboratory=LaboratoryFactory(code="FAR"), analyte=scene.analyte)

    outcome = bring(scene, GOOD.replace("LAB1,LAB1-PHOS", f"FAR,{far.code}"))

    assert [finding.code for finding in outcome.findings] == ["unknown-laboratory"]


# Certificates


def hand_in(scene: Scene, procedure: Procedure, by: User, **changes: object) -> int:
    fields: dict[str, object] = {
        "laboratory_id": procedure.laboratory_id,
        "scheme_code": "RIQAS",
        "round_code": "C12",
        "finished_on": dt.date(2026, 9, 30),
        "number": "R-1",
        "lines": [actions.Line(procedure.pk, passed=True, percent=100.0)],
        "document": b"%PDF-1.7",
        "document_name": "c.pdf",
        **changes,
    }
    return actions.hand_in_certificate(**fields, by=by, at=NOW)  # type: ignore[arg-type]  # changed by name


@pytest.fixture
def manager(scene: Scene, procedure: Procedure) -> User:
    """The manager of the laboratory, who is an officer of the region as well."""
    user = scene.user("manager", procedure.laboratory)
    bind(user, "officer", scene.region)
    return user


def test_certificate_counts_once_a_second_person_accepts_it(scene: Scene, procedure: Procedure, manager: User) -> None:
    certificate = hand_in(scene, procedure, manager)
    assert reads.evidence([procedure.pk], until=UNTIL) == {procedure.pk: ()}

    actions.check_certificate(certificate, accept=True, by=scene.officer, at=AFTER)

    (found,) = reads.evidence([procedure.pk], until=UNTIL)[procedure.pk]
    assert (found.passed, found.is_final, found.organiser, found.organiser_level) == (True, True, "Randox", "nation")
    assert (found.finished_on, found.organiser_regions) == (dt.date(2026, 9, 30), ("VN",))
    assert Happening.objects.get().kind == "eqa-final"
    assert reads.evidence([procedure.pk], until=UNTIL, known_at=NOW)[procedure.pk] == ()


def test_one_who_handed_in_may_not_check(scene: Scene, procedure: Procedure, manager: User) -> None:
    certificate = hand_in(scene, procedure, manager)

    with pytest.raises(NotAllowed, match="second person"):
        actions.check_certificate(certificate, accept=True, by=manager, at=AFTER)


def test_database_refuses_one_person_for_both_parts(db: None) -> None:
    user = UserFactory()
    with pytest.raises(IntegrityError, match="eqa_certificate_second_person"), transaction.atomic():
        CertificateFactory(handed_in_by=user, checked_by=user, checked_at=AFTER, status="accepted")


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"status": "accepted"}, "eqa_certificate_checked_by"),
        ({"status": "refused", "checked_at": AFTER, "reason": ""}, "eqa_certificate_refusal_reason"),
    ],
)
def test_database_refuses_a_half_checked_certificate(db: None, fields: dict[str, object], constraint: str) -> None:
    checked_by = UserFactory() if "checked_at" in fields else None
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        CertificateFactory(checked_by=checked_by, **fields)


def test_refusal_needs_a_reason_and_gives_no_score(scene: Scene, procedure: Procedure, manager: User) -> None:
    certificate = hand_in(scene, procedure, manager)

    with pytest.raises(BadInput, match="why"):
        actions.check_certificate(certificate, accept=False, by=scene.officer, at=AFTER)
    actions.check_certificate(certificate, accept=False, reason="another laboratory", by=scene.officer, at=AFTER)

    assert not ProcedureScore.objects.exists()
    with pytest.raises(Conflict, match="was checked already"):
        actions.check_certificate(certificate, accept=True, by=scene.officer, at=AFTER)
    assert hand_in(scene, procedure, manager) != certificate


def test_same_certificate_again_is_the_same_and_another_document_a_clash(
    scene: Scene, procedure: Procedure, manager: User
) -> None:
    first = hand_in(scene, procedure, manager)

    assert hand_in(scene, procedure, manager) == first
    with pytest.raises(Conflict, match="another document"):
        hand_in(scene, procedure, manager, document=b"%PDF-1.7 other")
    assert Certificate.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"scheme_code": "NONE"}, "unknown-scheme"),
        ({"document": b"<html>"}, "bad-document"),
        ({"document": b"%PDF-" + b"x" * (5 * 1024 * 1024)}, "bad-document"),
        ({"finished_on": dt.date(2027, 1, 1)}, "in-the-future"),
        ({"lines": []}, "empty"),
        ({"lines": [actions.Line(0, passed=True)]}, "wrong-laboratory"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_faulty_certificate_is_refused_with_the_reason(
    scene: Scene, procedure: Procedure, manager: User, changes: dict[str, object], code: str
) -> None:
    with pytest.raises(BadInput) as raised:
        hand_in(scene, procedure, manager, **changes)

    assert code in {finding.code for finding in raised.value.findings}


def test_technician_may_not_hand_in(scene: Scene, procedure: Procedure) -> None:
    with pytest.raises(NotAllowed):
        hand_in(scene, procedure, scene.user("technician", procedure.laboratory))


def test_officer_of_another_region_may_not_check(scene: Scene, procedure: Procedure, manager: User) -> None:
    certificate = hand_in(scene, procedure, manager)
    stranger = scene.user("officer", FacilityFactory().region)

    with pytest.raises(NotAllowed):
        actions.check_certificate(certificate, accept=True, by=stranger, at=AFTER)


# Evidence of rounds that are scored here


@pytest.fixture
def scored(scene: Scene) -> Scene:
    scene.open_round()
    scene.take_part(7)
    scene.return_results(*((place, "A", 1.3 + place / 100) for place in range(6)))
    scene.score()
    return scene


def evidence(scene: Scene, place: int, **known: dt.datetime) -> list[tuple[bool | None, bool, dt.date]]:
    pk = scene.procedures[place].pk
    found = reads.evidence([pk], until=UNTIL, **known)[pk]
    return [(one.passed, one.is_final, one.finished_on) for one in found]


def test_interim_score_is_evidence_that_is_not_final(scored: Scene) -> None:
    assert evidence(scored, 0) == [(True, False, dt.date(2026, 10, 20))]
    assert not Happening.objects.exists()


def test_final_report_makes_the_evidence_final_from_then_on(scored: Scene) -> None:
    actions.publish_final(scored.round_id, by=scored.officer, at=FINAL)

    assert evidence(scored, 0) == [(True, True, dt.date(2026, 10, 30))]
    assert evidence(scored, 0, known_at=AFTER) == [(True, False, dt.date(2026, 10, 20))]
    assert list(Happening.objects.values_list("kind", "key")) == [("eqa-final", str(scored.round_id))]


def test_missing_result_is_evidence_of_a_fail(scored: Scene) -> None:
    actions.publish_final(scored.round_id, by=scored.officer, at=FINAL)

    assert evidence(scored, 6) == [(False, True, dt.date(2026, 10, 30))]


def test_closed_round_without_scores_is_there_and_says_nothing(scene: Scene) -> None:
    scene.open_round()
    scene.take_part(1)
    assert evidence(scene, 0) == []

    actions.close_round(scene.round_id, by=scene.officer, at=AFTER)

    assert evidence(scene, 0) == [(None, False, dt.date(2026, 10, 20))]


def test_evidence_of_many_procedures_takes_a_fixed_number_of_queries(
    scored: Scene, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(5):  # type: ignore[operator]  # pytest-django's fixture
        found = reads.evidence([procedure.pk for procedure in scored.procedures], until=UNTIL)

    assert [len(rounds) for rounds in found.values()] == [1] * 7


def test_round_summary_counts_what_was_owed_and_how_it_went(scored: Scene) -> None:
    (summary,) = reads.round_summary([scored.round_id])

    assert (summary.participants, summary.systems, summary.results, summary.results_owed) == (7, 7, 6, 7)
    assert (summary.passed, summary.failed, summary.not_evaluated, summary.status) == (6, 1, 0, "interim")


def test_final_round_can_not_be_scored_again(scored: Scene) -> None:
    actions.publish_final(scored.round_id, by=scored.officer, at=FINAL)

    with pytest.raises(Conflict):
        actions.score_round(scored.round_id, by=scored.officer, at=FINAL)
    assert Round.objects.get().status == "final"
