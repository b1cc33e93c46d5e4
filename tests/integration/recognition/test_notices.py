from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from tests.factories.core import UserFactory
from tests.factories.recognition import OrderLineFactory, ReuseNoticeFactory, procedure_in, prove
from tests.factories.registry import FacilityFactory, bind
from tests.integration.recognition.conftest import NOW, ControlTable, Ward

from lienthong.core.actions import system_user
from lienthong.core.happenings import follow, publish
from lienthong.core.models import AuditEvent
from lienthong.errors import NotAllowed
from lienthong.iqc import reads as iqc
from lienthong.recognition import actions, reads
from lienthong.recognition.models import Grant, ReuseNotice
from lienthong.registry.models import Procedure, Region

HOUR = dt.timedelta(hours=1)


@pytest.mark.parametrize(("status", "kind"), [("corrected", "corrected"), ("withdrawn", "withdrawn")])
def test_new_version_tells_everyone_who_reused_an_older_one_once(
    region: Region, ward: Ward, controls: ControlTable, status: str, kind: str
) -> None:
    procedure = procedure_in(region)
    new = ward.result(procedure, collected=NOW, status=status, version=2, replaces=99, key="k")
    reused = OrderLineFactory(result_key="k", result_version=1)
    OrderLineFactory(result_key="k", result_version=2)  # saw the new one
    OrderLineFactory(result_key="other", result_version=1)
    OrderLineFactory(result_key="k", result_version=1, choice="repeat", reason_code="other")

    for _again in range(2):
        publish("result-changed", [new.pk], at=NOW)
        follow(actions.followers(), at=NOW)

    (notice,) = reads.notices_for([reused.order_check.facility_id])
    assert ReuseNotice.objects.count() == 1
    assert (notice.kind, notice.cause_key, notice.result_id) == (kind, "version 2", reused.result_id)
    assert notice.reused_by == reused.order_check.by.full_name


def test_lost_bracket_tells_who_reused_a_result_measured_inside(
    region: Region, ward: Ward, controls: ControlTable
) -> None:
    procedure = procedure_in(region)
    inside, at_start, at_end, after = (
        OrderLineFactory(procedure_ids=[procedure.pk], measured_at=NOW + hours * HOUR) for hours in (1, 0, 2, 3)
    )
    OrderLineFactory(procedure_ids=[procedure.pk + 1], measured_at=NOW + HOUR)
    controls.held.append(iqc.Bracket(procedure.pk, 17, "1_3s", NOW, NOW + 2 * HOUR))

    publish("iqc-changed", [procedure.pk], at=NOW)
    follow(actions.followers(), at=NOW + 4 * HOUR)

    told = set(ReuseNotice.objects.values_list("line_id", "kind", "cause_key"))
    assert told == {(one.pk, "bracket_lost", "violation 17") for one in (inside, at_end)}
    assert {at_start.pk, after.pk}.isdisjoint(line for line, _kind, _cause in told)


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("iqc-changed", lambda procedure: procedure.pk),
        ("eqa-final", lambda procedure: 1),
        ("assessment-changed", lambda procedure: f"facility:{procedure.laboratory.facility_id}"),
        ("assessment-changed", lambda procedure: f"laboratory:{procedure.laboratory_id}"),
        ("registry-changed", lambda procedure: procedure.pk),
    ],
)
def test_changed_proof_is_judged_anew(
    region: Region, controls: ControlTable, kind: str, key: Callable[[Procedure], object]
) -> None:
    procedure = procedure_in(region)
    prove(procedure, on=dt.date(2026, 11, 1))

    publish(kind, [key(procedure)], at=NOW)
    follow(actions.followers(), at=NOW)

    assert Grant.objects.get(procedure=procedure).status == "in_force"
    assert AuditEvent.objects.get(action="recompute-grants").actor == system_user("recognition").username


def test_notices_come_unread_first_and_only_those_of_ones_own_facilities(db: None) -> None:
    own, other = FacilityFactory(), FacilityFactory()
    read = ReuseNoticeFactory(line__order_check__facility=own, read_at=NOW, told_at=NOW + HOUR)
    unread = ReuseNoticeFactory(line__order_check__facility=own, told_at=NOW)
    ReuseNoticeFactory(line__order_check__facility=other)

    assert [one.id for one in reads.notices_for([own.pk])] == [unread.pk, read.pk]


def test_first_reader_of_a_notice_is_kept(db: None) -> None:
    notice = ReuseNoticeFactory()
    first, second, stranger = UserFactory(), UserFactory(), UserFactory()
    for user in (first, second):
        bind(user, "clinician", notice.line.order_check.facility)
    bind(stranger, "clinician", FacilityFactory())

    with pytest.raises(NotAllowed):
        actions.mark_notice_read(notice_id=notice.pk, by=stranger, at=NOW)
    actions.mark_notice_read(notice_id=notice.pk, by=first, at=NOW)
    actions.mark_notice_read(notice_id=notice.pk, by=second, at=NOW + HOUR)

    notice.refresh_from_db()
    assert (notice.read_by, notice.read_at) == (first, NOW)
