"""Every page switches its language, and passes axe at two sizes."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from tests.journeys.conftest import DESK, PHONE, SignIn, assert_accessible
from tests.journeys.scene import Scene

from lienthong.results.models import Report

PAGES = [
    (None, "/register/"),
    (None, "/rules/"),
    (None, "/sign-in/"),
    ("technician", "/iqc/"),
    ("technician", "/iqc/systems/"),
    ("technician", "/iqc/import/"),
    ("technician", "/iqc/actions/"),
    ("technician", "/eqa/"),
    ("officer", "/eqa/"),
    ("officer", "/rights/"),
    ("officer", "/registry/facilities/"),
    ("officer", "/iqc/laboratories/"),
    ("clinician", "/patients/"),
    ("clinician", "/changed-results/"),
    ("operator", "/inbox/"),
    ("operator", "/inbox/mappings/"),
    ("operator", "/inbox/mappings/table/"),
    ("operator", "/inbox/controls/"),
    ("operator", "/inbox/senders/"),
    ("operator", "/inbox/senders/try/"),
    ("operator", "/inbox/quality/"),
    ("operator", "/people/cases/"),
    ("administrator", "/inbox/senders/register/"),
    ("administrator", "/registry/import/"),
    ("technician", "/iqc/systems/{system}/"),
    ("technician", "/iqc/systems/{system}/run/"),
    ("technician", "/iqc/systems/{system}/reset/"),
    ("administrator", "/registry/procedures/{system}/"),
    ("officer", "/registry/facilities/{facility}/"),
    ("clinician", "/patients/{patient}/"),
    ("clinician", "/patients/{patient}/order/"),
    ("clinician", "/reports/{report}/"),
]
LANGUAGES = {"Tiếng Việt": "vi", "中文": "zh-Hans", "English": "en"}


@pytest.mark.parametrize(("role", "path"), PAGES, ids=[f"{role or 'nobody'} {path}" for role, path in PAGES])
def test_page_switches_language_and_is_accessible(role: str | None, path: str, scene: Scene, sign_in: SignIn) -> None:
    path = path.format(**_keys(scene))
    page = sign_in(getattr(scene, role) if role else None, size=DESK)
    page.goto(path)
    assert_accessible(page)
    texts = set()
    for name, tag in LANGUAGES.items():
        page.get_by_role("link", name=name, exact=True).click()
        expect(page.locator("html")).to_have_attribute("lang", tag)
        assert page.url.endswith(path)
        texts.add(page.locator("main").inner_text())
    assert len(texts) == 3
    phone = sign_in(getattr(scene, role) if role else None, size=PHONE, language="vi")
    phone.goto(path)
    assert_accessible(phone)


def _keys(scene: Scene) -> dict[str, int]:
    """Return the keys that addresses name: potassium's system, its facility, the clinician's patient and report."""
    report = Report.objects.get(facility__code="30101")
    system = scene.systems["K"]
    return {
        "system": system.pk,
        "facility": system.laboratory.facility_id,
        "patient": report.patient_record_id,
        "report": report.pk,
    }
