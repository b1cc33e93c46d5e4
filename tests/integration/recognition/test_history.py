"""Whatever happens to a right, its periods never overlap, and what was known at an instant never changes."""

from __future__ import annotations

import datetime as dt
import itertools
import random

import pytest
from tests.factories.recognition import procedure_in, prove
from tests.integration.recognition.conftest import NOW, TODAY, ControlTable

from lienthong.core.models import User
from lienthong.recognition import actions, reads
from lienthong.recognition.models import Grant
from lienthong.registry.models import Procedure, Region

DAY = dt.timedelta(days=1)
STEPS = 14


def answers(procedure: Procedure, known_at: dt.datetime) -> list[tuple[str, ...]]:
    days = [TODAY + day * DAY for day in range(0, 3 * STEPS, 2)]
    found = [reads.recognised(procedure.pk, "GLU", day, known_at=known_at).rights for day in days]
    return [tuple(right.status for right in rights) for rights in found]


def act(rng: random.Random, procedure: Procedure, controls: ControlTable, by: User, at: dt.datetime) -> None:
    """Do one thing that can happen to a right: its proof comes or goes, it is revoked, the revocation is lifted."""
    on = at.date()
    current = Grant.objects.held(on).filter(procedure=procedure).first()
    step = rng.choice(["judge", "judge", "lose", "regain", "revoke", "lift"])
    if step == "revoke" and current and current.status in ("in_force", "suspended"):
        rows = Grant.objects.known_at(None).filter(procedure=procedure, status__in=("in_force", "suspended"))
        first = min(row.valid_from for row in rows)
        since = first + rng.randint(0, (on - first).days) * DAY
        actions.revoke_grant(grant_id=current.pk, since=since, reason="x", by=by, at=at)
    elif step == "lift" and current and current.status == "revoked":
        actions.lift_revocation(grant_id=current.pk, reason="x", by=by, at=at)
    elif step in ("lose", "regain"):
        controls.covered[procedure.pk] = 1 if step == "lose" else 30
    actions.recompute_grants([procedure.pk], by=by, at=at)


@pytest.mark.parametrize("seed", range(4))
def test_history_of_a_right_is_only_ever_added_to(
    region: Region, worker: User, controls: ControlTable, seed: int
) -> None:
    rng = random.Random(seed)  # noqa: S311 — a test's choice
    procedure = procedure_in(region)
    prove(procedure, on=dt.date(2026, 11, 1))
    told: dict[dt.datetime, list[tuple[str, ...]]] = {}
    at = NOW
    for _step in range(STEPS):
        at += rng.choice([0, 1, 2]) * DAY + dt.timedelta(minutes=1)
        act(rng, procedure, controls, worker, at)
        told[at] = answers(procedure, at)

    assert {instant: answers(procedure, instant) for instant in told} == told
    known = Grant.objects.known_at(None).filter(procedure=procedure).order_by("valid_from")
    for earlier, later in itertools.pairwise(known):
        assert earlier.valid_to is not None
        assert earlier.valid_to <= later.valid_from
    assert len({status for days in told.values() for day in days for status in day}) >= 2
