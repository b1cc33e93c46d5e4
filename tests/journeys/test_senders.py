"""An administrator registers a system from a refused message, lets it take the entrance test, and reads its quality."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from tests.factories.core import UserFactory
from tests.factories.exchange import GLU, OBR, PID, message
from tests.factories.registry import bind
from tests.factories.tables import empty_unmanaged_tables
from tests.integration.exchange.conftest import Scene, make_scene
from tests.journeys.conftest import PHONE, SignIn, assert_accessible

from lienthong.core.models import User
from lienthong.exchange.certification import actions
from lienthong.exchange.certification.cases import cases, published
from lienthong.exchange.certification.models import Certification
from lienthong.exchange.processing.worker import process_waiting
from lienthong.exchange.quality.actions import count_due_days

UNKNOWN = "OBX|2|NM|K9^Kali máu^L||4.4|mmol/L|3.5-5.1||||F"


@pytest.fixture
def exchange(live_server: object) -> Scene:
    """The laboratory SX with a code that waits, and a system NEW that nobody registered."""
    empty_unmanaged_tables()
    scene = make_scene()
    scene.process(
        message(PID, OBR, GLU, UNKNOWN),
        message(PID, OBR.replace("SX1", "N1"), GLU, facility="NEW", control_id="N1"),
    )
    return scene


@pytest.fixture
def administrator(exchange: Scene) -> User:
    user: User = UserFactory(full_name="Trần Thị Hoa")
    bind(user, "administrator", exchange.laboratory.facility.region)
    return user


@pytest.mark.parametrize("size", [None, PHONE], ids=["desk", "phone"])
def test_administrator_takes_a_system_from_its_refused_message_to_its_score(
    exchange: Scene, administrator: User, sign_in: SignIn, size: dict[str, int] | None
) -> None:
    page = sign_in(administrator, size=size) if size else sign_in(administrator)

    given_a_system_sends_without_being_registered(page)
    when_it_is_registered_its_message_is_replayed(page)
    when_the_entrance_test_is_open_each_case_is_not_sent(page)
    when_the_system_replays_the_cases_they_have_passed(page, exchange)
    when_a_code_is_proposed_its_numbers_are_shown(page)
    then_its_quality_is_on_one_page(page)


def given_a_system_sends_without_being_registered(page: Page) -> None:
    page.goto("/inbox/senders/")
    expect(page.get_by_text("1 system sends without being registered")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Register this sender").click()


def when_it_is_registered_its_message_is_replayed(page: Page) -> None:
    expect(page.get_by_label("MSH-3, the sending application")).to_have_value("MEDLAB")
    page.get_by_label("Facility", exact=True).select_option(index=1)
    assert_accessible(page)
    page.get_by_role("button", name="Register this sender").click()
    expect(page.get_by_role("status")).to_contain_text("1 message that it was refused is replayed")
    assert_accessible(page)


def when_the_entrance_test_is_open_each_case_is_not_sent(page: Page) -> None:
    page.get_by_role("link", name="Entrance test").click()
    page.get_by_role("button", name="Open an entrance test").click()
    expect(page.locator("h1")).to_have_text(f"0 of {len(cases())} cases have passed")
    assert_accessible(page)


def when_the_system_replays_the_cases_they_have_passed(page: Page, exchange: Scene) -> None:
    filling = actions.filling_of(Certification.objects.select_related("source").get())
    exchange.process(*[published(filling, case, step) for case in cases() for step in case.steps])
    page.reload()
    expect(page.locator("h1")).to_have_text(f"{len(cases())} of {len(cases())} cases have passed")
    page.get_by_role("button", name="Close and sign the report").click()
    expect(page.locator("h1")).to_contain_text("has passed the entrance test")
    assert_accessible(page)
    expect(page.locator('.head .st-good use[href="#yes"]')).to_have_count(1)
    page.emulate_media(media="print")
    assert page.evaluate("[...document.querySelectorAll('pre')].every(one => one.scrollWidth <= one.clientWidth)")
    page.emulate_media(media="screen")


def when_a_code_is_proposed_its_numbers_are_shown(page: Page) -> None:
    page.goto("/inbox/mappings/propose/?source=SX&code=K9&system=L")
    expect(page.get_by_text("Potassium", exact=False).first).to_be_visible()
    assert_accessible(page)
    page.goto("/inbox/mappings/table/")
    assert_accessible(page)
    page.goto("/inbox/senders/try/")
    assert_accessible(page)


def then_its_quality_is_on_one_page(page: Page) -> None:
    process_waiting(timezone.now())
    count_due_days(at=timezone.now())
    page.goto("/inbox/quality/")
    assert_accessible(page)
    page.get_by_role("link", name="SX", exact=True).click()
    expect(page.locator("h1")).to_contain_text("of 100 in the last 30 days")
    assert_accessible(page)
