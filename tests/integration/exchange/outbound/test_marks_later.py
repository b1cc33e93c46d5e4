"""A right that falls later: the stored mark stays, no message comes for it, and the next one doesn't tell it."""

from __future__ import annotations

import pytest
from tests.factories.recognition import GrantFactory
from tests.integration.exchange.outbound.receiver import receiving
from tests.integration.exchange.outbound.scene import AT, Scene, states, work
from tests.integration.exchange.outbound.test_message import marked_report, marks_in

from lienthong.core.actions import system_user
from lienthong.core.log.sequencer import append_waiting
from lienthong.recognition.models import Grant
from lienthong.results.models import Result


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["suspended", "revoked"])
def test_right_that_falls_for_the_day_sends_nothing_and_leaves_the_next_message_without_its_mark(
    orders: Scene, status: str
) -> None:
    with receiving() as receiver:
        outlet = orders.outlet(receiver.port)
        marked_report(orders)
        work(outlet)
        given = list(Result.objects.values_list("marks", flat=True))
        right = Grant.objects.get()
        Grant.objects.update(superseded_at=AT)
        GrantFactory(procedure=right.procedure, item="GLU", status=status, reason="false report", recorded_at=AT)
        append_waiting(by=system_user("log"))
        fallen = work(outlet)
        orders.corrected("EX1")
        work(outlet)

    assert fallen == 0
    assert [marks_in(one) for one in receiver.messages] == [[("LT-HD", "GLU")], []]
    assert states(outlet) == ["delivered", "delivered"]
    assert list(Result.objects.filter(version=1).values_list("marks", flat=True)) == given != [[]]
