"""A real browser (Debian's Chromium) against the real application; people sign in by cookie."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from tests.factories.tables import empty_unmanaged_tables
from tests.journeys.scene import Scene, set_scene

from lienthong.core.models import User

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in the thread of the tests

FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
DESK, PHONE = {"width": 1366, "height": 768}, {"width": 360, "height": 740}
# WCAG A and AA; of what passed only the first element is told, which nobody reads anyway.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa"], "resultTypes": ["violations"]}
SignIn = Callable[..., Page]


@pytest.fixture(scope="module")  # Playwright's loop must not run on in a file that has loops of its own
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium")
    assert program, "chromium is not on the path; `make test` installs it as root on Debian"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def scene(live_server: object) -> Scene:
    """Two hospitals, a month of quality control, and a patient: see `scene.py`."""
    empty_unmanaged_tables()
    return set_scene()


@pytest.fixture
def sign_in(browser: Browser, live_server: object) -> Iterator[SignIn]:
    """Open a page for a user (None: nobody) in a size and a language."""
    contexts: list[BrowserContext] = []

    def open_page(user: User | None, *, size: dict[str, int] = DESK, language: str = "en") -> Page:
        context = browser.new_context(viewport=size, base_url=str(live_server), locale="en-GB")
        contexts.append(context)
        cookies = [{"name": "django_language", "value": language, "url": str(live_server)}]
        if user is not None:
            client = Client()
            client.force_login(user)
            cookies.append({"name": "sessionid", "value": client.cookies["sessionid"].value, "url": str(live_server)})
        context.add_cookies(cookies)
        page = context.new_page()
        page.set_default_timeout(15_000)
        return page

    yield open_page
    for context in contexts:
        context.close()


def assert_accessible(page: Page) -> None:
    """Fail with axe's findings of WCAG A and AA, or where the page scrolls sideways."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    results = page.evaluate("rules => axe.run(document, rules)", RULES)
    found = [
        f"{violation['id']}: {node['target']} {violation['help']}"
        for violation in results["violations"]
        for node in violation["nodes"][:3]
    ]
    assert found == [], f"{page.url}: {found}"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{page.url} scrolls sideways"
