from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.factories.core import UserFactory
from tests.factories.recognition import GrantFactory, longnan, procedure_in, prove, publish_level, score
from tests.factories.registry import AnalyteFactory, ComparabilityCheckFactory, FacilityFactory, ProcedureFactory, bind
from tests.integration.recognition.conftest import NOW, TODAY, ControlTable

from lienthong.core.models import AuditEvent, User
from lienthong.errors import NotAllowed
from lienthong.recognition import actions, reads
from lienthong.recognition.models import Grant
from lienthong.registry.models import Region

DAY = dt.timedelta(days=1)


def current(procedure_id: int) -> list[Grant]:
    return list(Grant.objects.known_at(None).filter(procedure_id=procedure_id).order_by("valid_from", "mark"))


def test_recompute_with_full_proof_grants_until_the_round_is_too_old(
    region: Region, worker: User, controls: ControlTable
) -> None:
    procedure = procedure_in(region)
    prove(procedure, on=dt.date(2026, 11, 1))

    outcome = actions.recompute_grants([procedure.pk], by=worker, at=NOW)

    (grant,) = current(procedure.pk)
    assert (outcome.granted, outcome.suspended, outcome.refused) == (1, 0, 0)
    assert (grant.item, grant.status, grant.mark, grant.scope) == ("GLU", "in_force", "LT-HD", ["VN-HD"])
    assert grant.valid_from == TODAY
    assert grant.valid_to == dt.date(2026, 11, 1) + 184 * DAY  # 183 days of the pack, and the day after them
    assert {rule["rule"] for rule in grant.rules} >= {"eqa_passes", "eqa_recent", "iqc_coverage", "level_or_iso15189"}
    assert all(rule["verdict"] == "yes" for rule in grant.rules)


def test_recompute_again_with_the_same_verdict_writes_nothing(
    region: Region, worker: User, controls: ControlTable
) -> None:
    procedure = procedure_in(region)
    prove(procedure, on=dt.date(2026, 11, 1))
    actions.recompute_grants([procedure.pk], by=worker, at=NOW)
    controls.covered[procedure.pk] = 29  # other days counted, the same verdict

    outcome = actions.recompute_grants([procedure.pk], by=worker, at=NOW + 3 * DAY)

    assert outcome.unchanged == 1
    assert Grant.objects.count() == 1
    assert AuditEvent.objects.filter(action="recompute-grants").count() == 1


@pytest.mark.parametrize(
    ("spoil", "rule", "verdict"),
    [
        pytest.param(lambda c, pk: c.covered.update({pk: 20}), "iqc_coverage", "no", id="too few days covered"),
        pytest.param(lambda c, pk: c.unknown.add(pk), "iqc_coverage", "unknown", id="no quality control known"),
        pytest.param(
            lambda c, pk: c.open_since.update({pk: TODAY - 4 * DAY}), "iqc_open", "no", id="a violation open too long"
        ),
    ],
)
def test_recompute_without_quality_control_refuses_and_says_why(
    region: Region, worker: User, controls: ControlTable, spoil: object, rule: str, verdict: str
) -> None:
    procedure = procedure_in(region)
    prove(procedure, on=dt.date(2026, 11, 1))
    spoil(controls, procedure.pk)  # type: ignore[operator]  # a row of the table above

    actions.recompute_grants([procedure.pk], by=worker, at=NOW)

    (grant,) = current(procedure.pk)
    assert (grant.status, grant.mark, grant.scope) == ("refused", "", [])
    assert {one["rule"]: one["verdict"] for one in grant.rules}[rule] == verdict


def test_recompute_after_a_failed_final_round_suspends_from_that_day_on(
    region: Region, worker: User, controls: ControlTable
) -> None:
    procedure = procedure_in(region)
    prove(procedure, on=dt.date(2026, 9, 1))
    actions.recompute_grants([procedure.pk], by=worker, at=NOW - 30 * DAY)
    score(procedure, final_on=TODAY, passed=False)

    outcome = actions.recompute_grants([procedure.pk], by=worker, at=NOW)

    ended, suspended = current(procedure.pk)
    assert outcome.suspended == 1
    assert (ended.status, ended.valid_from, ended.valid_to) == ("in_force", TODAY - 30 * DAY, TODAY)
    assert (suspended.status, suspended.valid_from, suspended.mark) == ("suspended", TODAY, "LT-HD")
    assert suspended.valid_to == dt.date(2026, 9, 1) + 184 * DAY  # the right would have ended then
    assert reads.recognised(procedure.pk, "GLU", TODAY - DAY).is_recognised
    assert not reads.recognised(procedure.pk, "GLU", TODAY).is_recognised


def test_recompute_when_the_proof_is_whole_again_resumes_from_that_day_on(
    region: Region, worker: User, controls: ControlTable
) -> None:
    procedure = procedure_in(region)
    prove(procedure, on=dt.date(2026, 11, 1))
    actions.recompute_grants([procedure.pk], by=worker, at=NOW)
    controls.covered[procedure.pk] = 1
    actions.recompute_grants([procedure.pk], by=worker, at=NOW + 2 * DAY)
    del controls.covered[procedure.pk]

    actions.recompute_grants([procedure.pk], by=worker, at=NOW + 5 * DAY)

    days = {day: reads.recognised(procedure.pk, "GLU", TODAY + day * DAY).is_recognised for day in range(7)}
    assert days == {0: True, 1: True, 2: False, 3: False, 4: False, 5: True, 6: True}


def test_right_whose_round_grew_old_is_refused_and_not_suspended(
    region: Region, worker: User, controls: ControlTable
) -> None:
    procedure = procedure_in(region)
    prove(procedure, on=dt.date(2026, 6, 1))
    actions.recompute_grants([procedure.pk], by=worker, at=NOW)

    actions.recompute_grants([procedure.pk], by=worker, at=NOW + 30 * DAY)

    held, refused = current(procedure.pk)
    assert (held.status, held.valid_to) == ("in_force", dt.date(2026, 6, 1) + 184 * DAY)
    assert (refused.status, refused.valid_from) == ("refused", TODAY + 30 * DAY)


def test_newer_round_renews_the_right_from_that_day_on(region: Region, worker: User, controls: ControlTable) -> None:
    procedure = procedure_in(region)
    prove(procedure, on=dt.date(2026, 9, 1))
    actions.recompute_grants([procedure.pk], by=worker, at=NOW - 10 * DAY)
    score(procedure, final_on=TODAY - DAY)

    actions.recompute_grants([procedure.pk], by=worker, at=NOW)

    old, new = current(procedure.pk)
    assert (old.valid_to, new.valid_from) == (TODAY, TODAY)
    assert new.valid_to == TODAY - DAY + 184 * DAY
    assert old.evidence != new.evidence


def test_proof_extends_to_a_compared_system_but_not_to_another(
    region: Region, worker: User, controls: ControlTable
) -> None:
    enrolled = procedure_in(region)
    compared, other = (
        ProcedureFactory(laboratory=enrolled.laboratory, analyte=enrolled.analyte, method=method)
        for method in ("hexokinase", "glucose oxidase")
    )
    ComparabilityCheckFactory(enrolled=enrolled, extended=compared)
    ComparabilityCheckFactory(enrolled=enrolled, extended=other, passed=False)
    prove(enrolled, on=dt.date(2026, 11, 1))

    actions.recompute_grants([enrolled.pk, compared.pk, other.pk], by=worker, at=NOW)

    statuses = [current(pk)[0].status for pk in (enrolled.pk, compared.pk, other.pk)]
    assert statuses == ["in_force", "in_force", "refused"]


def test_iso15189_scope_takes_the_place_of_a_level(region: Region, worker: User, controls: ControlTable) -> None:
    from lienthong.assessment.models import AccreditedScope

    procedure = procedure_in(region)
    score(procedure, final_on=dt.date(2026, 11, 1))
    AccreditedScope.objects.create(
        laboratory=procedure.laboratory,
        analyte=procedure.analyte,
        body="BoA",
        certificate="VILAS Med 1",
        valid_from=dt.date(2026, 1, 1),
        valid_to=dt.date(2027, 1, 1),
        recorded_at=NOW,
    )

    actions.recompute_grants([procedure.pk], by=worker, at=NOW)

    (grant,) = current(procedure.pk)
    assert (grant.status, grant.valid_to) == ("in_force", dt.date(2027, 1, 1))


def test_longnan_asks_for_three_years_running_and_gives_its_own_mark(
    db: None, worker: User, controls: ControlTable
) -> None:
    region = longnan()
    three_years, two_years = procedure_in(region), procedure_in(region)
    city = {"reach": "city", "organiser": "Longnan"}
    for procedure, years in ((three_years, (2024, 2025)), (two_years, (2025,))):
        for year in years:
            score(procedure, final_on=dt.date(year, 10, 1), **city)
        score(procedure, final_on=dt.date(2026, 10, 1), **city)
        controls.cv_percent[procedure.pk] = 0.1

    actions.recompute_grants([three_years.pk, two_years.pk], by=worker, at=NOW)

    (granted,), (refused,) = current(three_years.pk), current(two_years.pk)
    assert (granted.status, granted.mark, granted.scope) == ("in_force", "龙南市HR", ["CN-360783"])
    assert granted.jurisdiction == "cn"
    assert refused.status == "refused"
    assert {one["rule"]: one["verdict"] for one in refused.rules}["eqa_consecutive_years"] == "unknown"


def test_longnan_gives_the_nations_mark_for_a_national_round(db: None, worker: User, controls: ControlTable) -> None:
    procedure = procedure_in(longnan())
    score(procedure, final_on=dt.date(2026, 10, 1), reach="nation", organiser="NCCL")
    controls.cv_percent[procedure.pk] = 0.1

    actions.recompute_grants([procedure.pk], by=worker, at=NOW)

    (grant,) = current(procedure.pk)
    assert (grant.mark, grant.scope) == ("全国HR", ["CN"])


def test_item_that_left_the_list_is_judged_while_a_right_stands(
    region: Region, worker: User, controls: ControlTable
) -> None:
    procedure = procedure_in(region)
    prove(procedure, on=dt.date(2026, 11, 1))
    GrantFactory(procedure=procedure, item="GONE")

    actions.recompute_grants([procedure.pk], by=worker, at=NOW)

    by_item = {row.item: row.status for row in Grant.objects.held(TODAY)}
    assert by_item == {"GLU": "in_force", "GONE": "suspended"}


def test_recompute_for_an_earlier_day_leaves_what_was_judged_later(
    region: Region, worker: User, controls: ControlTable
) -> None:
    procedure = procedure_in(region)
    prove(procedure, on=dt.date(2026, 11, 1))
    actions.recompute_grants([procedure.pk], by=worker, at=NOW)
    controls.unknown.add(procedure.pk)

    outcome = actions.recompute_grants([procedure.pk], by=worker, at=NOW - DAY)

    assert outcome.judged_later == 1
    assert [row.status for row in current(procedure.pk)] == ["in_force"]


def test_recompute_by_an_officer_of_another_region_is_refused(region: Region, controls: ControlTable) -> None:
    procedure, stranger = procedure_in(region), UserFactory()
    bind(stranger, "officer", FacilityFactory())

    with pytest.raises(NotAllowed):
        actions.recompute_grants([procedure.pk], by=stranger, at=NOW)


def test_recompute_takes_as_many_queries_for_many_procedures_as_for_few(
    region: Region, worker: User, controls: ControlTable
) -> None:
    analytes = [AnalyteFactory(key=key) for key in ("GLU", "UREA", "CREA", "TC")]
    few = [ProcedureFactory(laboratory__facility__region=region, analyte=one) for one in analytes]
    many = [
        ProcedureFactory(laboratory__facility__region=region, analyte=one) for one in analytes for _again in range(5)
    ]
    for procedure in (*few, *many):
        score(procedure, final_on=dt.date(2026, 11, 1))
        publish_level(procedure.laboratory.facility)

    with CaptureQueriesContext(
        connection,
    ) as for_few:
        actions.recompute_grants([one.pk for one in few], by=worker, at=NOW)
    with CaptureQueriesContext(connection) as for_many:
        actions.recompute_grants([one.pk for one in many], by=worker, at=NOW)

    assert len(for_many) == len(for_few)
    assert Grant.objects.in_force().count() == len(few) + len(many)
