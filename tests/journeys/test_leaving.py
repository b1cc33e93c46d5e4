"""An administrator closes the account of somebody who leaves, whose page is open at the bench."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from tests.journeys.conftest import SignIn
from tests.journeys.scene import Scene


def test_administrator_shuts_out_who_leaves(scene: Scene, sign_in: SignIn) -> None:
    bench = given_a_technician_at_work(scene, sign_in)
    office = when_the_administrator_closes_the_account(scene, sign_in)
    then_the_page_at_the_bench_is_shut(bench)
    then_the_account_stands_among_the_closed_ones(scene, office)


def given_a_technician_at_work(scene: Scene, sign_in: SignIn) -> Page:
    page = sign_in(scene.technician)
    page.goto("/iqc/")
    expect(page).to_have_url("/iqc/")
    return page


def when_the_administrator_closes_the_account(scene: Scene, sign_in: SignIn) -> Page:
    page = sign_in(scene.administrator)
    page.goto("/")
    page.get_by_text("Facilities and data", exact=True).click()
    page.get_by_role("link", name="People and roles").click()
    page.get_by_role("link", name=scene.technician.full_name).click()
    page.get_by_role("link", name="Close this account").click()
    page.get_by_label("Why?").fill("Left on Friday.")
    page.get_by_role("button", name="Close this account").click()
    expect(page.get_by_role("status")).to_have_text("The account is closed.")
    return page


def then_the_page_at_the_bench_is_shut(page: Page) -> None:
    page.reload()
    expect(page).to_have_url("/sign-in/?next=/iqc/")


def then_the_account_stands_among_the_closed_ones(scene: Scene, page: Page) -> None:
    page.get_by_role("main").get_by_role("link", name="People and roles").click()
    expect(page.get_by_role("link", name=scene.technician.full_name)).to_have_count(0)
    page.get_by_label("Which people").select_option("Closed accounts")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("link", name=scene.technician.full_name)).to_have_count(1)
