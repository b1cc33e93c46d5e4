"""A technician opens a new lot: brings its targets, sees what they would set, and finds them in the list."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from tests.journeys.conftest import PHONE, SignIn, assert_accessible
from tests.journeys.scene import Scene

HEADER = "procedure,material,lot,level,expires_on,mean,sd,unit,source,valid_from"


def test_technician_brings_the_targets_of_a_new_lot(scene: Scene, sign_in: SignIn) -> None:
    page = sign_in(scene.technician)

    given_the_targets_of_a_system_are_open(page, scene)
    when_a_file_with_one_wrong_row_is_brought(page, scene)
    then_the_page_says_what_it_would_set_and_what_is_wrong(page)
    when_its_good_rows_are_imported(page)
    then_the_new_lot_stands_in_the_list(page)


def test_list_of_targets_is_usable_on_a_phone(scene: Scene, sign_in: SignIn) -> None:
    page = sign_in(scene.technician, size=PHONE)

    page.goto("/iqc/targets/")

    expect(page.locator("tbody tr").first).to_be_visible()
    assert_accessible(page)


def given_the_targets_of_a_system_are_open(page: Page, scene: Scene) -> None:
    page.goto(f"/iqc/systems/{scene.systems['K'].pk}/")
    page.get_by_role("link", name="Targets", exact=True).click()
    expect(page.locator("main")).to_contain_text("control targets stand")
    assert_accessible(page)


def when_a_file_with_one_wrong_row_is_brought(page: Page, scene: Scene) -> None:
    system = scene.systems["K"].code
    good = f"{system},Duotrol,N-2027,1,2030-12-31,4.05,0.10,mmol/L,peers,2026-11-01"
    wrong = f"{system},Duotrol,N-2027,2,2030-12-31,8.00,0,mmol/L,peers,2026-11-01"
    data = "\n".join([HEADER, good, wrong]).encode()
    page.get_by_role("link", name="Bring targets").click()
    assert_accessible(page)
    page.get_by_label("File of targets").set_input_files(
        {"name": "new-lot.csv", "mimeType": "text/csv", "buffer": data}
    )
    page.get_by_role("button", name="Look at the file").click()


def then_the_page_says_what_it_would_set_and_what_is_wrong(page: Page) -> None:
    expect(page.locator("h1")).to_have_text("Nothing is stored: 1 row has errors")
    expect(page.locator("main")).to_contain_text("Duotrol N-2027, level 1")
    expect(page.locator("tr.is-bad")).to_contain_text("new-lot.csv!G3")
    assert_accessible(page)


def when_its_good_rows_are_imported(page: Page) -> None:
    page.get_by_role("button", name="Import only the rows without errors").click()
    expect(page.locator("h1")).to_have_text("1 target set")


def then_the_new_lot_stands_in_the_list(page: Page) -> None:
    page.get_by_role("link", name="See the targets").click()
    page.get_by_label("Analyte, instrument, code, material or lot").fill("N-2027")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("h1")).to_have_text("1 control target stands")
    expect(page.locator("tbody tr").first).to_contain_text("4.05")
