"""Somebody with a printed report and no account opens the address of its code, on a desk and on a phone."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.utils import timezone
from playwright.sync_api import Page, expect
from tests.journeys.conftest import PHONE, SignIn, assert_accessible
from tests.journeys.scene import Scene

from lienthong.core.actions import system_user
from lienthong.core.log.sequencer import sequence
from lienthong.results.models import Report


def test_printed_report_is_proved_genuine_and_then_found_changed(scene: Scene, sign_in: SignIn) -> None:
    report = given_a_report_in_the_log()

    address = when_the_clinician_prints_it(sign_in(scene.clinician), report)

    then_its_code_proves_it(sign_in(None), address)
    then_its_code_proves_it_on_a_phone(sign_in(None, size=PHONE, language="vi"), address)
    when_somebody_changes_the_database(report)
    then_the_page_says_so(sign_in(None), address)


def given_a_report_in_the_log() -> Report:
    sequence(by=system_user("log"), at=timezone.now(), every=dt.timedelta(0))
    return Report.objects.get(facility__code="30101")


def when_the_clinician_prints_it(page: Page, report: Report) -> str:
    page.goto(f"/reports/{report.pk}/")
    assert_accessible(page)
    page.emulate_media(media="print")
    expect(page.locator("#report-code .qr")).to_be_visible()
    return page.locator("#report-code a").inner_text()


def then_its_code_proves_it(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("h1")).to_have_text("This report is in the log, unchanged")
    assert_accessible(page)
    page.emulate_media(media="print")
    expect(page.get_by_text("Signed checkpoint")).to_be_visible()


def then_its_code_proves_it_on_a_phone(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator(".notice-good")).to_be_visible()
    assert_accessible(page)


def when_somebody_changes_the_database(report: Report) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE results_result SET reported_value = '9' WHERE report_id = %s", [report.pk])


def then_the_page_says_so(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("h1")).to_have_text("What is stored is not what was entered in the log")
    assert_accessible(page)
