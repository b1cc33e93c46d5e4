"""What people see of files: the page of a held piece, and the quality score of who exports."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from tests.factories.core import UserFactory
from tests.factories.national import GLUCOSE, export
from tests.factories.registry import bind
from tests.integration.exchange.conftest import Scene
from tests.integration.exchange.deliveries.conftest import Deliver

from lienthong.exchange.deliveries import vn_xml
from lienthong.results.models import InboxMessage
from lienthong.results.reads import traffic

pytestmark = pytest.mark.django_db


def test_page_of_a_held_piece_names_its_element_and_hides_the_patient(exporter: Scene, deliver: Deliver) -> None:
    deliver(vn_xml, export(results=({**GLUCOSE, "DON_VI_DO": "blobs"},)))
    user = UserFactory()
    bind(user, "operator", exporter.laboratory.facility)
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)

    page = client.get(reverse("exchange:message", args=[InboxMessage.objects.get().pk])).content.decode()

    assert "XML4/CHI_TIET_CLS[1]/DON_VI_DO" in page
    assert "blobs" in page
    assert "GIAMDINHHS" in page
    assert "Nguyễn Thị Đào" not in page
    assert "001180012345" not in page


def test_time_of_the_order_does_not_count_as_told_time_of_collection(exporter: Scene, deliver: Deliver) -> None:
    deliver(vn_xml, export())

    now = timezone.now()
    found = traffic(start=now - dt.timedelta(hours=1), end=now + dt.timedelta(hours=1))["SX"]

    assert found.results == 1
    assert {name for name, count in found.missing.items() if count} == {
        *("collected_at", "measured_at", "reference_range")
    }
