"""An administrator, who has most pages, finds them in a menu of one line, in each language."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from tests.factories.core import UserFactory
from tests.factories.recognition import hai_duong
from tests.factories.registry import bind
from tests.factories.tables import empty_unmanaged_tables
from tests.journeys.conftest import PHONE, SignIn, assert_accessible

from lienthong.core.models import User

HIGHEST = 56  # pixels of one line


@pytest.fixture
def administrator(live_server: object) -> User:
    empty_unmanaged_tables()
    user: User = UserFactory(full_name="Ngô Hữu Khoa")
    bind(user, "administrator", hai_duong())
    return user


@pytest.mark.parametrize("language", ["vi", "zh-hans", "en"])
def test_menu_of_an_administrator_is_one_line(administrator: User, sign_in: SignIn, language: str) -> None:
    page = sign_in(administrator, language=language)

    page.goto("/inbox/senders/")

    menu = page.locator("nav.nav > ul")
    box = menu.bounding_box()
    assert box
    assert box["height"] <= HIGHEST
    expect(menu.locator("summary[aria-current]")).to_have_count(1)


@pytest.mark.parametrize("size", [None, PHONE], ids=["desk", "phone"])
def test_heading_opens_the_pages_under_it_and_closes_the_others(
    administrator: User, sign_in: SignIn, size: dict[str, int] | None
) -> None:
    page = sign_in(administrator, size=size) if size else sign_in(administrator)
    page.goto("/inbox/senders/")

    page.get_by_text("What comes in", exact=True).click()
    expect(page.get_by_role("link", name="Held messages")).to_be_visible()
    assert_accessible(page)
    page.get_by_text("Connections", exact=True).click()

    expect(page.get_by_role("link", name="Held messages")).not_to_be_visible()
    page.get_by_role("link", name="Quality of senders").click()
    expect(page).to_have_url("/inbox/quality/")
