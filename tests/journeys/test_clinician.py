"""A clinician orders three tests: one earlier result is reused, one test is repeated with a reason, one is ordered."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect
from tests.journeys.conftest import PHONE, SignIn, assert_accessible
from tests.journeys.scene import Scene

from lienthong.recognition.models import OrderLine


def test_clinician_reuses_one_result_and_repeats_another_with_a_reason(scene: Scene, sign_in: SignIn) -> None:
    page = sign_in(scene.clinician)

    given_the_patient_is_found(page)
    when_three_tests_are_ordered(page)
    then_two_stand_and_nothing_is_chosen(page)
    when_a_repeat_has_no_reason_the_page_says_so(page)
    when_the_reason_is_given(page)
    then_the_order_is_signed(page)


def given_the_patient_is_found(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Name or number").fill("tran thi mau")
    page.get_by_role("button", name="Search").click()
    assert_accessible(page)
    page.get_by_role("link", name=re.compile("Order tests")).click()


def when_three_tests_are_ordered(page: Page) -> None:
    assert_accessible(page)
    page.get_by_label("Outpatient visit").check()
    for name in ("Cholesterol, total", "Haemoglobin A1c", "Potassium"):
        page.get_by_label(name, exact=True).check()
    page.get_by_role("button", name="Check the order").click()


def then_two_stand_and_nothing_is_chosen(page: Page) -> None:
    expect(page.locator("h1")).to_have_text("2 of 3 tests can be reused")
    expect(page.locator("input[type=radio]:checked")).to_have_count(0)
    expect(page.locator(".mark").first).to_have_text("LT-HD")
    assert_accessible(page)


def when_a_repeat_has_no_reason_the_page_says_so(page: Page) -> None:
    page.locator("input[name=choice-HBA1C][value=reuse]").check()
    page.locator("input[name=choice-TC][value=repeat]").check()
    page.get_by_role("button", name="Sign the order").click()
    expect(page.locator(".errors")).to_be_visible()
    assert_accessible(page)


def when_the_reason_is_given(page: Page) -> None:
    page.locator("#choice-TC-repeat").check()
    page.locator("select[name*=TC]").select_option(index=1)
    page.get_by_role("button", name="Sign the order").click()


def then_the_order_is_signed(page: Page) -> None:
    expect(page.locator(".errors")).to_have_count(0)
    assert_accessible(page)
    chosen = dict(OrderLine.objects.values_list("item", "choice"))
    assert chosen == {"HBA1C": "reuse", "TC": "repeat", "K": "order"}
    assert OrderLine.objects.get(item="TC").reason_code
    assert OrderLine.objects.get(item="HBA1C").result_version == 1


def test_order_is_usable_on_a_phone_in_vietnamese(scene: Scene, sign_in: SignIn) -> None:
    page = sign_in(scene.clinician, size=PHONE, language="vi")
    page.goto("/patients/")
    assert_accessible(page)
