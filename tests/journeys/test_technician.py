"""A technician meets a broken rule in the morning, and brings the measuring system back."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect
from tests.journeys.conftest import PHONE, SignIn, assert_accessible
from tests.journeys.scene import Scene


def test_technician_records_the_action_and_the_system_is_in_control_again(scene: Scene, sign_in: SignIn) -> None:
    page = sign_in(scene.technician)

    given_the_morning_page_names_the_broken_rule(page)
    when_the_chart_is_opened_the_rejected_run_is_labelled(page)
    when_the_action_is_recorded(page)
    when_a_run_of_both_levels_is_typed_in(page)
    then_the_system_is_in_control(page, scene)


def given_the_morning_page_names_the_broken_rule(page: Page) -> None:
    page.goto("/")
    expect(page.locator("h1")).to_have_text("1 system is out of control")
    expect(page.locator("tr.is-bad").first).to_contain_text("1-3s")
    assert_accessible(page)


def when_the_chart_is_opened_the_rejected_run_is_labelled(page: Page) -> None:
    page.get_by_role("link", name="Potassium", exact=True).click()
    expect(page.locator(".notice-bad h2")).to_contain_text("rule 1-3s")
    expect(page.locator(".wide .t-bad").first).to_contain_text("1-3s")
    assert_accessible(page)


def when_the_action_is_recorded(page: Page) -> None:
    page.get_by_label("Calibration", exact=True).check()
    page.get_by_label("What did you do?").fill("Calibrated the ISE module again.")
    page.get_by_role("button", name=re.compile("Save")).click()
    expect(page.get_by_role("status")).to_contain_text("The action is recorded")


def when_a_run_of_both_levels_is_typed_in(page: Page) -> None:
    assert_accessible(page)
    page.get_by_label("Level 1, mmol/L").fill("4.02")
    page.get_by_label("Level 2, mmol/L").fill("7.96")
    page.get_by_role("button", name="Save the run").click()
    expect(page.locator("h1")).to_have_text("Potassium, serum, Helix C6")


def then_the_system_is_in_control(page: Page, scene: Scene) -> None:
    page.goto(f"/iqc/systems/{scene.systems['K'].pk}/")
    expect(page.locator(".notice-bad")).to_have_count(0)
    expect(page.locator("main")).to_contain_text("Calibrated the ISE module again.")
    page.goto("/iqc/")
    expect(page.locator("tr.is-bad")).to_have_count(0)


def test_chart_is_usable_on_a_phone_in_three_languages(scene: Scene, sign_in: SignIn) -> None:
    for language in ("vi", "zh-hans", "en"):
        page = sign_in(scene.technician, size=PHONE, language=language)
        page.goto(f"/iqc/systems/{scene.systems['K'].pk}/")
        assert_accessible(page)
