"""A technician hands in a form, sees what is wrong with it by cell, corrects it, looks at it, and confirms."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from tests.factories.core import UserFactory
from tests.factories.exchange import CodeMappingFactory
from tests.factories.registry import bind
from tests.factories.tables import empty_unmanaged_tables
from tests.integration.exchange.conftest import Scene, make_scene
from tests.integration.exchange.deliveries_scene import FORM
from tests.journeys.conftest import PHONE, SignIn, assert_accessible

from lienthong.core.models import User
from lienthong.exchange.processing.worker import process_waiting

FAULTY = FORM.replace(b"P2,", b"1.67E+15,")


@pytest.fixture
def laboratory(live_server: object) -> Scene:
    """The laboratory SX with its code for glucose mapped."""
    empty_unmanaged_tables()
    scene = make_scene()
    CodeMappingFactory(source=scene.source, local_code="GLU", analyte=scene.glucose)
    return scene


@pytest.fixture
def technician(laboratory: Scene) -> User:
    user: User = UserFactory(full_name="Trần Thị Mai")
    bind(user, "technician", laboratory.laboratory)
    return user


@pytest.mark.parametrize("size", [None, PHONE], ids=["desk", "phone"])
def test_technician_hands_in_a_form(technician: User, sign_in: SignIn, size: dict[str, int] | None) -> None:
    page = sign_in(technician, size=size) if size else sign_in(technician)

    given_nothing_was_delivered(page)
    when_a_faulty_form_is_handed_in_its_cell_is_named(page)
    when_the_corrected_form_is_handed_in_each_row_says_what_it_does(page)
    when_it_is_confirmed_its_reports_are_stored(page)
    then_the_list_has_both(page)
    then_the_interface_for_systems_and_the_pdf_are_one_step_away(page)


def given_nothing_was_delivered(page: Page) -> None:
    page.goto("/inbox/deliveries/")
    expect(page.get_by_text("Nothing was delivered yet.")).to_be_visible()
    assert_accessible(page)


def hand_in(page: Page, data: bytes) -> None:
    page.get_by_role("link", name="Hand in a file").click()
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "results.csv", "mimeType": "text/csv", "buffer": data}
    )
    page.get_by_role("button", name="Look at what it would do").click()


def when_a_faulty_form_is_handed_in_its_cell_is_named(page: Page) -> None:
    page.get_by_role("link", name="Hand in a file").click()
    assert_accessible(page)
    page.goto("/inbox/deliveries/")
    hand_in(page, FAULTY)
    expect(page.get_by_role("heading", name="1 thing is wrong")).to_be_visible()
    expect(page.get_by_role("rowheader", name="A4")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Store nothing of it").click()
    expect(page.get_by_text("Nothing of the file was stored.")).to_be_visible()


def when_the_corrected_form_is_handed_in_each_row_says_what_it_does(page: Page) -> None:
    hand_in(page, FORM)
    expect(page.get_by_role("heading", name="2 reports would be taken in")).to_be_visible()
    expect(page.get_by_text("new: 2")).to_be_visible()
    expect(page.get_by_text("held: 1")).to_be_visible()
    assert_accessible(page)


def when_it_is_confirmed_its_reports_are_stored(page: Page) -> None:
    page.get_by_role("button", name="Take in these reports").click()
    expect(page.get_by_text("The delivery is confirmed")).to_be_visible()
    process_waiting(timezone.now())
    page.reload()
    expect(page.get_by_role("rowheader", name="R1")).to_be_visible()
    assert_accessible(page)


def then_the_list_has_both(page: Page) -> None:
    page.goto("/inbox/deliveries/")
    expect(page.get_by_role("rowheader", name="results.csv")).to_have_count(2)
    assert_accessible(page)


def then_the_interface_for_systems_and_the_pdf_are_one_step_away(page: Page) -> None:
    page.get_by_role("link", name="Interface for systems").click()
    expect(page.get_by_role("heading", name="POST /api/deliveries")).to_be_visible()
    assert_accessible(page)
    page.goto("/inbox/deliveries/hand-in-pdf/")
    assert_accessible(page)
