"""Somebody with a printed report and no account opens the address of its code, on a desk and on a phone."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
from pathlib import Path

import zxingcpp
from django.db import connection
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect
from tests.journeys.conftest import PHONE, SignIn, assert_accessible
from tests.journeys.scene import Scene

from lienthong.core.actions import system_user
from lienthong.core.log.sequencer import sequence
from lienthong.results.models import Report


def test_printed_report_is_proved_genuine_and_then_found_changed(scene: Scene, sign_in: SignIn, tmp_path: Path) -> None:
    report = given_a_report_in_the_log()

    address = when_somebody_scans(when_the_clinician_prints_it(sign_in(scene.clinician), report, tmp_path))

    then_its_code_proves_it(sign_in(None), address)
    then_its_code_proves_it_on_a_phone(sign_in(None, size=PHONE, language="vi"), address)
    when_somebody_changes_the_database(report)
    then_the_page_says_so(sign_in(None), address)


def given_a_report_in_the_log() -> Report:
    sequence(by=system_user("log"), at=timezone.now(), every=dt.timedelta(0))
    return Report.objects.get(facility__code="30101")


def when_the_clinician_prints_it(page: Page, report: Report, folder: Path) -> list[Path]:
    """Print the report to a PDF and that to images, a page each, as a printer of 200 dots an inch does."""
    page.goto(f"/reports/{report.pk}/")
    assert_accessible(page)
    page.emulate_media(media="print")
    expect(page.locator("#report-code .qr")).to_be_visible()
    printer = shutil.which("pdftoppm")
    assert printer, "pdftoppm is not on the path; `make test` installs poppler-utils as root on Debian"
    printed = folder / "report.pdf"
    page.pdf(path=printed, format="A4", print_background=True)
    subprocess.run([printer, "-r", "200", "-png", printed, folder / "page"], check=True)
    return sorted(folder.glob("page-*.png"))


def when_somebody_scans(pages: list[Path]) -> str:
    """Return the address that the only code on the printed pages leads to."""
    [code] = [one for page in pages for one in zxingcpp.read_barcodes(Image.open(page))]
    return code.text


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
