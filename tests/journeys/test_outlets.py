"""An administrator registers an outlet, finds a dead letter in it, and sends that again or closes it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from tests.factories.core import UserFactory
from tests.factories.registry import bind
from tests.factories.tables import empty_unmanaged_tables
from tests.integration.exchange.outbound.scene import Clock, Scene, Told, make_scene, row, work
from tests.journeys.conftest import PHONE, SignIn, assert_accessible

from lienthong.core.models import User
from lienthong.exchange.outbound.channels import Sent
from lienthong.exchange.outbound.models import Outlet


@pytest.fixture
def orders(live_server: object) -> Scene:
    empty_unmanaged_tables()
    return make_scene()


@pytest.fixture
def administrator(orders: Scene) -> User:
    user: User = UserFactory(full_name="Ngô Hữu Khoa")
    bind(user, "administrator", orders.ours.region)
    return user


@pytest.mark.parametrize("size", [None, PHONE], ids=["desk", "phone"])
def test_administrator_looks_after_an_outlet(
    orders: Scene, administrator: User, sign_in: SignIn, size: dict[str, int] | None
) -> None:
    page = sign_in(administrator, size=size) if size else sign_in(administrator)

    given_no_outlet_is_registered(page)
    when_one_is_registered_what_is_missing_is_told_first(page)
    and_its_receiver_refuses_two_reports(orders)
    then_the_list_and_its_page_show_two_dead_letters(page)
    when_one_is_sent_again_and_one_closed_there_is_none(page)
    then_it_is_paused_and_sends_again(page)


def given_no_outlet_is_registered(page: Page) -> None:
    page.goto("/inbox/outlets/")
    expect(page.get_by_text("No outlet is registered.")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Register an outlet").click()
    assert_accessible(page)


def when_one_is_registered_what_is_missing_is_told_first(page: Page) -> None:
    page.get_by_label("Code", exact=True).fill("HIS 1")
    page.get_by_label("Name", exact=True).fill("Anphu HIS")
    page.get_by_label("Facility to which the reports go").select_option("30001")
    page.get_by_label("Host").fill("his.example")
    page.get_by_role("button", name="Register this outlet").click()
    expect(page.get_by_role("alert")).to_contain_text("Give a code of letters")
    assert_accessible(page)
    page.get_by_label("Code", exact=True).fill("HIS-1")
    page.get_by_role("button", name="Register this outlet").click()
    expect(page.get_by_role("status")).to_contain_text("The outlet is registered")
    assert_accessible(page)


def and_its_receiver_refuses_two_reports(orders: Scene) -> None:
    outlet, clock = Outlet.objects.get().pk, Clock(row(Outlet.objects.get().pk).valid_from)
    for number in ("EX1", "EX2"):
        orders.report(number)
    for _turn in range(3):
        work(outlet, channel=Told(lambda _one: Sent(outcome="refused", code="AE", text="AE; PID^1^3 204")), clock=clock)
        clock.forward(minutes=6)


def then_the_list_and_its_page_show_two_dead_letters(page: Page) -> None:
    page.goto("/inbox/outlets/")
    expect(page.get_by_role("row").filter(has_text="HIS-1")).to_contain_text("AE")
    assert_accessible(page)
    page.get_by_role("link", name="HIS-1").click()
    expect(page.get_by_role("button", name="Send again LT")).to_have_count(2)
    assert_accessible(page)


def when_one_is_sent_again_and_one_closed_there_is_none(page: Page) -> None:
    page.get_by_role("button", name="Send again LT").first.click()
    expect(page.get_by_role("status")).to_contain_text("It is sent again.")
    page.get_by_role("link", name="Close LT").click()
    assert_accessible(page)
    page.get_by_label("Why?").fill("Told by telephone.")
    page.get_by_role("button", name="Close it").click()
    expect(page.get_by_text("There are no dead letters.")).to_be_visible()
    assert_accessible(page)


def then_it_is_paused_and_sends_again(page: Page) -> None:
    page.get_by_role("link", name="Pause this outlet").click()
    assert_accessible(page)
    page.get_by_label("Why?").fill("Their upgrade.")
    page.get_by_role("button", name="Pause this outlet").click()
    expect(page.get_by_role("status")).to_contain_text("The outlet is paused.")
    assert_accessible(page)
    page.get_by_role("button", name="Send again from where it stopped").click()
    expect(page.get_by_role("status")).to_contain_text("The outlet sends again.")
