"""A number of a person is called what it is: Viet Nam's and China's are told apart, and others have a neutral name."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from tests.integration.portal.conftest import Scene, signed_in

from lienthong.core.models import User
from lienthong.results.models import PatientIdentifier

pytestmark = pytest.mark.django_db

CITIZEN, CHINESE, PASSPORT = "034180000123", "36072719800517002X", "E1234567"
LABELS = [
    (CITIZEN, "vi", "Số căn cước công dân (CCCD)"),
    (CITIZEN, "zh-hans", "越南公民身份号码（CCCD）"),
    (CHINESE, "vi", "Số căn cước Trung Quốc"),
    (CHINESE, "zh-hans", "居民身份证号码"),
    (CHINESE, "en", "Chinese identity number"),
    (PASSPORT, "vi", "Số giấy tờ tùy thân"),
    (PASSPORT, "en", "Identity number"),
]


@pytest.mark.parametrize(("number", "language", "label"), LABELS)
@pytest.mark.parametrize("route", ["patient", "report", "patients"])
def test_number_is_called_by_its_kind(
    scene: Scene, client: Client, staff: dict[str, User], number: str, language: str, label: str, route: str
) -> None:
    PatientIdentifier.objects.filter(system="NI").update(value=number)
    address = {
        "patient": reverse("portal:patient", args=[scene.province_record]),
        "report": reverse("portal:report", args=[scene.reports["HBA1C"]]),
        "patients": f"{reverse('portal:patients')}?q=TRAN",
    }[route]

    page = signed_in(client, staff["province-clinician"], language).get(address).content.decode()

    shown = f'<td data-l="{label}">' if route == "patients" else f"<dt>{label}</dt>"
    assert shown in page
    assert ("CCCD" in page) == ("CCCD" in label)
