"""Every page switches its language, and passes axe at two sizes. One scene for all: they are read only."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
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
    ("technician", "/iqc/targets/"),
    ("technician", "/iqc/targets/import/"),
    ("technician", "/iqc/actions/"),
    ("technician", "/eqa/"),
    ("officer", "/eqa/"),
    ("officer", "/rights/"),
    ("officer", "/registry/facilities/"),
    ("officer", "/iqc/laboratories/"),
    ("officer", "/iqc/targets/"),
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
    ("administrator", "/registry/people/"),
    ("administrator", "/registry/people/add/"),
    ("administrator", "/registry/people/{person}/"),
    ("administrator", "/registry/people/{person}/appoint/"),
    ("administrator", "/registry/people/{person}/close/"),
    ("technician", "/password/"),
    ("technician", "/iqc/systems/{system}/"),
    ("technician", "/iqc/systems/{system}/run/"),
    ("technician", "/iqc/systems/{system}/reset/"),
    ("administrator", "/registry/procedures/{system}/"),
    ("officer", "/registry/facilities/{facility}/"),
    ("clinician", "/patients/{patient}/"),
    ("clinician", "/patients/{patient}/order/"),
    ("clinician", "/reports/{report}/"),
]


def test_pages_switch_language_and_are_accessible(scene: Scene, sign_in: SignIn, subtests: pytest.Subtests) -> None:
    keys = _keys(scene)
    pages = {role: sign_in(getattr(scene, role) if role else None) for role in dict.fromkeys(role for role, _ in PAGES)}

    for role, path in PAGES:
        with subtests.test(f"{role or 'nobody'} {path}"):
            _switch_languages(pages[role], path.format(**keys))


def _switch_languages(page: Page, path: str) -> None:
    """Read a page in each language by its own links, in Vietnamese on a telephone too."""
    page.goto(path)
    assert_accessible(page)
    texts = {_in_language(page, path, "中文", "zh-Hans"), _in_language(page, path, "Tiếng Việt", "vi")}
    page.set_viewport_size(PHONE)
    assert_accessible(page)
    page.set_viewport_size(DESK)
    texts.add(_in_language(page, path, "English", "en"))
    assert len(texts) == 3


def _in_language(page: Page, path: str, name: str, tag: str) -> str:
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", tag)
    assert page.url.endswith(path)
    return page.locator("main").inner_text()


def _keys(scene: Scene) -> dict[str, int]:
    """Return the keys that addresses name: potassium's system, its facility, the clinician's patient and report."""
    report = Report.objects.get(facility__code="30101")
    system = scene.systems["K"]
    return {
        "system": system.pk,
        "facility": system.laboratory.facility_id,
        "patient": report.patient_record_id,
        "person": scene.technician.pk,
        "report": report.pk,
    }
