"""Every page switches its language, and passes axe at two sizes."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from tests.journeys.conftest import DESK, PHONE, SignIn, assert_accessible
from tests.journeys.scene import Scene

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
    ("administrator", "/registry/import/"),
]
LANGUAGES = {"Tiếng Việt": "vi", "中文": "zh-Hans", "English": "en"}


@pytest.mark.parametrize(("role", "path"), PAGES, ids=[f"{role or 'nobody'} {path}" for role, path in PAGES])
def test_page_switches_language_and_is_accessible(role: str | None, path: str, scene: Scene, sign_in: SignIn) -> None:
    page = sign_in(getattr(scene, role) if role else None, size=DESK)
    page.goto(path)
    assert_accessible(page)
    headings = set()
    for name, tag in LANGUAGES.items():
        page.get_by_role("link", name=name, exact=True).click()
        expect(page.locator("html")).to_have_attribute("lang", tag)
        assert page.url.endswith(path)
        headings.add(page.locator("h1").inner_text())
    assert len(headings) == 3, headings
    phone = sign_in(getattr(scene, role) if role else None, size=PHONE, language="vi")
    phone.goto(path)
    assert_accessible(phone)
