"""An operator compares a child with the mother whose card it came on, and undoes a merge that was wrong."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

from playwright.sync_api import Page, expect
from tests.factories.registry import FacilityFactory
from tests.factories.results import claim, store_patient_record
from tests.journeys.conftest import PHONE, SignIn, assert_accessible
from tests.journeys.scene import Scene

from lienthong.registry.models import RoleBinding
from lienthong.results.models import ReviewCase

NUMBER = ("NI", "030180000123")
HOME = {"phone": "0912 345 678", "address": "12 Trần Phú, Hải Dương"}


def test_operator_tells_a_child_from_its_mother(scene: Scene, sign_in: SignIn) -> None:
    given_a_child_on_its_mothers_card(scene)
    page = sign_in(scene.operator)

    when_the_case_is_opened(page)
    when_no_reason_is_given_the_page_says_so(page)
    when_they_are_different(page)

    assert ReviewCase.objects.get(reason="number").state == "different"


def test_operator_merges_and_undoes_it(scene: Scene, sign_in: SignIn) -> None:
    given_two_records_that_look_like_one_person(scene)
    page = sign_in(scene.operator, size=PHONE)

    when_the_case_is_opened(page)
    when_they_are_the_same(page)
    when_the_merge_is_undone(page)

    assert ReviewCase.objects.get(reason="likely").state == "different"


def given_a_child_on_its_mothers_card(scene: Scene) -> None:
    facility = _facility(scene)
    mother = {"full_name": "Trần Thị Hoa", "birth_date": dt.date(1980, 5, 17), "sex": "F"}
    child = {"full_name": "Lê Văn Tí", "birth_date": dt.date(2019, 3, 4), "sex": "M"}
    store_patient_record(claim(facility, identifiers=(NUMBER, ("HC", "HS4300120012345")), **mother, **HOME))
    store_patient_record(claim(facility, source="HD", local_id="77", identifiers=(NUMBER,), **child, **HOME))


def given_two_records_that_look_like_one_person(scene: Scene) -> None:
    facility = _facility(scene)
    store_patient_record(claim(facility, full_name="Phạm Thị Cúc", identifiers=(NUMBER,), **HOME))
    store_patient_record(claim(facility, source="HD", local_id="77", full_name="PHAM THI CUC", **HOME))


def _facility(scene: Scene) -> object:
    region = RoleBinding.objects.filter(user=scene.operator).get().region
    return FacilityFactory(region=region, name_en="Anphu General Hospital")


def when_the_case_is_opened(page: Page) -> None:
    page.goto("/people/cases/")
    assert_accessible(page)
    _picture(page, "cases")
    page.get_by_role("link", name="Case ").first.click()
    expect(page.locator("h1")).to_have_text("Are they one person?")
    assert_accessible(page)
    _picture(page, "case")


def when_no_reason_is_given_the_page_says_so(page: Page) -> None:
    page.locator("form[method=post]").evaluate("form => form.noValidate = true")
    page.get_by_role("button", name="Different people").click()
    expect(page.locator(".errors")).to_be_visible()
    assert_accessible(page)


def when_they_are_different(page: Page) -> None:
    page.get_by_label("Why?").fill("The child came on its mother's card.")
    page.get_by_role("button", name="Different people").click()
    expect(page.locator(".notice")).to_contain_text("nobody will be asked again")


def when_they_are_the_same(page: Page) -> None:
    page.get_by_label("Why?").fill("She said so.")
    page.get_by_role("button", name="Same person").click()
    page.goto("/people/cases/?state=same")
    page.get_by_role("link", name="Case ").first.click()
    page.get_by_role("link", name="Records and links").first.click()
    expect(page.locator("h1")).to_have_text("2 records lead to this person")
    assert_accessible(page)
    _picture(page, "person")


def when_the_merge_is_undone(page: Page) -> None:
    page.get_by_role("link", name="Unmerge").click()
    assert_accessible(page)
    page.get_by_label("Why?").fill("Two sisters.")
    page.get_by_role("button", name="Unmerge").click()
    expect(page.locator("h1")).to_have_text("1 record leads to this person")


def _picture(page: Page, name: str) -> None:
    """Keep a picture of the page where a folder is named for it."""
    if folder := os.environ.get("PICTURES"):
        size = page.viewport_size or {"width": 0}
        page.screenshot(path=Path(folder) / f"{name}-{size['width']}.png", full_page=True)
