from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from tests.factories.core import UserFactory
from tests.factories.recognition import GrantFactory, procedure_in, prove
from tests.factories.registry import bind
from tests.integration.recognition.conftest import NOW, TODAY, ControlTable

from lienthong.core.models import AuditEvent, User
from lienthong.errors import BadInput, Conflict, NotAllowed
from lienthong.recognition import actions, reads
from lienthong.recognition.models import Grant
from lienthong.registry.models import Procedure, Region

DAY = dt.timedelta(days=1)


@pytest.fixture
def officer(region: Region) -> User:
    user = UserFactory(full_name="Officer")
    bind(user, "officer", region)
    return user


@pytest.fixture
def procedure(region: Region, worker: User, controls: ControlTable) -> Procedure:
    """A system whose right to glucose began thirty days ago."""
    made = procedure_in(region)
    prove(made, on=dt.date(2026, 10, 1))
    actions.recompute_grants([made.pk], by=worker, at=NOW - 30 * DAY)
    return made


def right_of(procedure: Procedure) -> Grant:
    return Grant.objects.held(TODAY).get(procedure=procedure)


def test_revocation_reaches_back_and_leaves_what_was_known_before(procedure: Procedure, officer: User) -> None:
    since = TODAY - 10 * DAY

    actions.revoke_grant(
        grant_id=right_of(procedure).pk, since=since, reason=" scores were copied ", by=officer, at=NOW
    )

    asked = since + DAY
    assert not reads.recognised(procedure.pk, "GLU", asked).is_recognised
    assert reads.recognised(procedure.pk, "GLU", asked, known_at=NOW - DAY).is_recognised
    assert reads.recognised(procedure.pk, "GLU", since - DAY).is_recognised
    (revoked,) = reads.recognised(procedure.pk, "GLU", TODAY).rights
    assert (revoked.status, revoked.reason, revoked.valid_from) == ("revoked", "scores were copied", since)
    assert AuditEvent.objects.get(action="revoke-grant").actor == officer.username


def test_revocation_reaches_over_renewals_and_suspensions(
    procedure: Procedure, officer: User, worker: User, controls: ControlTable
) -> None:
    controls.covered[procedure.pk] = 1
    actions.recompute_grants([procedure.pk], by=worker, at=NOW - 5 * DAY)
    del controls.covered[procedure.pk]
    actions.recompute_grants([procedure.pk], by=worker, at=NOW - 2 * DAY)

    actions.revoke_grant(grant_id=right_of(procedure).pk, since=TODAY - 20 * DAY, reason="copied", by=officer, at=NOW)

    known = Grant.objects.known_at(None).filter(procedure=procedure).order_by("valid_from")
    assert [(row.status, row.valid_from, row.valid_to) for row in known] == [
        ("in_force", TODAY - 30 * DAY, TODAY - 20 * DAY),
        ("revoked", TODAY - 20 * DAY, None),
    ]


def test_revoked_right_is_not_given_again_by_the_same_proof(procedure: Procedure, officer: User, worker: User) -> None:
    actions.revoke_grant(grant_id=right_of(procedure).pk, since=TODAY, reason="copied", by=officer, at=NOW)

    outcome = actions.recompute_grants([procedure.pk], by=worker, at=NOW + DAY)

    assert (outcome.granted, outcome.unchanged) == (0, 1)
    assert right_of(procedure).status == "revoked"


def test_lifted_revocation_lets_the_right_be_judged_from_that_day(procedure: Procedure, officer: User) -> None:
    actions.revoke_grant(grant_id=right_of(procedure).pk, since=TODAY - 5 * DAY, reason="copied", by=officer, at=NOW)

    outcome = actions.lift_revocation(grant_id=right_of(procedure).pk, reason="appeal upheld", by=officer, at=NOW + DAY)

    assert outcome.granted == 1
    days = {day: reads.recognised(procedure.pk, "GLU", TODAY + day * DAY).is_recognised for day in (-6, -5, 0, 1)}
    assert days == {-6: True, -5: False, 0: False, 1: True}


@pytest.mark.parametrize(
    ("since", "reason", "code"),
    [
        pytest.param(TODAY + DAY, "copied", "day-outside", id="in the future"),
        pytest.param(TODAY - 31 * DAY, "copied", "day-outside", id="before the right began"),
        pytest.param(TODAY, "  ", "reason-missing", id="no reason"),
        pytest.param(TODAY, "x" * 501, "reason-missing", id="reason too long"),
    ],
)
def test_revocation_with_a_wrong_day_or_reason_writes_nothing(
    procedure: Procedure, officer: User, since: dt.date, reason: str, code: str
) -> None:
    with pytest.raises(BadInput) as raised:
        actions.revoke_grant(grant_id=right_of(procedure).pk, since=since, reason=reason, by=officer, at=NOW)

    assert [finding.code for finding in raised.value.findings] == [code]
    assert right_of(procedure).status == "in_force"


def test_revocation_of_a_refusal_is_a_conflict(
    region: Region, officer: User, worker: User, controls: ControlTable
) -> None:
    procedure = procedure_in(region)
    actions.recompute_grants([procedure.pk], by=worker, at=NOW)

    with pytest.raises(Conflict):
        actions.revoke_grant(grant_id=right_of(procedure).pk, since=TODAY, reason="copied", by=officer, at=NOW)


def test_revocation_by_a_manager_or_by_another_regions_officer_is_not_allowed(
    procedure: Procedure, region: Region
) -> None:
    manager, stranger = UserFactory(), UserFactory()
    bind(manager, "manager", procedure.laboratory)
    bind(stranger, "officer", procedure_in(region).laboratory)

    for user in (manager, stranger):
        with pytest.raises(NotAllowed):
            actions.revoke_grant(grant_id=right_of(procedure).pk, since=TODAY, reason="copied", by=user, at=NOW)


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param({"status": "refused"}, id="a refusal with a mark"),
        pytest.param({"mark": ""}, id="a right without a mark"),
        pytest.param({"status": "revoked"}, id="a revocation without a reason"),
        pytest.param({"valid_to": dt.date(2026, 10, 1)}, id="a period without a day"),
    ],
)
def test_grant_that_breaks_a_constraint_is_not_stored(db: None, columns: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        GrantFactory(**columns)


def test_two_known_rows_of_one_right_cannot_begin_on_one_day(db: None) -> None:
    first = GrantFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        GrantFactory(procedure=first.procedure)
