from __future__ import annotations

import datetime as dt
import math

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.factories.core import UserFactory
from tests.factories.recognition import GrantFactory, longnan, publish_level
from tests.factories.registry import (
    AnalyteFactory,
    FacilityClassFactory,
    FacilityFactory,
    LaboratoryFactory,
    ProcedureFactory,
    bind,
)
from tests.integration.recognition.conftest import NOW, ControlTable, Ward, check, marked

from lienthong.core.models import AuditEvent, User
from lienthong.errors import Conflict, NotAllowed
from lienthong.iqc import reads as iqc
from lienthong.policy import Gate, Verdict
from lienthong.recognition import actions, reads
from lienthong.recognition.models import OrderLine
from lienthong.registry.models import Region

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


def verdicts(line: reads.LineFacts) -> dict[str, str]:
    assert line.chosen is not None
    return {rule.rule: rule.verdict.value for rule in line.chosen.rules}


def test_fresh_marked_result_of_another_hospital_stands_until_its_window_closes(
    region: Region, ward: Ward, clinician: User, controls: ControlTable
) -> None:
    collected = NOW - 5 * HOUR
    stored = ward.result(marked(region), collected=collected)

    facts = check(ward, clinician)

    (line,) = facts.lines
    assert (line.outcome, line.result_id, line.result_version) == ("stands", stored.pk, 1)
    assert line.valid_until == collected + 24 * HOUR
    assert line.chosen is not None
    assert line.chosen.gates == {Gate.MARK: Verdict.YES, Gate.WINDOW: Verdict.YES, Gate.EXCEPTION: Verdict.YES}
    assert [mark.mark for mark in line.chosen.marks] == ["LT-HD"]
    assert facts.interrupt
    assert facts.standing == (line,)


@pytest.mark.parametrize(
    ("spoil", "outcome", "rule", "verdict"),
    [
        pytest.param({"collected": NOW - 25 * HOUR}, "for_reference", "window_open", "no", id="window closed"),
        pytest.param(
            {"collected": None, "measured_at": NOW - HOUR},
            "for_reference",
            "collection_time",
            "unknown",
            id="no collection time",
        ),
        pytest.param(
            {"collected": None, "released_at": NOW - HOUR},
            "for_reference",
            "iqc_state",
            "unknown",
            id="release time only",
        ),
        pytest.param({"status": "preliminary"}, "for_reference", "result_status", "unknown", id="preliminary"),
        pytest.param({"procedure_id": None}, "does_not_stand", "mark_reaches_receiver", "no", id="no system known"),
    ],
)
def test_result_that_fails_a_rule_does_not_stand_and_the_rule_says_why(
    region: Region,
    ward: Ward,
    clinician: User,
    controls: ControlTable,
    spoil: dict[str, object],
    outcome: str,
    rule: str,
    verdict: str,
) -> None:
    procedure = marked(region)
    LaboratoryFactory(facility=procedure.laboratory.facility)  # two laboratories: which one measured is not known
    ward.result(procedure, **({"collected": NOW - 5 * HOUR} | spoil))  # type: ignore[arg-type]  # the table above

    (line,) = check(ward, clinician).lines

    assert (line.outcome.value, verdicts(line)[rule]) == (outcome, verdict)


def test_withdrawn_result_is_listed_and_never_offered(
    region: Region, ward: Ward, clinician: User, controls: ControlTable
) -> None:
    ward.result(marked(region), collected=NOW - 5 * HOUR, status="withdrawn")

    (line,) = check(ward, clinician).lines

    assert (line.outcome.value, line.result_id, len(line.candidates)) == ("does_not_stand", None, 1)


def test_quality_control_out_of_control_or_a_held_bracket_stops_the_result(
    region: Region, ward: Ward, clinician: User, controls: ControlTable
) -> None:
    out, held, fine = (marked(region, analyte) for analyte in ("GLU", "UREA", "CREA"))
    for procedure in (out, held, fine):
        ward.result(procedure, collected=NOW - 5 * HOUR)
    controls.out_of_control.add(out.pk)
    measured = NOW - 4 * HOUR
    controls.held += [
        iqc.Bracket(held.pk, 1, "1_3s", measured - HOUR, measured),
        iqc.Bracket(fine.pk, 2, "1_3s", measured, None),  # it starts with the run that was still accepted
    ]

    lines = {line.item: line for line in check(ward, clinician, ("GLU", "UREA", "CREA")).lines}

    assert verdicts(lines["GLU"])["iqc_state"] == "no"
    assert verdicts(lines["UREA"])["iqc_bracket"] == "no"
    assert [lines[item].outcome.value for item in ("GLU", "UREA", "CREA")] == [
        "does_not_stand",
        "does_not_stand",
        "stands",
    ]


def test_result_without_an_analyser_takes_the_worst_of_the_laboratorys_systems(
    region: Region, ward: Ward, clinician: User, controls: ControlTable
) -> None:
    first = marked(region)
    second = ProcedureFactory(laboratory=first.laboratory, analyte=first.analyte, method="hexokinase")
    GrantFactory(procedure=second)
    ward.result(first, collected=NOW - 5 * HOUR, procedure_id=None)
    before = check(ward, clinician).lines[0].outcome

    controls.out_of_control.add(second.pk)
    after = check(ward, clinician).lines[0]

    assert (before.value, after.outcome.value) == ("stands", "does_not_stand")
    assert verdicts(after)["iqc_state"] == "no"


def test_suspension_leaves_earlier_results_and_revocation_does_not(
    region: Region, ward: Ward, clinician: User, worker: User, controls: ControlTable
) -> None:
    procedure = marked(region)
    ward.result(procedure, collected=NOW - 20 * HOUR)
    actions.recompute_grants([procedure.pk], by=worker, at=NOW)  # there is no EQA behind the right
    suspended = check(ward, clinician).lines[0]
    right = reads.recognised(procedure.pk, "GLU", dt.date(2026, 11, 22)).rights[0]
    assert right.status == "suspended"

    actions.revoke_grant(grant_id=right.grant_id, since=dt.date(2026, 11, 1), reason="copied scores", by=worker, at=NOW)

    assert suspended.outcome.value == "stands"
    assert check(ward, clinician).lines[0].outcome.value == "does_not_stand"


def test_results_of_all_records_of_the_person_count(
    region: Region, ward: Ward, clinician: User, controls: ControlTable
) -> None:
    procedure = marked(region)
    stored = ward.result(procedure, collected=NOW - HOUR, record=ward.record_at(procedure.laboratory.facility))

    assert check(ward, clinician).lines[0].result_id == stored.pk


def test_emergency_asks_nothing_and_nothing_stands(
    region: Region, ward: Ward, clinician: User, controls: ControlTable
) -> None:
    ward.result(marked(region), collected=NOW - HOUR)

    facts = check(ward, clinician, encounter_class="emergency")

    assert (facts.interrupt, facts.lines[0].outcome.value) == (False, "for_reference")


def test_unknown_encounter_is_never_read_as_no_exception(
    region: Region, ward: Ward, clinician: User, controls: ControlTable
) -> None:
    ward.result(marked(region), collected=NOW - HOUR)

    facts = check(ward, clinician, encounter_class=None, purposes=None)

    assert facts.lines[0].outcome.value == "for_reference"
    assert [rule.rule for rule in facts.lines[0].chosen.unsettled] == ["no_emergency"]  # type: ignore[union-attr]
    assert (facts.encounter_class, facts.purposes) == (None, None)


def test_longnan_leaves_the_age_to_the_clinician_and_lets_level_two_recognise_one_another(
    db: None, controls: ControlTable, ward: Ward
) -> None:
    region = longnan()
    receiver, two, one = (FacilityFactory(region=region) for _each in range(3))
    for facility, grade in ((receiver, "2"), (two, "2"), (one, "1")):
        FacilityClassFactory(facility=facility, scheme="cn-hospital-level", grade=grade)
    for facility, analyte in ((two, "GLU"), (one, "UREA")):
        procedure = ProcedureFactory(laboratory__facility=facility, analyte=AnalyteFactory(key=analyte))
        GrantFactory(procedure=procedure, item=analyte, mark="龙南市HR", scope=["CN-360783"], jurisdiction="cn")
        ward.result(procedure, collected=NOW - 40 * DAY)
    user = UserFactory()
    bind(user, "clinician", receiver)

    facts = check(ward, user, ("GLU", "UREA"), facility_id=receiver.pk)

    equal, lower = facts.lines
    assert (equal.outcome.value, equal.valid_until) == ("stands", None)
    assert equal.chosen is not None
    assert equal.chosen.clinician_judges
    assert (lower.outcome.value, verdicts(lower)["level_direction"]) == ("does_not_stand", "no")


def test_mark_of_hai_duong_does_not_reach_longnan(
    region: Region, ward: Ward, controls: ControlTable, worker: User
) -> None:
    receiver = FacilityFactory(region=longnan())
    ward.result(marked(region), collected=NOW - HOUR)

    (line,) = check(ward, worker, facility_id=receiver.pk).lines

    assert verdicts(line)["mark_reaches_receiver"] == "no"


def test_difference_says_what_measurement_and_biology_explain(
    region: Region, ward: Ward, clinician: User, controls: ControlTable
) -> None:
    first, second = marked(region), marked(region)
    first.analyte.cv_within = 5.0
    first.analyte.save()
    ward.result(first, collected=NOW - 10 * HOUR, value="5.0")
    newer = ward.result(second, collected=NOW - 2 * HOUR, value="6.0")
    controls.cv_percent |= {first.pk: 2.0, second.pk: 3.0}

    (line,) = check(ward, clinician).lines

    assert line.result_id == newer.pk
    found = line.chosen.difference  # type: ignore[union-attr]  # a result stands
    assert found is not None
    assert found.difference == pytest.approx(1.0)
    # 1.96 √(0.10² + 0.18²), and 5.0 × 1.96 √(2² + 3² + 2·5²) %
    assert found.measurement_explains == pytest.approx(1.96 * math.sqrt(0.0424), rel=1e-12)
    assert found.reference_change_value == pytest.approx(5.0 * 1.96 * math.sqrt(63) / 100, rel=1e-12)
    assert [one.difference for one in line.candidates[1:]] == [None]


@pytest.mark.parametrize(
    ("older", "cvs", "expected"),
    [
        pytest.param({"comparator": "<"}, True, None, id="no plain number"),
        pytest.param({}, False, (1.0, None, None), id="imprecision not known"),
    ],
)
def test_difference_that_cannot_be_computed_is_left_out(
    region: Region,
    ward: Ward,
    clinician: User,
    controls: ControlTable,
    older: dict[str, object],
    cvs: bool,
    expected: tuple[float, None, None] | None,
) -> None:
    procedure = marked(region)
    ward.result(procedure, collected=NOW - 10 * HOUR, value="5.0", **older)  # type: ignore[arg-type]  # columns
    ward.result(procedure, collected=NOW - 2 * HOUR, value="6.0")
    controls.cv_percent |= {procedure.pk: 2.0} if cvs else {}

    found = check(ward, clinician).lines[0].chosen.difference  # type: ignore[union-attr]  # a result stands

    numbers = (found.difference, found.measurement_explains, found.reference_change_value) if found else None
    assert numbers == expected


def test_order_checked_again_is_decided_anew_until_it_is_signed(
    region: Region, ward: Ward, clinician: User, controls: ControlTable
) -> None:
    first = check(ward, clinician)
    stored = ward.result(marked(region), collected=NOW - HOUR)

    again = check(ward, clinician, ("GLU", "UREA"), at=NOW + HOUR)
    actions.sign_order(check_id=again.id, choices={"GLU": actions.Choice("reuse")}, by=clinician, at=NOW + 2 * HOUR)
    signed = check(ward, clinician, ("UREA",), at=NOW + 3 * HOUR)

    assert first.id == again.id == signed.id
    assert [line.outcome.value for line in first.lines] == ["no_earlier_result"]
    assert [(line.item, line.result_id) for line in again.lines] == [("GLU", stored.pk), ("UREA", None)]
    assert [line.choice for line in signed.lines] == ["reuse", "order"]
    assert signed.at == NOW + HOUR


def test_same_number_for_another_patient_is_a_conflict(ward: Ward, clinician: User, controls: ControlTable) -> None:
    check(ward, clinician)
    other = ward.record_at(ward.record.facility)

    with pytest.raises(Conflict):
        check(ward, clinician, patient_record_id=other.pk)


def test_check_is_kept_in_the_audit_log_as_a_read_of_the_record(
    ward: Ward, clinician: User, controls: ControlTable
) -> None:
    facts = check(ward, clinician)

    event = AuditEvent.objects.get(action="read")
    assert (event.patient_record_id, event.relation, event.object_key) == (ward.record.pk, "order", str(facts.id))


def test_clinician_of_another_facility_may_not_check(ward: Ward, controls: ControlTable) -> None:
    stranger = UserFactory()
    bind(stranger, "clinician", FacilityFactory())

    with pytest.raises(NotAllowed):
        check(ward, stranger)


def test_check_over_cds_hooks_names_one_card_and_its_suggestions(
    region: Region, ward: Ward, worker: User, controls: ControlTable
) -> None:
    ward.result(marked(region), collected=NOW - HOUR)
    publish_level(ward.record.facility, 2)

    first = check(ward, worker, ("GLU", "UREA"), channel="cds_hooks", draft_ids={"GLU": "draft-1"}, user_label="Dr A")
    again = check(ward, worker, ("GLU", "UREA"), channel="cds_hooks", draft_ids={"GLU": "draft-1"}, user_label="Dr A")

    assert first.card_uuid == again.card_uuid != ""
    assert {line.card_uuid for line in first.lines} == {first.card_uuid}
    assert [line.draft_id for line in first.lines] == ["draft-1", ""]
    assert len({line.suggestion_uuid for line in first.lines}) == 2
    assert first.user_label == "Dr A"


def test_check_takes_as_many_queries_for_many_items_as_for_few(
    region: Region, ward: Ward, clinician: User, controls: ControlTable
) -> None:
    items = ("GLU", "UREA", "CREA", "TC", "TG", "HDL")
    for item in items:
        ward.result(marked(region, item), collected=NOW - 5 * HOUR)

    with CaptureQueriesContext(connection) as few:
        check(ward, clinician, items[:2], number="few")
    with CaptureQueriesContext(connection) as many:
        check(ward, clinician, items, number="many")

    assert len(many) == len(few)
    assert OrderLine.objects.filter(outcome="stands").count() == 8
