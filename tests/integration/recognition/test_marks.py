from __future__ import annotations

import datetime as dt

import pytest
from tests.factories.recognition import GrantFactory, hai_duong, longnan, procedure_in
from tests.factories.registry import ProcedureFactory

from lienthong.recognition import reads

STARTED = dt.date(2026, 10, 1)
LEARNED = dt.datetime(2026, 10, 1, 2, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def test_marks_at_gives_the_marks_of_each_day_with_one_query(db: None, django_assert_num_queries: object) -> None:
    procedure = ProcedureFactory()
    grant = GrantFactory(procedure=procedure, valid_to=STARTED + 10 * DAY)
    nation = GrantFactory(procedure=procedure, mark="全国HR", scope=["CN"], valid_from=STARTED + 5 * DAY)
    triples = [(procedure.pk, procedure.analyte_id, STARTED + day * DAY) for day in (-1, 0, 5, 9, 10)]

    with django_assert_num_queries(1):  # type: ignore[operator]  # pytest-django's fixture
        marks = reads.marks_at(triples)

    assert {(on - STARTED).days: [one["mark"] for one in found] for (_p, _a, on), found in marks.items()} == {
        -1: [],
        0: ["LT-HD"],
        5: ["LT-HD", "全国HR"],
        9: ["LT-HD", "全国HR"],
        10: ["全国HR"],
    }
    assert marks[triples[1]] == [{"grant_id": grant.pk, "item": "GLU", "mark": "LT-HD", "scope": ["VN-HD"]}]
    assert marks[triples[4]][0]["grant_id"] == nation.pk


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param({"status": "suspended"}, id="suspended"),
        pytest.param({"status": "revoked", "reason": "copied"}, id="revoked"),
        pytest.param({"superseded_at": LEARNED + DAY}, id="known no longer"),
    ],
)
def test_marks_at_leaves_out_what_is_not_in_force(db: None, columns: dict[str, object]) -> None:
    grant = GrantFactory(**columns)
    triple = (grant.procedure_id, grant.procedure.analyte_id, STARTED)

    assert reads.marks_at([triple]) == {triple: []}


def test_marks_at_for_another_analyte_than_the_systems_gives_none(db: None) -> None:
    grant = GrantFactory()
    triple = (grant.procedure_id, grant.procedure.analyte_id + 1, STARTED)

    assert reads.marks_at([triple]) == {triple: []}


def test_marks_at_of_nothing_asks_nothing(db: None) -> None:
    assert reads.marks_at([]) == {}


def test_recognised_answers_as_known_then_and_as_known_now(db: None) -> None:
    learned_later = LEARNED + 20 * DAY
    kept = GrantFactory(superseded_at=learned_later)
    GrantFactory(procedure=kept.procedure, valid_to=STARTED + 3 * DAY, recorded_at=learned_later)
    asked = STARTED + 5 * DAY

    now = reads.recognised(kept.procedure_id, "GLU", asked)
    then = reads.recognised(kept.procedure_id, "GLU", asked, known_at=learned_later - DAY)
    before = reads.recognised(kept.procedure_id, "GLU", asked, known_at=LEARNED - DAY)

    assert (now.is_recognised, then.is_recognised, before.is_recognised) == (False, True, False)


def test_grant_summary_counts_rights_and_what_refused_the_others(db: None) -> None:
    unmet = {"gate": None, "facts": {}, "reference": "", "checked": True, "example": False}
    rules = [
        {"rule": "iqc_coverage", "verdict": "unknown", **unmet},
        {"rule": "eqa_passes", "verdict": "no", **unmet},
        {"rule": "item_listed", "verdict": "yes", **unmet},
    ]
    GrantFactory()
    GrantFactory(status="refused", mark="", rules=rules)
    GrantFactory(status="refused", mark="", rules=rules[:1])

    summary = reads.grant_summary(at=LEARNED)

    assert summary.by_status == {"in_force": 1, "refused": 2}
    assert summary.refused_by_rule == {"iqc_coverage": 2, "eqa_passes": 1}


@pytest.mark.parametrize(
    ("hour", "expected"),
    [
        pytest.param(dt.time(15, 30), {"in_force": 2}, id="before midnight in both"),
        pytest.param(dt.time(16, 30), {"in_force": 1, "suspended": 1}, id="after midnight in Longnan alone"),
        pytest.param(dt.time(17, 30), {"suspended": 2}, id="after midnight in Hải Dương too"),
    ],
)
def test_grant_summary_counts_each_right_on_the_day_of_its_facility(
    db: None, hour: dt.time, expected: dict[str, int]
) -> None:
    lost_on = STARTED + 10 * DAY
    for region in (hai_duong(), longnan()):
        procedure = procedure_in(region)
        GrantFactory(procedure=procedure, valid_to=lost_on)
        GrantFactory(procedure=procedure, status="suspended", valid_from=lost_on)

    summary = reads.grant_summary(at=dt.datetime.combine(lost_on - DAY, hour, tzinfo=dt.UTC))

    assert summary.by_status == expected
