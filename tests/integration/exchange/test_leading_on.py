"""The pages of held messages lead on: to the group, to who may act, to the pairs of patients, to a workbook."""

from __future__ import annotations

import io

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from tests.factories.core import UserFactory
from tests.factories.exchange import GLU, OBR, PID, message
from tests.factories.registry import bind
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.test_pages import CKMB, person, signed_in

from lienthong.core.actions import system_user
from lienthong.core.models import User
from lienthong.results.actions import Arrival, Outcome, finish, receive
from lienthong.results.models import InboxMessage

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(scene: Scene) -> User:
    return person("operator", scene)


@pytest.fixture
def waiting(scene: Scene) -> Scene:
    """One message of which a result waits for the code CKMB."""
    scene.process(message(PID, OBR, GLU, CKMB))
    return scene


def test_group_names_the_sender_by_its_code_and_leads_to_what_is_known_of_it(waiting: Scene, operator: User) -> None:
    page = signed_in(operator).get(reverse("exchange:held")).content.decode()

    assert waiting.laboratory.facility.name + " (SX)" in page
    assert "system=L&amp;refused=#chosen" in page
    assert 'id="chosen"' in page


@pytest.mark.parametrize(("role", "may"), [("operator", False), ("administrator", True)])
def test_only_who_may_register_a_sender_is_led_there(scene: Scene, role: str, may: bool) -> None:
    user: User = UserFactory()
    bind(user, role, scene.laboratory.facility.region)
    scene.process(message(facility="NEW"))
    inbox = InboxMessage.objects.get()
    query = "?source=&sender=MEDLAB+%2F+NEW&reason=unknown-sender&code=&system=&refused=1"

    for address in (reverse("exchange:held") + query, reverse("exchange:message", args=[inbox.id])):
        page = signed_in(user).get(address).content.decode()
        assert (reverse("exchange:register-sender") in page) is may
        assert ("An administrator registers it." in page) is not may


def test_message_whose_patient_is_in_doubt_leads_to_the_pairs(scene: Scene, operator: User) -> None:
    by, now = system_user("exchange"), timezone.now()
    [inbox_id] = receive([Arrival(raw=b"MSH|", received_at=now, source="SX")], by=by, at=now)
    finish([Outcome(inbox_id=inbox_id, state="held", reason="identity-conflict")], by=by, at=now)

    for address in (reverse("exchange:held"), reverse("exchange:message", args=[inbox_id])):
        page = signed_in(operator).get(address).content.decode()
        assert f'<a href="{reverse("results:cases")}">Compare the patients' in page


def test_codes_that_wait_are_given_as_a_workbook(waiting: Scene, operator: User) -> None:
    answer = signed_in(operator).get(reverse("exchange:mappings-file"), {"table": "waiting"})

    rows = list(load_workbook(io.BytesIO(answer.content)).active.values)
    assert [row[:9] for row in rows[1:]] == [(waiting.source.title, "CKMB", "L", "CK-MB", "ng/mL", 3.1, 3.1, 1, 1)]
