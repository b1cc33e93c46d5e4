"""Two patients of one batch under one national number: the second is held for a person, the first is not."""

from __future__ import annotations

import pytest
from tests.factories.exchange import GLU, OBR, PID, message
from tests.integration.exchange.conftest import Scene

from lienthong.results.models import HeldForReview, InboxMessage, Result

pytestmark = pytest.mark.django_db

OTHER = PID.replace("P1^", "P2^").replace("Nguyễn^Đào^Thị", "Lê^Yến").replace("19800517", "19801123")
FIRST = message(PID, OBR, GLU, control_id="D1")
SECOND = message(OTHER, OBR.replace("SX1", "SX2"), GLU, control_id="D2")


@pytest.mark.parametrize("sent", [(FIRST, SECOND), (SECOND, FIRST)], ids=["one-first", "the-other-first"])
def test_only_the_second_of_one_number_is_held_and_its_case_holds_it(scene: Scene, sent: tuple[bytes, ...]) -> None:
    scene.process(*sent)

    last = InboxMessage.objects.order_by("id").last()
    assert scene.states() == [("stored", ""), ("held", "identity-conflict")]
    assert [one.inbox_id for one in HeldForReview.objects.all()] == [last.id if last else None]
    assert Result.objects.count() == 1
